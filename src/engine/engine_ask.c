/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the rules about a packet that wants to be let in:
 *
 *	may it have come by its interface?	origin.h
 *	each rule that matches, in order:
 *	    is it over the rule's limit?	then it is refused
 *	    does the rule continue?		then the next one, which sees
 *						the mark that this one sets
 *	    is the rule in audit mode?		then the next one, and note it
 *	    else it decides
 *	no rule decides				the policy does
 *
 * and if the policy is in audit mode, what is refused passes, with a note.
 */
#include <netinet/in.h>

#include "engine/engine_state.h"
#include "engine/flood.h"
#include "engine/origin.h"
#include "engine/ruleset_state.h"
#include "engine/sources.h"

static struct rule_stats *stats_of(struct engine *eng, uint32_t rule)
{
	return &eng->rule_stats[rule];
}

void engine_count_for_rule(struct engine *eng, uint32_t rule,
			   const struct packet *pkt)
{
	if (rule == RULE_NONE)
		return;
	stats_of(eng, rule)->packets++;
	stats_of(eng, rule)->bytes += pkt->len;
}

/* The first @len bits; those of IPv4 are behind the 96 of the mapping. */
static struct prefix network_of(const struct addr *addr,
				const struct rule_limit *limit,
				uint8_t ipversion)
{
	if (ipversion == 4)
		return prefix_of(addr, limit->prefix_ipv4 + 96U);
	return prefix_of(addr, limit->prefix_ipv6);
}

struct sources_key engine_sources_key(const struct rule *rule,
				      enum sources_kind kind,
				      const struct tuple *tuple)
{
	const struct rule_limit *limit = &rule->options.limit;
	bool is_destination =
		kind == SOURCES_ATTEMPTS && limit->scope == LIMIT_DESTINATION;

	return (struct sources_key){
		.rule = rule->id,
		.network =
			network_of(is_destination ? &tuple->dst : &tuple->src,
				   limit, tuple->ipversion),
		.kind = kind,
	};
}

static uint64_t amount_of(const struct rule_limit *limit,
			  const struct packet *pkt)
{
	return limit->unit == LIMIT_BYTES ? pkt->len : 1;
}

/* REASON_NONE: the limit allows it, and has counted it. */
static enum reason take(const struct engine *eng, const struct rule *rule,
			const struct packet *pkt, msec_t now)
{
	const struct rule_limit *limit = &rule->options.limit;
	uint64_t amount = amount_of(limit, pkt);
	struct sources_key key;

	if (limit->unit == LIMIT_NONE)
		return REASON_NONE;
	if (limit->scope == LIMIT_RULE)
		return rate_take(&rule->state->bucket, &limit->rate, amount,
				 now)
			       ? REASON_NONE
			       : REASON_RATE_LIMIT;
	if (!eng->sources)
		return REASON_NONE;
	key = engine_sources_key(rule, SOURCES_ATTEMPTS, &pkt->tuple);
	if (sources_take(eng->sources, &key, &limit->rate, amount, now))
		return REASON_NONE;
	return limit->scope == LIMIT_SOURCE ? REASON_SOURCE_LIMIT
					    : REASON_RATE_LIMIT;
}

/*
 * What passes by way of a limit per source: if whole handshakes alone have used
 * it up, the source is no other's.
 */
static bool is_proven(const struct engine *eng, const struct rule *rule,
		      const struct packet *pkt, msec_t now)
{
	const struct rule_limit *limit = &rule->options.limit;
	struct sources_key key;

	if (limit->unit != LIMIT_NEW || pkt->tuple.ipproto != IPPROTO_TCP)
		return false;
	key = engine_sources_key(rule, SOURCES_PROVEN, &pkt->tuple);
	return sources_lack(eng->sources, &key, &limit->rate, 1, now);
}

static void overload(struct engine *eng, const struct rule *rule,
		     const struct packet *pkt, struct verdict *verdict)
{
	const struct rule_limit *limit = &rule->options.limit;

	eng->overload = (struct overload){
		.table = limit->overload,
		.source = network_of(&pkt->tuple.src, limit,
				     pkt->tuple.ipversion),
		.kill = limit->kill,
	};
	if (!ruleset_never_blocks(eng->rules, &eng->overload.source))
		verdict->overload = &eng->overload;
}

