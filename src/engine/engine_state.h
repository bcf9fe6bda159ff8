/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the engine share: engine.c (the pipeline), engine_rules.c
 * (changing the rules) and engine_list.c.
 */
#ifndef ENGINE_ENGINE_STATE_H
#define ENGINE_ENGINE_STATE_H

#include "engine/conntrack.h"
#include "engine/engine.h"
#include "engine/ifnames.h"

struct engine {
	struct conntrack *ct;
	struct pool *pool;
	struct halfopen *halfopen; /* may be NULL */
	const struct ruleset *rules;
	struct rule_stats *rule_stats; /* by number in .rules */
	/*
	 * Connections of the other epoch have numbers in the rules of before;
	 * .map leads from these to .rules.
	 */
	const struct rule_heir *map;
	size_t map_len;
	bool epoch;
	size_t rechecked; /* buckets; SIZE_MAX: all are of this epoch */
	struct ifnames ifnames;
	msec_t start;
	msec_t loss;  /* connections from before that may be lossy */
	int64_t wall; /* see struct engine_params */
	struct engine_stats stats;
};

static inline struct moment engine_moment(const struct engine *eng, msec_t now)
{
	return (struct moment){ now, eng->wall ? (now + eng->wall) / 1000 : 0 };
}

/* false: no memory. */
bool engine_rules_init(struct engine *eng, const struct ruleset *rules);
void engine_rules_fini(struct engine *eng);

/* The number of the connection's rule in the rules in force, or RULE_NONE. */
uint32_t engine_rule_of(const struct engine *eng, const struct conn *conn);
/* The connection is let in, again or for the first time, by that rule. */
void engine_set_rule(const struct engine *eng, struct conn *conn,
		     uint32_t number);
/* NULL: the policy decides, not a rule. */
const struct rule *engine_find_rule(const struct engine *eng, uint32_t rule);

/* A connection as people see it. */
struct conn_info engine_conn_info(const struct engine *eng,
				  const struct conn *conn);

#endif
