/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy in force: loading the first one, and exchanging it.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>

#include "daemon/dataplane.h"
#include "daemon/event.h"
#include "daemon/inforce.h"
#include "policy/policy.h"

struct reload;

/* Who wants to know what comes of a reading, and has a say in it. */
struct reload_watch {
	char author[INFORCE_AUTHOR_LEN];
	/*
	 * Called when the file is read; @policy is NULL if it has errors.
	 * false: the policy is not to be put in force.
	 */
	bool (*accepts)(const struct policy *policy,
			const struct diagnostics *diags, void *arg);
	/*
	 * Called last: when the policy is in force and all connections are
	 * judged again, or, with NULL, when nothing has changed.
	 */
	void (*done)(const struct recheck_report *report, void *arg);
	void *arg;
};

/*
 * Reads the first policy and says what is wrong with it; if it cannot be used,
 * the last one that could takes its place, and *@fallen_back says so.  NULL:
 * there is none.
 */
struct policy *reload_first(const char *path, bool *fallen_back);

/*
 * Exchanges the policy in force, whose rules are those of @dataplane;
 * @settings are those of the start, without rules.  Nothing is owned.  NULL: no
 * memory.
 */
struct reload *reload_create(const char *path, const struct policy *settings,
			     struct event_loop *loop,
			     struct dataplane *dataplane,
			     struct inforce *inforce);
void reload_destroy(struct reload *reload);

/* The rules in force are to judge all connections: see dataplane_restore(). */
void reload_judge(struct reload *reload);

/*
 * Begins to read the file again, aside.  If that goes well, its rules are in
 * force some time later; if not, nothing changes, and the log says why.
 */
void reload_request(struct reload *reload);
/* The same for somebody who watches; one at a time, until it is done. */
void reload_watched(struct reload *reload, const struct reload_watch *watch);

/* Gives up on a reading that hangs.  To be called now and then. */
void reload_tick(struct reload *reload, msec_t now);

#endif
