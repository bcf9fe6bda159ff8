/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ssh session in which the tool runs, so that no change cuts it off.
 */
#ifndef TOOL_SESSION_H
#define TOOL_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Two addresses and two ports. */
enum { SESSION_LEN = 128 };

/*
 * What SSH_CONNECTION says in @vars, strings of @len octets in all as
 * /proc/PID/environ has them.  false: it is not there, or too long.
 */
bool session_in_environ(const char *vars, size_t len, char text[SESSION_LEN]);
/* The parent in the text of /proc/PID/stat; 0: none, or it is no such text. */
pid_t session_parent(const char *stat);

/* "203.0.113.7 51812 192.0.2.1 22", or null: not by ssh. */
json_t *session_find(void);
/* The first word of that, or null. */
json_t *session_address(void);

#endif
