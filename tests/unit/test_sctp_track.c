/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of SCTP: every cell of its table, held against what is
 * written here a second time; and random walks.  What the walks do is judged by
 * what must be true of any verdict.
 */
#include "engine/sctp.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/random.h"
#include "unit/rig.h"
#include "unit/run.h"

enum { TAG_O = 0x1000, TAG_R = 0x2000, OTHER = 0x0777, STATE_COUNT = 8 };

/* The classes in the order of enum sctp_class, and a type of each. */
static const char letters[] = "IKCGDEHBSTFX";
static const uint8_t types[SCTP_CLASS_COUNT] = { 1, 2, 10, 11, 0,  9,
						 4, 5, 7,  8,  14, 6 };

/* A packet between the two ends. */
struct say {
	enum direction dir;
	uint16_t chunks; /* as in struct sctp_packet */
	uint32_t tag;
	uint32_t init_tag;
	bool reflected;
};

static struct verdict send_packet(struct rig *rig, const struct say *say)
{
	struct build b = frame_draft(4, IPPROTO_SCTP);
	uint8_t init[16] = { [2] = (uint8_t)(say->init_tag >> 8),
			     [3] = (uint8_t)say->init_tag };
	struct build_chunks chunks = { .len = 0 };
	const char *src = b.ip.src;

	if (say->dir == DIR_REPLY) {
		b.ip.src = b.ip.dst;
		b.ip.dst = src;
		b.sport = 80;
		b.dport = 40000;
	}
	b.key = say->tag;
	for (unsigned int i = 0; i < SCTP_CLASS_COUNT; i++)
		if (say->chunks & 1U << i)
			build_chunk(&chunks, types[i], say->reflected,
				    i <= SCTP_CLASS_INIT_ACK ? init : NULL,
				    i <= SCTP_CLASS_INIT_ACK ? 16 : 4);
	b.payload = chunks.bytes;
	b.payload_len = chunks.len;
	return rig_send(rig, &b);
}

/* With the right tags: an upper-case letter is the originator's packet. */
static struct say right(char letter, enum direction dir)
{
	const char *found = strchr(letters, letter);
	bool is_init = letter == 'I';
	uint32_t own = dir == DIR_ORIGINAL ? TAG_O : TAG_R;

	ck_assert_ptr_nonnull(found);
	return (struct say){
		.dir = dir,
		.chunks = (uint16_t)(1U << (found - letters)),
		.tag = is_init ? 0 : TAG_O + TAG_R - own,
		.init_tag = own,
	};
}

/* How a state is come to; lower-case letters are the responder's packets. */
static const struct {
	const char *name;
	const char *path;
	char letter; /* for this state below */
	enum timeout timeout;
} states[STATE_COUNT] = {
	{ "COOKIE_WAIT", "Ik", 'w', TIMEOUT_SCTP_COOKIE_WAIT },
	{ "COOKIE_ECHOED", "IkC", 'c', TIMEOUT_SCTP_COOKIE_ECHOED },
	{ "ESTABLISHED", "IkCg", 'e', TIMEOUT_SCTP_ESTABLISHED },
	{ "SHUTDOWN_SENT", "IkCgS", 's', TIMEOUT_SCTP_SHUTDOWN },
	{ "SHUTDOWN_RECD", "IkCgs", 'r', TIMEOUT_SCTP_SHUTDOWN },
	{ "SHUTDOWN_ACK_SENT", "IkCgSt", 'a', TIMEOUT_SCTP_SHUTDOWN },
	{ "CLOSED", "IkCgX", 'x', TIMEOUT_SCTP_CLOSED },
	{ "HEARTBEAT_SENT", "H", 'h', TIMEOUT_SCTP_HEARTBEAT_SENT },
};

static uint64_t walk(struct rig *rig, const char *path)
{
	struct verdict verdict = { 0 };

	for (; *path; path++) {
		bool is_reply = *path >= 'a';
		struct say say = right((char)(is_reply ? *path - 32 : *path),
				       is_reply ? DIR_REPLY : DIR_ORIGINAL);

		verdict = send_packet(rig, &say);
		ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	}
	rig->now += 3000;
	return verdict.conn.id;
}

/*
 * What becomes of a packet of each class, INIT being one with another tag: the
 * letter of the state that it leads to, its timeout starting; '=' it passes,
 * and the timer stays; '-' it has no effect; '.' it is dropped.
 */
