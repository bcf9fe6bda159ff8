/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of addresses: what they may have in them, and how many.
 */
#include "policy/table_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "unit/run.h"

static char path[] = "/tmp/test_policy_table_file.XXXXXX";
static struct diagnostics diags;
static struct table *table;

static void setup(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	table = table_create("t");
	ck_assert_ptr_nonnull(table);
}

static void teardown(void)
{
	(void)unlink(path);
	/* The NUL behind it stays. */
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	table_destroy(table);
	diagnostics_fini(&diags);
}

static void write_file(const char *text, size_t len)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(text, 1, len, out), len);
	ck_assert_int_eq(fclose(out), 0);
}

static struct table_file read_file(bool strict)
{
	struct table_file file = {
		.table = table,
		.path = path,
		.strict = strict,
	};

	ck_assert_ptr_null(table_file_read(&file, &diags));
	ck_assert(!file.no_memory);
	ck_assert_int_eq(table_seal(table), 0);
	return file;
}

static bool has(const char *text)
{
	struct addr addr;

	ck_assert_int_eq(addr_parse(&addr, text), 0);
	return table_contains(table, &addr);
}

static const struct {
	const char *what;
	const char *line;
	size_t entries;
	size_t faults;
	bool has; /* 192.0.2.1 */
} lines[] = {
	{ "an empty file", "", 0, 0, false },
	{ "an empty line", "\n", 0, 0, false },
	{ "an address", "192.0.2.1\n", 1, 0, true },
	{ "a last line without an end", "192.0.2.1", 1, 0, true },
	{ "a network", "192.0.2.0/24\n", 1, 0, true },
	{ "a range", "192.0.2.0-192.0.2.9\n", 1, 0, true },
	{ "IPv6", "2001:db8::/32\n", 1, 0, false },
	{ "blanks around", " \t192.0.2.1 \t\n", 1, 0, true },
	{ "the ends of lines of Windows", "192.0.2.1\r\n", 1, 0, true },
	{ "a comment", "# 192.0.2.1\n", 0, 0, false },
	{ "the other comment", "; 192.0.2.1\n", 0, 0, false },
	{ "a comment behind", "192.0.2.1 ; SBL1 # x\n", 1, 0, true },
	{ "an exclusion", "192.0.2.0/24\n!192.0.2.1\n", 2, 0, false },
	{ "an exclusion before", "!192.0.2.1\n192.0.2.0/24\n", 2, 0, false },
	{ "two in a line", "192.0.2.1 192.0.2.2\n", 0, 1, false },
	{ "a name", "host.example\n192.0.2.1\n", 1, 1, true },
	{ "a '!' alone", "!\n", 0, 1, false },
	{ "an octet that is 0", NULL, 0, 1, false },
};

START_TEST(lines_are_understood_or_counted)
{
	static const char with_nul[] = "192.0.2.1\0\n";
	const char *text = lines[_i].line ? lines[_i].line : with_nul;
	struct table_file file;

	write_file(text, lines[_i].line ? strlen(text) : sizeof(with_nul) - 1);
	file = read_file(false);
	ck_assert_msg(file.entries == lines[_i].entries &&
			      file.faults == lines[_i].faults,
		      "%s: %zu entries, %zu faults", lines[_i].what,
		      file.entries, file.faults);
	ck_assert_msg(has("192.0.2.1") == lines[_i].has, "%s", lines[_i].what);
	ck_assert_uint_eq(diags.warnings, lines[_i].faults);
	ck_assert_uint_eq(diags.errors, 0);
}
END_TEST

START_TEST(faults_of_a_strict_file_are_errors)
{
	write_file("x\ny\n", 4);
	ck_assert_uint_eq(read_file(true).faults, 2);
	ck_assert_uint_eq(diags.errors, 2);
	ck_assert_uint_eq(diags.list[1].line, 2);
}
END_TEST

START_TEST(twenty_faults_are_listed_and_the_others_counted)
{
	char text[2 * 30 + 1];

	for (size_t i = 0; i < 30; i++)
		memcpy(text + 2 * i, "x\n", 3);
	write_file(text, 60);
	ck_assert_uint_eq(read_file(false).faults, 30);
	ck_assert_uint_eq(diags.len, 21);
	ck_assert_uint_eq(diags.list[20].line, 21);
	ck_assert_str_eq(
		diags.list[20].message,
		"table t: from here on 10 more lines are not understood");
}
END_TEST

START_TEST(a_line_may_be_very_long)
{
	static char text[100000];

	memset(text, '1', sizeof(text));
	write_file(text, sizeof(text));
	ck_assert_uint_eq(read_file(false).faults, 1);
}
END_TEST

START_TEST(what_is_no_file_is_told)
{
	struct table_file file = { .table = table, .path = "/dev/null" };

	ck_assert_str_eq(table_file_read(&file, &diags),
			 "this is not a regular file");
}
END_TEST

/* Networks that do not touch each other, in an order that is not theirs. */
START_TEST(a_million_lines_are_read)
{
	enum { LINES = 1000000 };
	FILE *out = fopen(path, "w");
	clock_t begin;

	ck_assert_ptr_nonnull(out);
	for (unsigned int i = 0; i < LINES; i++) {
		unsigned int n = (unsigned int)(i * 7919UL % LINES * 4);

		(void)fprintf(out, "%u.%u.%u.%u/31\n", 10 + (n >> 24),
			      n >> 16 & 0xff, n >> 8 & 0xff, n & 0xff);
	}
	ck_assert_int_eq(fclose(out), 0);
	begin = clock();
	ck_assert_uint_eq(read_file(true).entries, LINES);
	printf("a million lines in %ld ms\n",
	       (long)((clock() - begin) * 1000 / CLOCKS_PER_SEC));
	ck_assert_uint_eq(table_range_count(table), LINES);
	ck_assert_uint_eq(diags.errors, 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("table_file");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, lines_are_understood_or_counted, 0,
			    COUNT(lines));
	tcase_add_test(tc, faults_of_a_strict_file_are_errors);
	tcase_add_test(tc, twenty_faults_are_listed_and_the_others_counted);
	tcase_add_test(tc, a_line_may_be_very_long);
	tcase_add_test(tc, what_is_no_file_is_told);
	tcase_add_test(tc, a_million_lines_are_read);
	return run_tests(tc, "policy_table_file");
}
