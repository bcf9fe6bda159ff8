/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Diagnostics: what is printed, in which order, and what is safe to print.
 */
#include "policy/diagnostic.h"

#include <stdio.h>
#include <string.h>

#include "unit/run.h"

static struct diagnostics diags;
static char *printed;

static void setup(void)
{
	diags = (struct diagnostics){ 0 };
}

static void teardown(void)
{
	diagnostics_fini(&diags);
	free(printed);
	printed = NULL;
}

/* What is printed; valid until the next call. */
static const char *print(void)
{
	size_t len;
	FILE *out;

	free(printed);
	out = open_memstream(&printed, &len);
	ck_assert_ptr_nonnull(out);
	diagnostics_print(&diags, out);
	ck_assert_int_eq(fclose(out), 0);
	return printed;
}

START_TEST(nothing_is_printed_of_nothing)
{
	ck_assert_str_eq(print(), "");
	diagnostics_sort(&diags);
	ck_assert_str_eq(print(), "");
}
END_TEST

START_TEST(a_line_says_where_how_bad_and_what)
{
	diagnostics_add(&diags, CODE_PORT, "a.conf", 12, "port %d", 8);
	diagnostics_add(&diags, CODE_NOT_ANSWERED, "a.conf", 13, "hm");
	diagnostics_add(&diags, CODE_UNREADABLE, "b.conf", 0, "unreadable");
	diagnostics_add(&diags, CODE_NOT_COMPARED, "b.conf", 2, "so\nand so");
	ck_assert_str_eq(print(), "a.conf:12: error: port 8  [E124]\n"
				  "a.conf:13: warning: hm  [W240]\n"
				  "b.conf: error: unreadable  [E002]\n"
				  "b.conf:2: note: so: and so  [N302]\n");
	ck_assert_uint_eq(diags.errors, 2);
	ck_assert_uint_eq(diags.warnings, 1);
	ck_assert_uint_eq(diags.notes, 1);
}
END_TEST

START_TEST(files_keep_their_order_and_lines_are_sorted)
{
	diagnostics_add(&diags, CODE_UNREADABLE, "z", 9, "1");
	diagnostics_add(&diags, CODE_UNREADABLE, "a", 5, "2");
	diagnostics_add(&diags, CODE_NOT_ANSWERED, "z", 3, "3");
	diagnostics_add(&diags, CODE_UNREADABLE, "a", 2, "4");
	diagnostics_add(&diags, CODE_UNREADABLE, "z", 0, "5");
	diagnostics_sort(&diags);
	ck_assert_str_eq(print(), "z: error: 5  [E002]\n"
				  "z:3: warning: 3  [W240]\n"
				  "z:9: error: 1  [E002]\n"
				  "a:2: error: 4  [E002]\n"
				  "a:5: error: 2  [E002]\n");
}
END_TEST

START_TEST(faults_of_one_line_keep_their_order)
{
	for (int i = 0; i < 5; i++)
		diagnostics_add(&diags, CODE_UNREADABLE, "f", 1, "%d", i);
	diagnostics_sort(&diags);
	ck_assert_str_eq(print(),
			 "f:1: error: 0  [E002]\nf:1: error: 1  [E002]\n"
			 "f:1: error: 2  [E002]\nf:1: error: 3  [E002]\n"
			 "f:1: error: 4  [E002]\n");
}
END_TEST

START_TEST(a_hundred_are_listed_and_the_rest_is_counted)
{
	for (unsigned int i = 1; i <= DIAGNOSTICS_MAX; i++)
		diagnostics_add(&diags, CODE_UNREADABLE, "f", i, "x");
	ck_assert_ptr_null(strstr(print(), "not shown"));
	diagnostics_add(&diags, CODE_UNREADABLE, "f", 0, "x");
	ck_assert_ptr_nonnull(strstr(print(), "\n1 more is not shown\n"));
	diagnostics_add(&diags, CODE_NOT_ANSWERED, "f", 0, "x");
	ck_assert_ptr_nonnull(strstr(print(), "\n2 more are not shown\n"));
	ck_assert_uint_eq(diags.len, DIAGNOSTICS_MAX);
	ck_assert_uint_eq(diags.errors, DIAGNOSTICS_MAX + 1);
	ck_assert_uint_eq(diags.warnings, 1);
}
END_TEST

