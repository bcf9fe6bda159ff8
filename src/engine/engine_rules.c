/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing the rules while connections live.
 *
 * A connection has the number of the rule that let it in.  When the rules
 * change, all numbers do, and there may be millions of connections; so the
 * recheck goes through the table in slices, and one bit tells of which rules a
 * connection's number is.  Until it is moved, a map leads to its rule.  The
 * next change completes the recheck of the last one, so one bit is enough.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_state.h"
#include "engine/origin.h"
#include "engine/proto.h"

enum { SLICE = 256 /* buckets */ };

struct rule_stats *rule_stats_create(const struct ruleset *rules)
{
	size_t count = ruleset_rule_count(rules);

	return calloc(count ? count : 1, sizeof(struct rule_stats));
}

bool engine_rules_init(struct engine *eng, const struct ruleset *rules)
{
	eng->rules = rules;
	eng->uses = ruleset_uses(rules);
	eng->counts = eng->uses & RULESET_COUNTS;
	eng->rechecked = SIZE_MAX;
	eng->rule_stats = rule_stats_create(rules);
	return eng->rule_stats != NULL;
}

void engine_rules_fini(struct engine *eng)
{
	free(eng->rule_stats);
}

uint32_t engine_rule_of(const struct engine *eng, const struct conn *conn)
{
	if (conn->epoch == eng->epoch)
		return conn->rule;
	return conn->rule < eng->map_len ? eng->map[conn->rule].rule
					 : RULE_NONE;
}

const struct rule *engine_find_rule(const struct engine *eng, uint32_t rule)
{
	return rule < ruleset_rule_count(eng->rules)
		       ? ruleset_rule(eng->rules, rule)
		       : NULL;
}

void engine_set_rule(const struct engine *eng, struct conn *conn,
		     uint32_t number)
{
	const struct rule *rule = engine_find_rule(eng, number);
	enum tracking tracking = rule ? rule_options(rule)->tracking
				      : ruleset_tracking(eng->rules);

	conn->rule = number;
	conn->epoch = eng->epoch;
	/* It is tracked once it is there: only the next one would not be. */
	conn->tracking =
		(tracking == TRACKING_NONE ? TRACKING_FULL : tracking) & 3U;
}

/* The counters of before, under the numbers of now. */
static void move_stats(struct rule_stats *to, const struct engine *eng,
		       const struct rule_heir *map)
{
	size_t count = ruleset_rule_count(eng->rules);

	for (size_t i = 0; i < count; i++)
		if (map[i].rule != RULE_NONE)
			to[map[i].rule] = eng->rule_stats[i];
}

static bool keep_all(struct conn *conn, void *arg)
{
	struct engine *eng = arg;
	struct allegiance before = engine_allegiance(conn);
	struct engine_holding old;

	if (conn->epoch == eng->epoch)
		return true;
	engine_count_source(eng, conn);
	old = engine_holding(eng, conn, &before);
	proto_find(conn->tuple.ipproto)->forget_rules(conn);
	conn->rule = engine_rule_of(eng, conn);
	conn->epoch = eng->epoch;
	engine_recount(eng, conn, &old);
	return true;
}

void engine_finish_recheck(struct engine *eng)
{
	while (eng->rechecked != SIZE_MAX)
		conntrack_sift(eng->ct, &eng->rechecked, keep_all, eng);
}

void engine_set_rules(struct engine *eng, const struct ruleset *rules,
		      const struct rule_heir *map, struct rule_stats *stats)
{
	engine_finish_recheck(eng);
	move_stats(stats, eng, map);
	free(eng->rule_stats);
	eng->map = map;
	eng->map_len = ruleset_rule_count(eng->rules);
	eng->rule_stats = stats;
	/* Connections that are not rechecked are counted as before. */
	eng->counts = (eng->uses | ruleset_uses(rules)) & RULESET_COUNTS;
	eng->rules = rules;
	eng->uses = ruleset_uses(rules);
	eng->epoch = !eng->epoch;
	eng->rechecked = 0;
}

void engine_renew_rules(struct engine *eng, const struct rule_heir *map)
{
	engine_finish_recheck(eng);
	eng->map = map;
	eng->map_len = ruleset_rule_count(eng->rules);
	eng->epoch = !eng->epoch;
	eng->rechecked = 0;
}

/* What a recheck needs for each connection. */
struct rechecking {
	struct engine *eng;
	enum recheck recheck;
	msec_t now;
	void (*closed)(const struct conn_info *conn,
		       const struct verdict *verdict, void *arg);
	void *arg;
};

/* What is left of the packet that opened the connection. */
static struct packet recall(const struct engine *eng, const struct conn *conn)
{
	struct packet pkt = {
		.tuple = conn_original_tuple(conn),
		.hook = (enum hook)conn->hook,
	};

	memcpy(pkt.indev, ifnames_name(&eng->meanings->ifnames, conn->indev),
	       sizeof(pkt.indev));
	memcpy(pkt.outdev, ifnames_name(&eng->meanings->ifnames, conn->outdev),
	       sizeof(pkt.outdev));
	proto_find(conn->tuple.ipproto)->recall(conn, &pkt);
	return pkt;
}

static struct verdict judge_again(const struct rechecking *r,
				  const struct conn *conn)
{
	struct verdict verdict;
	struct packet pkt;

	if (r->recheck == RECHECK_FLUSH)
		return verdict_drop(REASON_POLICY);
	pkt = recall(r->eng, conn);
	verdict = verdict_drop(origin_fault(r->eng->rules, &pkt));
	if (verdict.reason == REASON_NONE)
		verdict = ruleset_classify_again(r->eng->rules, &pkt,
						 engine_moment(r->eng, r->now),
						 engine_rule_of(r->eng, conn));
	if (ruleset_audit(r->eng->rules))
		verdict.action = ACTION_ACCEPT;
	return verdict;
}

static bool recheck_conn(struct conn *conn, void *arg)
{
	const struct rechecking *r = arg;
	struct conn_info info;
	struct verdict verdict;

	if (conn->expires <= r->now)
		return false;
	/* The rules in force have let it in. */
	if (conn->epoch == r->eng->epoch)
		return true;
	if (r->recheck == RECHECK_KEEP)
		return keep_all(conn, r->eng);
	verdict = judge_again(r, conn);
	if (verdict.action == ACTION_ACCEPT) {
		proto_find(conn->tuple.ipproto)->forget_rules(conn);
		engine_count_source(r->eng, conn);
		engine_move_rule(r->eng, conn, verdict.rule);
		return true;
	}
	info = engine_conn_info(r->eng, conn);
	r->closed(&info, &verdict, r->arg);
	return false;
}

bool engine_recheck(struct engine *eng, enum recheck recheck, msec_t now,
		    void (*closed)(const struct conn_info *conn,
				   const struct verdict *verdict, void *arg),
		    void *arg)
{
	struct rechecking r = { eng, recheck, now, closed, arg };

	for (int i = 0; i < SLICE && eng->rechecked != SIZE_MAX; i++)
		conntrack_sift(eng->ct, &eng->rechecked, recheck_conn, &r);
	eng->stats.conns = conntrack_count(eng->ct);
	if (eng->rechecked != SIZE_MAX)
		return false;
	eng->counts = eng->uses & RULESET_COUNTS;
	return true;
}

const struct rule_stats *engine_rule_stats(const struct engine *eng,
					   size_t rule)
{
	return &eng->rule_stats[rule];
}
