/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The compiled policy: zones, tables, ordered rules, timeouts.  Built once,
 * then immutable, so that any number of engines may share it as const.
 *
 * First match decides; the policy of the hook speaks for what no rule matched.
 */
#ifndef ENGINE_RULESET_H
#define ENGINE_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/conn.h"
#include "engine/match.h"
#include "engine/packet.h"
#include "engine/timeout.h"
#include "engine/verdict.h"

struct rule;
struct ruleset;
struct table;
struct zone;

/* An empty rule set that drops everything; NULL: no memory. */
struct ruleset *ruleset_create(void);
void ruleset_destroy(struct ruleset *rules);

void ruleset_set_policy(struct ruleset *rules, enum hook hook,
			enum action policy);
enum action ruleset_policy(const struct ruleset *rules, enum hook hook);

void ruleset_set_timeout(struct ruleset *rules, enum timeout timeout,
			 msec_t value);
msec_t ruleset_timeout(const struct ruleset *rules, enum timeout timeout);

void ruleset_set_tcp(struct ruleset *rules, const struct tcp_settings *tcp);
const struct tcp_settings *ruleset_tcp(const struct ruleset *rules);

/* Of half-open connections; 0: no limit. */
struct half_open_limits {
	uint32_t per_source;      /* an IPv4 address, an IPv6 /64 */
	uint32_t per_destination; /* address and port */
};

void ruleset_set_half_open(struct ruleset *rules,
			   const struct half_open_limits *limits);
const struct half_open_limits *ruleset_half_open(const struct ruleset *rules);

/* All of them, by enum timeout. */
const msec_t *ruleset_timeouts(const struct ruleset *rules);

/*
 * The following return objects that belong to @rules, or NULL: no memory.
 * Names are copied.  That a name is new is the caller's business.  The zones
 * "self" (this machine) and "any" exist from the start.
 */
struct zone *ruleset_add_zone(struct ruleset *rules, const char *name);
struct table *ruleset_add_table(struct ruleset *rules, const char *name);
struct rule *ruleset_add_rule(struct ruleset *rules, const char *name,
			      enum action action, bool log);

/*
 * How the connections that a rule lets in are tracked (TRACKING_FULL from the
 * start), and whether it also lets in those that are picked up in the middle,
 * as far as the settings of TCP allow that at all (true from the start).
 */
void rule_set_tracking(struct rule *rule, enum tracking tracking);
void rule_set_pickup(struct rule *rule, bool pickup);

/* NULL: there is none of that name. */
const struct zone *ruleset_zone(const struct ruleset *rules, const char *name);
const struct table *ruleset_table(const struct ruleset *rules,
				  const char *name);
/* Those that were added, in that order; NULL: there are no more. */
const struct zone *ruleset_zone_at(const struct ruleset *rules, size_t index);
const struct table *ruleset_table_at(const struct ruleset *rules, size_t index);

/*
 * Adds a condition; all of a rule's conditions must hold.  false: @fault says
 * what is wrong with @text.  @type as of match_type_find().
 */
bool ruleset_add_match(struct ruleset *rules, struct rule *rule,
		       const struct match_type *type, const char *text,
		       struct match_fault *fault);

size_t ruleset_rule_count(const struct ruleset *rules);
const struct rule *ruleset_rule(const struct ruleset *rules, size_t index);
const char *rule_name(const struct rule *rule);
enum action rule_action(const struct rule *rule);
bool rule_logs(const struct rule *rule);
enum tracking rule_tracking(const struct rule *rule);
bool rule_picks_up(const struct rule *rule);
/* The @index-th condition; false: there are no more. */
bool rule_match(const struct rule *rule, size_t index,
		const struct match_type **type, const struct match **match);

/*
 * What the rules say of a packet that asks to be let in.  The verdict's reason
 * is REASON_NEW, REASON_RULE or REASON_POLICY, its rule the one that decided.
 */
struct verdict ruleset_classify(const struct ruleset *rules,
				const struct packet *pkt);

/*
 * Builds the index by which the above finds its rule; the rules must not
 * change after that.  Without it every rule is asked in turn.  false: no
 * memory, and there is none.
 */
bool ruleset_index(struct ruleset *rules);

/*
 * The same for a connection that is there, after the rules have changed; @pkt
 * is what the connection remembers of its first packet.  What it does not
 * remember is presumed to hold for @rule, which let it in, and for no other.
 */
struct verdict ruleset_classify_again(const struct ruleset *rules,
				      const struct packet *pkt, uint32_t rule);

/*
 * For each rule of @from the number of the one of the same name in @to, or
 * RULE_NONE; the caller frees it.  NULL: no memory.
 */
uint32_t *ruleset_map(const struct ruleset *from, const struct ruleset *to);

#endif
