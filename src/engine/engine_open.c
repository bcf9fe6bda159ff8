/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that ask: a connection is opened, replaced or picked up, or the
 * packet passes without one; and what limits there are to that.
 */
#include "engine/halfopen.h"
#include "engine/judgement.h"

void judgement_count(const struct judgement *j, struct conn *conn,
		     enum direction dir)
{
	conn->packets[dir]++;
	conn->bytes[dir] += j->pkt->len;
	engine_count_for_rule(j->eng, engine_rule_of(j->eng, conn), j->pkt);
}

static size_t share_of(size_t size, uint32_t percent)
{
	return (size * percent + 99) / 100;
}

/* How far lives are to shrink, for the table is so full. */
static unsigned int pressure(const struct engine *eng)
{
	const struct limits *limits = ruleset_limits(eng->rules);
	size_t size = pool_size(eng->pool);
	size_t used = pool_used(eng->pool);
	size_t start = share_of(size, limits->adaptive_start);
	size_t end = share_of(size, limits->adaptive_end);

	if (used <= start)
		return 0;
	if (used >= end)
		return TIMEOUT_SHRUNK_MAX;
	return (unsigned int)((used - start) * TIMEOUT_SHRUNK_MAX /
			      (end - start));
}

/* What the connection's rule says, or the rule set. */
msec_t engine_timeout_of(const struct engine *eng, const struct conn *conn,
			 enum timeout timeout)
{
	const struct rule *rule = NULL;

	if (eng->uses & RULESET_TIMEOUTS)
		rule = engine_find_rule(eng, engine_rule_of(eng, conn));
	if (rule && rule_options(rule)->timeouts[timeout])
		return rule_options(rule)->timeouts[timeout];
	return ruleset_timeout(eng->rules, timeout);
}

void judgement_restart(const struct judgement *j, struct conn *conn)
{
	enum timeout timeout = j->proto->timeout(conn);
	unsigned int shrunk = pressure(j->eng);
	msec_t full = engine_timeout_of(j->eng, conn, timeout);
	msec_t life = timeout_shrink(timeout, full, shrunk);
	int most = timeout_info[timeout].lives_max;
	msec_t left;

	if (most && conn->timeout == timeout) {
		left = most * full - ((uint32_t)j->now - conn->class_since);
		/* They may have been shortened; it ends when it would have. */
		if (left <= 0)
			return;
		life = life < left ? life : left;
	}
	conn->shrunk = shrunk & 7;
	conntrack_refresh(j->eng->ct, conn, timeout, j->now, j->now + life);
}

static bool is_over(size_t count, uint32_t limit)
{
	return limit && count >= limit;
}

/*
 * REASON_NONE, or which end of a half-open connection has too many.  In all
 * there may be too many, too: then the oldest one gives way.  So a flood of
 * SYNs shortens the time that is left for a handshake, and nothing else.
 *
 * @replaced: the connection that gives its place to the new one, or NULL.
 */
static enum reason check_half_open(const struct judgement *j,
				   const struct conn *replaced)
{
	const struct limits *limits = ruleset_limits(j->eng->rules);
	const struct halfopen *halfopen = j->eng->halfopen;
	const struct tuple *tuple = &j->pkt->tuple;

	if (!halfopen || !timeout_info[j->proto->first].half_open)
		return REASON_NONE;
	if (is_over(halfopen_by_source(halfopen, tuple),
		    limits->half_open_per_source))
		return REASON_SRC_HALFOPEN;
	if (is_over(halfopen_by_destination(halfopen, tuple),
		    limits->half_open_per_destination))
		return REASON_DST_HALFOPEN;
	if (replaced && timeout_info[replaced->timeout].half_open)
		return REASON_NONE;
	if (is_over(halfopen_total(halfopen), limits->half_open) &&
	    !engine_evict_half_open(j->eng, j->now))
		return REASON_HALF_OPEN;
	return REASON_NONE;
}

/* REASON_NONE: @conn is there.  A full table gives up one to take one. */
static enum reason insert_conn(const struct judgement *j, struct conn **conn)
{
	struct conntrack *ct = j->eng->ct;
	const struct tuple *tuple = &j->pkt->tuple;
	enum conntrack_error error = conntrack_insert(ct, tuple, j->now, conn);

