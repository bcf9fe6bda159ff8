/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manual against the program: what was added to the one must be in the
 * other.  Runs at the top of the tree.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "engine/reason.h"
#include "policy/codes.h"
#include "unit/run.h"

enum { PAGE_MAX = 1 << 16 };

#define DAEMON_PAGE  "src/daemon/statewalld.8"
#define REASONS_PAGE "src/engine/statewall-reasons.7"
#define ERRORS_PAGE  "src/policy/statewall-errors.7"

static char page[PAGE_MAX];

static void read_page(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t len;

	ck_assert_msg(file, "%s: run this at the top of the tree", path);
	len = fread(page, 1, sizeof(page) - 1, file);
	page[len] = '\0';
	(void)fclose(file);
}

/* Where a line breaks is no matter. */
static void join_lines(void)
{
	for (char *p = page; *p; p++)
		if (*p == '\n' && p[1] != '.')
			*p = ' ';
}

START_TEST(every_reason_is_explained_as_the_program_does)
{
	const struct reason_info *info = &reason_info[_i];
	char want[256];

	read_page(REASONS_PAGE);
	join_lines();
	(void)snprintf(want, sizeof(want), ".It Cm %s %s\n", info->name,
		       info->meaning);
	ck_assert_msg(strstr(page, want), "%s lacks: %s", REASONS_PAGE, want);
}
END_TEST

START_TEST(no_reason_is_explained_that_is_none)
{
	int count = 0;

	read_page(REASONS_PAGE);
	for (const char *p = page; (p = strstr(p, ".It Cm ")); p++)
		count++;
	ck_assert_int_eq(count, REASON_COUNT - 1);
}
END_TEST

/* A backslash is written "\\e" there. */
static void write_backslashes(void)
{
	for (char *p = page; (p = strstr(p, "\\e")); p++)
		memmove(p + 1, p + 2, strlen(p + 2) + 1);
}

START_TEST(every_fault_is_explained_as_the_program_does)
{
	const struct code_info *info = &code_info[_i];
	char want[1024];

	read_page(ERRORS_PAGE);
	join_lines();
	write_backslashes();
	(void)snprintf(want, sizeof(want), ".It Cm %s %s %s\n", info->id,
		       info->meaning, info->remedy);
	ck_assert_msg(strstr(page, want), "%s lacks: %s", ERRORS_PAGE, want);
}
END_TEST

START_TEST(no_fault_is_explained_that_is_none)
{
	int count = 0;

	read_page(ERRORS_PAGE);
	for (const char *p = page; (p = strstr(p, ".It Cm ")); p++)
		count++;
	ck_assert_int_eq(count, CODE_COUNT);
}
END_TEST

/* In the form of getopt_long(): "  --queues A[-B] ...". */
START_TEST(every_option_of_the_help_is_explained)
{
	const char *p = options_help;
	int count = 0;

	read_page(DAEMON_PAGE);
	while ((p = strstr(p, "--"))) {
		size_t len = strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-");
		char want[64];

		(void)snprintf(want, sizeof(want), "Fl -%.*s", (int)len, p + 2);
		ck_assert_msg(strstr(page, want), "%s lacks: %s", DAEMON_PAGE,
			      want);
		p += 2 + len;
		count++;
	}
	ck_assert_int_ge(count, 5);
}
END_TEST

static const enum exit_status statuses[] = {
	EXIT_STOPPED,    EXIT_USAGE,         EXIT_INTERNAL,
	EXIT_QUEUE_BUSY, EXIT_NOT_PERMITTED, EXIT_NO_POLICY,
};

START_TEST(every_exit_status_is_explained)
{
	char want[32];

	read_page(DAEMON_PAGE);
	(void)snprintf(want, sizeof(want), "\n.It %d\n", (int)statuses[_i]);
	ck_assert_msg(strstr(page, want), "%s lacks: %s", DAEMON_PAGE, want);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, every_reason_is_explained_as_the_program_does,
			    REASON_NONE + 1, REASON_COUNT);
	tcase_add_test(tc, no_reason_is_explained_that_is_none);
	tcase_add_loop_test(tc, every_fault_is_explained_as_the_program_does, 0,
			    CODE_COUNT);
	tcase_add_test(tc, no_fault_is_explained_that_is_none);
	tcase_add_test(tc, every_option_of_the_help_is_explained);
	tcase_add_loop_test(tc, every_exit_status_is_explained, 0,
			    COUNT(statuses));
	return run_tests(tc, "daemon_manual");
}
