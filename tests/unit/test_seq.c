/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial numbers, near the wrap and half a circle away from it.
 */
#include "engine/seq.h"

#include "unit/run.h"

static const struct {
	const char *what;
	uint32_t a;
	uint32_t b;
	bool a_is_before_b;
	bool a_is_after_b;
} pairs[] = {
	{ "equal", 7, 7, false, false },
	{ "equal at the wrap", 0, 0, false, false },
	{ "next", 7, 8, true, false },
	{ "previous", 8, 7, false, true },
	{ "across the wrap", 0xffffffff, 0, true, false },
	{ "back across the wrap", 0, 0xffffffff, false, true },
	{ "16 around the wrap", 0xfffffff0, 0x10, true, false },
	{ "across the change of sign", 0x7fffffff, 0x80000000, true, false },
	{ "the largest step forward", 1, 0x80000000, true, false },
	{ "the largest step back", 0x80000000, 1, false, true },
	{ "one less than half a circle from the end", 0xffffffff, 0x7ffffffe,
	  true, false },
	{ "more than half a circle is the other way", 1, 0x80000002, false,
	  true },
};

START_TEST(numbers_are_compared_by_the_shorter_way)
{
	uint32_t a = pairs[_i].a;
	uint32_t b = pairs[_i].b;

	ck_assert_msg(seq_before(a, b) == pairs[_i].a_is_before_b, "%s",
		      pairs[_i].what);
	ck_assert_msg(seq_after(a, b) == pairs[_i].a_is_after_b, "%s",
		      pairs[_i].what);
	ck_assert_msg(seq_max(a, b) == (pairs[_i].a_is_before_b ? b : a), "%s",
		      pairs[_i].what);
}
END_TEST

static const struct {
	const char *what;
	uint32_t seq;
	uint32_t first;
	uint32_t last;
	bool inside;
} ranges[] = {
	{ "the first", 10, 10, 20, true },
	{ "the last", 20, 10, 20, true },
	{ "before the first", 9, 10, 20, false },
	{ "behind the last", 21, 10, 20, false },
	{ "the only one", 10, 10, 10, true },
	{ "beside the only one", 11, 10, 10, false },
	{ "an empty range", 10, 11, 10, false },
	{ "a range across the wrap, before it", 0xfffffffe, 0xfffffff0, 5,
	  true },
	{ "a range across the wrap, behind it", 3, 0xfffffff0, 5, true },
	{ "outside of a range across the wrap", 6, 0xfffffff0, 5, false },
	{ "a range up to the wrap", 0, 0xfffffff0, 0xffffffff, false },
};

START_TEST(both_ends_of_a_range_are_in_it)
{
	bool inside =
		seq_between(ranges[_i].seq, ranges[_i].first, ranges[_i].last);

	ck_assert_msg(inside == ranges[_i].inside, "%s", ranges[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("seq");

	tcase_add_loop_test(tc, numbers_are_compared_by_the_shorter_way, 0,
			    COUNT(pairs));
	tcase_add_loop_test(tc, both_ends_of_a_range_are_in_it, 0,
			    COUNT(ranges));
	return run_tests(tc, "seq");
}
