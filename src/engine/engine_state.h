/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the engine share: engine.c (the pipeline), engine_ask.c
 * (asking the rules), engine_counts.c (maxima), engine_rules.c (changing the
 * rules) and engine_list.c; see judgement.h for the others.
 */
#ifndef ENGINE_ENGINE_STATE_H
#define ENGINE_ENGINE_STATE_H

#include "engine/conntrack.h"
#include "engine/engine.h"
#include "engine/meanings.h"
#include "engine/rate.h"
#include "engine/rejected.h"
#include "engine/sources.h"

struct engine {
	struct conntrack *ct;
	struct pool *pool;
	struct halfopen *halfopen; /* may be NULL */
	struct sources *sources;   /* may be NULL */
	const struct ruleset *rules;
	struct rule_stats *rule_stats; /* by number in .rules */
	/*
	 * Connections of the other epoch have numbers in the rules of before;
	 * .map leads from these to .rules.
	 */
	const struct rule_heir *map;
	size_t map_len;
	bool epoch;
	size_t rechecked;         /* buckets; SIZE_MAX: all are of this epoch */
	unsigned int uses;        /* ruleset_uses() of .rules */
	bool counts;              /* they have maxima, or those of before had */
	struct overload overload; /* of the verdict given last */
	struct rejected *rejected;
	struct meanings *meanings; /* of numbers in connections */
	struct meanings *own_meanings;
	struct packet marked; /* that being judged, once a rule has marked it */
	msec_t start;
	enum engine_past past;
	msec_t loss;         /* connections from before that may be lossy */
	int64_t wall;        /* see struct engine_params */
	int32_t offset;      /* see engine_set_offset() */
	rate_bucket related; /* of ICMP errors that pass */
	struct engine_stats stats;
};

static inline struct moment engine_moment(const struct engine *eng, msec_t now)
{
	return (struct moment){ now, (now + eng->wall) / 1000, eng->offset };
}

/* false: no memory. */
bool engine_rules_init(struct engine *eng, const struct ruleset *rules);
void engine_rules_fini(struct engine *eng);

/* The number of the connection's rule in the rules in force, or RULE_NONE. */
uint32_t engine_rule_of(const struct engine *eng, const struct conn *conn);
/* The connection is let in, again or for the first time, by that rule. */
void engine_set_rule(const struct engine *eng, struct conn *conn,
		     uint32_t number);
/* Which rule a connection belongs to. */
struct allegiance {
	uint32_t rule;
	bool epoch;
};

static inline struct allegiance engine_allegiance(const struct conn *conn)
{
	return (struct allegiance){ conn->rule, conn->epoch };
}

/* What a connection is counted in; all zero: nothing. */
struct engine_holding {
	_Atomic uint32_t *conns; /* its rule's number, or NULL */
	bool has_source;         /* and that of .source */
	struct sources_key source;
};

/* What @conn holds if it belongs @to that rule. */
struct engine_holding engine_holding(const struct engine *eng,
				     const struct conn *conn,
				     const struct allegiance *to);
void engine_release(const struct engine *eng,
		    const struct engine_holding *holding);
/*
 * Counts a connection for that rule: REASON_NONE, or which maximum is reached.
 * What @replaced holds will be released after it.
 */
enum reason engine_admit(const struct engine *eng, uint32_t number,
			 const struct tuple *tuple,
			 const struct engine_holding *replaced);
/* The same, whatever the maxima say. */
void engine_count(const struct engine *eng, uint32_t number,
		  const struct tuple *tuple);
/* One of those less. */
void engine_discount(const struct engine *eng, uint32_t number,
		     const struct tuple *tuple);
/* Refuses what would take the connection to a rule that has no room for it. */
void engine_check_move(struct engine *eng, const struct conn *conn,
		       const struct tuple *tuple, struct verdict *asked);
/* The connection is counted where it belongs now, and no more in @old. */
void engine_recount(const struct engine *eng, const struct conn *conn,
		    const struct engine_holding *old);
/*
 * Whether another connection may come from the source of @tuple.  Of several
 * threads that ask at once each may hear that there is room for one.
 */
bool engine_has_room_for_source(const struct engine *eng,
				const struct tuple *tuple);
/*
 * Counts @conn among those of its source, if these are limited and it is not:
 * whether there is room is not asked.
 */
void engine_count_source(const struct engine *eng, struct conn *conn);
/* It is about to end, or to have another source. */
void engine_discount_source(const struct engine *eng, const struct conn *conn);
/* It goes over to another rule. */
void engine_move_rule(const struct engine *eng, struct conn *conn,
		      uint32_t number);

struct sources_key engine_sources_key(const struct rule *rule,
				      enum sources_kind kind,
				      const struct tuple *tuple);

/*
 * What the rules say of a packet, with all that goes with it: limits, rules
 * that continue, audit, counters.
 */
struct verdict engine_ask(struct engine *eng, const struct packet *pkt,
			  msec_t now);
/* Has a packet of a connection logged, if the rule that let it in wants all. */
void engine_log_all(const struct engine *eng, struct verdict *verdict);
/* If the policy is in audit mode, what @verdict refuses passes. */
void engine_audit(const struct engine *eng, struct verdict *verdict);
/*
 * A packet from the opener of a connection: if it is over the limit of its
 * rule, @verdict refuses it.
 */
void engine_meter(struct engine *eng, const struct conn *conn,
		  const struct packet *pkt, msec_t now,
		  struct verdict *verdict);
/* The rule of @verdict has had enough. */
void engine_refuse_more(struct engine *eng, struct verdict *verdict,
			enum reason reason);
/* The handshake of the connection is complete. */
void engine_note_proof(struct engine *eng, const struct conn *conn, msec_t now);
void engine_count_for_rule(struct engine *eng, uint32_t rule,
			   const struct packet *pkt);

/* What its class gives to the connection: its rule may say. */
msec_t engine_timeout_of(const struct engine *eng, const struct conn *conn,
			 enum timeout timeout);

/* Removes one connection to make room; false: all that is left must stay. */
bool engine_evict(struct engine *eng, enum evict last, msec_t quiet_min,
		  msec_t now);
/* One that is half open. */
bool engine_evict_half_open(struct engine *eng, msec_t now);

/* The packet passes with the connection's mark. */
void engine_mark(const struct engine *eng, const struct conn *conn,
		 struct verdict *verdict);

/* NULL: the policy decides, not a rule. */
const struct rule *engine_find_rule(const struct engine *eng, uint32_t rule);

/* How a packet that way stands to the connection, after it was judged. */
void engine_describe(const struct conn *conn, enum direction dir,
		     struct verdict_conn *described);

/* A connection as people see it. */
struct conn_info engine_conn_info(const struct engine *eng,
				  const struct conn *conn);

#endif
