/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of statewalld.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum options_task {
	TASK_RUN,
	TASK_CHECK,   /* -t */
	TASK_VERSION, /* --version */
	TASK_HELP,    /* --help */
	TASK_COMPILE, /* --compile, for the daemon's own use */
};

struct options {
	enum options_task task;
	const char *path; /* of the configuration */
	bool has_queues;  /* --queues was given */
	uint16_t queue_first;
	uint16_t queue_last;
	bool no_sandbox;
	const char *runtime; /* the directory of the sockets; NULL: as usual */
};

/* false: it is said on standard error what is wrong. */
bool options_parse(struct options *options, int argc, char *argv[]);

extern const char options_help[];

#endif
