/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When it is said that the table is nearly full.
 */
#include "daemon/fullness.h"

#include <string.h>

#include "unit/run.h"

enum { STEPS_MAX = 8 };

static const struct {
	const char *what;
	size_t size;
	uint32_t percent;
	size_t used[STEPS_MAX];
	const char *news; /* + passed, - fell, . nothing; one a step */
} cases[] = {
	{ "an empty table", 1000, 80, { 0, 1, 500, 799 }, "...." },
	{ "once, however long it stays so",
	  1000,
	  80,
	  { 799, 800, 801, 1000, 900 },
	  ".+..." },
	{ "and once when it is over, a tenth below",
	  1000,
	  80,
	  { 800, 799, 721, 720, 0 },
	  "+..-." },
	{ "it may hover about the mark",
	  1000,
	  80,
	  { 800, 790, 805, 780, 800 },
	  "+...." },
	{ "each time anew", 1000, 80, { 900, 100, 900, 100 }, "+-+-" },
	{ "at the brim", 64, 100, { 63, 64, 63, 58 }, ".+.-" },
	{ "of a small table", 64, 1, { 0, 1, 0 }, ".+-" },
};

START_TEST(a_full_table_is_told_of_once)
{
	static const char signs[] = { [FULLNESS_NO_NEWS] = '.',
				      [FULLNESS_PASSED] = '+',
				      [FULLNESS_FELL] = '-' };
	struct fullness fullness = { 0 };

	for (size_t i = 0; i < strlen(cases[_i].news); i++) {
		enum fullness_news news =
			fullness_note(&fullness, cases[_i].used[i],
				      cases[_i].size, cases[_i].percent);

		ck_assert_msg(signs[news] == cases[_i].news[i],
			      "%s: step %zu: %c", cases[_i].what, i,
			      signs[news]);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("daemon_fullness");

	tcase_add_loop_test(tc, a_full_table_is_told_of_once, 0, COUNT(cases));
	return run_tests(tc, "daemon_fullness");
}
