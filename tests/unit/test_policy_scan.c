/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lexical pass: what libconfig gets to see, and where it came from.
 *
 * The messages are those of tests/config; here it is the text behind a fault
 * that counts, since the rest of the file is checked by it.
 */
#include "policy/scan.h"

#include <string.h>

#include "policy/tree.h"
#include "unit/run.h"

/* A value and a name that took the place of faulty ones. */
#define VALUE        "\"" SCAN_MENDED_VALUE "\""
#define NAME(number) " " SCAN_MENDED_NAME number

static void scan_text(struct document *doc, struct diagnostics *diags,
		      const char *text, size_t len)
{
	const struct scan_input input = {
		.name = "test",
		.text = text,
		.len = len,
	};

	scan(doc, &input, diags);
}

static const struct {
	const char *what;
	const char *text;
	const char *seen;
} clean[] = {
	{ "a setting", "a = 1;", "a = 1;" },
	{ "no semicolon", "a = 1", "a = 1" },
	{ "a colon", "a : 1;", "a = 1;" },
	{ "more semicolons", "a = 1;;;", "a = 1;" },
	{ "a semicolon alone", ";", "" },
	{ "an array becomes a list", "a = [ 1, 2 ];", "a = ( 1, 2 );" },
	{ "an array of two types", "a = [ 1, \"b\" ];", "a = ( 1, \"b\" );" },
	{ "a comma between settings", "a = 1, b = 2", "a = 1  b = 2" },
	{ "comments", "a = /* b */ 1; # c", "a =   1; " },
	{ "words on both sides of a comment", "a = 1/**/b = 2", "a = 1 b = 2" },
	{ "a comment to the end", "a = 1 // b", "a = 1 " },
	{ "a comment that ends at once", "/**/a = 1;", " a = 1;" },
	{ "stars and slashes in a comment", "/*/ * / **/a = 1;", " a = 1;" },
	{ "no comment in a string", "a = \"/* # // */\";",
	  "a = \"/* # // */\";" },
	{ "a quote in a string", "a = \"b\\\"c\";", "a = \"b\\\"c\";" },
	{ "a backslash at the end of a string", "a = \"b\\\\\"; c = \"\";",
	  "a = \"b\\\\\"; c = \"\";" },
	{ "booleans in any case", "a = TRUE; b = False;",
	  "a = TRUE; b = False;" },
	{ "tabulators and carriage returns", "a\t=\r1;\f", "a = 1; " },
	{ "a new line", "a = 1;\nb = 2;", "a = 1;\nb = 2;" },
	{ "empty lines are left out", "\n\na = 1;\n\n\nb = 2;\n",
	  "a = 1;\nb = 2;" },
	{ "a comma stays with the string before it",
	  "a = [ \"b\"\n,\n\"c\"\n];", "a = ( \"b\",\n\"c\")\n;" },
	{ "the largest numbers", "a = 2147483647; b = -2147483648;",
	  "a = 2147483647; b = -2147483648;" },
	{ "hexadecimal", "a = 0x7FFFffff;", "a = 0x7FFFffff;" },
	{ "a suffix", "a = 1L; b = 2LL;", "a = 1L; b = 2LL;" },
	{ "the same name in two groups", "a = { b = 1; }; c = { b = 1; };",
	  "a = { b = 1; }; c = { b = 1; };" },
};

START_TEST(what_is_right_is_seen_without_ornament)
{
	struct document doc = { 0 };
	struct diagnostics diags = { 0 };

	scan_text(&doc, &diags, clean[_i].text, strlen(clean[_i].text));
	ck_assert_msg(diags.len == 0, "%s: %s", clean[_i].what,
		      diags.len > 0 ? diags.list[0].message : "");
	ck_assert(!doc.mended && !doc.incomplete && !doc.unbalanced);
	ck_assert_msg(strcmp(doc.text.at ? doc.text.at : "", clean[_i].seen) ==
			      0,
		      "%s: %s", clean[_i].what, doc.text.at);
	document_fini(&doc);
}
END_TEST

START_TEST(every_setting_has_its_mark)
{
	struct document doc = { 0 };
	struct diagnostics diags = { 0 };
	struct tree_fault fault;
	struct tree *tree;

	scan_text(&doc, &diags, clean[_i].text, strlen(clean[_i].text));
	tree = tree_parse(doc.text.at ? doc.text.at : "", &fault);
	ck_assert_msg(tree != NULL, "%s", clean[_i].what);
	ck_assert_msg(tree_set_marks(tree, doc.marks, doc.mark_count), "%s",
		      clean[_i].what);
	tree_destroy(tree);
	document_fini(&doc);
}
END_TEST

