/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept over a restart of what was added to tables: those with
 * persist = true, in a file of the state directory (statefile.h), a line an
 * entry: the table, the network, and its end or "-".
 *
 * All functions are for the thread that changes the rules and their tables.
 */
#ifndef DAEMON_KEPT_H
#define DAEMON_KEPT_H

#include "engine/ruleset.h"

/* All zero at the start. */
struct kept {
	const struct ruleset *rules; /* whose tables were saved last */
	bool changed;                /* since then */
	msec_t saved;
	int error; /* that was told */
};

/* The time, by both clocks: Unix time in ms is .now + .wall. */
struct kept_time {
	msec_t now;
	int64_t wall;
};

/*
 * Adds what was kept to the tables of @rules, which are new: entries that are
 * not over, and stay no longer than their table says now, nor are in one with
 * never_block.
 */
void kept_load(struct kept *kept, const struct ruleset *rules,
	       struct kept_time when);

/*
 * Saves once a minute if anything has changed: @changed, since the last call.
 */
void kept_tick(struct kept *kept, const struct ruleset *rules, bool changed,
	       struct kept_time when);

/* Saves. */
void kept_save(struct kept *kept, const struct ruleset *rules,
	       struct kept_time when);

#endif
