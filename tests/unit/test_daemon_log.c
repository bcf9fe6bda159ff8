/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages, and their levels if they go to the journal.
 */
#include "daemon/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/capture.h"
#include "unit/run.h"

enum { LONG = 5000 };

/* What the name of the journal's stream is. */
enum stream { STREAM_UNSET, STREAM_OURS, STREAM_ANOTHER, STREAM_NONSENSE };

static void name_stream(enum stream stream)
{
	struct stat st;
	char name[64] = "once upon a time";

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	if (stream == STREAM_OURS || stream == STREAM_ANOTHER)
		(void)snprintf(name, sizeof(name), "%ju:%ju",
			       (uintmax_t)st.st_dev,
			       (uintmax_t)st.st_ino +
				       (stream == STREAM_ANOTHER ? 1 : 0));
	if (stream == STREAM_UNSET)
		ck_assert_int_eq(unsetenv("JOURNAL_STREAM"), 0);
	else
		ck_assert_int_eq(setenv("JOURNAL_STREAM", name, 1), 0);
}

static const struct {
	enum stream stream;
	const char *want;
} cases[] = {
	{ STREAM_UNSET, "error 1\nwarning 2\ninfo 3\n" },
	{ STREAM_OURS, "<3>error 1\n<4>warning 2\n<6>info 3\n" },
	{ STREAM_ANOTHER, "error 1\nwarning 2\ninfo 3\n" },
	{ STREAM_NONSENSE, "error 1\nwarning 2\ninfo 3\n" },
};

START_TEST(levels_are_for_the_journal_alone)
{
	capture_start();
	name_stream(cases[_i].stream);
	log_error("error %d", 1);
	log_warn("warning %d", 2);
	log_info("info %d", 3);
	ck_assert_str_eq(capture_stop(), cases[_i].want);
}
END_TEST

START_TEST(a_message_that_is_too_long_is_cut_and_ends_its_line)
{
	static char text[LONG + 1];
	const char *log;

	memset(text, 'x', LONG);
	name_stream(STREAM_UNSET);
	capture_start();
	log_info("%s", text);
	log_info("the next one");
	log = capture_stop();
	ck_assert_uint_eq(strspn(log, "x"), 1023);
	ck_assert_str_eq(log + 1023, "\nthe next one\n");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, levels_are_for_the_journal_alone, 0,
			    COUNT(cases));
	tcase_add_test(tc, a_message_that_is_too_long_is_cut_and_ends_its_line);
	return run_tests(tc, "daemon_log");
}
