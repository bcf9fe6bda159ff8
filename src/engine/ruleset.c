/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule set: building it, and the linear scan that is its meaning.
 *
 * Rules are looked up only for packets that ask to open a connection, so the
 * scan is off the hot path.  Zones, tables and rules are allocated one by one:
 * matches point to them while the lists still grow.
 */
#include "engine/ruleset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/classifier.h"
#include "engine/table.h"
#include "engine/zone.h"

enum { BUILT_IN_ZONES = 2 };

static const struct half_open_limits half_open_default = {
	.per_source = 256,
	.per_destination = 4096,
};

struct condition {
	const struct match_type *type;
	struct match *match;
};

struct rule {
	char *name;
	enum action action;
	bool log;
	enum tracking tracking;
	bool pickup;
	struct condition *conditions;
	size_t count;
};

/* A growing list of pointers. */
struct list {
	void **items;
	size_t len;
	size_t capacity;
};

struct ruleset {
	enum action policy[HOOK_COUNT];
	msec_t timeouts[TIMEOUT_COUNT];
	struct tcp_settings tcp;
	struct half_open_limits half_open;
	struct list zones;
	struct list tables;
	struct list rules;
	struct classifier *classifier; /* NULL: there is no index */
};

static bool list_add(struct list *list, void *item)
{
	size_t capacity = list->capacity > 0 ? 2 * list->capacity : 8;
	void **grown;

	if (list->len == list->capacity) {
		grown = realloc(list->items, capacity * sizeof(*grown));
		if (!grown)
			return false;
		list->items = grown;
		list->capacity = capacity;
	}
	list->items[list->len++] = item;
	return true;
}

static void rule_destroy(struct rule *rule)
{
	if (!rule)
		return;
	for (size_t i = 0; i < rule->count; i++)
		rule->conditions[i].type->destroy(rule->conditions[i].match);
	free(rule->conditions);
	free(rule->name);
	free(rule);
}

static struct rule *rule_create(const char *name, enum action action, bool log)
{
	size_t size = strlen(name) + 1;
	struct rule *rule = calloc(1, sizeof(*rule));

	if (!rule)
		return NULL;
	rule->action = action;
	rule->log = log;
	rule->tracking = TRACKING_FULL;
	rule->pickup = true;
	rule->name = calloc(1, size);
	if (!rule->name) {
		free(rule);
		return NULL;
	}
	memcpy(rule->name, name, size);
	return rule;
}

static struct zone *add_zone(struct ruleset *rules, const char *name,
			     enum zone_kind kind)
{
	struct zone *zone = zone_create(name, kind);

	if (zone && !list_add(&rules->zones, zone)) {
		zone_destroy(zone);
		return NULL;
	}
	return zone;
}

struct ruleset *ruleset_create(void)
{
	struct ruleset *rules = calloc(1, sizeof(*rules));

	if (!rules)
		return NULL;
	for (size_t i = 0; i < HOOK_COUNT; i++)
		rules->policy[i] = ACTION_DROP;
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		rules->timeouts[i] = timeout_info[i].value;
	rules->tcp = tcp_settings_default;
	rules->half_open = half_open_default;
	if (!add_zone(rules, "any", ZONE_ANY) ||
	    !add_zone(rules, "self", ZONE_SELF)) {
		ruleset_destroy(rules);
		return NULL;
	}
	return rules;
}

void ruleset_destroy(struct ruleset *rules)
{
	if (!rules)
		return;
	classifier_destroy(rules->classifier);
	for (size_t i = 0; i < rules->rules.len; i++)
		rule_destroy(rules->rules.items[i]);
	for (size_t i = 0; i < rules->tables.len; i++)
		table_destroy(rules->tables.items[i]);
	for (size_t i = 0; i < rules->zones.len; i++)
		zone_destroy(rules->zones.items[i]);
	free(rules->rules.items);
	free(rules->tables.items);
	free(rules->zones.items);
	free(rules);
}

void ruleset_set_policy(struct ruleset *rules, enum hook hook,
			enum action policy)
{
	assert(hook < HOOK_COUNT && policy < ACTION_COUNT);
	rules->policy[hook] = policy;
}

enum action ruleset_policy(const struct ruleset *rules, enum hook hook)
{
	assert(hook < HOOK_COUNT);
	return rules->policy[hook];
}

void ruleset_set_timeout(struct ruleset *rules, enum timeout timeout,
			 msec_t value)
{
	assert(timeout < TIMEOUT_COUNT);
	rules->timeouts[timeout] = value;
}

msec_t ruleset_timeout(const struct ruleset *rules, enum timeout timeout)
{
	assert(timeout < TIMEOUT_COUNT);
	return rules->timeouts[timeout];
}

void ruleset_set_tcp(struct ruleset *rules, const struct tcp_settings *tcp)
{
	rules->tcp = *tcp;
}

const struct tcp_settings *ruleset_tcp(const struct ruleset *rules)
{
	return &rules->tcp;
}

void ruleset_set_half_open(struct ruleset *rules,
			   const struct half_open_limits *limits)
{
	rules->half_open = *limits;
}

const struct half_open_limits *ruleset_half_open(const struct ruleset *rules)
{
	return &rules->half_open;
}

const msec_t *ruleset_timeouts(const struct ruleset *rules)
{
	return rules->timeouts;
}

struct zone *ruleset_add_zone(struct ruleset *rules, const char *name)
{
	return add_zone(rules, name, ZONE_INTERFACES);
}

struct table *ruleset_add_table(struct ruleset *rules, const char *name)
{
	struct table *table = table_create(name);

	if (table && !list_add(&rules->tables, table)) {
		table_destroy(table);
		return NULL;
	}
	return table;
}

