/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that mark what passes, and the connections that remember it.
 */
#include "engine/marks.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

enum { CONNS_MAX = 64, CAME_WITH = 0x4000000f };

/* As the options say, and as wanted: rules in their order, all of them match
 * the packet, unless their condition is another mark. */
static const struct {
	const char *what;
	struct rule_options rules[3];
	const char *asked[3]; /* the mark that each asks for; NULL: any */
	uint32_t mark;        /* with which the packet leaves */
} cases[] = {
	{ .what = "no rule sets any", .mark = CAME_WITH },
	{ .what = "an accepting rule sets its bits and no others",
	  .rules = { { .mark = 0x20, .mark_mask = 0xf0 } },
	  .mark = 0x4000002f },
	{ .what = "bits are taken away, too",
	  .rules = { { .mark = 0, .mark_mask = 0x3 } },
	  .mark = 0x4000000c },
	{ .what = "all of them",
	  .rules = { { .mark = 0x7, .mark_mask = 0xffffffff } },
	  .mark = 0x7 },
	{ .what = "a rule that continues marks for all behind it",
	  .rules = { { .continues = true, .mark = 0x20, .mark_mask = 0xf0 },
		     { .mark = 0x100, .mark_mask = 0x100 } },
	  .mark = 0x4000012f },
	{ .what = "the later one has the last word",
	  .rules = { { .continues = true, .mark = 0x20, .mark_mask = 0xf0 },
		     { .continues = true, .mark = 0x50, .mark_mask = 0x70 },
		     { .mark = 0x0, .mark_mask = 0x10 } },
	  .mark = 0x4000004f },
	{ .what = "rules see the mark that those before them set",
	  .rules = { { .continues = true, .mark = 0x20, .mark_mask = 0xf0 },
		     { .mark = 0x100, .mark_mask = 0x100 },
		     { .mark = 0x200, .mark_mask = 0x200 } },
	  .asked = { NULL, "0x10/0xf0", "0x20/0xf0" },
	  .mark = 0x4000022f },
	{ .what = "a rule in audit mode marks nothing",
	  .rules = { { .audit = true, .mark = 0x20, .mark_mask = 0xf0 },
		     { .mark = 0x100, .mark_mask = 0x100 } },
	  .mark = 0x4000010f },
};

static void add_rules(struct ruleset *rules, int number)
{
	static const char *const names[] = { "a", "b", "c" };

	for (size_t i = 0; i < 3; i++) {
		const struct rule_options *options = &cases[number].rules[i];

		ck_assert_ptr_null(rule_options_fault(options));
		if (options->mark_mask)
			(void)rig_add_rule(rules, names[i], options,
					   cases[number].asked[i] ? "mark"
								  : NULL,
					   cases[number].asked[i]);
	}
}

/* The mark of a packet once it is judged; it must pass. */
static uint32_t mark_of(struct rig *rig, const struct build *b,
			bool came_marked)
{
	struct frame frame = frame_build(b);
	struct verdict verdict;

	frame.meta.mark = came_marked ? CAME_WITH : 0;
	verdict = rig_judge(rig, &frame);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	return verdict_mark(&verdict, frame.meta.mark);
}

static struct build datagram(void)
{
	struct build b = frame_draft(4, IPPROTO_UDP);

	b.payload_len = 10;
	return b;
}

static struct build backwards(struct build b)
{
	const char *src = b.ip.src;
	uint16_t sport = b.sport;

	b.ip.src = b.ip.dst;
	b.ip.dst = src;
	b.sport = b.dport;
	b.dport = sport;
	return b;
}

