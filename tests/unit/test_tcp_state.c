/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP's transition table has no hole: a connection is brought into each state
 * by real segments, and then gets a segment of each class from each side, with
 * numbers that fit, just do not fit, and do not fit at all.
 *
 * What must be true of any verdict is checked by talk_say().  What each cell
 * says is the business of the scenarios.
 */
#include "engine/tcp.h"

#include <string.h>

#include "unit/run.h"
#include "unit/talk.h"

enum { STEPS_MAX = 8 };

/* The originator, and the other end. */
#define O DIR_ORIGINAL
#define D DIR_REPLY

enum {
	F = TCP_FIN,
	S = TCP_SYN,
	R = TCP_RST,
	A = TCP_ACK,
};

#define HANDSHAKE                                 \
	{ O, S, 0, 0, 0 }, { D, S | A, 0, 1, 0 }, \
	{                                         \
		O, A, 1, 1, 0                     \
	}

/* Ways into a state; ends with the step that has no flags. */
static const struct {
	const char *what;
	const char *state;
	struct step steps[STEPS_MAX];
} ways[] = {
	/* clang-format off */
	{ "a SYN", "SYN_SENT", { { O, S, 0, 0, 0 } } },
	{ "a SYN with data", "SYN_SENT", { { O, S, 0, 0, 100 } } },
	{ "a challenged SYN", "SYN_SENT",
	  { { O, S, 0, 0, 0 }, { D, A, 5000, 9000, 0 } } },
	{ "a SYN from each side", "SYN_SENT",
	  { { O, S, 0, 0, 0 }, { D, S, 0, 0, 0 } } },
	{ "a SYN from each side, one acknowledged", "SYN_RECV",
	  { { O, S, 0, 0, 0 }, { D, S, 0, 0, 0 }, { O, S | A, 0, 1, 0 } } },
	{ "a SYN-ACK", "SYN_RECV",
	  { { O, S, 0, 0, 0 }, { D, S | A, 0, 1, 0 } } },
	{ "a SYN-ACK and early data", "SYN_RECV",
	  { { O, S, 0, 0, 0 }, { D, S | A, 0, 1, 0 }, { D, A, 1, 1, 10 } } },
	{ "the handshake", "ESTABLISHED", { HANDSHAKE } },
	{ "some data", "ESTABLISHED",
	  { HANDSHAKE, { O, A, 1, 1, 100 }, { D, A, 1, 101, 50 } } },
	{ "a SYN from each side, both acknowledged", "ESTABLISHED",
	  { { O, S, 0, 0, 0 }, { D, S, 0, 0, 0 }, { O, S | A, 0, 1, 0 },
	    { D, S | A, 0, 1, 0 } } },
	{ "the client asks for a new one", "ESTABLISHED",
	  { HANDSHAKE, { O, S, 9000, 0, 0 } } },
	{ "the server asks for a new one", "ESTABLISHED",
	  { HANDSHAKE, { D, S, 9000, 0, 0 } } },
	{ "a FIN beyond a hole", "ESTABLISHED",
	  { HANDSHAKE, { O, F | A, 500, 1, 0 } } },
	{ "the client's FIN", "FIN_WAIT",
	  { HANDSHAKE, { O, F | A, 1, 1, 0 } } },
	{ "the server's FIN", "FIN_WAIT",
	  { HANDSHAKE, { D, F | A, 1, 1, 0 } } },
	{ "the server's FIN instead of data", "FIN_WAIT",
	  { { O, S, 0, 0, 0 }, { D, S | A, 0, 1, 0 }, { D, F | A, 1, 1, 0 } } },
	{ "the client's FIN acknowledged", "HALF_CLOSED",
	  { HANDSHAKE, { O, F | A, 1, 1, 0 }, { D, A, 1, 2, 0 } } },
	{ "the server's FIN acknowledged", "HALF_CLOSED",
	  { HANDSHAKE, { D, F | A, 1, 1, 0 }, { O, A, 1, 2, 0 } } },
	{ "both FINs, none acknowledged", "CLOSING",
	  { HANDSHAKE, { O, F | A, 1, 1, 0 }, { D, F | A, 1, 1, 0 } } },
	{ "both FINs, one acknowledged", "CLOSING",
	  { HANDSHAKE, { O, F | A, 1, 1, 0 }, { D, F | A, 1, 2, 0 } } },
	{ "both FINs acknowledged", "TIME_WAIT",
	  { HANDSHAKE, { O, F | A, 1, 1, 0 }, { D, F | A, 1, 2, 0 },
	    { O, A, 2, 2, 0 } } },
	{ "both closed, and the client asks for a new one", "TIME_WAIT",
	  { HANDSHAKE, { O, F | A, 1, 1, 0 }, { D, F | A, 1, 2, 0 },
	    { O, A, 2, 2, 0 }, { O, S, 0xffff0000, 0, 0 } } },
	{ "a segment in the middle", "PICKED_UP", { { O, A, 1, 1, 100 } } },
	{ "and an answer to it", "ESTABLISHED",
	  { { O, A, 1, 1, 100 }, { D, A, 1, 101, 0 } } },
	{ "the client takes its SYN back", "CLOSED",
	  { { O, S, 0, 0, 0 }, { O, R, 1, 0, 0 } } },
	{ "the server refuses", "CLOSED",
	  { { O, S, 0, 0, 0 }, { D, R | A, 0, 1, 0 } } },
	{ "the client resets", "CLOSED", { HANDSHAKE, { O, R, 1, 0, 0 } } },
	{ "the server resets", "CLOSED", { HANDSHAKE, { D, R, 1, 0, 0 } } },
	{ "the server resets a handshake", "CLOSED",
	  { { O, S, 0, 0, 0 }, { D, S | A, 0, 1, 0 }, { D, R, 1, 0, 0 } } },
	{ "the client resets a half-closed one", "CLOSED",
	  { HANDSHAKE, { O, F | A, 1, 1, 0 }, { D, A, 1, 2, 0 },
	    { O, R, 2, 0, 0 } } },
	/* clang-format on */
};

