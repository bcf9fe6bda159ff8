/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command lines of statewalld.
 */
#include "daemon/options.h"

#include <getopt.h>
#include <string.h>

#include "unit/capture.h"
#include "unit/run.h"

#define DEFAULT_PATH "/etc/statewall/statewall.conf"

enum { ARGS_MAX = 8 };

static const struct {
	const char *what;
	const char *args[ARGS_MAX];
	struct options want;
} accepted[] = {
	{ "none", { NULL }, { .task = TASK_RUN, .path = DEFAULT_PATH } },
	{ "a file",
	  { "-c", "other.conf" },
	  { .task = TASK_RUN, .path = "other.conf" } },
	{ "a file without a space",
	  { "-cother.conf" },
	  { .task = TASK_RUN, .path = "other.conf" } },
	{ "a check", { "-t" }, { .task = TASK_CHECK, .path = DEFAULT_PATH } },
	{ "a check of a file",
	  { "-t", "-c", "other.conf" },
	  { .task = TASK_CHECK, .path = "other.conf" } },
	{ "a check of a file, the other way round",
	  { "-c", "other.conf", "-t" },
	  { .task = TASK_CHECK, .path = "other.conf" } },
	{ "a check of a file in one word",
	  { "-tc", "other.conf" },
	  { .task = TASK_CHECK, .path = "other.conf" } },
	{ "one queue",
	  { "--queues", "7" },
	  { .task = TASK_RUN,
	    .path = DEFAULT_PATH,
	    .has_queues = true,
	    .queue_first = 7,
	    .queue_last = 7 } },
	{ "queue 0 is a queue",
	  { "--queues=0" },
	  { .task = TASK_RUN, .path = DEFAULT_PATH, .has_queues = true } },
	{ "the last queue",
	  { "--queues=65535" },
	  { .task = TASK_RUN,
	    .path = DEFAULT_PATH,
	    .has_queues = true,
	    .queue_first = 65535,
	    .queue_last = 65535 } },
	{ "as many queues as there may be",
	  { "--queues=1-64" },
	  { .task = TASK_RUN,
	    .path = DEFAULT_PATH,
	    .has_queues = true,
	    .queue_first = 1,
	    .queue_last = 64 } },
	{ "the foreground is where it runs",
	  { "--foreground" },
	  { .task = TASK_RUN, .path = DEFAULT_PATH } },
	{ "no sandbox",
	  { "--no-sandbox" },
	  { .task = TASK_RUN, .path = DEFAULT_PATH, .no_sandbox = true } },
	{ "the version",
	  { "--version" },
	  { .task = TASK_VERSION, .path = DEFAULT_PATH } },
	{ "help", { "--help" }, { .task = TASK_HELP, .path = DEFAULT_PATH } },
	{ "what the daemon says to its child",
	  { "--compile", "other.conf" },
	  { .task = TASK_COMPILE, .path = "other.conf" } },
};

static const struct {
	const char *args[ARGS_MAX];
	const char *message; /* a part of it */
} refused[] = {
	{ { "other.conf" },
	  "statewalld: \"other.conf\" is not expected here; a configuration "
	  "is given with -c\nTry \"statewalld --help\".\n" },
	{ { "-t", "--", "-c" }, "\"-c\" is not expected here" },
	{ { "-x" }, "invalid option -- 'x'\nTry \"statewalld --help\".\n" },
	{ { "--quux" }, "unrecognized option '--quux'\nTry " },
	{ { "-c" }, "option requires an argument -- 'c'\nTry " },
	{ { "--queues" }, "option '--queues' requires an argument\nTry " },
	{ { "--foreground=no" }, "doesn't allow an argument\nTry " },
	{ { "--queues=" }, "statewalld: --queues : write a number from 0 to " },
	{ { "--queues=x" },
	  "statewalld: --queues x: write a number from 0 to 65535 or a range "
	  "\"0-3\" of at most 64\n" },
	{ { "--queues=65536" }, "write a number from 0 to 65535" },
	{ { "--queues=-1" }, "write a number from 0 to 65535" },
	{ { "--queues=3-0" }, "write a number from 0 to 65535" },
	{ { "--queues=0-64" }, "of at most 64" },
	{ { "--queues=0-3-5" }, "write a number from 0 to 65535" },
	{ { "--queues", "0 " }, "write a number from 0 to 65535" },
};

static bool parse(struct options *options, const char *const *args)
{
	char words[ARGS_MAX][64];
	char name[] = "statewalld";
	char *argv[ARGS_MAX + 2] = { name, NULL };
	int argc = 1;

	for (int i = 0; i < ARGS_MAX && args[i]; i++) {
		ck_assert_uint_lt(strlen(args[i]), sizeof(words[i]));
		memcpy(words[i], args[i], strlen(args[i]) + 1);
		argv[argc++] = words[i];
	}
	/* getopt(3): begins anew. */
	optind = 0;
	if (!options_parse(options, argc, argv))
		return false;
	/* The path is one of the words, which are ours. */
	for (int i = 0; i < ARGS_MAX && args[i]; i++)
		if (strcmp(options->path, words[i]) == 0)
			options->path = args[i];
	if (args[0] && strncmp(args[0], "-c", 2) == 0 && args[0][2] != '\0')
		options->path = args[0] + 2;
	return true;
}

START_TEST(understands)
{
	const struct options *want = &accepted[_i].want;
	const char *what = accepted[_i].what;
	struct options options;

	ck_assert_msg(parse(&options, accepted[_i].args), "%s", what);
	ck_assert_msg(options.task == want->task, "%s: task", what);
	ck_assert_msg(strcmp(options.path, want->path) == 0, "%s: path %s",
		      what, options.path);
	ck_assert_msg(options.has_queues == want->has_queues, "%s", what);
	ck_assert_msg(options.queue_first == want->queue_first, "%s", what);
	ck_assert_msg(options.queue_last == want->queue_last, "%s", what);
	ck_assert_msg(options.no_sandbox == want->no_sandbox, "%s", what);
}
END_TEST

START_TEST(refuses_and_says_why)
{
	struct options options;
	const char *text;
	bool ok;

	capture_start();
	ok = parse(&options, refused[_i].args);
	text = capture_stop();
	ck_assert_msg(!ok, "%s", refused[_i].args[0]);
	ck_assert_msg(strstr(text, refused[_i].message), "%s", text);
	ck_assert_int_eq(strncmp(text, "statewalld: ", 12), 0);
}
END_TEST

START_TEST(help_names_every_option)
{
	static const char *const options[] = { "-c FILE",      "-t",
					       "--queues",     "--no-sandbox",
					       "--foreground", "--version",
					       "--help" };

	for (int i = 0; i < COUNT(options); i++)
		ck_assert_msg(strstr(options_help, options[i]), "%s",
			      options[i]);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, understands, 0, COUNT(accepted));
	tcase_add_loop_test(tc, refuses_and_says_why, 0, COUNT(refused));
	tcase_add_test(tc, help_names_every_option);
	return run_tests(tc, "daemon_options");
}
