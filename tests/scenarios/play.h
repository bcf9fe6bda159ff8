/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario that is being played: an engine, two rule-abiding ends, a clock.
 */
#ifndef SCENARIOS_PLAY_H
#define SCENARIOS_PLAY_H

#include "engine/engine.h"
#include "scenarios/script.h"
#include "scenarios/shot.h"

enum {
	PLAY_CONNS_MAX = 16,
	PLAY_RULE_SETS = 4,
	PLAY_VARIANTS = 16,
	PLAY_START = 1000000000, /* ms */
};

/* What engine_list() shows. */
struct snapshot {
	struct conn_info conns[PLAY_CONNS_MAX];
	size_t count;
};

struct play {
	const struct script *script;
	const struct block *block;
	const struct line *line; /* where we are */
	int variant;
	struct cast cast;
	struct pool *pool;
	struct halfopen *halfopen;
	struct sources *sources;
	struct engine *eng;
	struct ruleset *rules[PLAY_RULE_SETS]; /* by .denied */
	/* The rules by which each may open connections; NULL: he may not. */
	struct rule *openers[PLAY_RULE_SETS][WHO_COUNT];
	unsigned int denied; /* bit n: enum who n */
	enum hook hook;
	bool is_over; /* the rest is for the other family */
	msec_t start;
	msec_t now;
	struct snapshot before; /* the last packet */
	struct snapshot after;
	struct verdict verdict; /* on it */
	struct shot shot;       /* it */
};

/* Ends with the test when memory does. */
struct play *play_create(const struct script *script, const struct block *block,
			 int variant);
void play_destroy(struct play *play);

/* Sends .shot, and holds the invariants against what becomes of it. */
void play_send(struct play *play);

/* The live connection that .shot is about; NULL: there is none. */
const struct conn_info *play_conn(const struct play *play);
void play_snapshot(const struct play *play, struct snapshot *snapshot);
/* Whether the last packet had no effect but on counters. */
bool play_was_inert(const struct play *play);

/* "5s", "300ms", "2h". */
msec_t play_read_time(const struct play *play, const char *word);

/* Changes the rules: bit n of @denied: enum who n may open nothing. */
void play_deny(struct play *play, unsigned int denied);

/* Ends the test with a message that says where we are. */
__attribute__((noreturn, format(printf, 2, 3))) void
play_fail(const struct play *play, const char *format, ...);

#endif
