/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine with the rules of the scenarios.
 */
#include "conntrack/ours.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match.h"

enum { CONNS_MAX = 1024, START = 1000000000 /* ms */ };

struct ours {
	struct pool *pool;
	struct engine *eng;
	struct ruleset *rules;
	struct rule_heir *map; /* from the rules of before to these */
	struct terms terms;
};

/* What no rule accepts is dropped: that is the policy from the start. */
static void allow_source(struct ruleset *rules, const char *network,
			 enum tracking tracking)
{
	const struct rule_options options = { .tracking = tracking };
	struct rule *rule = ruleset_add_rule(rules, network, &options);
	const struct match_type *src = match_type_find("src");
	struct match_fault fault;

	if (!rule || !ruleset_add_match(rules, rule, src, network, &fault))
		errx(EXIT_FAILURE, "no rule for %s", network);
}

static struct ruleset *make_rules(const struct terms *terms)
{
	enum tracking tracking =
		terms->is_liberal ? TRACKING_LIBERAL : TRACKING_FULL;
	struct tcp_settings tcp = tcp_settings_default;
	struct ruleset *rules = ruleset_create();

	if (!rules)
		errx(EXIT_FAILURE, "no memory for rules");
	tcp.pickup = terms->is_loose ? TCP_PICKUP_LOOSE : TCP_PICKUP_STRICT;
	ruleset_set_tcp(rules, &tcp);
	if (!terms->denies_inside) {
		allow_source(rules, TERMS_INSIDE4, tracking);
		allow_source(rules, TERMS_INSIDE6, tracking);
	}
	if (!terms->denies_outside) {
		allow_source(rules, TERMS_OUTSIDE4, tracking);
		allow_source(rules, TERMS_OUTSIDE6, tracking);
	}
	return rules;
}

/* What of it there is: it may be new. */
static void stop(struct ours *ours)
{
	engine_destroy(ours->eng);
	ruleset_destroy(ours->rules);
	pool_destroy(ours->pool);
	free(ours->map);
}

void ours_restart(struct ours *ours)
{
	struct engine_params params = { .key = { 1, 2 },
					.count = 1,
					.start = START };

	stop(ours);
	*ours = (struct ours){ .pool = pool_create(CONNS_MAX) };
	if (!ours->pool)
		err(EXIT_FAILURE, "pool");
	ours->rules = make_rules(&ours->terms);
	params.pool = ours->pool;
	params.rules = ours->rules;
	ours->eng = engine_create(&params);
	if (!ours->eng)
		err(EXIT_FAILURE, "engine");
}

struct ours *ours_create(void)
{
	struct ours *ours = calloc(1, sizeof(*ours));

	if (!ours)
		err(EXIT_FAILURE, "our side");
	ours_restart(ours);
	return ours;
}

void ours_destroy(struct ours *ours)
{
	stop(ours);
	free(ours);
}

void ours_set_terms(struct ours *ours, const struct terms *terms)
{
	struct ruleset *rules;
	struct rule_stats *stats;
	struct rule_heir *map;

	if (terms_are_same(terms, &ours->terms))
		return;
	rules = make_rules(terms);
	stats = rule_stats_create(rules);
	map = ruleset_map(ours->rules, rules);
	if (!stats || !map)
		err(EXIT_FAILURE, "rules");
	engine_set_rules(ours->eng, rules, map, stats);
	ruleset_destroy(ours->rules);
	free(ours->map);
	ours->rules = rules;
	ours->map = map;
	ours->terms = *terms;
}

struct verdict ours_judge(struct ours *ours, bool from_inside,
			  const uint8_t *packet, size_t len, msec_t now)
{
	struct packet_meta meta = { .hook = HOOK_FORWARD,
				    .len = (uint32_t)len };
	struct packet pkt;
	enum reason reason;

	memcpy(meta.indev, from_inside ? "inside" : "outside",
	       from_inside ? sizeof("inside") : sizeof("outside"));
	reason = packet_parse(&pkt, &meta, packet, len);
	if (reason != REASON_NONE)
		return engine_refuse(ours->eng, reason);
	return engine_decide(ours->eng, &pkt, START + now);
}
