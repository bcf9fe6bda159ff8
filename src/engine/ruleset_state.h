/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the rule set share: ruleset.c (building it), rule.c (one
 * rule), ruleset_classify.c (asking it) and ruleset_map.c (changing to another
 * one).
 */
#ifndef ENGINE_RULESET_STATE_H
#define ENGINE_RULESET_STATE_H

#include "engine/rate.h"
#include "engine/ruleset.h"

struct condition {
	const struct match_type *type;
	struct match *match;
};

/*
 * What packets change of a rule, whichever shard they are of.  It is handed
 * down to the rule of the same name when the rules change.
 */
struct rule_state {
	rate_bucket bucket;     /* of a limit per rule */
	_Atomic uint32_t conns; /* if the rule has a maximum */
};

struct rule {
	char *name;
	uint64_t id;
	struct rule_options options;
	struct condition *conditions;
	size_t count;
	bool asks_tables; /* some condition has no addresses but of tables */
	bool owns_state;
	struct rule_state *state; /* never NULL */
};

/* A growing list of pointers. */
struct list {
	void **items;
	size_t len;
	size_t capacity;
};

struct ruleset {
	enum action policy[HOOK_COUNT];
	msec_t timeouts[TIMEOUT_COUNT];
	struct tcp_settings tcp;
	struct match *zero_checksum; /* of match_dport; NULL: no ports */
	struct limits limits;
	enum log_amount policy_log;
	bool audit;
	bool essential_icmp;
	enum tracking tracking;
	unsigned int uses; /* of enum ruleset_use, bits */
	struct list zones;
	struct list tables;
	struct list rules;
	struct classifier *classifier; /* NULL: there is no index */
};

/* NULL: no memory. */
struct rule *rule_create(const char *name, const struct rule_options *options);
void rule_destroy(struct rule *rule);
void rule_set_options(struct rule *rule, const struct rule_options *options);

/*
 * The packet as the rules behind @rule, which it matches, see it: @pkt, or
 * @marked with the mark that the rule sets.  They may be the same.
 */
const struct packet *rule_mark(const struct rule *rule,
			       const struct packet *pkt, struct packet *marked);

#endif
