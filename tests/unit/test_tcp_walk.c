/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random walks through TCP: two ends that mostly speak sense.
 *
 * What must be true of any verdict is checked by talk_say().  Here it is seen
 * to that the walks come through every cell of the transition table, and what
 * each end sends last decides.
 */
#include "engine/tcp.h"

#include <string.h>

#include "unit/random.h"
#include "unit/run.h"
#include "unit/talk.h"

enum { WALKS = 300, STEPS = 120 };

/* Where an end is: the number behind what it has sent. */
struct walk {
	struct talk *talk;
	uint64_t seed;
	uint32_t next[DIR_COUNT];
	uint32_t acked[DIR_COUNT]; /* what it last acknowledged */
};

/* Whether each cell of the table was seen. */
struct map {
	bool seen[TCP_STATE_COUNT][DIR_COUNT][TCP_CLASS_COUNT];
};

static uint8_t random_flags(uint64_t *seed)
{
	static const uint8_t weighted[] = {
		TCP_ACK,           TCP_ACK,           TCP_ACK,
		TCP_ACK,           TCP_ACK,           TCP_ACK | TCP_PSH,
		TCP_ACK | TCP_URG, TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK,
		TCP_SYN,           TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK,
		TCP_RST,           TCP_RST | TCP_ACK,
	};

	return weighted[random_below(seed, COUNT(weighted))];
}

/* Mostly @number itself. */
static uint32_t near(uint64_t *seed, uint32_t number)
{
	static const uint32_t off[] = { 1,         0xffffffff, 2,
					100,       0xffffff00, 60000,
					70000,     0x80000000, 3000000,
					0xffe00000 };

	if (random_below(seed, 5) > 0)
		return number;
	return number + off[random_below(seed, COUNT(off))];
}

static uint16_t random_len(uint64_t *seed, uint8_t flags)
{
	static const uint16_t lens[] = { 1, 10, 500 };

	if (flags & (TCP_SYN | TCP_RST) || random_below(seed, 2))
		return 0;
	return lens[random_below(seed, COUNT(lens))];
}

static msec_t random_pause(uint64_t *seed)
{
	static const msec_t pauses[] = { 1000, 20000, 70000, 200000 };

	if (random_below(seed, 30) > 0)
		return 0;
	return pauses[random_below(seed, COUNT(pauses))];
}

static struct step random_step(struct walk *walk)
{
	struct step step = { .flags = random_flags(&walk->seed) };

	if (random_below(&walk->seed, 2))
		step.dir = DIR_REPLY;
	step.seq = near(&walk->seed, walk->next[step.dir]);
	/* Old data, or the SYN again. */
	if (random_below(&walk->seed, 8) == 0)
		step.seq = random_below(&walk->seed, 2)
				   ? 0
				   : walk->acked[!step.dir];
	step.ack = near(&walk->seed, walk->next[!step.dir]);
	step.len = random_len(&walk->seed, step.flags);
	return step;
}

/* What was believed is what the ends go on from. */
static void follow(struct walk *walk, const struct step *step,
		   const struct verdict *verdict)
{
	uint32_t end = step->seq + step->len;

	if (reason_info[verdict->reason].kind != REASON_ACCEPTS)
		return;
	if (step->flags & (TCP_SYN | TCP_FIN))
		end++;
	if (step->flags & TCP_SYN || (int32_t)(end - walk->next[step->dir]) > 0)
		walk->next[step->dir] = end;
	walk->acked[step->dir] = step->ack;
}

static enum tcp_class class_of(const struct step *step)
{
	return tcp_class(step->flags);
}

static void note(struct map *map, const struct talk *talk)
{
	for (int state = 0; talk->before && state < TCP_STATE_COUNT; state++)
		if (strcmp(tcp_state_name((enum tcp_state)state),
			   talk->before) == 0)
			map->seen[state][talk->last.dir ^ talk->is_reversed]
				 [class_of(&talk->last)] = true;
}

static void go(struct talk *talk, uint64_t seed, struct map *map)
{
	static const struct step syn = { .flags = TCP_SYN };
	struct walk walk = { .talk = talk, .seed = seed, .next = { 1, 0 } };

	talk->port++;
	(void)talk_say(talk, &syn);
	for (int i = 0; i < STEPS; i++) {
		struct step step = random_step(&walk);
		struct verdict verdict;

		talk->rig.now += random_pause(&walk.seed);
		(void)engine_expire(talk->rig.eng, talk->rig.now, 100);
		verdict = talk_say(talk, &step);
		follow(&walk, &step, &verdict);
		note(map, talk);
	}
	/* The next one begins with an empty table. */
	talk->rig.now += 48 * 3600 * (msec_t)1000;
	(void)engine_expire(talk->rig.eng, talk->rig.now, SIZE_MAX);
}

static void check_map(const struct map *map, bool picks_up)
{
	for (int i = 0; i < TCP_STATE_COUNT * DIR_COUNT * TCP_CLASS_COUNT;
	     i++) {
		int state = i / TCP_CLASS_COUNT / DIR_COUNT;
		int dir = i / TCP_CLASS_COUNT % DIR_COUNT;
		int class = i % TCP_CLASS_COUNT;

		if (state == TCP_STATE_PICKED_UP && !picks_up)
			continue;
		ck_assert_msg(map->seen[state][dir][class],
			      "no walk came through %s, direction %d, class %d",
			      tcp_state_name((enum tcp_state)state), dir,
			      class);
	}
}

static const struct {
	uint8_t version;
	bool picks_up;
	enum tracking tracking;
} kinds[] = {
	{ 4, false, TRACKING_FULL },   { 6, false, TRACKING_FULL },
	{ 4, true, TRACKING_FULL },    { 4, false, TRACKING_LIBERAL },
	{ 4, false, TRACKING_SLOPPY }, { 4, true, TRACKING_SLOPPY },
};

START_TEST(walks_come_through_every_cell)
{
	struct map map = { 0 };
	struct talk talk;

	talk_start(&talk, kinds[_i].version);
	talk_track(&talk, kinds[_i].tracking);
	if (kinds[_i].picks_up)
		talk_pick_up(&talk);
	for (uint64_t seed = 1; seed <= WALKS; seed++)
		go(&talk, seed * 0x9e3779b97f4a7c15, &map);
	/* Sloppy tracking has a table of its own. */
	if (kinds[_i].tracking != TRACKING_SLOPPY)
		check_map(&map, kinds[_i].picks_up);
	talk_stop(&talk);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("tcp_walk");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, walks_come_through_every_cell, 0, COUNT(kinds));
	return run_tests(tc, "tcp_walk");
}
