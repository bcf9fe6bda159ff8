/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns: what each fault points at.
 */
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "unit/run.h"

#define RULE(text) "version=1;rules=({name=\"a\";action=\"drop\";" text "});"
#define RULE_HEAD  (sizeof("version=1;rules=({name=\"a\";action=\"drop\";") - 1)

/* The place is where the carets are. */
static const struct {
	const char *what;
	const char *text;
	const char *place;
	enum code code;
} lines[] = {
	{ "an unknown key", "version = 1; polcy = { };", "             ^^^^^",
	  CODE_UNKNOWN_KEY },
	{ "one in a group", "version = 1; limits = { max = 3; };",
	  "                        ^^^", CODE_UNKNOWN_KEY },
	{ "one of the timeouts",
	  "version = 1; timeouts = { tcp = { x = 3; }; };",
	  "                                  ^", CODE_UNKNOWN_KEY },
	{ "a number", "version = 1; queue_length = 0;",
	  "                            ^", CODE_OUT_OF_RANGE },
	{ "a word", "version = 1; policy = { input = \"acept\"; };",
	  "                                ^^^^^^^", CODE_UNKNOWN_WORD },
	{ "a value of a wrong type", "version = 1; queue_length = \"1\";",
	  "                            ^^^", CODE_TYPE },
	{ "a list of a wrong type: its name",
	  "version = 1; queue_length = [ 1 ];", "             ^^^^^^^^^^^^",
	  CODE_TYPE },
	{ "what is not a group: its value", "version = 1; zones = { a = 1; };",
	  "                           ^", CODE_TYPE },
	{ "what a group lacks: its name",
	  "version = 1; zones = { abc = { }; };", "                       ^^^",
	  CODE_KEY_MISSING },
	{ "an item of a list",
	  "version = 1; tables = { t = { entries = [ \"::\", \"x\", \"::1\" ]; }; };",
	  "                                                 ^", CODE_ADDRESS },
	{ "an item of a string",
	  "version = 1; tables = { t = { entries = \"::, !x , ::1\"; }; };",
	  "                                             ^^", CODE_ADDRESS },
	{ "one behind a backslash",
	  "version = 1; tables = { t = { entries = \"a\\\\, x\"; }; };",
	  "                                         ^^^", CODE_ADDRESS },
	{ "a key that means nothing",
	  "version = 1; tables = { t = { entries = [ ]; timeout = \"1h\"; }; };",
	  "                                             ^^^^^^^",
	  CODE_KEY_USELESS },
	{ "the second of a name", "version = 1; queues = 1; queues = 2;",
	  "                         ^^^^^^", CODE_GIVEN_BEFORE },
	{ "no version", "queues = 1;", "^", CODE_VERSION },
	{ "a word without quotes", "version = 1; queues = 0-3;",
	  "                      ^^^", CODE_NO_QUOTES },
	{ "where a value is missing", "version = 1; queues = ;",
	  "                      ^", CODE_VALUE_MISSING },
	{ "the end of the file, which is behind the '='",
	  "version = 1; queues =\n\n", "                    ^",
	  CODE_VALUE_MISSING },
	{ "a bracket that stays open", "version = 1; rules = ( ",
	  "                     ^", CODE_BRACKET_NOT_CLOSED },
	{ "a bracket that closes nothing", "version = 1; )", "             ^",
	  CODE_BRACKET_EXTRA },
	{ "a comment without end", "version = 1; /* a\nb", "             ^^",
	  CODE_COMMENT_END },
	{ "a string without end", "version = 1; queues = \"1;",
	  "                      ^", CODE_STRING_END },
	{ "a string too many", "version = 1; queues = \"1\" \"2\";",
	  "                          ^^^", CODE_STRING_EXTRA },
	{ "an include", "version = 1; include = [ \"/dev/null\" ];",
	  "                         ^^^^^^^^^^^", CODE_INCLUDE },
	{ "letters of several octets before it",
	  "/* \xc3\xa4\xe2\x82\xac */ version = 1; x = 1;",
	  "                      ^", CODE_UNKNOWN_KEY },
	{ "tabulators before it", "version = 1;\t\tx = 1;", "              ^",
	  CODE_UNKNOWN_KEY },
};

