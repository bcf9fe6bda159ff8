/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline, in the order of its steps:
 *
 *	an ICMP error        is it about a connection, and can it be?
 *	neighbour discovery  stateless
 *	a known connection   does the packet fit it?
 *	else                 may it open one, and do the rules allow it?
 *
 * Every packet leaves with one verdict and one reason, which are counted here
 * and nowhere else.
 */
#include "engine/engine.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "engine/engine_state.h"
#include "engine/halfopen.h"
#include "engine/proto.h"

/* What is needed to judge one packet. */
struct judgement {
	struct engine *eng;
	const struct packet *pkt;
	const struct proto *proto;
	msec_t now;
	struct track_input in;
};

static bool is_icmp(const struct packet *pkt)
{
	return pkt->tuple.ipproto == IPPROTO_ICMP ||
	       pkt->tuple.ipproto == IPPROTO_ICMPV6;
}

static struct verdict_conn describe(const struct proto *proto,
				    const struct conn *conn, enum direction dir)
{
	return (struct verdict_conn){
		.id = conn->id,
		.state = proto->state_name(conn),
		.reply = dir == DIR_REPLY,
	};
}

static void count_for_rule(struct engine *eng, uint32_t rule,
			   const struct packet *pkt)
{
	if (rule == RULE_NONE)
		return;
	eng->rule_stats[rule].packets++;
	eng->rule_stats[rule].bytes += pkt->len;
}

/* A packet of the connection that passes. */
static void count_packet(struct engine *eng, struct conn *conn,
			 const struct packet *pkt, enum direction dir)
{
	conn->packets[dir]++;
	conn->bytes[dir] += pkt->len;
	count_for_rule(eng, engine_rule_of(eng, conn), pkt);
}

static void count_match(struct engine *eng, const struct verdict *verdict,
			const struct packet *pkt, msec_t now)
{
	struct rule_stats *stats;

	if (verdict->rule == RULE_NONE) {
		eng->stats.policy[pkt->hook]++;
		return;
	}
	stats = &eng->rule_stats[verdict->rule];
	stats->matches++;
	stats->last = now;
	/* What it accepts is counted with its connection. */
	if (verdict->action != ACTION_ACCEPT)
		count_for_rule(eng, verdict->rule, pkt);
}

static struct verdict ask_rules(const struct judgement *j)
{
	struct verdict verdict = ruleset_classify(
		j->eng->rules, j->pkt, engine_moment(j->eng, j->now));

	count_match(j->eng, &verdict, j->pkt, j->now);
	return verdict;
}

/* From four fifths of the table on, lives shrink to their floor. */
static unsigned int pressure(const struct pool *pool)
{
	size_t size = pool_size(pool);
	size_t used = pool_used(pool);
	size_t start = size - size / 5;

	if (used <= start)
		return 0;
	return (unsigned int)((used - start) * TIMEOUT_SHRUNK_MAX /
			      (size - start));
}

/* The timeout of the connection's state starts now, within its total life. */
static void restart_timer(const struct judgement *j, struct conn *conn)
{
	enum timeout timeout = j->proto->timeout(conn);
	unsigned int shrunk = pressure(j->eng->pool);
	msec_t life = timeout_shrink(
		timeout, ruleset_timeout(j->eng->rules, timeout), shrunk);
	int most = timeout_info[timeout].lives_max;
	msec_t left;

	if (most && conn->timeout == timeout) {
		left = most * life - ((uint32_t)j->now - conn->class_since);
		life = life < left ? life : left;
	}
	conn->shrunk = shrunk & 7;
	conntrack_refresh(j->eng->ct, conn, timeout, j->now, j->now + life);
}

static bool is_over(size_t count, uint32_t limit)
{
	return limit && count >= limit;
}

/* REASON_NONE, or which end of a half-open connection has too many. */
static enum reason check_half_open(const struct judgement *j)
{
	const struct half_open_limits *limits =
		ruleset_half_open(j->eng->rules);
	const struct halfopen *halfopen = j->eng->halfopen;
	const struct tuple *tuple = &j->pkt->tuple;