static const char *const expected[STATE_COUNT][DIR_COUNT] = {
	/* clang-format off */
	/* IKCGDEHBSTFX    IKCGDEHBSTFX */
	{ "-.c........x", "-=.........x" }, { "-.c.====...x", "-=.ee=eer..x" },
	{ "-.eeeeees..x", "-.eeeeeer..x" }, { "-...sssssa.x", "-...sssssa.x" },
	{ "-...rrrrra.x", "-...rrrrra.x" }, { "-...====aaxx", "-...====aaxx" },
	{ "w...--------", "w...--------" }, { "-.....==...x", "-.....=e...x" },
	/* clang-format on */
};

static const char *state_of(char letter)
{
	for (int i = 0; i < STATE_COUNT; i++)
		if (states[i].letter == letter)
			return states[i].name;
	return NULL;
}

static msec_t timeout_of(const char *name)
{
	for (int i = 0; i < STATE_COUNT; i++)
		if (strcmp(states[i].name, name) == 0)
			return timeout_info[states[i].timeout].value;
	ck_abort_msg("no state %s", name);
}

/* What is known of the association at one time. */
struct view {
	bool exists;
	struct conn_info shown;
	uint8_t memory[sizeof(struct conn)];
};

static void look(const struct rig *rig, struct view *view)
{
	struct conn_info list[2];
	size_t count = rig_list(rig, list, 2);

	*view = (struct view){ .exists = false };
	ck_assert_uint_le(count, 1);
	view->exists = count;
	if (!count)
		return;
	view->shown = list[0];
	memcpy(view->memory, rig_memory(rig, list[0].id), sizeof(view->memory));
}

/* Whether the last verdict is what the letter says. */
static bool is_as_expected(const struct rig *rig, char letter,
			   const struct verdict *verdict,
			   const struct view *before)
{
	enum reason_kind kind = reason_info[verdict->reason].kind;
	struct view after;

	look(rig, &after);
	if (letter == '.')
		return kind == REASON_DROPS &&
		       memcmp(before->memory, after.memory,
			      sizeof(after.memory)) == 0;
	if (letter == '-' || letter == '=')
		return kind == (letter == '-' ? REASON_INERT
					      : REASON_ACCEPTS) &&
		       before->shown.state == after.shown.state &&
		       before->shown.expires == after.shown.expires;
	return kind == REASON_ACCEPTS &&
	       strcmp(after.shown.state, state_of(letter)) == 0 &&
	       after.shown.expires == rig->now + timeout_of(after.shown.state);
}

START_TEST(every_cell_is_as_it_should_be)
{
	unsigned int class = (unsigned int)_i % SCTP_CLASS_COUNT;
	enum direction dir =
		_i / SCTP_CLASS_COUNT % 2 ? DIR_REPLY : DIR_ORIGINAL;
	int state = _i / SCTP_CLASS_COUNT / DIR_COUNT;
	struct say say = right(letters[class], dir);
	struct verdict verdict;
	struct view before;
	struct rig rig;

	rig_start(&rig, 64);
	(void)walk(&rig, states[state].path);
	look(&rig, &before);
	ck_assert_str_eq(before.shown.state, states[state].name);
	if (class == SCTP_CLASS_INIT)
		say.init_tag = OTHER;
	/* Of a second path the tag of the answers is not known yet. */
	if (states[state].letter == 'h' && dir == DIR_REPLY &&
	    class == SCTP_CLASS_ABORT) {
		say.tag = TAG_R;
		say.reflected = true;
	}
	verdict = send_packet(&rig, &say);
	ck_assert_msg(is_as_expected(&rig, expected[state][dir][class],
				     &verdict, &before),
		      "%s, %c from the %s: not '%c', but %s (%s)",
		      states[state].name, letters[class],
		      dir == DIR_ORIGINAL ? "originator" : "responder",
		      expected[state][dir][class],
		      reason_info[verdict.reason].name, verdict.conn.state);
	rig_stop(&rig);
}
END_TEST

/* With any other tag nothing but an INIT passes, whatever the state. */
START_TEST(a_wrong_tag_is_wrong_in_every_state)
{
	static const uint32_t wrong[] = { TAG_O + 1, TAG_R + 1, OTHER, 1 };

	for (unsigned int class = 1; class < SCTP_CLASS_COUNT; class ++) {
		for (int i = 0; i < 2 * COUNT(wrong); i++) {
			struct say say =
				right(letters[class],
				      i % 2 ? DIR_REPLY : DIR_ORIGINAL);
			struct view before;
			struct verdict verdict;
			struct rig rig;

			rig_start(&rig, 64);
			(void)walk(&rig, states[_i].path);
			look(&rig, &before);
			say.tag = wrong[i / 2];
			/* The tag of a second path comes with its answer. */
			if (states[_i].letter == 'h' && i % 2 &&
			    (letters[class] == 'H' || letters[class] == 'B'))
				say.tag = 0;
			verdict = send_packet(&rig, &say);
			ck_assert_msg(
				is_as_expected(&rig, '.', &verdict, &before),
				"%s, %c: %s", states[_i].name, letters[class],
				reason_info[verdict.reason].name);
			rig_stop(&rig);
		}
	}
}
END_TEST