static struct diagnostics diags;

static void check_place(const char *text, const char *place, size_t head)
{
	const struct diagnostic *diag = &diags.list[0];
	unsigned int column = (unsigned int)(head + strspn(place, " ") + 1);
	unsigned int end = (unsigned int)(head + strlen(place) + 1);

	ck_assert_msg(diag->column == column && diag->end_column == end,
		      "%s: from %u to %u: %s", text, diag->column,
		      diag->end_column, diag->message);
}

START_TEST(faults_point_at_what_is_wrong)
{
	const char *text = lines[_i].text;

	ck_assert_ptr_null(policy_parse(text, strlen(text), "/none", &diags));
	ck_assert_msg(diags.list[0].code == lines[_i].code, "%s: %s",
		      lines[_i].what, diags.list[0].message);
	ck_assert_uint_eq(diags.list[0].line, 1);
	check_place(text, lines[_i].place, 0);
}
END_TEST

static const struct {
	const char *text;
	const char *place;
} rules[] = {
	{ RULE("dpot=80"), "^^^^" },
	{ RULE("dport=\"80,8o\""), "          ^^" },
	{ RULE("dport=[80,\"8o\"]"), "           ^^" },
	{ RULE("src=\"10.0.0.0/8,<bad>\""), "                ^^^^^" },
	{ RULE("from=[\"any\", \"lam\"]"), "              ^^^" },
	{ RULE("proto=\"tcp,tpc\""), "           ^^^" },
	{ RULE("dport=true"), "      ^^^^" },
	{ RULE("dport=0"), "      ^" },
	{ RULE("src=\"\""), "    ^^" },
	{ RULE("src=[]"), "^^^" },
	{ RULE("src=\"10.0.0.1,,10.0.0.2\""), "              ^" },
	{ RULE("tcp_flags=\"syn,fin/syn\""), "           ^^^^^^^^^^^" },
	{ RULE("expires=\"soon\""), "        ^^^^^^" },
	{ RULE("mark=\"1,0x1g\""), "        ^^^^" },
	{ RULE("state=\"keep\""), "^^^^^" },
	{ RULE("proto=\"icmp\";dport=80"), "                   ^^" },
};

START_TEST(faults_of_rules_do_so_too)
{
	const char *text = rules[_i].text;

	ck_assert_ptr_null(policy_parse(text, strlen(text), "f", &diags));
	check_place(text, rules[_i].place, RULE_HEAD);
}
END_TEST

START_TEST(a_rule_is_shown_by_its_name)
{
	static const char text[] =
		"version = 1; rules = (\n {\n  action = \"drop\"; mark = 0;\n"
		"  name = \"a\"; },\n { action = \"drop\"; name = \"b\"; mark = 0;"
		" } );";

	struct policy *policy =
		policy_parse(text, sizeof(text) - 1, "f", &diags);

	ck_assert_ptr_nonnull(policy);
	policy_destroy(policy);
	ck_assert_uint_eq(diags.len, 1);
	ck_assert_int_eq(diags.list[0].code, CODE_NEVER_MATCHES);
	ck_assert_uint_eq(diags.list[0].line, 5);
	ck_assert_uint_eq(diags.list[0].column, 28);
	ck_assert_str_eq(diags.list[0].source,
			 " { action = \"drop\"; name = \"b\"; mark = 0; } );");
}
END_TEST

static void setup(void)
{
	diags = (struct diagnostics){ 0 };
}

static void teardown(void)
{
	diagnostics_fini(&diags);
}

int main(void)
{
	TCase *tc = tcase_create("columns");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, faults_point_at_what_is_wrong, 0, COUNT(lines));
	tcase_add_loop_test(tc, faults_of_rules_do_so_too, 0, COUNT(rules));
	tcase_add_test(tc, a_rule_is_shown_by_its_name);
	return run_tests(tc, "policy_columns");
}