	if (error == CONNTRACK_FULL &&
	    engine_evict(j->eng, EVICT_QUIET, 0, j->now))
		error = conntrack_insert(ct, tuple, j->now, conn);
	switch (error) {
	case CONNTRACK_OK:
		return REASON_NONE;
	case CONNTRACK_FULL:
		return REASON_TABLE_FULL;
	case CONNTRACK_CHAIN:
		return REASON_HASH_CHAIN;
	}
	return REASON_INTERNAL;
}

/* By which way the first packet came, for when the rules change. */
static void remember_way(struct engine *eng, struct conn *conn,
			 const struct packet *pkt)
{
	conn->hook = pkt->hook & 3U;
	conn->indev = ifnames_number(&eng->meanings->ifnames, pkt->indev);
	conn->outdev = ifnames_number(&eng->meanings->ifnames, pkt->outdev);
}

/* Answers come from other addresses, so a connection would serve nobody. */
static bool is_for_many(const struct packet *pkt)
{
	return addr_is_multicast(&pkt->tuple.dst) ||
	       addr_is_broadcast(&pkt->tuple.dst);
}

static enum tracking tracking_of(const struct engine *eng, uint32_t number)
{
	const struct rule *rule = engine_find_rule(eng, number);

	return rule ? rule_options(rule)->tracking
		    : ruleset_tracking(eng->rules);
}

/* The packet passes by itself: no connection is made of it. */
static struct verdict pass_alone(const struct judgement *j,
				 struct verdict asked)
{
	engine_count_for_rule(j->eng, asked.rule, j->pkt);
	if (asked.reason == REASON_NEW &&
	    tracking_of(j->eng, asked.rule) == TRACKING_NONE)
		asked.reason = REASON_STATELESS;
	return asked;
}

/*
 * Counts the connection to come against the maxima of its rule; false: one of
 * them is reached, and @verdict says so.
 */
static bool admit(const struct judgement *j, struct verdict *verdict,
		  const struct engine_holding *replaced)
{
	const struct tuple *tuple = &j->pkt->tuple;
	enum reason reason =
		engine_admit(j->eng, verdict->rule, tuple, replaced);

	if (reason == REASON_NONE)
		return true;
	engine_refuse_more(j->eng, verdict, reason);
	if (verdict->action != ACTION_ACCEPT)
		return false;
	engine_count(j->eng, verdict->rule, tuple);
	return true;
}

/* The connection is admitted; a full table may refuse it all the same. */
static struct verdict make_conn(const struct judgement *j,
				struct verdict verdict)
{
	const struct marking mark = { verdict.mark, verdict.mark_mask };
	struct conn *conn = NULL;
	enum reason reason = REASON_INTERNAL;
	uint16_t number;

	/* Its packets would leave by a way that the rules do not want. */
	if (marks_number(&j->eng->meanings->marks, mark, &number))
		reason = insert_conn(j, &conn);
	if (reason != REASON_NONE) {
		engine_discount(j->eng, verdict.rule, &j->pkt->tuple);
		return verdict_drop(reason);
	}
	engine_set_rule(j->eng, conn, verdict.rule);
	conn->mark = number & MARKS_MAX;
	engine_count_source(j->eng, conn);
	remember_way(j->eng, conn, j->pkt);
	j->proto->open(conn, j->pkt);
	judgement_count(j, conn, DIR_ORIGINAL);
	judgement_restart(j, conn);
	j->eng->stats.created++;
	engine_describe(conn, DIR_ORIGINAL, &verdict.conn);
	return verdict;
}

static struct verdict open_conn(const struct judgement *j,
				struct verdict verdict)
{
	static const struct engine_holding nothing = { 0 };
	enum reason reason = REASON_SRC_CONNECTIONS;

	if (engine_has_room_for_source(j->eng, &j->pkt->tuple))
		reason = check_half_open(j, NULL);
	if (reason != REASON_NONE)
		return verdict_drop(reason);
	if (!admit(j, &verdict, &nothing))
		return verdict;
	return make_conn(j, verdict);
}

/* The settings of TCP allow it, and the rule does not forbid it. */
static struct verdict pick_up(const struct judgement *j, struct verdict asked)
{
	const struct rule *rule = engine_find_rule(j->eng, asked.rule);

	if (asked.action != ACTION_ACCEPT ||
	    (rule && rule_options(rule)->no_pickup))
		return verdict_drop(REASON_ORPHAN_ACK);
	if (asked.reason != REASON_AUDIT)
		asked.reason = REASON_PICKUP;
	return open_conn(j, asked);
}