	if (!halfopen || !timeout_info[j->proto->first].half_open)
		return REASON_NONE;
	if (is_over(halfopen_by_source(halfopen, tuple), limits->per_source))
		return REASON_SRC_HALFOPEN;
	if (is_over(halfopen_by_destination(halfopen, tuple),
		    limits->per_destination))
		return REASON_DST_HALFOPEN;
	return REASON_NONE;
}

static bool evict(struct engine *eng, enum evict last, msec_t quiet_min,
		  msec_t now)
{
	const struct eviction eviction = {
		.last = last,
		.quiet_min = quiet_min,
		.lives = ruleset_timeouts(eng->rules),
	};

	if (!conntrack_evict(eng->ct, &eviction, now))
		return false;
	eng->stats.evicted++;
	return true;
}

/* REASON_NONE: @conn is there.  A full table gives up one to take one. */
static enum reason insert_conn(const struct judgement *j, struct conn **conn)
{
	struct conntrack *ct = j->eng->ct;
	const struct tuple *tuple = &j->pkt->tuple;
	enum conntrack_error error = conntrack_insert(ct, tuple, j->now, conn);

	if (error == CONNTRACK_FULL && evict(j->eng, EVICT_QUIET, 0, j->now))
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
	conn->indev = ifnames_number(&eng->ifnames, pkt->indev);
	conn->outdev = ifnames_number(&eng->ifnames, pkt->outdev);
}

/* Opens a connection that the rules have allowed, as @verdict says. */
static struct verdict open_conn(const struct judgement *j,
				struct verdict verdict)
{
	enum reason reason = check_half_open(j);
	struct conn *conn = NULL;

	if (reason == REASON_NONE)
		reason = insert_conn(j, &conn);
	if (reason != REASON_NONE)
		return verdict_drop(reason);
	engine_set_rule(j->eng, conn, verdict.rule);
	remember_way(j->eng, conn, j->pkt);
	j->proto->open(conn, j->pkt);
	count_packet(j->eng, conn, j->pkt, DIR_ORIGINAL);
	restart_timer(j, conn);
	j->eng->stats.created++;
	verdict.conn = describe(j->proto, conn, DIR_ORIGINAL);
	return verdict;
}

/* Answers come from other addresses, so a connection would serve nobody. */
static bool is_for_many(const struct packet *pkt)
{
	return addr_is_multicast(&pkt->tuple.dst) ||
	       addr_is_broadcast(&pkt->tuple.dst);
}

/* The settings of TCP allow it, and the rule does not forbid it. */
static struct verdict pick_up(const struct judgement *j, struct verdict verdict)
{
	const struct rule *rule = engine_find_rule(j->eng, verdict.rule);

	if (verdict.action != ACTION_ACCEPT ||
	    (rule && rule_options(rule)->no_pickup))
		return verdict_drop(REASON_ORPHAN_ACK);
	verdict.reason = REASON_PICKUP;
	return open_conn(j, verdict);
}

static struct verdict decide_new(const struct judgement *j)
{
	enum reason reason = j->proto->opens(j->pkt, &j->in);
	struct verdict verdict;

	if (reason != REASON_NEW && reason != REASON_PICKUP)
		return verdict_drop(reason);
	verdict = ask_rules(j);
	if (reason == REASON_PICKUP)
		return pick_up(j, verdict);
	if (verdict.action != ACTION_ACCEPT || is_for_many(j->pkt))
		return verdict;
	return open_conn(j, verdict);
}

/* The packet ends the connection and opens the next one of its tuple. */
static struct verdict replace_conn(const struct judgement *j, struct conn *conn,
				   struct verdict verdict, enum reason reason)
{
	struct verdict refused = verdict_drop(check_half_open(j));

	refused.conn = verdict.conn;
	if (refused.reason != REASON_NONE)
		return refused;
	conntrack_remove(j->eng->ct, conn);
	verdict.reason = reason;
	return open_conn(j, verdict);
}

/* With the packet, the next connection has taken the place of this one. */
static struct verdict renew_conn(const struct judgement *j, struct conn *conn,
				 enum direction dir, struct track track)
{
	bool reversed = track.effect == TRACK_RENEW_REVERSED;

