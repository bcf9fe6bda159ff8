/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many connections a rule has let in that live, in all and by source, for
 * rules that have a maximum.
 *
 * A connection is counted for the rule that it belongs to from the moment that
 * it does to the moment that it no longer does, or is removed, whoever removes
 * it.  When the rules change, the numbers go on of those that had a maximum
 * before; for those that have one only now connections are counted when the
 * recheck comes to them.
 *
 * And how many of all rules a source has, if that is limited.  It depends on
 * no rule; so one bit tells whether a connection is counted.
 */
#include <stdatomic.h>

#include "engine/engine_state.h"
#include "engine/ruleset_state.h"

static const struct rule *counting_rule(const struct engine *eng,
					uint32_t number)
{
	const struct rule *rule = engine_find_rule(eng, number);

	return rule && (rule->options.max || rule->options.max_per_source)
		       ? rule
		       : NULL;
}

static struct engine_holding holding_of_rule(const struct engine *eng,
					     uint32_t number,
					     const struct tuple *tuple)
{
	const struct rule *rule = counting_rule(eng, number);
	struct engine_holding holding = { 0 };

	if (!rule)
		return holding;
	if (rule->options.max)
		holding.conns = &rule->state->conns;
	if (rule->options.max_per_source && eng->sources) {
		holding.has_source = true;
		holding.source = engine_sources_key(rule, SOURCES_CONNS, tuple);
	}
	return holding;
}

/* The rule is one of before, perhaps without an heir. */
static struct engine_holding holding_of_heir(const struct engine *eng,
					     const struct rule_heir *heir,
					     const struct tuple *tuple)
{
	const struct rule *rule = engine_find_rule(eng, heir->rule);
	struct engine_holding holding = { 0 };

	if (rule && heir->counts_max)
		holding.conns = &rule->state->conns;
	if (heir->counts_sources && eng->sources) {
		unsigned int len = tuple->ipversion == 4
					   ? heir->prefix_ipv4 + 96U
					   : heir->prefix_ipv6;

		holding.has_source = true;
		holding.source = (struct sources_key){
			.rule = heir->id,
			.network = prefix_of(&tuple->src, len),
			.kind = SOURCES_CONNS,
		};
	}
	return holding;
}

struct engine_holding engine_holding(const struct engine *eng,
				     const struct conn *conn,
				     const struct allegiance *to)
{
	struct engine_holding none = { 0 };
	struct tuple tuple;

	if (!eng->counts)
		return none;
	tuple = conn_original_tuple(conn);
	if (to->epoch == eng->epoch)
		return holding_of_rule(eng, to->rule, &tuple);
	if (to->rule < eng->map_len)
		return holding_of_heir(eng, &eng->map[to->rule], &tuple);
	return none;
}

static bool holds_same_source(const struct engine_holding *a,
			      const struct engine_holding *b)
{
	return a->has_source && b->has_source &&
	       a->source.rule == b->source.rule &&
	       a->source.network.len == b->source.network.len &&
	       addr_equal(&a->source.network.addr, &b->source.network.addr);
}

/* One more, unless there are @max. */
static bool count_up(_Atomic uint32_t *conns, uint32_t max)
{
	uint32_t count = atomic_load(conns);

	do {
		if (count >= max)
			return false;
	} while (!atomic_compare_exchange_weak(conns, &count, count + 1));
	return true;
}

/* UINT32_MAX stays. */
static uint32_t one_more(uint32_t max, bool allowed)
{
	return max < UINT32_MAX ? max + allowed : max;
}

enum reason engine_admit(const struct engine *eng, uint32_t number,
			 const struct tuple *tuple,
			 const struct engine_holding *replaced)
{
	const struct rule *rule = counting_rule(eng, number);
	struct engine_holding holding;
	uint32_t max;

	if (!rule)
		return REASON_NONE;
	holding = holding_of_rule(eng, number, tuple);
	max = one_more(rule->options.max, replaced->conns == holding.conns);
	if (holding.conns && !count_up(holding.conns, max))
		return REASON_CONNECTION_LIMIT;
	max = one_more(rule->options.max_per_source,
		       holds_same_source(&holding, replaced));
	if (!holding.has_source ||
	    sources_admit(eng->sources, &holding.source, max))
		return REASON_NONE;
	holding.has_source = false;
	engine_release(eng, &holding);
	return REASON_SOURCE_LIMIT;
}

