/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the daemon, at its control sockets: see statewalld(8).
 */
#ifndef TOOL_CLIENT_H
#define TOOL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "tool/command.h"

struct question {
	const char *runtime; /* directory of the sockets; NULL: as usual */
	const char *method;  /* "Status" */
	json_t *parameters;  /* taken; NULL: none */
	bool changes;        /* something */
	bool more;           /* there are many replies */
	/*
	 * Told of the parameters of each reply, the empty last one of many
	 * left out.  Returns what the exit status is to be.
	 */
	enum exit_status (*take)(const json_t *parameters, void *arg);
	void *arg;
};

/* What went wrong has been told. */
enum exit_status client_ask(const struct question *question);

#endif
