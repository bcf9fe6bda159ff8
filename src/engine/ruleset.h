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
#include "engine/rule.h"
#include "engine/siphash.h"
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

/*
 * Ports of tunnels, to or from which UDP over IPv6 needs no checksum (RFC 6935
 * and 6936); without them, as at the start, it always does.  @text is that of
 * the match dport without '!'.  false: @fault says what is wrong with it, and
 * nothing is changed.
 */
bool ruleset_set_zero_checksum(struct ruleset *rules, const char *text,
			       struct match_fault *fault);
/* Of type match_dport; NULL: none. */
const struct match *ruleset_zero_checksum(const struct ruleset *rules);

/*
 * REASON_NONE, or why a packet is never right under these settings, whatever
 * the rules say of it and whatever it belongs to.
 */
enum reason ruleset_refuses(const struct ruleset *rules,
			    const struct packet *pkt);

/*
 * Of all rules together; a 0 that is not explained is no limit.  A source is an
 * IPv4 address or an IPv6 /64.
 */
struct limits {
	uint32_t connections_per_source;
	uint32_t half_open; /* in all: the oldest one gives way to a new one */
	uint32_t half_open_per_source;
	uint32_t half_open_per_destination; /* address and port */
	/*
	 * In percent of the table: how full it is when lives begin to shrink,
	 * and when they are at their floor, which may be never.
	 */
	uint32_t adaptive_start;
	uint32_t adaptive_end;
	/* For whoever makes the table, and watches it. */
	uint32_t source_nodes; /* see sources.h; 0: as the table has places */
	uint32_t warn_at;      /* percent */
};

void ruleset_set_limits(struct ruleset *rules, const struct limits *limits);
const struct limits *ruleset_limits(const struct ruleset *rules);

/*
 * The whole policy in audit mode: what would be refused passes, with the reason
 * "audit", and connections are made of it.  false at the start.
 */
void ruleset_set_audit(struct ruleset *rules, bool audit);
bool ruleset_audit(const struct ruleset *rules);

/*
 * Whether neighbour discovery passes without being asked for (true at the
 * start).  Else the rules decide about it, message by message.
 */
void ruleset_set_essential_icmp(struct ruleset *rules, bool pass);
bool ruleset_essential_icmp(const struct ruleset *rules);

/*
 * How connections are tracked that the policy of a hook lets in
 * (TRACKING_FULL at the start).  Rules say it themselves: where a rule does not
 * say it in the file, the loader gives it the same.
 */
void ruleset_set_tracking(struct ruleset *rules, enum tracking tracking);
enum tracking ruleset_tracking(const struct ruleset *rules);

/* What is logged of what the policy of a hook decides. */
void ruleset_set_policy_log(struct ruleset *rules, enum log_amount log);
enum log_amount ruleset_policy_log(const struct ruleset *rules);

/* What some rule or other makes use of: bits. */
enum ruleset_use {
	RULESET_TIMEOUTS = 0x01,  /* timeouts of its own */
	RULESET_METERS = 0x02,    /* a limit in packets or bytes */
	RULESET_OVERLOADS = 0x04, /* a limit that fills a table */
	RULESET_COUNTS = 0x08,    /* a maximum of connections */
	RULESET_STATELESS = 0x10, /* TRACKING_NONE */
	RULESET_LOGS_ALL = 0x20,  /* LOG_ALL */
	RULESET_SCHEDULES = 0x40, /* a schedule by the local time */
	RULESET_MARKS = 0x80,     /* marks that later rules see */
};

unsigned int ruleset_uses(const struct ruleset *rules);

/* All of them, by enum timeout. */
const msec_t *ruleset_timeouts(const struct ruleset *rules);

/*
 * The following return objects that belong to @rules, or NULL: no memory.
 * Names are copied.  That a name is new is the caller's business.  The zones
 * "self" (this machine) and "any" exist from the start.
 */
