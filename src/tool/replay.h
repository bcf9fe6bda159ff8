/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's engine, driven by a capture.
 */
#ifndef TOOL_REPLAY_H
#define TOOL_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "tool/capture.h"
#include "tool/link.h"
#include "tool/routing.h"

struct replay;

/* Nothing in here is owned; all must outlive the replay. */
struct replay_params {
	const struct ruleset *rules;
	size_t max_conns;
	const struct link_type *link_type;
	const struct routing *routing;
	bool verify_checksum;
	bool measure; /* the time that the engine takes */
};

/* What became of a frame. */
struct judged {
	bool skipped;      /* no IP packet is in it; the rest is not set */
	struct packet pkt; /* as much of it as was understood */
	struct verdict verdict;
	const char *rule; /* its name; NULL: none */
};

struct replay_stats {
	uint64_t frames;
	uint64_t skipped;
	uint64_t engine_time; /* nanoseconds, if they are measured */
	const struct engine_stats *engine;
};

struct replay *replay_create(const struct replay_params *params);
void replay_destroy(struct replay *replay);

void replay_frame(struct replay *replay, const struct capture_frame *frame,
		  struct judged *judged);

struct replay_stats replay_stats(const struct replay *replay);

/* Words of a verdict: "accept", "drop", "reject", "skip"; "new" ... */
const char *judged_action(const struct judged *judged);
const char *judged_reason(const struct judged *judged);

#endif
