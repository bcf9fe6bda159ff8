/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel is told of a packet, in two bits of its mark.
 */
#include "daemon/queue_marks.h"

#include "unit/run.h"

enum { A = 0x100, R = 0x200, OTHERS = 0x4000000f, NEW = 0x40000007 };

static const struct queue_marks plain = { .accept = A, .reject = R };
static const struct queue_marks in_output = { A, R, .output = true };
static const struct queue_marks none = { 0 };

static const struct {
	const char *what;
	const struct queue_marks *marks;
	enum hook hook;
	enum action action;
	uint32_t before;
	uint32_t mark; /* that the engine wants */
	struct queue_answer answer;
} cases[] = {
	{ "accepted in input",
	  &plain,
	  HOOK_INPUT,
	  ACTION_ACCEPT,
	  OTHERS | A | R,
	  OTHERS,
	  { true, false, true, OTHERS | A } },
	{ "accepted in forward, with a mark of the rules",
	  &plain,
	  HOOK_FORWARD,
	  ACTION_ACCEPT,
	  OTHERS | A | R,
	  NEW,
	  { true, false, true, NEW | A } },
	{ "accepted in output: nothing changes",
	  &plain,
	  HOOK_OUTPUT,
	  ACTION_ACCEPT,
	  OTHERS | A | R,
	  OTHERS,
	  { true, false, false, OTHERS | A | R } },
	{ "accepted in output, with a mark of the rules",
	  &plain,
	  HOOK_OUTPUT,
	  ACTION_ACCEPT,
	  OTHERS | A | R,
	  NEW,
	  { true, false, true, NEW | A | R } },
	{ "accepted in output, where the chains ask",
	  &in_output,
	  HOOK_OUTPUT,
	  ACTION_ACCEPT,
	  OTHERS | A | R,
	  OTHERS,
	  { true, false, true, OTHERS | A } },
	{ "rejected",
	  &plain,
	  HOOK_INPUT,
	  ACTION_REJECT,
	  OTHERS | A | R,
	  OTHERS,
	  { true, false, true, OTHERS | R } },
	{ "rejected in output",
	  &plain,
	  HOOK_OUTPUT,
	  ACTION_REJECT,
	  OTHERS | A | R,
	  OTHERS,
	  { true, false, true, OTHERS | R } },
	{ "dropped",
	  &plain,
	  HOOK_INPUT,
	  ACTION_DROP,
	  OTHERS | A | R,
	  OTHERS,
	  { false, false, false, OTHERS | A | R } },
	{ "not ours, accepted",
	  &plain,
	  HOOK_INPUT,
	  ACTION_ACCEPT,
	  OTHERS,
	  OTHERS,
	  { true, false, false, OTHERS } },
	{ "not ours, with a mark of the rules",
	  &plain,
	  HOOK_INPUT,
	  ACTION_ACCEPT,
	  OTHERS,
	  NEW,
	  { true, false, true, NEW } },
	{ "not ours, rejected: nobody would answer",
	  &plain,
	  HOOK_INPUT,
	  ACTION_REJECT,
	  OTHERS,
	  OTHERS,
	  { false, true, false, OTHERS } },
	{ "one bit alone is a mark of others",
	  &plain,
	  HOOK_INPUT,
	  ACTION_REJECT,
	  OTHERS | A,
	  OTHERS | A,
	  { false, true, false, OTHERS | A } },
	{ "that is left alone as well",
	  &plain,
	  HOOK_INPUT,
	  ACTION_ACCEPT,
	  OTHERS | R,
	  OTHERS | R,
	  { true, false, false, OTHERS | R } },
	{ "without chains, rejected",
	  &none,
	  HOOK_INPUT,
	  ACTION_REJECT,
	  0,
	  0,
	  { false, true, false, 0 } },
	{ "without chains, accepted",
	  &none,
	  HOOK_INPUT,
	  ACTION_ACCEPT,
	  OTHERS,
	  OTHERS,
	  { true, false, false, OTHERS } },
};

START_TEST(only_our_bits_change)
{
	struct queue_answer answer =
		queue_marks_answer(cases[_i].marks, cases[_i].hook,
				   cases[_i].action, cases[_i].before,
				   cases[_i].mark);

	ck_assert_msg(answer.accept == cases[_i].answer.accept, "%s",
		      cases[_i].what);
	ck_assert_msg(answer.unanswered == cases[_i].answer.unanswered, "%s",
		      cases[_i].what);
	ck_assert_msg(answer.is_marked == cases[_i].answer.is_marked, "%s",
		      cases[_i].what);
	ck_assert_msg(answer.mark == cases[_i].answer.mark, "%s: 0x%x",
		      cases[_i].what, answer.mark);
}
END_TEST

/* So rules ask for the marks that people give. */
START_TEST(the_engine_does_not_see_them)
{
	ck_assert_uint_eq(queue_marks_clear(&plain, OTHERS | A | R), OTHERS);
	ck_assert_uint_eq(queue_marks_clear(&plain, OTHERS | A), OTHERS | A);
	ck_assert_uint_eq(queue_marks_clear(&none, OTHERS), OTHERS);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("queue_marks");

	tcase_add_loop_test(tc, only_our_bits_change, 0, COUNT(cases));
	tcase_add_test(tc, the_engine_does_not_see_them);
	return run_tests(tc, "daemon_queue_marks");
}