static bool is_orphan(enum reason reason)
{
	return reason >= REASON_ORPHAN_ACK && reason <= REASON_ORPHAN_SCTP;
}

struct verdict judgement_alone(const struct judgement *j)
{
	struct verdict asked = engine_ask(j->eng, j->pkt, j->now);

	if (asked.action != ACTION_ACCEPT)
		return asked;
	if (asked.reason == REASON_NEW)
		asked.reason = REASON_STATELESS;
	return pass_alone(j, asked);
}

/* Nothing is counted before it is certain that the rules are to be asked. */
struct verdict judgement_stateless(const struct judgement *j,
				   enum reason reason)
{
	struct engine *eng = j->eng;
	struct verdict verdict;

	if (!(eng->uses & RULESET_STATELESS))
		return verdict_drop(reason);
	verdict = ruleset_classify(eng->rules, j->pkt,
				   engine_moment(eng, j->now));
	if (verdict.action != ACTION_ACCEPT ||
	    tracking_of(eng, verdict.rule) != TRACKING_NONE)
		return verdict_drop(reason);
	return judgement_alone(j);
}

struct verdict judgement_open(const struct judgement *j)
{
	enum reason reason = j->proto->opens(j->pkt, &j->in);
	struct verdict asked;

	if (is_orphan(reason))
		return judgement_stateless(j, reason);
	if (reason != REASON_NEW && reason != REASON_PICKUP)
		return verdict_drop(reason);
	asked = engine_ask(j->eng, j->pkt, j->now);
	if (asked.action == ACTION_ACCEPT &&
	    (is_for_many(j->pkt) ||
	     tracking_of(j->eng, asked.rule) == TRACKING_NONE))
		return pass_alone(j, asked);
	if (reason == REASON_PICKUP)
		return pick_up(j, asked);
	if (asked.action != ACTION_ACCEPT)
		return asked;
	return open_conn(j, asked);
}

struct verdict judgement_replace(const struct judgement *j, struct conn *conn,
				 struct verdict asked, enum reason reason)
{
	struct allegiance before = engine_allegiance(conn);
	struct engine_holding old = engine_holding(j->eng, conn, &before);
	struct verdict refused = verdict_drop(check_half_open(j, conn));

	refused.conn = asked.conn;
	if (refused.reason != REASON_NONE)
		return refused;
	if (tracking_of(j->eng, asked.rule) == TRACKING_NONE) {
		conntrack_remove(j->eng->ct, conn);
		asked.conn = (struct verdict_conn){ 0 };
		return pass_alone(j, asked);
	}
	if (!admit(j, &asked, &old))
		return asked;
	conntrack_remove(j->eng->ct, conn);
	if (asked.reason != REASON_AUDIT)
		asked.reason = reason;
	return make_conn(j, asked);
}

struct verdict judgement_renew(const struct judgement *j, struct conn *conn,
			       enum direction dir,
			       const struct allegiance *before,
			       struct track track)
{
	struct engine_holding old = engine_holding(j->eng, conn, before);
	bool reversed = track.effect == TRACK_RENEW_REVERSED;
	struct verdict verdict = { .action = ACTION_ACCEPT };

	if (reversed)
		dir = dir == DIR_ORIGINAL ? DIR_REPLY : DIR_ORIGINAL;
	engine_discount_source(j->eng, conn);
	conn->counted = false;
	conntrack_renew(j->eng->ct, conn, reversed, j->now);
	engine_count_source(j->eng, conn);
	/* A request from before the rules changed: the recheck will judge. */
	if (conn->epoch == j->eng->epoch)
		engine_set_rule(j->eng, conn, conn->rule);
	else
		conn->rule = RULE_NONE;
	engine_recount(j->eng, conn, &old);
	if (j->eng->uses & RULESET_OVERLOADS && conn->assured)
		engine_note_proof(j->eng, conn, j->now);
	judgement_count(j, conn, dir);
	judgement_restart(j, conn);
	j->eng->stats.created++;
	verdict.reason = track.reason;
	verdict.rule = engine_rule_of(j->eng, conn);
	engine_mark(j->eng, conn, &verdict);
	engine_describe(conn, dir, &verdict.conn);
	return verdict;
}