struct zone *ruleset_add_zone(struct ruleset *rules, const char *name);
struct table *ruleset_add_table(struct ruleset *rules, const char *name);
/* @options must not be at fault (rule_options_fault()). */
struct rule *ruleset_add_rule(struct ruleset *rules, const char *name,
			      const struct rule_options *options);
/* Before the rules are in force. */
void ruleset_set_rule_options(struct ruleset *rules, struct rule *rule,
			      const struct rule_options *options);

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
const struct rule_options *rule_options(const struct rule *rule);
/* Made of the name: the same in every rule set. */
uint64_t rule_id(const struct rule *rule);
/* The @index-th condition; false: there are no more. */
bool rule_match(const struct rule *rule, size_t index,
		const struct match_type **type, const struct match **match);

/*
 * Why a rule does not match: its date is past, its schedule has another time,
 * or the first condition that does not hold.
 */
struct rule_miss {
	bool is_over;
	bool is_off;
	const struct match_type *type; /* NULL: it is over or off */
	const struct match *match;
};

/* false: it is there and all its conditions hold. */
bool rule_misses(const struct rule *rule, const struct packet *pkt,
		 struct moment when, struct rule_miss *miss);

/*
 * The first rule, from number @first on, that is there (neither over nor off)
 * and whose conditions all hold; RULE_NONE: there is none.  What it does is not looked at.
 */
uint32_t ruleset_next(const struct ruleset *rules, const struct packet *pkt,
		      struct moment when, uint32_t first);

/*
 * What the rules say of a packet that asks to be let in, limits apart: the
 * first that matches, does not continue and is not in audit mode.  The
 * verdict's reason is REASON_NEW, or REASON_RULE, REASON_TABLE or
 * REASON_POLICY, its rule the one that decided.  engine_decide() is the whole
 * truth: it also applies limits, continuing rules, audit and antispoofing.
 */
struct verdict ruleset_classify(const struct ruleset *rules,
				const struct packet *pkt, struct moment when);

/* That of the rule of that number, or of the policy with RULE_NONE. */
struct verdict ruleset_verdict(const struct ruleset *rules, uint32_t number,
			       enum hook hook);

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
				      const struct packet *pkt,
				      struct moment when, uint32_t rule);

/* Whether a table with never_block has any address of @prefix. */
bool ruleset_never_blocks(const struct ruleset *rules,
			  const struct prefix *prefix);

/*
 * For the live sets of the tables (live_set_key()); before the rules are in
 * force.
 */
void ruleset_set_key(struct ruleset *rules, const struct hash_key *key);

/*
 * Forgets what packets have changed: what limits and maxima count, and what was
 * added to tables.  The rules must be in force nowhere.
 */
void ruleset_forget(struct ruleset *rules);

/* What has become of a rule of the rules of before. */
struct rule_heir {
	uint32_t rule;       /* of the same name; RULE_NONE: there is none */
	uint64_t id;         /* rule_id() */
	bool counts_max;     /* its connections are counted in its state, */
	bool counts_sources; /* and by source */
	uint8_t prefix_ipv4; /* of which size */
	uint8_t prefix_ipv6;
};

/*
 * For each rule of @from its heir in @to; the caller frees it.  NULL: no
 * memory.
 */
struct rule_heir *ruleset_map(const struct ruleset *from,
			      const struct ruleset *to);

/* The same from each rule to itself. */
struct rule_heir *ruleset_map_itself(const struct ruleset *rules);

/*
 * The numbers of the rules of @len names, or RULE_NONE; false: no memory.
 */
bool ruleset_number_names(const struct ruleset *rules, const char *const *names,
			  size_t len, uint32_t *numbers);

/*
 * Rules of @to go on with what those of @from of the same name have counted,
 * and tables with what was added to those of the same name.  @from is in force
 * while engines change to @to one by one, and must then be destroyed.  To be
 * called once, right before the first engine_set_rules(); nobody may change
 * live sets until after the last one.  Cannot fail.
 */
void ruleset_inherit(struct ruleset *to, struct ruleset *from,
		     struct rule_heir *map);

#endif
