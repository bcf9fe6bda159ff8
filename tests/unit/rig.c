/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine on its own.
 */
#include "unit/rig.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sources.h"

struct ruleset *rig_make_rules(void)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		ruleset_set_policy(rules, hook, ACTION_ACCEPT);
	return rules;
}

void rig_start(struct rig *rig, size_t max_conns)
{
	struct engine_params params = { .key = { 3, 5 }, .count = 1 };

	*rig = (struct rig){
		.pool = pool_create(max_conns),
		.rules = rig_make_rules(),
		.now = 1000000,
	};
	rig->sources = sources_create(max_conns, &params.key);
	ck_assert_ptr_nonnull(rig->pool);
	ck_assert_ptr_nonnull(rig->sources);
	params.pool = rig->pool;
	params.sources = rig->sources;
	params.rules = rig->rules;
	rig->eng = engine_create(&params);
	ck_assert_ptr_nonnull(rig->eng);
}

void rig_stop(struct rig *rig)
{
	engine_destroy(rig->eng);
	ruleset_destroy(rig->rules);
	sources_destroy(rig->sources);
	pool_destroy(rig->pool);
	free(rig->map);
}

static void count_closed(const struct conn_info *conn,
			 const struct verdict *verdict, void *arg)
{
	size_t *closed = arg;

	(void)conn;
	ck_assert_int_ne(verdict->action, ACTION_ACCEPT);
	(*closed)++;
}

size_t rig_reload(struct rig *rig, struct ruleset *rules, enum recheck recheck)
{
	struct rule_heir *map = ruleset_map(rig->rules, rules);
	struct rule_stats *stats = rule_stats_create(rules);
	size_t closed = 0;

	ck_assert(map && stats);
	ruleset_inherit(rules, rig->rules, map);
	engine_set_rules(rig->eng, rules, map, stats);
	ruleset_destroy(rig->rules);
	while (!engine_recheck(rig->eng, recheck, rig->now, count_closed,
			       &closed))
		;
	free(rig->map);
	rig->rules = rules;
	rig->map = map;
	return closed;
}

void rig_set_rules(struct rig *rig, struct ruleset *rules)
{
	(void)rig_reload(rig, rules, RECHECK_KEEP);
}

struct rule *rig_add_rule(struct ruleset *rules, const char *name,
			  const struct rule_options *options, const char *key,
			  const char *text)
{
	struct rule *rule = ruleset_add_rule(rules, name, options);
	struct match_fault fault;

	ck_assert_ptr_nonnull(rule);
	if (key)
		ck_assert_msg(ruleset_add_match(rules, rule,
						match_type_find(key), text,
						&fault),
			      "%s = \"%s\"", key, text);
	return rule;
}

bool rig_same(const struct conn_info *a, const struct conn_info *b)
{
	return a->id == b->id && tuple_equal(&a->tuple, &b->tuple) &&
	       a->state == b->state && a->assured == b->assured &&
	       a->rule == b->rule && a->created == b->created &&
	       a->expires == b->expires &&
	       memcmp(a->packets, b->packets, sizeof(a->packets)) == 0 &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct verdict rig_judge(struct rig *rig, const struct frame *frame)
{
	struct packet pkt;
	enum reason reason = frame_parse(frame, &pkt);
	struct verdict verdict =
		reason == REASON_NONE ? engine_decide(rig->eng, &pkt, rig->now)
				      : engine_refuse(rig->eng, reason);

	rig_check_verdict(&verdict);
	return verdict;
}

struct verdict rig_send(struct rig *rig, const struct build *b)
{
	struct frame frame = frame_build(b);

	return rig_judge(rig, &frame);
}

size_t rig_list(const struct rig *rig, struct conn_info *list, size_t max)
{
	size_t cursor = 0;
	size_t count = 0;

	while (cursor != SIZE_MAX && count < max)
		count += engine_list(rig->eng, rig->now, &cursor, list + count,
				     max - count);
	return count;
}

bool rig_find(const struct rig *rig, uint64_t id, struct conn_info *info)
{
	struct conn_info list[8];
	size_t cursor = 0;

	while (cursor != SIZE_MAX) {
		size_t count =
			engine_list(rig->eng, rig->now, &cursor, list, 8);

		for (size_t i = 0; i < count; i++) {
			if (list[i].id != id)
				continue;
			*info = list[i];
			return true;
		}
	}
	return false;
}

const struct conn *rig_memory(const struct rig *rig, uint64_t id)
{
	for (uint32_t i = 0; i < pool_size(rig->pool); i++)
		if (pool_conn(rig->pool, i)->id == id)
			return pool_conn(rig->pool, i);
	ck_abort_msg("no memory holds connection %llu", (unsigned long long)id);
}

void rig_check_verdict(const struct verdict *verdict)
{
	enum reason_kind kind;

	ck_assert(verdict->reason > REASON_NONE &&
		  verdict->reason < REASON_COUNT);
	kind = reason_info[verdict->reason].kind;
	ck_assert_msg((verdict->action == ACTION_ACCEPT) ==
			      (kind != REASON_DROPS),
		      "%s for the reason %s", action_names[verdict->action],
		      reason_info[verdict->reason].name);
	ck_assert_msg(!verdict->conn.id == !verdict->conn.state,
		      "half a connection in the verdict");
}