START_TEST(marks_of_another_text_are_refused)
{
	struct mark marks[3] = { { "x", 1, 1 } };
	struct tree_fault fault;
	struct tree *tree = tree_parse("a = 1;", &fault);

	ck_assert_ptr_nonnull(tree);
	ck_assert(!tree_set_marks(tree, marks, 1));
	ck_assert(!tree_set_marks(tree, marks, 3));
	ck_assert_ptr_null(node_value_mark(node_child(tree_root(tree), 0)));
	ck_assert(tree_set_marks(tree, marks, 2));
	ck_assert_ptr_eq(node_name_mark(node_child(tree_root(tree), 0)),
			 &marks[0]);
	ck_assert_ptr_eq(node_value_mark(node_child(tree_root(tree), 0)),
			 &marks[1]);
	tree_destroy(tree);
}
END_TEST

/* What stands in the document when something is missing in it. */
enum { COMPLETE, INCOMPLETE, UNBALANCED };

static const struct {
	const char *what;
	const char *text;
	const char *seen;
	size_t faults;
	int loss;
} faulty[] = {
	{ "a bare word", "a = b; c = 1;", "a = " VALUE "; c = 1;", 1,
	  COMPLETE },
	{ "a number that wraps", "a = 4294967296;", "a = " VALUE ";", 1,
	  COMPLETE },
	{ "a negative one", "a = -2147483649;", "a = " VALUE ";", 1, COMPLETE },
	{ "a hexadecimal one", "a = 0x80000000;", "a = " VALUE ";", 1,
	  COMPLETE },
	{ "an octal number", "a = 010;", "a = " VALUE ";", 1, COMPLETE },
	{ "a fraction", "a = 1.5;", "a = " VALUE ";", 1, COMPLETE },
	{ "a name given twice", "a = 1; a = 2;", "a = 1;  **0 = 2;", 1,
	  COMPLETE },
	{ "no value", "a = ; b = 1;", "a = " VALUE "; b = 1;", 1, COMPLETE },
	{ "no '=' and no value", "a; b = 1;", "a=" VALUE "; b = 1;", 1,
	  COMPLETE },
	{ "no value at the end", "a =", "a =" VALUE, 1, COMPLETE },
	{ "no '='", "a { b = 1; }", "a ={ b = 1; }", 1, COMPLETE },
	{ "a comma at the end", "a = ( 1, 2, );", "a = ( 1, 2  );", 1,
	  COMPLETE },
	{ "no comma", "a = ( { } { } );", "a = ( { } ,{ } );", 1, COMPLETE },
	{ "a comma alone", "a = ( , );", "a = (  );", 1, COMPLETE },
	{ "semicolons in a list", "a = ( 1; 2; );", "a = ( 1, 2  );", 3,
	  COMPLETE },
	{ "strings beside each other", "a = ( \"b\" \"c\" );",
	  "a = ( \"b\"   );", 1, COMPLETE },
	{ "a name in quotes", "\"a\" = 1;", " " NAME("0") " = 1;", 1,
	  INCOMPLETE },
	{ "a strange name", "a.b = 1;", NAME("0") " = 1;", 1, INCOMPLETE },
	{ "no name", "= 1;", NAME("0") "= 1;", 1, INCOMPLETE },
	{ "two strange names", "1 = 1; 2 = 2;",
	  NAME("0") " = 1; " NAME("1") " = 2;", 2, INCOMPLETE },
	{ "a group without name", "{ a = 1; }", NAME("0") "={ a = 1; }", 1,
	  INCOMPLETE },
	{ "a control character between words", "a = 1\x01L = 2", "a = 1 L = 2",
	  1, COMPLETE },
	{ "a word for a value as name", "true = 1;", NAME("0") " = 1;", 1,
	  INCOMPLETE },
	{ "a name that looks like ours", "**0 = 1;", NAME("0") " = 1;", 1,
	  INCOMPLETE },
	{ "a group in a group without name", "a = { { b = 1; } }",
	  "a = { " NAME("0") "={ b = 1; } }", 1, INCOMPLETE },
	{ "a string without end", "a = \"b;\nc = 1;", "a = " VALUE ";\nc = 1;",
	  1, INCOMPLETE },
	{ "no '{'", "a = ( b = 1; );", "a = ( {b = 1; });", 1, COMPLETE },
	{ "one ']' for another", "a = [ 1 ); b = 2;", "a = ( 1 ); b = 2;", 1,
	  COMPLETE },
	{ "a '}' is missing", "a = ( { b = 1; );", "a = ( { b = 1; });", 1,
	  COMPLETE },
	{ "a bracket too many", "a = { }; }; b = 1;", "a = { };   b = 1;", 1,
	  COMPLETE },
	{ "a bracket that stays open", "a = { b = 1;", "a = { b = 1;}", 1,
	  UNBALANCED },
	{ "a comment without end", "a = ( 1, /* 2 ); b = 3;", "a = ( 1  )", 1,
	  INCOMPLETE },
	{ "a comment that almost ends", "/*/", "", 1, INCOMPLETE },
	{ "an include of nothing", "@include \"/nonexistent\"\na = 1;",
	  "a = 1;", 1, INCOMPLETE },
	{ "an include in a line", "a = 1; @include \"b\"", "a = 1; ", 1,
	  INCOMPLETE },
};

