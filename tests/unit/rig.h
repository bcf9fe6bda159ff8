/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine with rules and a clock, to send packets to.
 */
#ifndef UNIT_RIG_H
#define UNIT_RIG_H

#include "engine/conn.h"
#include "engine/engine.h"
#include "unit/frame.h"

struct rig {
	struct pool *pool;
	struct sources *sources;
	struct engine *eng;
	struct ruleset *rules; /* all hooks accept, until the test says else */
	struct rule_heir *map;
	msec_t now;
};

/* Ends the test when memory does. */
void rig_start(struct rig *rig, size_t max_conns);
void rig_stop(struct rig *rig);

/* From now on these rules are in force; they are the rig's. */
void rig_set_rules(struct rig *rig, struct ruleset *rules);
/* The same, and what becomes of connections; returns how many were closed. */
size_t rig_reload(struct rig *rig, struct ruleset *rules, enum recheck recheck);
/* The rule is the next one; @key may be NULL: it matches everything. */
struct rule *rig_add_rule(struct ruleset *rules, const char *name,
			  const struct rule_options *options, const char *key,
			  const char *text);
/* Such rules: every hook accepts. */
struct ruleset *rig_make_rules(void);

/* Parses the packet, and has the engine judge or refuse it. */
struct verdict rig_judge(struct rig *rig, const struct frame *frame);
/* The same with a whole packet. */
struct verdict rig_send(struct rig *rig, const struct build *b);

/* All connections that live; returns how many, at most @max. */
size_t rig_list(const struct rig *rig, struct conn_info *list, size_t max);
/* The live connection of that id; false: there is none. */
bool rig_find(const struct rig *rig, uint64_t id, struct conn_info *info);
bool rig_same(const struct conn_info *a, const struct conn_info *b);
/* The memory that it has, to be compared and not to be looked into. */
const struct conn *rig_memory(const struct rig *rig, uint64_t id);

/*
 * Holds true for every verdict: it has a reason, and its action is that of the
 * reason's kind.
 */
void rig_check_verdict(const struct verdict *verdict);

#endif
