/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client together with the request of it that is being answered.
 */
#ifndef DAEMON_CONTROL_SESSION_H
#define DAEMON_CONTROL_SESSION_H

#include "daemon/control_change.h"
#include "daemon/control_client.h"
#include "daemon/control_method.h"

struct session;

/* What all sessions have in common; nothing is owned. */
struct session_server {
	const struct control_context *context;
	struct changes *changes;
	const struct control_rates *rates;
	struct control_counts *counts;
	unsigned int streams; /* that there are now */
};

struct session_params {
	int fd;          /* not blocking; the session's if it is made */
	uint64_t serial; /* no other one has had it */
	bool may_change;
	msec_t now;
};

/* NULL: no memory. */
struct session *session_create(const struct session_params *params);
void session_destroy(struct session *session);

int session_fd(const struct session *session);
uint64_t session_serial(const struct session *session);

/*
 * Reads, answers and writes, a little of each.  false: it is over, and is to be
 * destroyed.
 */
bool session_move(struct session *session, struct session_server *server,
		  msec_t now);
bool session_wants_input(const struct session *session);
bool session_wants_output(const struct session *session);
/* A request is being answered. */
bool session_is_busy(const struct session *session);
/* It waits for something that comes without a word of the client. */
bool session_has_news(const struct session *session);

/* The result of a change; takes @reply, NULL: no memory. */
void session_answer(struct session *session, json_t *reply, msec_t now);

/* It has asked for nothing; since when (NULL: no matter). */
bool session_is_idle(const struct session *session, msec_t *since);
/* It takes longer than it may, or has been idle for too long. */
bool session_is_overdue(const struct session *session, msec_t now);

#endif