START_TEST(rules_mark_packets_and_connections_remember_it)
{
	struct ruleset *rules = rig_make_rules();
	struct build there = datagram();
	struct build back = backwards(there);
	const char *what = cases[_i].what;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	add_rules(rules, _i);
	rig_set_rules(&rig, rules);
	ck_assert_msg(mark_of(&rig, &there, true) == cases[_i].mark,
		      "%s: first", what);
	ck_assert_msg(mark_of(&rig, &back, true) == cases[_i].mark,
		      "%s: answer", what);
	ck_assert_msg(mark_of(&rig, &there, true) == cases[_i].mark,
		      "%s: again", what);
	rig_stop(&rig);
}
END_TEST

static const struct rule_options marks_0x20 = { .mark = 0x20,
						.mark_mask = 0xf0 };
static const struct rule_options marks_0x30 = { .mark = 0x30,
						.mark_mask = 0xf0 };

static struct ruleset *make_rules(const struct rule_options *options)
{
	struct ruleset *rules = rig_make_rules();

	(void)rig_add_rule(rules, "all", options, NULL, NULL);
	return rules;
}

START_TEST(errors_about_a_connection_have_its_mark)
{
	struct build there = datagram();
	struct build error = frame_draft(4, IPPROTO_ICMP);
	uint8_t quoted[64];
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_rules(&marks_0x20));
	(void)mark_of(&rig, &there, false);
	error.ip.src = "203.0.113.1";
	error.ip.dst = there.ip.src;
	error.icmp.type = 3;
	error.payload_len = build_packet(&there, quoted, sizeof(quoted));
	error.payload = quoted;
	ck_assert_uint_eq(mark_of(&rig, &error, false), 0x20);
	rig_stop(&rig);
}
END_TEST

static const struct {
	const char *what;
	enum recheck recheck;
} reloads[] = {
	{ "kept", RECHECK_KEEP },
	{ "judged again", RECHECK_JUDGE },
};

START_TEST(a_connection_keeps_its_mark_under_other_rules)
{
	struct build there = datagram();
	struct conn_info conn;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_rules(&marks_0x20));
	(void)mark_of(&rig, &there, false);
	ck_assert_uint_eq(rig_reload(&rig, make_rules(&marks_0x30),
				     reloads[_i].recheck),
			  0);
	ck_assert_msg(mark_of(&rig, &there, false) == 0x20, "%s",
		      reloads[_i].what);
	ck_assert_uint_eq(rig_list(&rig, &conn, 1), 1);
	ck_assert_uint_eq(conn.mark, 0x20);
	ck_assert_uint_eq(conn.mark_mask, 0xf0);
	there.sport++;
	ck_assert_uint_eq(mark_of(&rig, &there, false), 0x30);
	rig_stop(&rig);
}
END_TEST

static struct build segment(uint8_t flags)
{
	struct build b = frame_draft(4, IPPROTO_TCP);

	b.tcp.flags = flags;
	b.tcp.seq = 1000;
	b.tcp.window = 1000;
	return b;
}

START_TEST(a_connection_has_the_mark_that_it_asked_for_last)
{
	struct build syn = segment(TCP_SYN);
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_rules(&marks_0x20));
	ck_assert_uint_eq(mark_of(&rig, &syn, false), 0x20);
	rig_set_rules(&rig, make_rules(&marks_0x30));
	ck_assert_uint_eq(mark_of(&rig, &syn, false), 0x20);
	/* Another attempt, about which the rules are asked. */
	syn.tcp.seq += 77;
	ck_assert_uint_eq(mark_of(&rig, &syn, false), 0x30);
	rig_stop(&rig);
}
END_TEST

START_TEST(what_passes_without_a_connection_is_marked_alone)
{
	struct rule_options options = marks_0x20;
	struct build there = datagram();
	struct conn_info conn;
	struct rig rig;

	options.tracking = TRACKING_NONE;
	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_rules(&options));
	ck_assert_uint_eq(mark_of(&rig, &there, false), 0x20);
	ck_assert_uint_eq(rig_list(&rig, &conn, 1), 0);
	rig_stop(&rig);
}
END_TEST