	if (reversed)
		dir = dir == DIR_ORIGINAL ? DIR_REPLY : DIR_ORIGINAL;
	conntrack_renew(j->eng->ct, conn, reversed, j->now);
	/* A request from before the rules changed: the recheck will judge. */
	if (conn->epoch == j->eng->epoch)
		engine_set_rule(j->eng, conn, conn->rule);
	else
		conn->rule = RULE_NONE;
	count_packet(j->eng, conn, j->pkt, dir);
	restart_timer(j, conn);
	j->eng->stats.created++;
	return (struct verdict){
		.action = ACTION_ACCEPT,
		.reason = track.reason,
		.rule = engine_rule_of(j->eng, conn),
		.conn = describe(j->proto, conn, dir),
	};
}

/* So that it is not forgotten while the answer is on its way. */
static void await_answer(const struct judgement *j, struct conn *conn)
{
	enum { ANSWER_LIFE = 10000 /* ms */ };
	msec_t until = j->now + ANSWER_LIFE;

	if (conn->expires < until)
		conntrack_refresh(j->eng->ct, conn, conn->timeout, j->now,
				  until);
}

static struct verdict conclude(const struct judgement *j, struct conn *conn,
			       enum direction dir, struct track track)
{
	struct verdict verdict = {
		.action = ACTION_ACCEPT,
		.reason = track.reason,
		.rule = engine_rule_of(j->eng, conn),
	};

	if (reason_info[track.reason].kind == REASON_DROPS) {
		verdict.action = ACTION_DROP;
	} else {
		count_packet(j->eng, conn, j->pkt, dir);
		if (track.effect == TRACK_RESTART)
			restart_timer(j, conn);
		else if (track.effect == TRACK_AWAIT)
			await_answer(j, conn);
	}
	verdict.conn = describe(j->proto, conn, dir);
	return verdict;
}

static struct verdict decide_known(const struct judgement *j, struct conn *conn,
				   enum direction dir)
{
	bool asks = j->proto->asks(conn, j->pkt, dir);
	struct verdict asked = { .rule = engine_rule_of(j->eng, conn) };
	struct track_input in = j->in;
	struct track track;

	if (conn->created < j->eng->loss)
		conn->lossy = true;
	if (asks) {
		asked = ask_rules(j);
		asked.conn = describe(j->proto, conn, dir);
		if (asked.action != ACTION_ACCEPT)
			return asked;
	}
	in.dir = dir;
	in.rule = asked.rule;
	track = j->proto->track(conn, j->pkt, &in);
	if (track.effect == TRACK_REPLACE)
		return replace_conn(j, conn, asked, track.reason);
	if (track.effect == TRACK_RENEW || track.effect == TRACK_RENEW_REVERSED)
		return renew_conn(j, conn, dir, track);
	if (track.effect == TRACK_RESTART && asks)
		engine_set_rule(j->eng, conn, asked.rule);
	return conclude(j, conn, dir, track);
}

/* It passes if it can be true, and changes nothing (RFC 5927, RFC 5382). */
static struct verdict decide_error(const struct judgement *j)
{
	const struct quoted *quoted = &j->pkt->icmp.quoted;
	const struct proto *proto = proto_find(quoted->tuple.ipproto);
	struct verdict verdict = verdict_drop(REASON_ICMP_UNRELATED);
	enum direction dir;
	struct conn *conn =
		conntrack_find(j->eng->ct, &quoted->tuple, j->now, &dir);

	if (!conn)
		return verdict;
	verdict.reason = proto->relates(conn, quoted, dir);
	verdict.rule = engine_rule_of(j->eng, conn);
	/* The error goes to the sender of the packet that it quotes. */
	verdict.conn = describe(proto, conn,
				dir == DIR_ORIGINAL ? DIR_REPLY : DIR_ORIGINAL);
	if (verdict.reason != REASON_RELATED)
		return verdict;
	if (!budget_take(&conn->budget, BUDGET_RELATED, j->now))
		verdict.reason = REASON_ICMP_RATE;
	else
		verdict.action = ACTION_ACCEPT;
	return verdict;
}

