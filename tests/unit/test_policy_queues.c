/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of queues.
 */
#include "policy/queues.h"

#include "unit/run.h"

static const struct {
	const char *text;
	enum queues_error error;
	uint16_t first;
	uint16_t last;
} cases[] = {
	{ "0", QUEUES_OK, 0, 0 },
	{ "65535", QUEUES_OK, 65535, 65535 },
	{ "0-3", QUEUES_OK, 0, 3 },
	{ "4-4", QUEUES_OK, 4, 4 },
	{ "0-63", QUEUES_OK, 0, 63 },
	{ "65472-65535", QUEUES_OK, 65472, 65535 },
	{ "0-64", QUEUES_TOO_MANY, 0, 64 },
	{ "0-65535", QUEUES_TOO_MANY, 0, 65535 },
	{ "3-0", QUEUES_REVERSED, 3, 0 },
	{ "65535-0", QUEUES_REVERSED, 65535, 0 },
	/* Nothing is set. */
	{ "", QUEUES_SYNTAX, 7, 8 },
	{ "-", QUEUES_SYNTAX, 7, 8 },
	{ "-1", QUEUES_SYNTAX, 7, 8 },
	{ "1-", QUEUES_SYNTAX, 7, 8 },
	{ "1-2-3", QUEUES_SYNTAX, 7, 8 },
	{ "0:3", QUEUES_SYNTAX, 7, 8 },
	{ "0,1", QUEUES_SYNTAX, 7, 8 },
	{ " 0", QUEUES_SYNTAX, 7, 8 },
	{ "0 - 3", QUEUES_SYNTAX, 7, 8 },
	{ "00", QUEUES_SYNTAX, 7, 8 },
	{ "0x1", QUEUES_SYNTAX, 7, 8 },
	{ "65536", QUEUES_SYNTAX, 7, 8 },
	{ "0-65536", QUEUES_SYNTAX, 7, 8 },
	{ "18446744073709551616", QUEUES_SYNTAX, 7, 8 },
	{ "a", QUEUES_SYNTAX, 7, 8 },
};

START_TEST(queues_are_a_number_or_a_range)
{
	uint16_t first = 7;
	uint16_t last = 8;

	ck_assert_int_eq(queues_parse(cases[_i].text, &first, &last),
			 cases[_i].error);
	ck_assert_uint_eq(first, cases[_i].first);
	ck_assert_uint_eq(last, cases[_i].last);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("queues");

	tcase_add_loop_test(tc, queues_are_a_number_or_a_range, 0,
			    COUNT(cases));
	return run_tests(tc, "policy_queues");
}
