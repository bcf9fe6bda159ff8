/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock-out guard: whether a policy would cut the session of who loads it.
 *
 * The session is judged as a new connection, for whoever is cut off has to come
 * back, and as the one that is there, for it is to go on.  One that is not in
 * the table, whose interface nobody knows, is cut only if the rules in force
 * let in what the new ones refuse.
 */
#ifndef DAEMON_GUARD_H
#define DAEMON_GUARD_H

#include <stdbool.h>

#include "engine/engine.h"
#include "engine/ruleset.h"
#include "policy/policy.h"

struct guard_session {
	struct tuple tuple;
	bool is_known;         /* it is in the table, */
	struct conn_info conn; /* as this */
};

struct guard_cut {
	enum action action;
	enum reason reason;
	bool flushes;     /* all connections are closed; else: */
	const char *rule; /* that decides; NULL: none, .reason says what */
	/* Where that stands; NULL: it is not known. */
	const char *file;
	unsigned int line;
};

/*
 * "203.0.113.7 51812 192.0.2.1 22", as in SSH_CONNECTION: client and server.
 * false: it is something else.
 */
bool guard_parse(struct guard_session *session, const char *text);

/*
 * Whether @policy in the place of @before would cut it; @cut then says what of
 * @policy does.
 */
bool guard_cuts(const struct guard_session *session,
		const struct policy *policy, const struct ruleset *before,
		struct moment when, struct guard_cut *cut);

#endif
