/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine with the rules of the model.
 */
#include "model/firewall.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/match.h"
#include "engine/pool.h"

enum { CONNS_MAX = 64, LIST_SLICE = 8 };

struct firewall {
	struct pool *pool;
	struct engine *eng;
	struct ruleset *rules;
};

static void start(struct firewall *firewall, msec_t now)
{
	struct engine_params params = { .rules = firewall->rules,
					.pool = firewall->pool,
					.key = { 7, 11 },
					.count = 1,
					.start = now };

	firewall->eng = engine_create(&params);
	assert(firewall->eng);
}

/* @source may open connections; NULL: all may. */
static void allow(struct ruleset *rules, enum tracking tracking,
		  const char *source)
{
	struct rule_options options = { .action = ACTION_ACCEPT,
					.tracking = tracking };
	struct rule *rule = ruleset_add_rule(rules, "open", &options);
	struct match_fault fault;
	bool ok = rule;

	if (source)
		ok = ok &&
		     ruleset_add_match(rules, rule, match_type_find("src"),
				       source, &fault);
	assert(ok);
	(void)ok;
}

static struct ruleset *make_rules(const struct firewall_setup *setup)
{
	struct ruleset *rules = ruleset_create();
	struct tcp_settings tcp = tcp_settings_default;

	assert(rules);
	tcp.pickup = setup->pickup;
	ruleset_set_tcp(rules, &tcp);
	if (setup->one_way)
		for (int i = 0; i < 2; i++)
			allow(rules, setup->tracking,
			      route_addresses[i][SIDE_O]);
	else
		allow(rules, setup->tracking, NULL);
	return rules;
}

struct firewall *firewall_create(const struct firewall_setup *setup)
{
	struct firewall *firewall = calloc(1, sizeof(*firewall));

	assert(firewall);
	firewall->rules = make_rules(setup);
	firewall->pool = pool_create(CONNS_MAX);
	assert(firewall->pool);
	start(firewall, 0);
	return firewall;
}

void firewall_destroy(struct firewall *firewall)
{
	if (!firewall)
		return;
	engine_destroy(firewall->eng);
	ruleset_destroy(firewall->rules);
	pool_destroy(firewall->pool);
	free(firewall);
}

struct verdict firewall_judge(struct firewall *firewall,
			      const struct segment *seg,
			      const struct route *route, msec_t now)
{
	struct frame frame = segment_frame(seg, route);
	struct packet pkt;
	enum reason reason = frame_parse(&frame, &pkt);

	if (reason != REASON_NONE)
		return engine_refuse(firewall->eng, reason);
	return engine_decide(firewall->eng, &pkt, now);
}

bool firewall_find(const struct firewall *firewall, uint16_t port, msec_t now,
		   struct conn_info *info)
{
	struct conn_info list[LIST_SLICE];
	size_t cursor = 0;

	while (cursor != SIZE_MAX) {
		size_t count = engine_list(firewall->eng, now, &cursor, list,
					   LIST_SLICE);

		for (size_t i = 0; i < count; i++) {
			if (list[i].tuple.sport != port &&
			    list[i].tuple.dport != port)
				continue;
			*info = list[i];
			return true;
		}
	}
	return false;
}

void firewall_restart(struct firewall *firewall, msec_t now)
{
	engine_destroy(firewall->eng);
	start(firewall, now);
}

void firewall_note_loss(struct firewall *firewall, msec_t now)
{
	engine_note_loss(firewall->eng, now);
}

void firewall_sweep(struct firewall *firewall, msec_t now)
{
	(void)engine_expire(firewall->eng, now, CONNS_MAX);
}
