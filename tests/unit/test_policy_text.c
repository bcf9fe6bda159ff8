/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing texts, documents that know where their lines came from, and names.
 */
#include "policy/text.h"

#include <string.h>

#include "policy/document.h"
#include "policy/name.h"
#include "unit/run.h"

START_TEST(an_empty_text_is_nothing)
{
	struct text text = { 0 };

	ck_assert_ptr_null(text.at);
	ck_assert_uint_eq(text.len, 0);
	text_fini(&text);
}
END_TEST

START_TEST(a_text_is_always_terminated)
{
	struct text text = { 0 };

	text_append(&text, "", 0);
	ck_assert_str_eq(text.at, "");
	text_append(&text, "abcdef", 3);
	ck_assert_str_eq(text.at, "abc");
	text_append_string(&text, "xyz");
	ck_assert_str_eq(text.at, "abcxyz");
	ck_assert_uint_eq(text.len, 6);
	text_fini(&text);
	ck_assert_ptr_null(text.at);
}
END_TEST

START_TEST(a_text_grows_by_one_as_by_thousands)
{
	struct text text = { 0 };
	char chunk[3000];

	memset(chunk, 'x', sizeof(chunk));
	for (size_t i = 0; i < 1000; i++)
		text_append(&text, "y", 1);
	for (size_t i = 0; i < 20; i++)
		text_append(&text, chunk, sizeof(chunk));
	ck_assert(!text.failed);
	ck_assert_uint_eq(text.len, 1000 + 20 * sizeof(chunk));
	ck_assert_uint_eq(strlen(text.at), text.len);
	ck_assert_uint_eq(strspn(text.at, "y"), 1000);
	text_fini(&text);
}
END_TEST

START_TEST(items_have_commas_between_them)
{
	struct text text = { 0 };

	text_append_item(&text, "a");
	ck_assert_str_eq(text.at, "a");
	text_append_item(&text, "b");
	text_append_item(&text, "c");
	ck_assert_str_eq(text.at, "a,b,c");
	text_fini(&text);
}
END_TEST

static void add_line(struct document *doc, const char *file, unsigned int line,
		     const char *text)
{
	document_begin_line(doc, (struct origin){ .file = file, .line = line });
	text_append_string(&doc->text, text);
}

START_TEST(every_line_knows_its_origin)
{
	struct document doc = { 0 };
	const char *one = document_add_file(&doc, "one", "", 0)->name;
	const char *two = document_add_file(&doc, "two", "", 0)->name;

	add_line(&doc, one, 1, "first");
	add_line(&doc, two, 7, "second");
	add_line(&doc, one, 3, "third");
	ck_assert_str_eq(doc.text.at, "first\nsecond\nthird");
	ck_assert_str_eq(document_origin(&doc, 2).file, "two");
	ck_assert_uint_eq(document_origin(&doc, 2).line, 7);
	ck_assert_ptr_eq(document_origin(&doc, 3).file, one);
	ck_assert_uint_eq(document_origin(&doc, 3).line, 3);
	document_fini(&doc);
}
END_TEST

START_TEST(lines_beyond_the_ends_are_the_ends)
{
	struct document doc = { 0 };

	ck_assert_uint_eq(document_origin(&doc, 1).line, 0);
	add_line(&doc, document_add_file(&doc, "f", "", 0)->name, 5, "");
	add_line(&doc, doc.files[0].name, 6, "");
	ck_assert_uint_eq(document_origin(&doc, 0).line, 5);
	ck_assert_uint_eq(document_origin(&doc, 3).line, 6);
	document_fini(&doc);
}
END_TEST

static const struct {
	const char *what;
	size_t at;
	uint32_t len;
	unsigned int column;
	unsigned int end_column;
} marks[] = {
	{ "the first line", 0, 3, 1, 4 },
	{ "the end of a line", 3, 0, 4, 4 },
	{ "behind a newline", 4, 1, 1, 2 },
	{ "behind a tabulator, which is one", 5, 1, 2, 3 },
	{ "behind two octets, which are one", 7, 1, 3, 4 },
	{ "over them", 5, 2, 2, 3 },
	{ "behind what is no character", 9, 1, 5, 6 },
	{ "the end of the file", 10, 0, 6, 6 },
};

START_TEST(columns_are_characters)
{
	static const char text[] = "abc\n\t\xc3\xbc"
				   "d\xff"
				   "e";
	struct document doc = { 0 };
	const struct document_file *file =
		document_add_file(&doc, "f", text, sizeof(text) - 1);
	struct origin at =
		document_locate(&doc, (struct mark){ file->text + marks[_i].at,
						     marks[_i].len, 7 });

	ck_assert_str_eq(at.file, "f");
	ck_assert_uint_eq(at.line, 7);
	ck_assert_msg(at.column == marks[_i].column &&
			      at.end_column == marks[_i].end_column,
		      "%s: %u to %u", marks[_i].what, at.column, at.end_column);
	ck_assert_ptr_eq(at.text, file->text + (marks[_i].at < 4 ? 0 : 4));
	document_fini(&doc);
}
END_TEST

START_TEST(a_mark_of_no_file_has_no_column)
{
	struct document doc = { 0 };
	struct origin at =
		document_locate(&doc, (struct mark){ "elsewhere", 1, 3 });

	ck_assert_str_eq(at.file, "");
	ck_assert_uint_eq(at.line, 3);
	ck_assert_uint_eq(at.column, 0);
	document_fini(&doc);
}
END_TEST

START_TEST(a_document_holds_many_lines)
{
	struct document doc = { 0 };
	const char *file = document_add_file(&doc, "f", "", 0)->name;

	for (unsigned int i = 1; i <= 10000; i++)
		add_line(&doc, file, 2 * i, "x");
	ck_assert_uint_eq(document_origin(&doc, 10000).line, 20000);
	ck_assert_uint_eq(doc.text.len, 2 * 10000 - 1);
	document_fini(&doc);
}
END_TEST

static const struct {
	const char *what;
	const char *name;
	bool valid;
} names[] = {
	{ "letters", "lan", true },
	{ "all kinds", "A-z_09", true },
	{ "a digit first", "1", true },
	{ "as long as can be",
	  "0123456789abcdef0123456789abcdef0123456789abcdef", true },
	{ "longer", "0123456789abcdef0123456789abcdef0123456789abcdefg",
	  false },
	{ "nothing", "", false },
	{ "a blank", "a b", false },
	{ "a dot", "a.b", false },
	{ "a star", "a*", false },
	{ "a quote", "a\"", false },
	{ "another alphabet", "z\xc3\xbc", false },
	{ "a control character", "a\n", false },
};

START_TEST(names_are_letters_digits_and_dashes)
{
	ck_assert_msg(name_is_valid(names[_i].name) == names[_i].valid, "%s",
		      names[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, an_empty_text_is_nothing);
	tcase_add_test(tc, a_text_is_always_terminated);
	tcase_add_test(tc, a_text_grows_by_one_as_by_thousands);
	tcase_add_test(tc, items_have_commas_between_them);
	tcase_add_test(tc, every_line_knows_its_origin);
	tcase_add_test(tc, lines_beyond_the_ends_are_the_ends);
	tcase_add_test(tc, a_document_holds_many_lines);
	tcase_add_loop_test(tc, columns_are_characters, 0, COUNT(marks));
	tcase_add_test(tc, a_mark_of_no_file_has_no_column);
	tcase_add_loop_test(tc, names_are_letters_digits_and_dashes, 0,
			    COUNT(names));
	return run_tests(tc, "policy_text");
}