static struct verdict decide(const struct judgement *j)
{
	enum direction dir;
	struct conn *conn;

	if (is_icmp(j->pkt) && j->pkt->icmp.is_error)
		return decide_error(j);
	if (is_icmp(j->pkt) && j->pkt->icmp.is_neighbour)
		return (struct verdict){ .action = ACTION_ACCEPT,
					 .reason = REASON_NEIGHBOUR,
					 .rule = RULE_NONE };
	conn = conntrack_find(j->eng->ct, &j->pkt->tuple, j->now, &dir);
	return conn ? decide_known(j, conn, dir) : decide_new(j);
}

static void count_verdict(struct engine *eng, const struct verdict *verdict)
{
	eng->stats.packets[verdict->action]++;
	eng->stats.reasons[verdict->reason]++;
	eng->stats.conns = conntrack_count(eng->ct);
}

struct engine *engine_create(const struct engine_params *params)
{
	const struct conntrack_params table = {
		.pool = params->pool,
		.halfopen = params->halfopen,
		.key = params->key,
		.number = params->number,
		.count = params->count,
	};
	struct engine *eng = calloc(1, sizeof(*eng));

	if (!eng)
		return NULL;
	eng->pool = params->pool;
	eng->halfopen = params->halfopen;
	eng->start = params->start;
	eng->wall = params->wall;
	eng->loss = INT64_MIN;
	if (!engine_rules_init(eng, params->rules))
		goto err_free;
	eng->ct = conntrack_create(&table);
	if (eng->ct)
		return eng;
	engine_rules_fini(eng);

err_free:
	free(eng);
	return NULL;
}

void engine_destroy(struct engine *eng)
{
	if (!eng)
		return;
	conntrack_destroy(eng->ct);
	engine_rules_fini(eng);
	free(eng);
}

size_t engine_shard(const struct packet *pkt, const struct hash_key *key,
		    size_t count)
{
	return tuple_hash_hosts(packet_subject(pkt), key) & (count - 1);
}

static bool picks_up(const struct engine *eng, const struct tcp_settings *tcp,
		     msec_t now)
{
	switch (tcp->pickup) {
	case TCP_PICKUP_STRICT:
		return false;
	case TCP_PICKUP_GRACE:
		return now - eng->start < tcp->pickup_grace;
	case TCP_PICKUP_LOOSE:
		return true;
	}
	return false;
}

struct verdict engine_decide(struct engine *eng, const struct packet *pkt,
			     msec_t now)
{
	const struct tcp_settings *tcp = ruleset_tcp(eng->rules);
	const struct judgement j = {
		.eng = eng,
		.pkt = pkt,
		.proto = proto_find(pkt->tuple.ipproto),
		.now = now,
		.in = {
			.now = now,
			.tcp = tcp,
			.picks_up = picks_up(eng, tcp, now),
			.rule = RULE_NONE,
		},
	};
	struct verdict verdict = decide(&j);

	count_verdict(eng, &verdict);
	return verdict;
}

struct verdict engine_refuse(struct engine *eng, enum reason reason)
{
	struct verdict verdict = verdict_drop(reason);

	count_verdict(eng, &verdict);
	return verdict;
}

void engine_set_wall(struct engine *eng, int64_t wall)
{
	eng->wall = wall;
}

void engine_note_loss(struct engine *eng, msec_t now)
{
	eng->loss = now;
}

size_t engine_expire(struct engine *eng, msec_t now, size_t budget)
{
	size_t removed = conntrack_expire(eng->ct, now, budget);

	eng->stats.conns = conntrack_count(eng->ct);
	return removed;
}

size_t engine_relieve(struct engine *eng, msec_t quiet_min, msec_t now,
		      size_t budget)
{
	size_t size = pool_size(eng->pool);
	size_t enough = size - size / 10;
	size_t removed = 0;

	while (removed < budget && pool_used(eng->pool) > enough &&
	       evict(eng, EVICT_CLOSING, quiet_min, now))
		removed++;
	eng->stats.conns = conntrack_count(eng->ct);
	return removed;
}

const struct engine_stats *engine_stats(const struct engine *eng)
{
	return &eng->stats;
}