struct rule *ruleset_add_rule(struct ruleset *rules, const char *name,
			      enum action action, bool log)
{
	struct rule *rule = rule_create(name, action, log);

	if (rule && !list_add(&rules->rules, rule)) {
		rule_destroy(rule);
		return NULL;
	}
	return rule;
}

const struct zone *ruleset_zone(const struct ruleset *rules, const char *name)
{
	for (size_t i = 0; i < rules->zones.len; i++) {
		const struct zone *zone = rules->zones.items[i];

		if (strcmp(zone_name(zone), name) == 0)
			return zone;
	}
	return NULL;
}

const struct zone *ruleset_zone_at(const struct ruleset *rules, size_t index)
{
	if (index >= rules->zones.len - BUILT_IN_ZONES)
		return NULL;
	return rules->zones.items[BUILT_IN_ZONES + index];
}

const struct table *ruleset_table(const struct ruleset *rules, const char *name)
{
	for (size_t i = 0; i < rules->tables.len; i++) {
		const struct table *table = rules->tables.items[i];

		if (strcmp(table_name(table), name) == 0)
			return table;
	}
	return NULL;
}

const struct table *ruleset_table_at(const struct ruleset *rules, size_t index)
{
	return index < rules->tables.len ? rules->tables.items[index] : NULL;
}

bool ruleset_add_match(struct ruleset *rules, struct rule *rule,
		       const struct match_type *type, const char *text,
		       struct match_fault *fault)
{
	struct match *match = type->parse(rules, text, fault);
	struct condition *grown;

	if (!match)
		return false;
	grown = realloc(rule->conditions, (rule->count + 1) * sizeof(*grown));
	if (!grown) {
		type->destroy(match);
		*fault =
			(struct match_fault){ .at = text, .len = strlen(text) };
		return false;
	}
	grown[rule->count++] = (struct condition){ type, match };
	rule->conditions = grown;
	return true;
}

size_t ruleset_rule_count(const struct ruleset *rules)
{
	return rules->rules.len;
}

const struct rule *ruleset_rule(const struct ruleset *rules, size_t index)
{
	assert(index < rules->rules.len);
	return rules->rules.items[index];
}

const char *rule_name(const struct rule *rule)
{
	return rule->name;
}

enum action rule_action(const struct rule *rule)
{
	return rule->action;
}

bool rule_logs(const struct rule *rule)
{
	return rule->log;
}

void rule_set_tracking(struct rule *rule, enum tracking tracking)
{
	assert(tracking < TRACKING_COUNT);
	rule->tracking = tracking;
}

void rule_set_pickup(struct rule *rule, bool pickup)
{
	rule->pickup = pickup;
}

enum tracking rule_tracking(const struct rule *rule)
{
	return rule->tracking;
}

bool rule_picks_up(const struct rule *rule)
{
	return rule->pickup;
}

bool rule_match(const struct rule *rule, size_t index,
		const struct match_type **type, const struct match **match)
{
	if (index >= rule->count)
		return false;
	*type = rule->conditions[index].type;
	*match = rule->conditions[index].match;
	return true;
}

/* @presumed: what a condition says that cannot be tested again. */
static bool rule_holds(const struct rule *rule, const struct packet *pkt,
		       const bool *presumed)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];
		bool holds;

		if (presumed && condition->type->is_transient)
			holds = *presumed;
		else
			holds = condition->type->test(condition->match, pkt);
		if (!holds)
			return false;
	}
	return true;
}

static struct verdict rule_verdict(const struct rule *rule, uint32_t number)
{
	return (struct verdict){
		.action = rule->action,
		.reason = rule->action == ACTION_ACCEPT ? REASON_NEW
							: REASON_RULE,
		.rule = number,
		.log = rule->log,
	};
}

static struct verdict policy_verdict(const struct ruleset *rules,
				     enum hook hook)
{
	enum action policy = ruleset_policy(rules, hook);

	return (struct verdict){
		.action = policy,
		.reason = policy == ACTION_ACCEPT ? REASON_NEW : REASON_POLICY,
		.rule = RULE_NONE,
	};
}

bool ruleset_index(struct ruleset *rules)
{
	classifier_destroy(rules->classifier);
	rules->classifier = classifier_create(rules);
	return rules->classifier != NULL;
}

/* What the rules mean: the first one of which every condition holds. */
static uint32_t scan(const struct ruleset *rules, const struct packet *pkt)
{
	for (uint32_t i = 0; i < rules->rules.len; i++)
		if (rule_holds(rules->rules.items[i], pkt, NULL))
			return i;
	return RULE_NONE;
}

/* The same, with fewer questions. */
static uint32_t search(const struct ruleset *rules, const struct packet *pkt)
{
	struct search search;
	uint32_t i;

	search_begin(&search, rules->classifier, pkt);
	do {
		i = search_next(&search);
	} while (i != RULE_NONE &&
		 !rule_holds(rules->rules.items[i], pkt, NULL));
	return i;
}

struct verdict ruleset_classify(const struct ruleset *rules,
				const struct packet *pkt)
{
	uint32_t i = rules->classifier ? search(rules, pkt) : scan(rules, pkt);

	if (i == RULE_NONE)
		return policy_verdict(rules, pkt->hook);
	return rule_verdict(rules->rules.items[i], i);
}

struct verdict ruleset_classify_again(const struct ruleset *rules,
				      const struct packet *pkt, uint32_t rule)
{
	for (uint32_t i = 0; i < rules->rules.len; i++) {
		bool presumed = i == rule;

		if (rule_holds(rules->rules.items[i], pkt, &presumed))
			return rule_verdict(rules->rules.items[i], i);
	}
	return policy_verdict(rules, pkt->hook);
}