/* Nobody is kept out for what is only watched. */
static bool can_overload(const struct engine *eng, const struct rule *rule)
{
	return rule->options.limit.overload && eng->sources &&
	       !rule->options.audit && !ruleset_audit(eng->rules);
}

static void refuse(struct engine *eng, struct verdict *verdict,
		   const struct rule *rule, enum reason reason)
{
	verdict->action =
		rule->options.limit.over_rejects ? ACTION_REJECT : ACTION_DROP;
	verdict->reason = reason;
	stats_of(eng, verdict->rule)->limited++;
}

/* A packet that wants to be let in, and what has been noted about it. */
struct inquiry {
	struct engine *eng;
	const struct packet *pkt;
	struct moment when;
	struct verdict_would would; /* of the first rule in audit mode */
	bool log;                   /* a rule that did not decide asks for it */
	uint32_t log_rule;
	struct marking mark; /* that rules have set */
};

/* What the rule says, its limit included. */
static struct verdict consult(const struct inquiry *q, uint32_t number)
{
	struct engine *eng = q->eng;
	const struct rule *rule = ruleset_rule(eng->rules, number);
	struct verdict verdict =
		ruleset_verdict(eng->rules, number, q->pkt->hook);
	enum reason reason = take(eng, rule, q->pkt, q->when.now);

	stats_of(eng, number)->matches++;
	stats_of(eng, number)->last = q->when.now;
	if (reason == REASON_NONE)
		return verdict;
	refuse(eng, &verdict, rule, reason);
	if (can_overload(eng, rule) &&
	    is_proven(eng, rule, q->pkt, q->when.now))
		overload(eng, rule, q->pkt, &verdict);
	return verdict;
}

static struct verdict_would would_be(const struct verdict *verdict)
{
	return (struct verdict_would){ verdict->action, verdict->reason,
				       verdict->rule };
}

/* The rule does not decide; what it says is noted. */
static void note(struct inquiry *q, const struct verdict *verdict,
		 bool is_audited)
{
	engine_count_for_rule(q->eng, verdict->rule, q->pkt);
	if (verdict->log && !q->log) {
		q->log = true;
		q->log_rule = verdict->rule;
	}
	if (!is_audited)
		return;
	if (verdict->action != ACTION_ACCEPT)
		stats_of(q->eng, verdict->rule)->would++;
	if (q->would.reason == REASON_NONE)
		q->would = would_be(verdict);
}

/* What the rule makes of the packet's mark. */
static void set_mark(struct inquiry *q, const struct rule *rule)
{
	const struct rule_options *options = &rule->options;

	if (!options->mark_mask || options->audit)
		return;
	q->mark.mark = (q->mark.mark & ~options->mark_mask) | options->mark;
	q->mark.mask |= options->mark_mask;
	q->pkt = rule_mark(rule, q->pkt, &q->eng->marked);
}

static struct verdict refuse_origin(const struct engine *eng,
				    enum reason reason)
{
	struct verdict verdict = verdict_drop(reason);

	verdict.log = ruleset_policy_log(eng->rules) != LOG_NONE;
	verdict.log_rule = RULE_NONE;
	return verdict;
}

/* What the first rule that decides says, or the policy. */
static struct verdict evaluate(struct inquiry *q)
{
	const struct ruleset *rules = q->eng->rules;
	enum reason reason = origin_fault(rules, q->pkt);
	uint32_t number = 0;

	if (reason != REASON_NONE)
		return refuse_origin(q->eng, reason);
	for (;; number++) {
		const struct rule_options *options;
		const struct rule *rule;
		struct verdict verdict;

		number = ruleset_next(rules, q->pkt, q->when, number);
		if (number == RULE_NONE)
			break;
		rule = ruleset_rule(rules, number);
		options = rule_options(rule);
		verdict = consult(q, number);
		if (verdict.action == ACTION_ACCEPT)
			set_mark(q, rule);
		if (!options->audit &&
		    (!options->continues || verdict.action != ACTION_ACCEPT))
			return verdict;
		note(q, &verdict, options->audit);
	}
	q->eng->stats.policy[q->pkt->hook]++;
	return ruleset_verdict(rules, RULE_NONE, q->pkt->hook);
}

