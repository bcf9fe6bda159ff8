/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands that ask the daemon have in common.
 */
#ifndef TOOL_LIVE_H
#define TOOL_LIVE_H

#include <jansson.h>

#include "tool/options.h"

enum { LIVE_FILTER_LEN = 1000 };

struct live {
	struct common common;
	const char *runtime;
	bool all;
	bool force;
};

/* A member of a reply: "-" if it is not there; 0. */
const char *live_string(const json_t *object, const char *key);
json_int_t live_number(const json_t *object, const char *key);
/* The parameters of a reply, on a line. */
enum exit_status live_print_json(const json_t *parameters);

/* Operands, with blanks between them.  false: too long; it has been told. */
bool live_join(int argc, char *argv[], char text[LIVE_FILTER_LEN]);
/* "10.0.0.1:80", "[2001:db8::1]:80", "10.0.0.1": by the keys of both. */
void live_print_end(const json_t *conn, const char *addr, const char *port);

bool take_runtime(void *settings, const char *value);

#define OPTION_RUNTIME                                                      \
	{                                                                   \
		"runtime", 0, "DIR",                                        \
			"directory of the sockets, default /run/statewall", \
			take_runtime                                        \
	}

#endif
