/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors: each is about a packet of a connection, or about nothing that we
 * let through.  It passes if it can be true, and changes nothing: whether to
 * believe it is for the ends to decide (RFC 5927, RFC 5382 REQ-10).
 */
#include "engine/judgement.h"

/* How many pass, about whatever connections. */
static const struct rate related_rate = { .amount = 1000, .period = 1000 };

/* Takes one from what the engine and @conn may pass, or from neither. */
static bool take_related(struct engine *eng, struct conn *conn, msec_t now)
{
	return !rate_lacks(&eng->related, &related_rate, 1, now) &&
	       budget_take(&conn->budget, BUDGET_RELATED, now) &&
	       rate_take(&eng->related, &related_rate, 1, now);
}

struct verdict judgement_error(const struct judgement *j)
{
	struct engine *eng = j->eng;
	const struct quoted *quoted = &j->pkt->icmp.quoted;
	const struct proto *proto = proto_find(quoted->tuple.ipproto);
	struct verdict verdict = verdict_drop(REASON_ICMP_UNRELATED);
	enum direction dir;
	struct conn *conn =
		conntrack_find(eng->ct, &quoted->tuple, j->now, &dir);

	if (!conn)
		return judgement_stateless(j, REASON_ICMP_UNRELATED);
	verdict.reason = proto->relates(conn, quoted, dir);
	verdict.rule = engine_rule_of(eng, conn);
	/* The error goes to the sender of the packet that it quotes. */
	engine_describe(conn, dir == DIR_ORIGINAL ? DIR_REPLY : DIR_ORIGINAL,
			&verdict.conn);
	if (verdict.reason != REASON_RELATED)
		return verdict;
	if (!take_related(eng, conn, j->now)) {
		verdict.reason = REASON_ICMP_RATE;
		return verdict;
	}
	verdict.action = ACTION_ACCEPT;
	engine_mark(eng, conn, &verdict);
	return verdict;
}
