/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline, in the order of its steps:
 *
 *	what settings allow	is it one of that, and do they?
 *	an answer            to a packet that we have rejected?
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

#include "engine/judgement.h"

static bool is_icmp(const struct packet *pkt)
{
	return pkt->tuple.ipproto == IPPROTO_ICMP ||
	       pkt->tuple.ipproto == IPPROTO_ICMPV6;
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

void engine_mark(const struct engine *eng, const struct conn *conn,
		 struct verdict *verdict)
{
	struct marking mark = marks_mark(&eng->meanings->marks, conn->mark);

	verdict->mark = mark.mark;
	verdict->mark_mask = mark.mask;
}

/*
 * @verdict says what the rules say, if they were asked, and their rule.  It is
 * written in place, here and above, for a copy of what was written just now by
 * halves has to wait for the halves.
 */
static void conclude(const struct judgement *j, struct conn *conn,
		     struct track track, struct verdict *verdict)
{
	enum direction dir = j->in.dir;
	bool is_audited = verdict->reason == REASON_AUDIT;

	verdict->action = ACTION_ACCEPT;
	verdict->reason = track.reason;
	verdict->rule = engine_rule_of(j->eng, conn);
	verdict->log = false;
	verdict->log_rule = 0;
	verdict->overload = NULL;
	if (reason_info[track.reason].kind == REASON_DROPS) {
		verdict->action = ACTION_DROP;
	} else {
		judgement_count(j, conn, dir);
		if (track.effect == TRACK_RESTART)
			judgement_restart(j, conn);
		else if (track.effect == TRACK_AWAIT)
			await_answer(j, conn);
		engine_mark(j->eng, conn, verdict);
		if (is_audited)
			verdict->reason = REASON_AUDIT;
	}
	engine_describe(conn, dir, &verdict->conn);
}

/* What the rules say of a packet of a known connection. */
static struct verdict ask_known(const struct judgement *j,
				const struct conn *conn, bool asks)
{
	struct verdict asked = { .action = ACTION_ACCEPT,
				 .rule = engine_rule_of(j->eng, conn) };

	if (asks) {
		asked = engine_ask(j->eng, j->pkt, j->now);
		engine_check_move(j->eng, conn, &j->pkt->tuple, &asked);
	} else {
		engine_meter(j->eng, conn, j->pkt, j->now, &asked);
	}
	engine_describe(conn, j->in.dir, &asked.conn);
	return asked;
}

/* The rules were asked again: its packets get the mark that they say now. */
static void mark_again(struct engine *eng, struct conn *conn,
		       const struct verdict *asked)
{
	const struct marking mark = { asked->mark, asked->mark_mask };
	uint16_t number;

	if (marks_number(&eng->meanings->marks, mark, &number))
		conn->mark = number & MARKS_MAX;
}

static void decide_known(struct judgement *j, struct conn *conn,
			 struct verdict *verdict)
{
	struct engine *eng = j->eng;
	const struct allegiance before = engine_allegiance(conn);
	enum direction dir = j->in.dir;
	bool asks = j->proto->asks(conn, j->pkt, dir);
	bool was_assured = conn->assured;
	struct track track;

	if (conn->created < eng->loss)
		conn->lossy = true;
	verdict->rule = engine_rule_of(eng, conn);
	if (asks || (eng->uses & RULESET_METERS && dir == DIR_ORIGINAL)) {
		*verdict = ask_known(j, conn, asks);
		if (verdict->action != ACTION_ACCEPT)
			return;
	}
	j->in.rule = verdict->rule;
	track = j->proto->track(conn, j->pkt, &j->in);
	if (track.effect == TRACK_REPLACE) {
		*verdict = judgement_replace(j, conn, *verdict, track.reason);
		return;
	}
	if (asks && reason_info[track.reason].kind != REASON_DROPS)
		mark_again(eng, conn, verdict);
	if (track.effect == TRACK_RENEW ||
	    track.effect == TRACK_RENEW_REVERSED) {
		*verdict = judgement_renew(j, conn, dir, &before, track);
		return;
	}
	if (track.effect == TRACK_RESTART && asks)
		engine_move_rule(eng, conn, verdict->rule);
	if (eng->uses & RULESET_OVERLOADS && conn->assured && !was_assured)
		engine_note_proof(eng, conn, j->now);
	conclude(j, conn, track, verdict);
}

/* No connection is made of it, whoever lets it pass. */
static struct verdict decide_neighbour(const struct judgement *j)
{
	struct verdict verdict = { .action = ACTION_ACCEPT,
				   .reason = REASON_NEIGHBOUR,
				   .rule = RULE_NONE };

	if (!ruleset_essential_icmp(j->eng->rules))
		verdict = judgement_alone(j);
	return verdict;
}

static bool picks_up(const struct engine *eng, const struct tcp_settings *tcp,
		     msec_t now)
{
	bool is_grace = now - eng->start < tcp->pickup_grace;

	/* What an audit has let pass is to go on passing. */
	if (ruleset_audit(eng->rules))
		return true;
	switch (tcp->pickup) {
	case TCP_PICKUP_STRICT:
		return eng->past == ENGINE_PAST_LOST && is_grace;
	case TCP_PICKUP_GRACE:
		return eng->past != ENGINE_PAST_KEPT && is_grace;
	case TCP_PICKUP_LOOSE:
		return true;
	}
	return false;
}

/* What the kernel says to the sender of a packet that was rejected. */
static bool answers_reject(const struct judgement *j)
{
	const struct packet *pkt = j->pkt;
	const struct tuple_key *key = j->key;
	struct tuple_key quoted;

	if (is_icmp(pkt) && pkt->icmp.is_error) {
		conntrack_make_key(j->eng->ct, &pkt->icmp.quoted.tuple,
				   &quoted);
		key = &quoted;
	}
	return rejected_answers(j->eng->rejected, pkt, key, j->now);
}

static void decide(struct judgement *j, struct verdict *verdict)
{
	struct conn *conn;

	if (j->pkt->unusual) {
		enum reason reason = ruleset_refuses(j->eng->rules, j->pkt);

		if (reason != REASON_NONE) {
			*verdict = verdict_drop(reason);
			return;
		}
	}
	if (j->pkt->hook == HOOK_OUTPUT &&
	    rejected_any(j->eng->rejected, j->now) && answers_reject(j)) {
		*verdict = (struct verdict){ .action = ACTION_ACCEPT,
					     .reason = REASON_REJECT_ANSWER,
					     .rule = RULE_NONE };
		return;
	}
	if (is_icmp(j->pkt) && j->pkt->icmp.is_error) {
		*verdict = judgement_error(j);
		return;
	}
	if (is_icmp(j->pkt) && j->pkt->icmp.is_neighbour) {
		*verdict = decide_neighbour(j);
		return;
	}
	conn = conntrack_find_key(j->eng->ct, j->key, j->now, &j->in.dir);
	if (conn) {
		decide_known(j, conn, verdict);
		return;
	}
	j->in.picks_up = picks_up(j->eng, j->in.tcp, j->now);
	*verdict = judgement_open(j);
}

static void count_verdict(struct engine *eng, const struct verdict *verdict)
{
	const struct verdict_would *would = &verdict->would;

	if (would->reason != REASON_NONE && would->action != ACTION_ACCEPT &&
	    verdict->action == ACTION_ACCEPT)
		eng->stats.would[would->reason]++;
	eng->stats.packets[verdict->action]++;
	eng->stats.reasons[verdict->reason]++;
	eng->stats.conns = conntrack_count(eng->ct);
}

static void note_removed(const struct conn *conn, void *arg)
{
	const struct engine *eng = arg;
	const struct allegiance to = engine_allegiance(conn);
	struct engine_holding holding;

	engine_discount_source(eng, conn);
	if (!eng->counts)
		return;
	holding = engine_holding(eng, conn, &to);
	engine_release(eng, &holding);
}

/* false: no memory for its own. */
static bool set_meanings(struct engine *eng, struct meanings *meanings)
{
	if (!meanings)
		eng->own_meanings = calloc(1, sizeof(*meanings));
	eng->meanings = meanings ? meanings : eng->own_meanings;
	return eng->meanings != NULL;
}

struct engine *engine_create(const struct engine_params *params)
{
	struct conntrack_params table = {
		.pool = params->pool,
		.halfopen = params->halfopen,
		.removed = note_removed,
		.touched = params->touched,
		.key = params->key,
		.number = params->number,
		.count = params->count,
	};
	struct engine *eng = calloc(1, sizeof(*eng));

	if (!eng)
		return NULL;
	table.arg = eng;
	eng->pool = params->pool;
	eng->halfopen = params->halfopen;
	eng->sources = params->sources;
	eng->start = params->start;
	eng->wall = params->wall;
	eng->loss = INT64_MIN;
	if (!set_meanings(eng, params->meanings))
		goto err_free;
	eng->rejected = rejected_create();
	if (!eng->rejected)
		goto err_meanings;
	if (!engine_rules_init(eng, params->rules))
		goto err_rejected;
	eng->ct = conntrack_create(&table);
	if (eng->ct)
		return eng;
	engine_rules_fini(eng);

err_rejected:
	rejected_destroy(eng->rejected);
err_meanings:
	free(eng->own_meanings);
err_free:
	free(eng);
	return NULL;
}

void engine_destroy(struct engine *eng)
{
	if (!eng)
		return;
	conntrack_destroy(eng->ct);
	rejected_destroy(eng->rejected);
	engine_rules_fini(eng);
	free(eng->own_meanings);
	free(eng);
}

size_t engine_shard(const struct packet *pkt, const struct hash_key *key,
		    size_t count)
{
	return tuple_hash_hosts(packet_subject(pkt), key) & (count - 1);
}

void engine_look_ahead(const struct engine *eng, const struct packet *pkt,
		       struct tuple_key *key)
{
	conntrack_make_key(eng->ct, &pkt->tuple, key);
}

void engine_fetch(const struct engine *eng, const struct tuple_key *key)
{
	conntrack_fetch(eng->ct, key);
}

void engine_judge(struct engine *eng, const struct packet *pkt,
		  const struct tuple_key *key, msec_t now,
		  struct verdict *verdict)
{
	struct judgement j = {
		.eng = eng,
		.pkt = pkt,
		.proto = proto_find(pkt->tuple.ipproto),
		.key = key,
		.now = now,
		.in = {
			.now = now,
			.tcp = ruleset_tcp(eng->rules),
			.rule = RULE_NONE,
		},
	};

	*verdict = (struct verdict){ .reason = REASON_NONE };
	decide(&j, verdict);
	if (verdict->action != ACTION_ACCEPT)
		engine_audit(eng, verdict);
	if (verdict->action == ACTION_REJECT)
		rejected_note(eng->rejected, pkt, key, now);
	if (eng->uses & RULESET_LOGS_ALL)
		engine_log_all(eng, verdict);
	count_verdict(eng, verdict);
}

struct verdict engine_decide(struct engine *eng, const struct packet *pkt,
			     msec_t now)
{
	struct tuple_key key;
	struct verdict verdict;

	engine_look_ahead(eng, pkt, &key);
	engine_judge(eng, pkt, &key, now, &verdict);
	return verdict;
}

struct verdict engine_refuse(struct engine *eng, enum reason reason)
{
	struct verdict verdict = verdict_drop(reason);

	engine_audit(eng, &verdict);
	count_verdict(eng, &verdict);
	return verdict;
}

void engine_set_wall(struct engine *eng, int64_t wall)
{
	eng->wall = wall;
}

void engine_set_offset(struct engine *eng, int32_t offset)
{
	eng->offset = offset;
}

void engine_set_past(struct engine *eng, enum engine_past past)
{
	eng->past = past;
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

static bool evict(struct engine *eng, struct eviction eviction, msec_t now)
{
	eviction.lives = ruleset_timeouts(eng->rules);
	if (!conntrack_evict(eng->ct, &eviction, now))
		return false;
	eng->stats.evicted++;
	return true;
}

bool engine_evict(struct engine *eng, enum evict last, msec_t quiet_min,
		  msec_t now)
{
	return evict(eng,
		     (struct eviction){ .last = last, .quiet_min = quiet_min },
		     now);
}

bool engine_evict_half_open(struct engine *eng, msec_t now)
{
	return evict(eng,
		     (struct eviction){ .last = EVICT_HALF_OPEN,
					.half_open = true },
		     now);
}

size_t engine_relieve(struct engine *eng, msec_t quiet_min, msec_t now,
		      size_t budget)
{
	size_t size = pool_size(eng->pool);
	size_t enough = size - size / 10;
	size_t removed = 0;

	while (removed < budget && pool_used(eng->pool) > enough &&
	       engine_evict(eng, EVICT_CLOSING, quiet_min, now))
		removed++;
	eng->stats.conns = conntrack_count(eng->ct);
	return removed;
}

const struct engine_stats *engine_stats(const struct engine *eng)
{
	return &eng->stats;
}