static void take_up(const struct engine *eng,
		    const struct engine_holding *holding)
{
	if (holding->conns)
		atomic_fetch_add(holding->conns, 1);
	if (holding->has_source)
		(void)sources_admit(eng->sources, &holding->source, 0);
}

void engine_count(const struct engine *eng, uint32_t number,
		  const struct tuple *tuple)
{
	struct engine_holding holding = holding_of_rule(eng, number, tuple);

	take_up(eng, &holding);
}

void engine_release(const struct engine *eng,
		    const struct engine_holding *holding)
{
	if (holding->conns)
		atomic_fetch_sub(holding->conns, 1);
	if (holding->has_source)
		sources_dismiss(eng->sources, &holding->source);
}

void engine_discount(const struct engine *eng, uint32_t number,
		     const struct tuple *tuple)
{
	struct engine_holding holding = holding_of_rule(eng, number, tuple);

	engine_release(eng, &holding);
}

static enum reason check_room(const struct engine *eng, uint32_t number,
			      const struct tuple *tuple)
{
	const struct rule *rule = counting_rule(eng, number);
	struct engine_holding holding;

	if (!rule)
		return REASON_NONE;
	holding = holding_of_rule(eng, number, tuple);
	if (holding.conns && atomic_load(holding.conns) >= rule->options.max)
		return REASON_CONNECTION_LIMIT;
	if (holding.has_source &&
	    sources_count(eng->sources, &holding.source) >=
		    rule->options.max_per_source)
		return REASON_SOURCE_LIMIT;
	return REASON_NONE;
}

void engine_check_move(struct engine *eng, const struct conn *conn,
		       const struct tuple *tuple, struct verdict *asked)
{
	enum reason reason;

	if (asked->action != ACTION_ACCEPT ||
	    asked->rule == engine_rule_of(eng, conn))
		return;
	reason = check_room(eng, asked->rule, tuple);
	if (reason != REASON_NONE)
		engine_refuse_more(eng, asked, reason);
}

void engine_recount(const struct engine *eng, const struct conn *conn,
		    const struct engine_holding *old)
{
	struct allegiance to = engine_allegiance(conn);
	struct engine_holding holding = engine_holding(eng, conn, &to);

	take_up(eng, &holding);
	engine_release(eng, old);
}

void engine_move_rule(const struct engine *eng, struct conn *conn,
		      uint32_t number)
{
	struct allegiance before = engine_allegiance(conn);
	struct engine_holding old = engine_holding(eng, conn, &before);

	engine_set_rule(eng, conn, number);
	engine_recount(eng, conn, &old);
}

/* No rule has that number: see rule_id(). */
static struct sources_key source_key(const struct tuple *tuple)
{
	unsigned int len = tuple->ipversion == 4 ? LIMIT_PREFIX_IPV4 + 96U
						 : LIMIT_PREFIX_IPV6;

	return (struct sources_key){
		.network = prefix_of(&tuple->src, len),
		.kind = SOURCES_CONNS,
	};
}

bool engine_has_room_for_source(const struct engine *eng,
				const struct tuple *tuple)
{
	uint32_t max = ruleset_limits(eng->rules)->connections_per_source;
	struct sources_key key;

	if (max == 0 || !eng->sources)
		return true;
	key = source_key(tuple);
	return sources_count(eng->sources, &key) < max;
}

void engine_count_source(const struct engine *eng, struct conn *conn)
{
	struct sources_key key;
	struct tuple tuple;

	if (conn->counted || !eng->sources ||
	    ruleset_limits(eng->rules)->connections_per_source == 0)
		return;
	tuple = conn_original_tuple(conn);
	key = source_key(&tuple);
	(void)sources_admit(eng->sources, &key, 0);
	conn->counted = true;
}

void engine_discount_source(const struct engine *eng, const struct conn *conn)
{
	struct sources_key key;
	struct tuple tuple;

	if (!conn->counted)
		return;
	tuple = conn_original_tuple(conn);
	key = source_key(&tuple);
	sources_dismiss(eng->sources, &key);
}