void engine_audit(const struct engine *eng, struct verdict *verdict)
{
	if (!ruleset_audit(eng->rules) || verdict->action == ACTION_ACCEPT)
		return;
	verdict->would = would_be(verdict);
	verdict->action = ACTION_ACCEPT;
	verdict->reason = REASON_AUDIT;
}

/* What the rule refuses, or the policy; what they are spared is counted. */
static void audit_rule(struct engine *eng, struct verdict *verdict)
{
	if (verdict->action == ACTION_ACCEPT)
		return;
	engine_audit(eng, verdict);
	if (verdict->action == ACTION_ACCEPT && verdict->rule != RULE_NONE)
		stats_of(eng, verdict->rule)->would++;
}

struct verdict engine_ask(struct engine *eng, const struct packet *pkt,
			  msec_t now)
{
	struct inquiry q = {
		.eng = eng,
		.pkt = pkt,
		.when = engine_moment(eng, now),
	};
	struct verdict verdict = evaluate(&q);

	/* What it accepts is counted with its connection. */
	if (verdict.action != ACTION_ACCEPT)
		engine_count_for_rule(eng, verdict.rule, pkt);
	verdict.would = q.would;
	verdict.mark = q.mark.mark;
	verdict.mark_mask = q.mark.mask;
	if (q.log) {
		verdict.log = true;
		verdict.log_rule = q.log_rule;
	}
	audit_rule(eng, &verdict);
	return verdict;
}

void engine_log_all(const struct engine *eng, struct verdict *verdict)
{
	const struct rule *rule = engine_find_rule(eng, verdict->rule);
	enum log_amount amount =
		rule ? rule->options.log : ruleset_policy_log(eng->rules);

	if (verdict->log || amount != LOG_ALL || verdict->conn.id == 0)
		return;
	verdict->log = true;
	verdict->log_rule = verdict->rule;
}

/* A segment both of whose ends we have seen to agree. */
static bool is_real(const struct conn *conn)
{
	return conn->assured && conn->tuple.ipproto == IPPROTO_TCP &&
	       conn->tracking != TRACKING_SLOPPY;
}

void engine_refuse_more(struct engine *eng, struct verdict *verdict,
			enum reason reason)
{
	verdict->action = ACTION_DROP;
	verdict->reason = reason;
	stats_of(eng, verdict->rule)->limited++;
	audit_rule(eng, verdict);
}

void engine_meter(struct engine *eng, const struct conn *conn,
		  const struct packet *pkt, msec_t now, struct verdict *verdict)
{
	uint32_t number = engine_rule_of(eng, conn);
	const struct rule *rule = engine_find_rule(eng, number);
	enum reason reason;

	if (!rule || rule->options.audit ||
	    (rule->options.limit.unit != LIMIT_PACKETS &&
	     rule->options.limit.unit != LIMIT_BYTES))
		return;
	reason = take(eng, rule, pkt, now);
	if (reason == REASON_NONE)
		return;
	verdict->log = rule->options.log != LOG_NONE;
	verdict->log_rule = number;
	refuse(eng, verdict, rule, reason);
	if (can_overload(eng, rule) && is_real(conn))
		overload(eng, rule, pkt, verdict);
	audit_rule(eng, verdict);
}

void engine_note_proof(struct engine *eng, const struct conn *conn, msec_t now)
{
	const struct rule *rule =
		engine_find_rule(eng, engine_rule_of(eng, conn));
	struct sources_key key;
	struct tuple tuple;

	if (!is_real(conn))
		return;
	tuple = conn_original_tuple(conn);
	if (eng->flood && ruleset_limits(eng->rules)->flood_mode)
		flood_note_proof(eng->flood, &tuple, now);
	if (!rule || !can_overload(eng, rule))
		return;
	key = engine_sources_key(rule, SOURCES_PROVEN, &tuple);
	sources_drain(eng->sources, &key, &rule->options.limit.rate, 1, now);
}
