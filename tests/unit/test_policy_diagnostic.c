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

#define TEN        "0123456789"
#define TEN_BLANKS "          "
#define TEN_TILDES "~~~~~~~~~~"
#define LONG       TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *what;
	const char *line;
	unsigned int column;
	unsigned int end_column;
	const char *hint;
	const char *printed; /* behind the first line */
} places[] = {
	{ "a word", "  dpot = 1;\n", 3, 7, "so",
	  "   12 |   dpot = 1;\n"
	  "      |   ^~~~ so\n" },
	{ "one character", "}", 1, 2, "so",
	  "   12 | }\n"
	  "      | ^ so\n" },
	{ "no hint", "}", 1, 2, "",
	  "   12 | }\n"
	  "      | ^\n" },
	{ "the end of the line", "a =\nb", 4, 4, "",
	  "   12 | a =\n"
	  "      |    ^\n" },
	{ "the end of a file", "a =", 4, 4, "",
	  "   12 | a =\n"
	  "      |    ^\n" },
	{ "tabulators", "\ta\t= 5;", 5, 6, "",
	  "   12 |  a = 5;\n"
	  "      |     ^\n" },
	{ "a line that ends as in DOS", "a;\r\nb", 1, 2, "",
	  "   12 | a;\n"
	  "      | ^\n" },
	{ "what a terminal would obey", "\x1b[2J\xc2\x9b\xff = 1;", 8, 9, "",
	  "   12 | ?[2J?? = 1;\n"
	  "      |        ^\n" },
	{ "letters of two octets", "\xc3\xa4\xc3\xb6 b", 4, 5, "",
	  "   12 | \xc3\xa4\xc3\xb6 b\n"
	  "      |    ^\n" },
	{ "a line of 80 columns", LONG, 79, 81, "",
	  "   12 | " LONG "\n"
	  "      | " TEN_BLANKS TEN_BLANKS TEN_BLANKS TEN_BLANKS TEN_BLANKS
		  TEN_BLANKS TEN_BLANKS "        ^~\n" },
	{ "the beginning of a longer one", LONG TEN, 1, 3, "",
	  "   12 | " LONG "\n"
	  "      | ^~\n" },
	{ "the end of a longer one", LONG TEN, 81, 83, "so",
	  "   12 | " TEN TEN TEN TEN TEN "\n"
	  "      | " TEN_BLANKS TEN_BLANKS TEN_BLANKS TEN_BLANKS "^~ so\n" },
	{ "a word longer than is shown", "  x" LONG TEN, 3, 94, "so",
	  "   12 |   x" TEN TEN TEN TEN TEN TEN TEN "0123456\n"
	  "      |   ^" TEN_TILDES TEN_TILDES TEN_TILDES TEN_TILDES TEN_TILDES
		  TEN_TILDES TEN_TILDES "~~~~~~~ so\n" },
	{ "no column", "a = 1;", 0, 0, "", "" },
	{ "no text", NULL, 3, 4, "", "" },
};

START_TEST(the_place_is_shown)
{
	struct origin at = {
		.file = "f",
		.line = 12,
		.column = places[_i].column,
		.end_column = places[_i].end_column,
		.text = places[_i].line,
	};
	const char *rest;

	diagnostics_add_at(&diags, CODE_PORT, at, "x\n%s", places[_i].hint);
	rest = strchr(print(), '\n') + 1;
	ck_assert_msg(strcmp(rest, places[_i].printed) == 0, "%s:\n%s",
		      places[_i].what, rest);
}
END_TEST

START_TEST(the_first_line_has_the_column)
{
	struct origin at = { .file = "f",
			     .line = 12,
			     .column = 3,
			     .end_column = 4,
			     .text = "a = 1;" };
	char line[DIAGNOSTIC_LINE_LEN];

	diagnostics_add_at(&diags, CODE_PORT, at, "x\ny");
	ck_assert_ptr_nonnull(strstr(print(), "f:12:3: error: x  [E124]\n"));
	diagnostic_format(&diags.list[0], line);
	ck_assert_str_eq(line, "f:12:3: error: x: y  [E124]");
}
END_TEST

START_TEST(columns_of_a_line_are_sorted)
{
	struct origin at = { .file = "f", .line = 1 };

	for (unsigned int i = 3; i > 0; i--) {
		at.column = i;
		diagnostics_add_at(&diags, CODE_PORT, at, "%u", i);
	}
	diagnostics_sort(&diags);
	for (unsigned int i = 0; i < 3; i++)
		ck_assert_uint_eq(diags.list[i].column, i + 1);
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
	tcase_add_loop_test(tc, the_place_is_shown, 0, COUNT(places));
	tcase_add_test(tc, the_first_line_has_the_column);
	tcase_add_test(tc, columns_of_a_line_are_sorted);
	tcase_add_test(tc, a_very_long_message_is_cut);
	tcase_add_loop_test(tc, texts_are_clean_utf8, 0, COUNT(texts));
	return run_tests(tc, "policy_diagnostic");
}