static uint32_t random_tag(uint64_t *seed, enum direction dir)
{
	static const uint32_t others[] = { OTHER, OTHER + 1, TAG_O, TAG_R, 1 };

	if (random_below(seed, 4) > 0)
		return dir == DIR_ORIGINAL ? TAG_R : TAG_O;
	return others[random_below(seed, COUNT(others))];
}

/* Mostly one chunk, sometimes two. */
static struct say random_say(uint64_t *seed)
{
	enum direction dir = random_below(seed, 2) ? DIR_REPLY : DIR_ORIGINAL;
	struct say say = {
		.dir = dir,
		.chunks =
			(uint16_t)(1U << random_below(seed, SCTP_CLASS_COUNT)),
		.tag = random_tag(seed, dir),
		.init_tag = random_tag(seed, !dir),
		.reflected = random_below(seed, 4) == 0,
	};

	if (random_below(seed, 4) == 0)
		say.chunks |=
			(uint16_t)(1U << random_below(seed, SCTP_CLASS_COUNT));
	if (say.chunks == sctp_bit(SCTP_CLASS_INIT))
		say.tag = 0;
	return say;
}

static void check_step(const struct rig *rig, const struct say *say,
		       const struct verdict *verdict, const struct view *before)
{
	enum reason_kind kind = reason_info[verdict->reason].kind;
	bool is_same;
	struct view after;

	look(rig, &after);
	is_same = before->exists && after.exists &&
		  before->shown.id == after.shown.id;
	if (kind == REASON_DROPS) {
		ck_assert(before->exists == after.exists);
		ck_assert_msg(!before->exists ||
				      memcmp(before->memory, after.memory,
					     sizeof(after.memory)) == 0,
			      "dropped (%s), and changed",
			      reason_info[verdict->reason].name);
		return;
	}
	ck_assert(after.exists);
	ck_assert_msg(is_same ||
			      say->chunks & (sctp_bit(SCTP_CLASS_INIT) |
					     sctp_bit(SCTP_CLASS_HEARTBEAT) |
					     sctp_bit(SCTP_CLASS_COOKIE_ACK)),
		      "%#x begins an association", say->chunks);
	if (kind == REASON_INERT)
		ck_assert(is_same && before->shown.state == after.shown.state &&
			  before->shown.expires == after.shown.expires);
	if (is_same && before->shown.state != after.shown.state)
		ck_assert_int_ne(before->shown.expires, after.shown.expires);
}

/* Where a walk is: the number of its state; STATE_COUNT: there is none. */
static unsigned int place_of(const struct view *view)
{
	unsigned int i = 0;

	while (i < STATE_COUNT &&
	       (!view->exists ||
		strcmp(states[i].name, view->shown.state) != 0))
		i++;
	return i;
}

START_TEST(random_walks_come_everywhere_and_break_nothing)
{
	static bool seen[STATE_COUNT + 1][DIR_COUNT][SCTP_CLASS_COUNT];
	uint64_t seed = 42;

	for (int i = 0; i < 300; i++) {
		struct rig rig;

		rig_start(&rig, 64);
		if (random_below(&seed, 2))
			(void)walk(&rig, states[i % STATE_COUNT].path);
		for (int step = 0; step < 100; step++) {
			struct say say = random_say(&seed);
			struct verdict verdict;
			struct view before = { 0 };

			rig.now += 1 + (msec_t)random_below(&seed, 20) * 100;
			look(&rig, &before);
			verdict = send_packet(&rig, &say);
			check_step(&rig, &say, &verdict, &before);
			for (unsigned int n = 0; n < SCTP_CLASS_COUNT; n++)
				if (say.chunks == 1U << n)
					seen[place_of(&before)][say.dir][n] =
						true;
		}
		rig_stop(&rig);
	}
	for (int i = 0; i <= STATE_COUNT; i++)
		for (int n = 0; n < SCTP_CLASS_COUNT; n++)
			ck_assert_msg(seen[i][DIR_ORIGINAL][n] &&
					      seen[i][DIR_REPLY][n],
				      "%c in state %d was never sent",
				      letters[n], i);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("sctp_track");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_cell_is_as_it_should_be, 0,
			    STATE_COUNT * DIR_COUNT * SCTP_CLASS_COUNT);
	tcase_add_loop_test(tc, a_wrong_tag_is_wrong_in_every_state, 0,
			    STATE_COUNT);
	tcase_add_test(tc, random_walks_come_everywhere_and_break_nothing);
	return run_tests(tc, "sctp_track");
}
