/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall: the tool of those who run the stateful packet filter.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/command.h"
#include "tool/options.h"
#include "tool/usage.h"

/* To add a command: its file cmd_NAME.c, its line in command.h, and this. */
static const struct command *const commands[] = {
	&cmd_block,         &cmd_check,  &cmd_connections, &cmd_explain,
	&cmd_explain_error, &cmd_kill,   &cmd_metrics,     &cmd_redirect,
	&cmd_reload,        &cmd_replay, &cmd_rules,       &cmd_status,
	&cmd_table,         &cmd_tables, &cmd_test,        &cmd_unblock,
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static const char *command_name(const void *context, size_t index)
{
	(void)context;
	return index < COMMAND_COUNT ? commands[index]->name : NULL;
}

/* NULL: there is none of that name, and the user has been told. */
static const struct command *find_command(const char *word)
{
	const struct choices choices = { command_name, NULL };
	const char *nearest;

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, word) == 0)
			return commands[i];
	nearest = usage_nearest(word, &choices);
	if (nearest)
		complain("unknown command \"%s\": did you mean \"%s\"?", word,
			 nearest);
	else
		complain("unknown command \"%s\"", word);
	fputs("Try \"statewall help\".\n", stderr);
	return NULL;
}

static void print_help(FILE *out)
{
	fputs("usage: statewall COMMAND [OPTION]... [OPERAND]...\n\n", out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-15s%s\n", commands[i]->name,
			commands[i]->summary);
	fputs("  help           explain a command: statewall help COMMAND\n"
	      "\n"
	      "statewall --version prints the version.  Exit status: 0 done,\n"
	      "1 the answer is no or the input cannot be read, 2 the command\n"
	      "line is wrong; statewall(8) has the others.\n",
	      out);
}

static enum exit_status help(const char *word)
{
	const struct command *command;

	if (!word) {
		print_help(stdout);
		return EXIT_DONE;
	}
	command = find_command(word);
	if (!command)
		return EXIT_USAGE;
	options_help(command, stdout);
	return EXIT_DONE;
}

static enum exit_status dispatch(int argc, char *argv[])
{
	const struct command *command;
	const char *word = argv[1];

	if (!word) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(word, "help") == 0)
		return help(argv[2]);
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return help(NULL);
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		puts("statewall " VERSION);
		return EXIT_DONE;
	}
	if (word[0] == '-') {
		complain("\"%s\" is not expected here: options stand behind "
			 "the command\nTry \"statewall help\".",
			 word);
		return EXIT_USAGE;
	}
	command = find_command(word);
	return command ? command->run(argc - 1, argv + 1) : EXIT_USAGE;
}

/*
 * A file that is opened while standard output is closed would take its number,
 * and what is printed would go there.  This way it goes nowhere, and fails.
 */
static void occupy_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

/* A result that cannot be written is none. */
static enum exit_status finish(enum exit_status status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	complain("standard output: cannot be written: %s",
		 errno ? strerror(errno) : "write error");
	return status == EXIT_DONE ? EXIT_NO : status;
}

int main(int argc, char *argv[])
{
	occupy_standard_streams();
	return (int)finish(dispatch(argc, argv));
}
