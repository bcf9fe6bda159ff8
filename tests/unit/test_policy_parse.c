/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies as a whole: what comes out, and where the limits are.
 */
#include "policy/policy.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/check.h"
#include "policy/scan.h"
#include "policy/source.h"
#include "policy/text.h"
#include "unit/run.h"

static char dir[] = "/tmp/statewall-parse-XXXXXX";
static struct diagnostics diags;

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	diags = (struct diagnostics){ 0 };
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void teardown(void)
{
	diagnostics_fini(&diags);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static struct policy *parse(const struct text *text)
{
	ck_assert(!text->failed);
	return policy_parse(text->at, text->len, "test", &diags);
}

static struct policy *parse_string(const char *string)
{
	return policy_parse(string, strlen(string), "test", &diags);
}

__attribute__((format(printf, 2, 3))) static void
append(struct text *text, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_append_string(text, line);
}

static void make_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* There is no policy, and this is the only fault. */
static void check_fault(const struct policy *policy, const char *fault)
{
	const struct diagnostic *first = &diags.list[0];
	char text[256];

	ck_assert(!policy && diags.errors == 1 && diags.len == 1);
	(void)snprintf(text, sizeof(text), "%s:%u: %s", first->file,
		       first->line, first->message);
	ck_assert_str_eq(text, fault);
}

START_TEST(what_is_not_said_has_a_default)
{
	struct policy *policy = parse_string("version = 1;");

	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(diags.len, 0);
	ck_assert_uint_eq(policy->max_conns, 262144);
	ck_assert_uint_eq(policy->queue_first, 0);
	ck_assert_uint_eq(policy->queue_last, 0);
	ck_assert_uint_eq(policy->queue_length, 8192);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		ck_assert_int_eq(ruleset_policy(policy->rules, (enum hook)i),
				 ACTION_DROP);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
		ck_assert_int_eq(ruleset_timeout(policy->rules,
						 (enum timeout)i),
				 timeout_info[i].value);
	policy_destroy(policy);
}
END_TEST

START_TEST(the_defaults_are_within_bounds)
{
	struct policy *policy = policy_create();

	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_ge(policy->max_conns, POLICY_CONNECTIONS_MIN);
	ck_assert_uint_le(policy->max_conns, POLICY_CONNECTIONS_MAX);
	ck_assert_uint_le(policy->queue_length, POLICY_QUEUE_LENGTH_MAX);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
		ck_assert_int_ge(ruleset_timeout(policy->rules,
						 (enum timeout)i),
				 POLICY_TIMEOUT_MIN);
	policy_destroy(policy);
}
END_TEST

START_TEST(a_warning_does_not_prevent_a_policy)
{
	struct policy *policy =
		parse_string("version = 1; policy = { input = \"reject\"; };");

	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(diags.errors, 0);
	ck_assert_uint_eq(diags.warnings, 1);
	policy_destroy(policy);
}
END_TEST

START_TEST(faults_of_an_earlier_file_do_not_count)
{
	struct policy *policy;

	diagnostics_add(&diags, CODE_UNREADABLE, "other", 1, "wrong");
	policy = parse_string("version = 1;");
	ck_assert_ptr_nonnull(policy);
	policy_destroy(policy);
}
END_TEST

START_TEST(rules_can_be_taken_out)
{
	struct policy *policy = parse_string(
		"version = 1; rules = ( { name = \"a\"; action = \"drop\"; } "
		");");
	struct ruleset *rules;

	ck_assert_ptr_nonnull(policy);
	rules = policy_take_rules(policy);
	ck_assert_ptr_null(policy->rules);
	policy_destroy(policy);
	ck_assert_uint_eq(ruleset_rule_count(rules), 1);
	ck_assert_str_eq(rule_name(ruleset_rule(rules, 0)), "a");
	ruleset_destroy(rules);
}
END_TEST

START_TEST(only_the_given_octets_are_read)
{
	struct policy *policy =
		policy_parse("version = 1; x", 12, "test", &diags);

	ck_assert_ptr_nonnull(policy);
	policy_destroy(policy);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	struct policy *policy = parse_string("version = 1;");
	FILE *out = fopen("/dev/full", "w");

	ck_assert_ptr_nonnull(out);
	setbuf(out, NULL);
	ck_assert(!policy_print(policy, out));
	(void)fclose(out);
	policy_destroy(policy);
}
END_TEST

static struct policy *parse_zones(unsigned int count)
{
	struct text text = { 0 };
	struct policy *policy;

	text_append_string(&text, "version = 1;\nzones = {\n");
	for (unsigned int i = 0; i < count; i++)
		append(&text, "z%u = { interfaces = \"eth0\"; };\n", i);
	text_append_string(&text, "};\n");
	policy = parse(&text);
	text_fini(&text);
	return policy;
}

START_TEST(a_group_has_thousands_of_settings)
{
	struct policy *policy = parse_zones(SCAN_GROUP_MAX);

	ck_assert_ptr_nonnull(policy);
	policy_destroy(policy);
}
END_TEST

START_TEST(a_group_has_not_more_settings_than_that)
{
	check_fault(parse_zones(SCAN_GROUP_MAX + 1),
		    "test:4099: more than 4096 settings in one group");
}
END_TEST

/* So many that a search of all before each would take minutes. */
START_TEST(many_rules_are_no_trouble)
{
	enum { COUNT_OF_RULES = 50000 };
	struct text text = { 0 };
	struct policy *policy;

	text_append_string(&text, "version = 1;\nrules = (\n");
	for (int i = 0; i < COUNT_OF_RULES; i++)
		append(&text,
		       "%s{ name = \"r%d\"; action = \"drop\"; dport = %d; }\n",
		       i > 0 ? "," : "", i, i % 65535 + 1);
	text_append_string(&text, ");\n");
	policy = parse(&text);
	text_fini(&text);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(ruleset_rule_count(policy->rules), COUNT_OF_RULES);
	policy_destroy(policy);
}
END_TEST

START_TEST(many_entries_are_no_trouble)
{
	struct text text = { 0 };
	struct policy *policy;

	text_append_string(&text, "version = 1;\ntables = { t = { entries = [");
	for (int i = 0; i < 100000; i++)
		append(&text, "%s\n\"10.%d.%d.%d\"", i > 0 ? "," : "",
		       i >> 15 & 0xff, i >> 7 & 0xff, i << 1 & 0xff);
	text_append_string(&text, "]; }; };\n");
	policy = parse(&text);
	text_fini(&text);
	ck_assert_ptr_nonnull(policy);
	policy_destroy(policy);
}
END_TEST

START_TEST(an_include_is_looked_for_beside_the_file_that_has_it)
{
	struct policy *policy;

	ck_assert_int_eq(mkdir("sub", 0700), 0);
	make_file("main", "version = 1;\n@include \"sub/one\"\n");
	make_file("sub/one", "queue_length = 7;\n@include \"two\"\n");
	make_file("sub/two", "queues = \"5\";\n");
	policy = policy_load("main", &diags);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(policy->queue_length, 7);
	ck_assert_uint_eq(policy->queue_first, 5);
	policy_destroy(policy);
}
END_TEST

/* The files 1 to @count, each of which includes the next. */
static void make_chain(int count)
{
	for (int i = 1; i <= count; i++) {
		char name[16];
		char text[64] = "";

		(void)snprintf(name, sizeof(name), "%d", i);
		if (i < count)
			(void)snprintf(text, sizeof(text), "@include \"%d\"\n",
				       i + 1);
		make_file(name, text);
	}
}

START_TEST(includes_are_nine_deep)
{
	struct policy *policy;

	make_chain(9);
	make_file("main", "version = 1;\n@include \"1\"\n");
	policy = policy_load("main", &diags);
	ck_assert_ptr_nonnull(policy);
	policy_destroy(policy);
}
END_TEST

START_TEST(includes_are_not_ten_deep)
{
	make_chain(10);
	make_file("main", "version = 1;\n@include \"1\"\n");
	check_fault(
		policy_load("main", &diags),
		"9:1: @include \"10\": includes are nested more than 9 deep");
}
END_TEST

START_TEST(a_circle_of_includes_is_found)
{
	make_file("main", "version = 1;\n@include \"one\"\n");
	make_file("one", "\n@include \"two\"\n");
	make_file("two", "@include \"./main\"\n");
	check_fault(policy_load("main", &diags),
		    "two:1: @include \"./main\": the file includes itself");
}
END_TEST

/* Ten times ten times ten, and so on. */
START_TEST(few_files_do_not_become_many)
{
	make_file("0", "# nothing\n");
	for (int i = 1; i <= 8; i++) {
		struct text text = { 0 };
		char name[16];

		for (int j = 0; j < 10; j++)
			append(&text, "@include \"%d\"\n", i - 1);
		(void)snprintf(name, sizeof(name), "%d", i);
		make_file(name, text.at);
		text_fini(&text);
	}
	make_file("main", "version = 1;\n@include \"8\"\n");
	ck_assert_ptr_null(policy_load("main", &diags));
	ck_assert_uint_ge(diags.errors, 1);
	ck_assert_ptr_nonnull(strstr(diags.list[0].message,
				     "more than 1000 files are included"));
}
END_TEST

START_TEST(files_are_not_large_together)
{
	struct text text = { 0 };

	for (int i = 0; i < SOURCE_MAX / 2 / 8; i++)
		text_append_string(&text, "        ");
	make_file("half", text.at);
	text_fini(&text);
	make_file("main", "version = 1;\n@include \"half\"\n"
			  "@include \"half\"\n");
	check_fault(
		policy_load("main", &diags),
		"main:3: @include \"half\": the files are larger than 16 MiB "
		"together");
}
END_TEST

START_TEST(the_name_of_an_include_may_be_too_long)
{
	struct text text = { 0 };

	text_append_string(&text, "version = 1;\n@include \"");
	for (int i = 0; i < 2000; i++)
		text_append_string(&text, "x");
	text_append_string(&text, "\"\n");
	check_fault(parse(&text),
		    "test:2: the name of the included file is too long");
	text_fini(&text);
}
END_TEST

static const struct {
	const char *what;
	int64_t date; /* the rule ends at 1801418400 */
	const char *message;
} ends[] = {
	{ "the date is not known", 0, NULL },
	{ "more than a week before", 1801418400 - 604801, NULL },
	{ "a week before", 1801418400 - 604800,
	  "rule \"a\" expires soon, at 2027-01-31T18:00:00Z" },
	{ "a second before", 1801418399,
	  "rule \"a\" expires soon, at 2027-01-31T18:00:00Z" },
	{ "then", 1801418400,
	  "rule \"a\" has expired at 2027-01-31T18:00:00Z" },
};

START_TEST(it_is_told_before_a_rule_ends)
{
	struct policy *policy;

	diags.date = ends[_i].date;
	policy =
		parse_string("version = 1; rules = ( { name = \"a\"; action = "
			     "\"drop\"; expires = \"2027-01-31T18:00Z\"; } );");
	ck_assert_ptr_nonnull(policy);
	ck_assert_msg(diags.len == (ends[_i].message != NULL), "%s",
		      ends[_i].what);
	if (ends[_i].message)
		ck_assert_str_eq(diags.list[0].message, ends[_i].message);
	policy_destroy(policy);
}
END_TEST

static const struct {
	const char *what;
	const char *text; /* of "main" */
	const char *open; /* what others can write to */
	unsigned int warnings;
} exposed[] = {
	{ "the file", "version = 1;", "main", 1 },
	{ "an included file", "version = 1;\n@include \"part\"\n", "part", 1 },
	{ "a document", "version = 1; include = \"part\";", "part", 1 },
	{ "the file of a table",
	  "version = 1; tables = { t = { file = \"part\"; block = true; }; };",
	  "part", 1 },
	{ "the directory of two files", "version = 1; include = [ \"part\" ];",
	  ".", 1 },
};

START_TEST(root_reads_nothing_that_others_can_write_to)
{
	bool is_root = geteuid() == 0;
	struct policy *policy;

	make_file("main", exposed[_i].text);
	make_file("part", "# nothing\n");
	ck_assert_int_eq(chmod(exposed[_i].open, 0707), 0);
	policy = policy_load("main", &diags);
	ck_assert_int_eq(chmod(exposed[_i].open, 0700), 0);
	ck_assert(!policy == is_root);
	ck_assert_msg(diags.len == 1, "%s: %zu", exposed[_i].what, diags.len);
	ck_assert_ptr_nonnull(
		strstr(diags.list[0].message, "others can write to "));
	ck_assert_str_eq(diags.list[0].hint, "take that away with chmod go-w");
	if (is_root)
		ck_assert_int_eq(diags.list[0].code, CODE_OPEN_TO_OTHERS);
	else
		ck_assert_uint_eq(diags.warnings, exposed[_i].warnings);
	policy_destroy(policy);
}
END_TEST

START_TEST(documents_are_read_in_the_order_of_their_names)
{
	static const char *const expected[] = { "b", "A", "B", "a", "c" };
	struct policy *policy;

	ck_assert_int_eq(mkdir("conf.d", 0700), 0);
	make_file("main", "version = 1;\n"
			  "rules = ( { name = \"b\"; action = \"drop\"; } );\n"
			  "include = [ \"conf.d/*.conf\" ];\n");
	make_file("conf.d/a.conf",
		  "rules = ( { name = \"a\"; action = \"drop\"; } )");
	make_file("conf.d/A.conf",
		  "rules = ( { name = \"A\"; action = \"drop\"; },\n"
		  "{ name = \"B\"; action = \"drop\"; } );");
	make_file("conf.d/c.conf",
		  "rules = ( { name = \"c\"; action = \"drop\"; } );");
	policy = policy_load("main", &diags);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(ruleset_rule_count(policy->rules), COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		ck_assert_str_eq(rule_name(ruleset_rule(policy->rules, i)),
				 expected[i]);
	ck_assert_str_eq(policy_note(policy, 2)->file, "conf.d/A.conf");
	ck_assert_uint_eq(policy_note(policy, 2)->line, 2);
	policy_destroy(policy);
}
END_TEST

/* What policy_check() prints of the file "main". */
static int check_file(const char *text, char *printed, size_t size)
{
	FILE *out;
	int status;

	make_file("main", text);
	out = fmemopen(printed, size, "w");
	ck_assert_ptr_nonnull(out);
	status = policy_check("main", 0, out);
	ck_assert_int_eq(fclose(out), 0);
	return status;
}

static const struct {
	const char *text;
	const char *printed;
	int status;
} checks[] = {
	{ "version = 1;", "main: 0 errors, 0 warnings\n", 0 },
	{ "version = 1; policy = { input = \"reject\"; };",
	  "main:1:33: warning: policy.input = \"reject\"  [W240]\n"
	  "    1 | version = 1; policy = { input = \"reject\"; };\n"
	  "      |                                 ^~~~~~~~ write redirect = { "
	  "}; or say \"drop\": nothing is answered if other rules of iptables "
	  "hand packets over\n"
	  "main: 0 errors, 1 warning\n",
	  0 },
	{ "version = 2;",
	  "main:1:11: error: version = 2  [E104]\n"
	  "    1 | version = 2;\n"
	  "      |           ^ this program reads version 1\n"
	  "main: 1 error, 0 warnings\n",
	  1 },
};

START_TEST(a_check_ends_with_the_numbers)
{
	char printed[512];

	ck_assert_int_eq(check_file(checks[_i].text, printed, sizeof(printed)),
			 checks[_i].status);
	ck_assert_str_eq(printed, checks[_i].printed);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("parse");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_not_said_has_a_default);
	tcase_add_test(tc, the_defaults_are_within_bounds);
	tcase_add_test(tc, a_warning_does_not_prevent_a_policy);
	tcase_add_test(tc, faults_of_an_earlier_file_do_not_count);
	tcase_add_test(tc, rules_can_be_taken_out);
	tcase_add_test(tc, only_the_given_octets_are_read);
	tcase_add_test(tc, a_full_disk_is_told);
	tcase_add_test(tc, a_group_has_thousands_of_settings);
	tcase_add_test(tc, a_group_has_not_more_settings_than_that);
	tcase_add_test(tc, many_rules_are_no_trouble);
	tcase_add_test(tc, many_entries_are_no_trouble);
	tcase_add_test(tc,
		       an_include_is_looked_for_beside_the_file_that_has_it);
	tcase_add_test(tc, includes_are_nine_deep);
	tcase_add_test(tc, includes_are_not_ten_deep);
	tcase_add_test(tc, a_circle_of_includes_is_found);
	tcase_add_test(tc, few_files_do_not_become_many);
	tcase_add_test(tc, files_are_not_large_together);
	tcase_add_test(tc, the_name_of_an_include_may_be_too_long);
	tcase_add_loop_test(tc, it_is_told_before_a_rule_ends, 0, COUNT(ends));
	tcase_add_loop_test(tc, root_reads_nothing_that_others_can_write_to, 0,
			    COUNT(exposed));
	tcase_add_test(tc, documents_are_read_in_the_order_of_their_names);
	tcase_add_loop_test(tc, a_check_ends_with_the_numbers, 0,
			    COUNT(checks));
	return run_tests(tc, "policy_parse");
}
