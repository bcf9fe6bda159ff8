/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's engine under one's own clock, for all that asks what would
 * become of packets: replays, explanations, tests of policies.
 *
 * It is one engine for all connections, which the daemon has several of; and
 * sources that are over a limit are in their table at once, where the daemon
 * takes its next turn for it.
 */
#ifndef POLICY_TRIAL_H
#define POLICY_TRIAL_H

#include "engine/engine.h"

struct trial;

struct trial_params {
	const struct ruleset *rules; /* not owned */
	size_t max_conns;
	/* Unix time in ms at the trial's time 0: for rules with a date. */
	int64_t wall;
};

/* It begins at time 0.  NULL: no memory. */
struct trial *trial_create(const struct trial_params *params);
void trial_destroy(struct trial *trial);

/*
 * It is @now, unless it is later already, and connections whose time is over
 * are forgotten as the daemon would have done since.
 */
void trial_advance(struct trial *trial, msec_t now);
msec_t trial_now(const struct trial *trial);

/* @reason: of packet_parse(). */
struct verdict trial_decide(struct trial *trial, const struct packet *pkt,
			    enum reason reason);

const struct engine *trial_engine(const struct trial *trial);

#endif
