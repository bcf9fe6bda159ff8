/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One client of a control socket: what it has said and not been answered, what
 * it is told and has not read, and how long it takes for either.  Knows nothing
 * of methods.
 */
#ifndef DAEMON_CONTROL_CLIENT_H
#define DAEMON_CONTROL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/timeout.h"

enum {
	CLIENT_TIME_LIMIT = 2000,       /* ms for a request, and for reading */
	CLIENT_IDLE_LIMIT = 60000,      /* ms without a request */
	CLIENT_OUTPUT_FULL = 64 * 1024, /* octets: nothing is added meanwhile */
};

struct client;

/* @fd is not blocking, and the client's from now on.  NULL: no memory. */
struct client *client_create(int fd, msec_t now);
void client_destroy(struct client *client);

int client_fd(const struct client *client);

enum client_input {
	CLIENT_NOTHING,
	CLIENT_REQUEST,  /* client_request() has it */
	CLIENT_TOO_LONG, /* it can only be closed */
	CLIENT_END,      /* it says no more */
};

/* Reads what there is, once; or finds a request that was read before. */
enum client_input client_read(struct client *client, msec_t now);
/* Whether that would find one without reading. */
bool client_has_request(struct client *client);
const char *client_request(const struct client *client, size_t *len);
/* The request is dealt with: client_read() goes on behind it. */
void client_next(struct client *client, msec_t now);

/* Takes @message, which may be NULL: no memory.  false: so it was. */
bool client_say(struct client *client, json_t *message, msec_t now);
/* Writes as much as it takes.  false: it is gone. */
bool client_write(struct client *client, msec_t now);
bool client_has_output(const struct client *client);
bool client_is_full(const struct client *client);

enum client_fault {
	CLIENT_FINE,
	CLIENT_SLOW_WRITER, /* half a request, and no more */
	CLIENT_SLOW_READER,
	CLIENT_IDLE,
};

/* @is_busy: a request of it is being dealt with. */
enum client_fault client_check(const struct client *client, bool is_busy,
			       msec_t now);
/* Since when it has asked for nothing. */
msec_t client_idle_since(const struct client *client);

#endif
