/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of the tool: each file cmd_*.c publishes one of these, and the
 * table in main.c lists them.
 */
#ifndef TOOL_COMMAND_H
#define TOOL_COMMAND_H

#include <stdbool.h>

/* What scripts rely on. */
enum exit_status {
	EXIT_DONE = 0, /* done, allowed, equal */
	EXIT_NO = 1,   /* the answer is no, or the input cannot be read */
	EXIT_USAGE = 2,
	EXIT_NO_DAEMON = 3,
	EXIT_NOT_PERMITTED = 4,
	EXIT_TIMED_OUT = 5, /* or not confirmed */
	EXIT_GUARDED = 6,   /* refused, since it would cut off somebody */
	EXIT_ROLLED_BACK = 7,
	EXIT_INTERNAL = 70,
};

/* One row of a command's table of options: read, and shown by the help. */
struct option_spec {
	const char *name;    /* of --name; NULL: it has only a letter */
	char letter;         /* of -l; 0: it has only a name */
	const char *value;   /* what follows, in capitals; NULL: nothing */
	const char *meaning; /* lines for the help; NULL: end of the table */
	/*
	 * Puts it into the command's settings.  @value is NULL if there is
	 * none.  false: it cannot be used, and the user has been told why.
	 */
	bool (*take)(void *settings, const char *value);
};

struct command {
	const char *name;
	const char *operands; /* what stands behind the options, or "" */
	int operand_max;      /* as many as there may be */
	const char *summary;  /* in a few words */
	const struct option_spec *options;
	enum exit_status (*run)(int argc, char *argv[]); /* argv[0]: name */
};

extern const struct command cmd_block;
extern const struct command cmd_check;
extern const struct command cmd_connections;
extern const struct command cmd_explain;
extern const struct command cmd_explain_error;
extern const struct command cmd_kill;
extern const struct command cmd_metrics;
extern const struct command cmd_redirect;
extern const struct command cmd_reload;
extern const struct command cmd_replay;
extern const struct command cmd_rules;
extern const struct command cmd_status;
extern const struct command cmd_table;
extern const struct command cmd_tables;
extern const struct command cmd_test;
extern const struct command cmd_unblock;

#endif
