/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of a command: its table of options, read and shown.
 */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <stdio.h>

#include "tool/command.h"

/*
 * The settings that commands share; those of a command begin with them if its
 * table has the shared options.
 */
struct common {
	const char *config; /* -c */
	bool json;          /* --json */
};

/* Compare the pointer to know whether -c was given. */
extern const char default_config[];

#define COMMON_DEFAULTS                   \
	{                                 \
		.config = default_config, \
	}

/* Rows of the table, and what takes them. */
bool take_config(void *settings, const char *value);
bool take_json(void *settings, const char *value);

#define OPTION_CONFIG                                                           \
	{                                                                       \
		NULL, 'c', "FILE",                                              \
			"configuration, default /etc/statewall/statewall.conf", \
			take_config                                             \
	}
#define OPTION_JSON                                                    \
	{                                                              \
		"json", 0, NULL, "print JSON, for programs", take_json \
	}

/*
 * Fills @settings; the operands are then argv[optind] and on.  false: there is
 * nothing left to do but to exit with @status, since the help was asked for
 * and printed, or something is wrong and was told.
 */
bool options_parse(const struct command *command, void *settings, int argc,
		   char *argv[], enum exit_status *status);

/* After a complaint: tells where help is.  Returns the exit status. */
enum exit_status options_fault(const struct command *command);

void options_help(const struct command *command, FILE *out);

#endif