START_TEST(what_is_wrong_is_mended)
{
	struct document doc = { 0 };
	struct diagnostics diags = { 0 };

	scan_text(&doc, &diags, faulty[_i].text, strlen(faulty[_i].text));
	ck_assert_msg(diags.errors == faulty[_i].faults, "%s: %zu faults",
		      faulty[_i].what, diags.errors);
	ck_assert_msg(strcmp(doc.text.at ? doc.text.at : "", faulty[_i].seen) ==
			      0,
		      "%s: %s", faulty[_i].what, doc.text.at);
	ck_assert(doc.mended);
	ck_assert_msg(doc.incomplete == (faulty[_i].loss == INCOMPLETE), "%s",
		      faulty[_i].what);
	ck_assert_msg(doc.unbalanced == (faulty[_i].loss == UNBALANCED), "%s",
		      faulty[_i].what);
	document_fini(&doc);
	diagnostics_fini(&diags);
}
END_TEST

/* What is mended for libconfig must be right for it. */
START_TEST(libconfig_understands_what_is_mended)
{
	struct document doc = { 0 };
	struct diagnostics diags = { 0 };
	struct tree_fault fault;
	struct tree *tree;

	scan_text(&doc, &diags, faulty[_i].text, strlen(faulty[_i].text));
	tree = tree_parse(doc.text.at ? doc.text.at : "", &fault);
	ck_assert_msg(tree != NULL, "%s", faulty[_i].what);
	ck_assert_msg(tree_set_marks(tree, doc.marks, doc.mark_count), "%s",
		      faulty[_i].what);
	tree_destroy(tree);
	document_fini(&doc);
	diagnostics_fini(&diags);
}
END_TEST

START_TEST(a_NUL_ends_everything)
{
	static const char text[] = "a = 1;\0b = 2;";
	struct document doc = { 0 };
	struct diagnostics diags = { 0 };

	scan_text(&doc, &diags, text, sizeof(text) - 1);
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_str_eq(doc.text.at, "a = 1;");
	ck_assert(doc.incomplete);
	document_fini(&doc);
	diagnostics_fini(&diags);
}
END_TEST

START_TEST(a_NUL_in_a_string_is_found)
{
	static const char text[] = "a = \"b\0c\";";
	struct document doc = { 0 };
	struct diagnostics diags = { 0 };

	scan_text(&doc, &diags, text, sizeof(text) - 1);
	ck_assert_uint_ge(diags.errors, 1);
	document_fini(&doc);
	diagnostics_fini(&diags);
}
END_TEST

START_TEST(lines_are_those_of_the_file)
{
	static const char text[] = "# 1\na = 1; # 2\n/* 3\n4 */ b = 2;\n\n"
				   "c = [ \"6\"\n\n,\n\"9\" ];";
	static const unsigned int lines[] = { 2, 4, 6, 9 };
	struct document doc = { 0 };
	struct diagnostics diags = { 0 };

	scan_text(&doc, &diags, text, sizeof(text) - 1);
	ck_assert_uint_eq(doc.line_count, sizeof(lines) / sizeof(lines[0]));
	for (unsigned int i = 0; i < doc.line_count; i++)
		ck_assert_uint_eq(document_origin(&doc, i + 1).line, lines[i]);
	document_fini(&doc);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("scan");

	tcase_add_loop_test(tc, what_is_right_is_seen_without_ornament, 0,
			    COUNT(clean));
	tcase_add_loop_test(tc, every_setting_has_its_mark, 0, COUNT(clean));
	tcase_add_test(tc, marks_of_another_text_are_refused);
	tcase_add_loop_test(tc, what_is_wrong_is_mended, 0, COUNT(faulty));
	tcase_add_loop_test(tc, libconfig_understands_what_is_mended, 0,
			    COUNT(faulty));
	tcase_add_test(tc, a_NUL_ends_everything);
	tcase_add_test(tc, a_NUL_in_a_string_is_found);
	tcase_add_test(tc, lines_are_those_of_the_file);
	return run_tests(tc, "policy_scan");
}