/* Orphans pass only if the rule that they end up with makes no connections. */
START_TEST(orphans_are_asked_about_with_their_new_mark)
{
	struct ruleset *rules = rig_make_rules();
	const struct rule_options sets = { .continues = true,
					   .mark = 0x20,
					   .mark_mask = 0xf0 };
	const struct rule_options alone = { .tracking = TRACKING_NONE };
	const struct rule_options drops = { .action = ACTION_DROP };
	struct build ack = segment(TCP_ACK);
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "sets", &sets, NULL, NULL);
	(void)rig_add_rule(rules, "alone", &alone, "mark", "0x20/0xf0");
	(void)rig_add_rule(rules, "none", &drops, NULL, NULL);
	rig_set_rules(&rig, rules);
	ck_assert_uint_eq(mark_of(&rig, &ack, false), 0x20);
	rig_stop(&rig);
}
END_TEST

static const struct {
	const char *what;
	struct rule_options options;
} faults[] = {
	{ "a bit outside of the mask", { .mark = 0x10, .mark_mask = 0xf } },
	{ "of what is dropped",
	  { .action = ACTION_DROP, .mark = 1, .mark_mask = 1 } },
	{ "of what is rejected",
	  { .action = ACTION_REJECT, .mark = 1, .mark_mask = 1 } },
};

START_TEST(a_mark_that_cannot_be_is_refused)
{
	ck_assert_msg(rule_options_fault(&faults[_i].options), "%s",
		      faults[_i].what);
}
END_TEST

START_TEST(marks_have_numbers_until_there_are_no_more)
{
	static struct marks marks;
	uint16_t number = 7;

	ck_assert(marks_number(&marks, (struct marking){ 0 }, &number));
	ck_assert_uint_eq(number, 0);
	ck_assert_uint_eq(marks_mark(&marks, 0).mask, 0);
	for (uint32_t i = 1; i <= MARKS_MAX; i++) {
		ck_assert(marks_number(&marks, (struct marking){ i, ~0U },
				       &number));
		ck_assert_uint_eq(number, i);
	}
	ck_assert(!marks_number(&marks, (struct marking){ 5, 7 }, &number));
	ck_assert(marks_number(&marks, (struct marking){ 9, ~0U }, &number));
	ck_assert_uint_eq(number, 9);
	ck_assert_uint_eq(marks_mark(&marks, 9).mark, 9);
}
END_TEST

/* In place of a packet that would leave by a way that nobody wants. */
START_TEST(a_mark_that_cannot_be_remembered_opens_nothing)
{
	struct build there = datagram();
	struct rule_options options = { .mark_mask = 0xffff };
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	for (uint32_t i = 0; i <= MARKS_MAX; i++) {
		options.mark = i;
		there.sport++;
		rig_set_rules(&rig, make_rules(&options));
		verdict = rig_send(&rig, &there);
		rig.now += 24 * 3600 * (msec_t)1000;
	}
	ck_assert_int_eq(verdict.action, ACTION_DROP);
	ck_assert_int_eq(verdict.reason, REASON_INTERNAL);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("engine_marks");

	tcase_add_loop_test(tc, rules_mark_packets_and_connections_remember_it,
			    0, COUNT(cases));
	tcase_add_test(tc, errors_about_a_connection_have_its_mark);
	tcase_add_loop_test(tc, a_connection_keeps_its_mark_under_other_rules,
			    0, COUNT(reloads));
	tcase_add_test(tc, a_connection_has_the_mark_that_it_asked_for_last);
	tcase_add_test(tc, what_passes_without_a_connection_is_marked_alone);
	tcase_add_test(tc, orphans_are_asked_about_with_their_new_mark);
	tcase_add_loop_test(tc, a_mark_that_cannot_be_is_refused, 0,
			    COUNT(faults));
	tcase_add_test(tc, marks_have_numbers_until_there_are_no_more);
	tcase_add_test(tc, a_mark_that_cannot_be_remembered_opens_nothing);
	return run_tests(tc, "engine_marks");
}
