/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of faults: codes that can be relied on, and texts that can be
 * printed.
 */
#include "policy/codes.h"

#include <ctype.h>
#include <string.h>

#include "unit/run.h"

START_TEST(codes_say_how_bad_a_fault_is)
{
	static const char letters[SEVERITY_COUNT + 1] = "EWN";
	const struct code_info *info = &code_info[_i];

	ck_assert_msg(info->id, "number %d has no code", _i);
	ck_assert_uint_eq(strlen(info->id), 4);
	ck_assert_int_eq(info->id[0], letters[info->severity]);
	ck_assert_uint_eq(strspn(info->id + 1, "0123456789"), 3);
}
END_TEST

/* In order, so that each is there once. */
START_TEST(numbers_grow)
{
	ck_assert_int_lt(strcmp(code_info[_i].id + 1, code_info[_i + 1].id + 1),
			 0);
}
END_TEST

/* One paragraph of a page each, so whole sentences without a newline. */
static void check_text(const char *id, const char *text)
{
	char last = text[strlen(text) - 1];

	ck_assert_msg(isupper((unsigned char)text[0]), "%s: %s", id, text);
	ck_assert_msg(last == '.' || last == ';', "%s: %s", id, text);
	ck_assert_msg(!strchr(text, '\n') && !strstr(text, "  "), "%s: %s", id,
		      text);
}

START_TEST(each_is_explained)
{
	check_text(code_info[_i].id, code_info[_i].meaning);
	check_text(code_info[_i].id, code_info[_i].remedy);
}
END_TEST

START_TEST(each_is_found)
{
	char small[5] = { 0 };

	ck_assert_int_eq(code_find(code_info[_i].id), _i);
	memcpy(small, code_info[_i].id, 4);
	small[0] = (char)tolower((unsigned char)small[0]);
	ck_assert_int_eq(code_find(small), _i);
}
END_TEST

START_TEST(nothing_else_is_found)
{
	static const char *const words[] = { "",      "E",    "101", "E10",
					     "E1011", "X101", "E000" };

	ck_assert_int_eq(code_find(words[_i]), CODE_COUNT);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("codes");

	tcase_add_loop_test(tc, codes_say_how_bad_a_fault_is, 0, CODE_COUNT);
	tcase_add_loop_test(tc, numbers_grow, 0, CODE_COUNT - 1);
	tcase_add_loop_test(tc, each_is_explained, 0, CODE_COUNT);
	tcase_add_loop_test(tc, each_is_found, 0, CODE_COUNT);
	tcase_add_loop_test(tc, nothing_else_is_found, 0, 7);
	return run_tests(tc, "policy_codes");
}