START_TEST(an_error_takes_the_place_of_a_warning)
{
	for (unsigned int i = 1; i <= DIAGNOSTICS_MAX + 3; i++)
		diagnostics_add(&diags, CODE_NOT_ANSWERED, "f", i, "w");
	diagnostics_add(&diags, CODE_UNREADABLE, "f", 500, "e");
	ck_assert_uint_eq(diags.len, DIAGNOSTICS_MAX);
	ck_assert_ptr_nonnull(strstr(print(), "f:500: error: e  [E002]\n"));
	ck_assert_ptr_nonnull(strstr(printed, "f:99: warning: w  [W240]\n"));
	ck_assert_ptr_null(strstr(printed, "f:100: warning: w  [W240]\n"));
	ck_assert_ptr_nonnull(strstr(printed, "\n4 more are not shown\n"));
}
END_TEST

START_TEST(what_stands_behind_a_newline_is_the_hint)
{
	diagnostics_add(&diags, CODE_PORT, "f", 1, "%s\n%s", "wrong",
			"right\n!");
	ck_assert_str_eq(diags.list[0].message, "wrong");
	ck_assert_str_eq(diags.list[0].hint, "right?!");
	ck_assert_str_eq(print(), "f:1: error: wrong: right?!  [E124]\n");
}
END_TEST

START_TEST(a_note_gives_way_to_an_error)
{
	for (unsigned int i = 1; i <= DIAGNOSTICS_MAX; i++)
		diagnostics_add(&diags, CODE_NOT_COMPARED, "f", i, "n");
	diagnostics_add(&diags, CODE_NOT_ANSWERED, "f", 400, "w");
	diagnostics_add(&diags, CODE_UNREADABLE, "f", 500, "e");
	ck_assert_ptr_nonnull(strstr(print(), "f:500: error: e"));
	ck_assert_ptr_null(strstr(printed, "f:400: "));
	ck_assert_ptr_nonnull(strstr(printed, "\n2 more are not shown\n"));
}
END_TEST

START_TEST(a_very_long_message_is_cut)
{
	char text[3000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	diagnostics_add(&diags, CODE_UNREADABLE, "f", 1, "%s", text);
	ck_assert_uint_eq(strlen(diags.list[0].message), 1022);
}
END_TEST

static const struct {
	const char *what;
	const char *text;
	const char *printable;
} texts[] = {
	{ "plain text", "a \"b\" 'c' ~", "a \"b\" 'c' ~" },
	{ "a carriage return", "a\rb", "a?b" },
	{ "a tabulator", "a\tb", "a?b" },
	{ "a terminal sequence", "\x1b[2Jx", "?[2Jx" },
	{ "a DEL", "a\x7f", "a?" },
	{ "two octets", "\xc3\xbc", "\xc3\xbc" },
	{ "three octets", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "four octets", "\xf0\x9f\x94\xa5", "\xf0\x9f\x94\xa5" },
	{ "the last code point", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "a control character of two octets",
	  "a\xc2\x9b"
	  "2J",
	  "a?2J" },
	{ "the last of those", "\xc2\x9f", "?" },
	{ "the character behind them", "\xc2\xa0", "\xc2\xa0" },
	{ "Latin 1", "z\xfcrich", "z?rich" },
	{ "a lone continuation", "a\x80z", "a?z" },
	{ "a cut character at the end", "a\xe2\x82", "a??" },
	{ "a cut character before another", "\xe2\x82z", "??z" },
	{ "an overlong slash", "\xc0\xaf", "??" },
	{ "an overlong slash of three", "\xe0\x80\xaf", "???" },
	{ "an overlong one of four", "\xf0\x80\x80\xaf", "????" },
	{ "a surrogate", "\xed\xa0\x80", "???" },
	{ "beyond the last code point", "\xf4\x90\x80\x80", "????" },
	{ "a byte that is never used", "\xff\xfe", "??" },
};

START_TEST(texts_are_clean_utf8)
{
	diagnostics_add(&diags, CODE_UNREADABLE, texts[_i].text, 1, "%s",
			texts[_i].text);
	ck_assert_msg(strcmp(diags.list[0].message, texts[_i].printable) == 0,
		      "%s: %s", texts[_i].what, diags.list[0].message);
	ck_assert_str_eq(diags.list[0].file, texts[_i].printable);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("diagnostic");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_printed_of_nothing);
	tcase_add_test(tc, a_line_says_where_how_bad_and_what);
	tcase_add_test(tc, files_keep_their_order_and_lines_are_sorted);
	tcase_add_test(tc, faults_of_one_line_keep_their_order);
	tcase_add_test(tc, a_hundred_are_listed_and_the_rest_is_counted);
	tcase_add_test(tc, an_error_takes_the_place_of_a_warning);
	tcase_add_test(tc, what_stands_behind_a_newline_is_the_hint);
	tcase_add_test(tc, a_note_gives_way_to_an_error);
	tcase_add_test(tc, a_very_long_message_is_cut);
	tcase_add_loop_test(tc, texts_are_clean_utf8, 0, COUNT(texts));
	return run_tests(tc, "policy_diagnostic");
}