/* One or two combinations of flags for each class. */
static const uint8_t classes[] = { S, S | A, A, A | TCP_PSH, F | A, R, R | A };

enum { WAYS = COUNT(ways), CLASSES = COUNT(classes) };

/* Relative to where the ends are, more or less. */
static const uint32_t seqs[] = {
	0,     1,       2,          101,        102,        500,        60000,
	70000, 2000000, 0x80000000, 0xffffffff, 0xffff0000, 0xffe00000,
};
static const uint32_t acks[] = {
	0, 1, 2, 51, 101, 102, 9000, 70000, 0x80000000, 0xffffffff, 0xffe00000,
};
static const uint16_t lens[] = { 0, 1, 700 };

/* The first segment decides which settings the way needs. */
static void start(struct talk *talk, uint8_t version, int way)
{
	talk_start(talk, version);
	if (!(ways[way].steps[0].flags & S))
		talk_pick_up(talk);
}

static struct verdict follow(struct talk *talk, int way)
{
	const struct step *steps = ways[way].steps;
	struct verdict verdict = { 0 };

	for (int i = 0; i < STEPS_MAX && steps[i].flags; i++) {
		verdict = talk_say(talk, &steps[i]);
		ck_assert_msg(verdict.action == ACTION_ACCEPT,
			      "%s: step %d: %s", ways[way].what, i,
			      reason_info[verdict.reason].name);
	}
	return verdict;
}

START_TEST(each_way_leads_into_its_state)
{
	struct talk talk;
	struct verdict verdict;

	start(&talk, _i % 2 ? 6 : 4, _i / 2);
	verdict = follow(&talk, _i / 2);
	ck_assert_msg(strcmp(verdict.conn.state, ways[_i / 2].state) == 0,
		      "%s: %s", ways[_i / 2].what, verdict.conn.state);
	talk_stop(&talk);
}
END_TEST

START_TEST(each_state_has_a_way_into_it)
{
	const char *name = tcp_state_name((enum tcp_state)_i);
	int way = 0;

	while (way < WAYS && strcmp(ways[way].state, name) != 0)
		way++;
	ck_assert_msg(way < WAYS, "no way into %s: add one to the list", name);
}
END_TEST

START_TEST(every_state_has_a_name)
{
	const char *name = tcp_state_name((enum tcp_state)_i);

	ck_assert_ptr_nonnull(name);
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(tcp_state_name((enum tcp_state)i), name);
}
END_TEST

/* Another connection, in the state that the way leads to. */
static void begin_anew(struct talk *talk, int way)
{
	talk->port++;
	talk->rig.now += 48 * 3600 * (msec_t)1000;
	(void)engine_expire(talk->rig.eng, talk->rig.now, SIZE_MAX);
	(void)follow(talk, way);
}

/* A class from one side in one state, with all the numbers. */
static void check_cell(struct talk *talk, int way, struct step step)
{
	bool is_spent = true;

	for (int i = 0; i < COUNT(seqs) * COUNT(acks); i++) {
		if (is_spent)
			begin_anew(talk, way);
		step.seq = seqs[i % COUNT(seqs)];
		step.ack = acks[i / COUNT(seqs)];
		step.len = lens[i % COUNT(lens)];
		/* What was dropped has left the connection for the next. */
		is_spent = talk_say(talk, &step).action == ACTION_ACCEPT;
	}
}

START_TEST(each_cell_of_the_table_is_sound)
{
	struct talk talk;

	start(&talk, 4, _i);
	for (int i = 0; i < CLASSES * DIR_COUNT; i++) {
		struct step step = {
			.dir = i % DIR_COUNT ? DIR_REPLY : DIR_ORIGINAL,
			.flags = classes[i / DIR_COUNT],
		};

		check_cell(&talk, _i, step);
	}
	talk_stop(&talk);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("tcp_state");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, each_way_leads_into_its_state, 0, 2 * WAYS);
	tcase_add_loop_test(tc, each_state_has_a_way_into_it, 0,
			    TCP_STATE_COUNT);
	tcase_add_loop_test(tc, every_state_has_a_name, 0, TCP_STATE_COUNT);
	tcase_add_loop_test(tc, each_cell_of_the_table_is_sound, 0, WAYS);
	return run_tests(tc, "tcp_state");
}
