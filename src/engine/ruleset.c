/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule set: building it.
 *
 * Zones, tables and rules are allocated one by one: matches point to them
 * while the lists still grow.
 */
#include "engine/ruleset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/classifier.h"
#include "engine/live.h"
#include "engine/match_item.h"
#include "engine/ruleset_state.h"
#include "engine/table.h"
#include "engine/zone.h"

enum { BUILT_IN_ZONES = 2 };

static const struct limits limits_default = {
	.half_open_per_source = 256,
	.half_open_per_destination = 4096,
	.adaptive_start = 80,
	.adaptive_end = 100,
	.warn_at = 80,
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
	rules->limits = limits_default;
	rules->essential_icmp = true;
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
	match_dport.destroy(rules->zero_checksum);
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

static bool excludes_any(const struct match *ports)
{
	const struct port_item *items = ports->items;

	for (size_t i = 0; i < ports->len; i++)
		if (items[i].negated)
			return true;
	return false;
}

bool ruleset_set_zero_checksum(struct ruleset *rules, const char *text,
			       struct match_fault *fault)
{
	struct match *ports = match_dport.parse(rules, text, fault);

	if (!ports)
		return false;
	if (excludes_any(ports)) {
		match_dport.destroy(ports);
		*fault = (struct match_fault){
			.at = text,
			.len = strlen(text),
			.expected = "name the ports themselves, without '!'",
		};
		return false;
	}
	match_dport.destroy(rules->zero_checksum);
	rules->zero_checksum = ports;
	return true;
}

const struct match *ruleset_zero_checksum(const struct ruleset *rules)
{
	return rules->zero_checksum;
}

static bool needs_checksum(const struct ruleset *rules,
			   const struct tuple *tuple)
{
	const struct packet pkt = { .tuple = *tuple, .has_ports = true };
	const struct match *ports = rules->zero_checksum;

	return !ports || !(match_dport.test(ports, &pkt, 0) ||
			   match_sport.test(ports, &pkt, 0));
}

enum reason ruleset_refuses(const struct ruleset *rules,
			    const struct packet *pkt)
{
	if (pkt->unusual & PACKET_SYN_URG && !rules->tcp.syn_urg)
		return REASON_ILLEGAL_FLAGS;
	if (pkt->unusual & PACKET_NO_CHECKSUM &&
	    needs_checksum(rules, &pkt->tuple))
		return REASON_BAD_CHECKSUM;
	if (pkt->unusual & PACKET_QUOTES_NO_CHECKSUM &&
	    needs_checksum(rules, &pkt->icmp.quoted.tuple))
		return REASON_BAD_CHECKSUM;
	return REASON_NONE;
}

void ruleset_set_limits(struct ruleset *rules, const struct limits *limits)
{
	rules->limits = *limits;
}

const struct limits *ruleset_limits(const struct ruleset *rules)
{
	return &rules->limits;
}

void ruleset_set_audit(struct ruleset *rules, bool audit)
{
	rules->audit = audit;
}

bool ruleset_audit(const struct ruleset *rules)
{
	return rules->audit;
}

void ruleset_set_policy_log(struct ruleset *rules, enum log_amount log)
{
	assert(log < LOG_AMOUNT_COUNT);
	rules->policy_log = log;
	if (log == LOG_ALL)
		rules->uses |= RULESET_LOGS_ALL;
}

enum log_amount ruleset_policy_log(const struct ruleset *rules)
{
	return rules->policy_log;
}

void ruleset_set_essential_icmp(struct ruleset *rules, bool pass)
{
	rules->essential_icmp = pass;
}

bool ruleset_essential_icmp(const struct ruleset *rules)
{
	return rules->essential_icmp;
}

void ruleset_set_tracking(struct ruleset *rules, enum tracking tracking)
{
	assert(tracking < TRACKING_COUNT);
	rules->tracking = tracking;
	if (tracking == TRACKING_NONE)
		rules->uses |= RULESET_STATELESS;
}

enum tracking ruleset_tracking(const struct ruleset *rules)
{
	return rules->tracking;
}

unsigned int ruleset_uses(const struct ruleset *rules)
{
	return rules->uses;
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

static unsigned int uses_of(const struct rule_options *options)
{
	unsigned int uses = 0;

	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		if (options->timeouts[i])
			uses |= RULESET_TIMEOUTS;
	if (options->limit.unit == LIMIT_PACKETS ||
	    options->limit.unit == LIMIT_BYTES)
		uses |= RULESET_METERS;
	if (options->limit.overload)
		uses |= RULESET_OVERLOADS;
	if (options->max || options->max_per_source)
		uses |= RULESET_COUNTS;
	if (options->tracking == TRACKING_NONE)
		uses |= RULESET_STATELESS;
	if (options->log == LOG_ALL)
		uses |= RULESET_LOGS_ALL;
	if (options->schedule.days && !options->schedule.utc)
		uses |= RULESET_SCHEDULES;
	if (options->continues && options->mark_mask)
		uses |= RULESET_MARKS;
	return uses;
}

struct rule *ruleset_add_rule(struct ruleset *rules, const char *name,
			      const struct rule_options *options)
{
	struct rule *rule;

	assert(!rule_options_fault(options));
	rule = rule_create(name, options);
	if (rule && !list_add(&rules->rules, rule)) {
		rule_destroy(rule);
		return NULL;
	}
	rules->uses |= uses_of(options);
	return rule;
}

void ruleset_set_rule_options(struct ruleset *rules, struct rule *rule,
			      const struct rule_options *options)
{
	assert(!rule_options_fault(options));
	rule_set_options(rule, options);
	rules->uses |= uses_of(options);
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

size_t ruleset_rule_count(const struct ruleset *rules)
{
	return rules->rules.len;
}

const struct rule *ruleset_rule(const struct ruleset *rules, size_t index)
{
	assert(index < rules->rules.len);
	return rules->rules.items[index];
}

bool ruleset_never_blocks(const struct ruleset *rules,
			  const struct prefix *prefix)
{
	struct addr_range range = prefix_range(prefix);

	for (size_t i = 0; i < rules->tables.len; i++) {
		const struct table *table = rules->tables.items[i];

		if (table_options(table)->never_block &&
		    table_overlaps(table, &range))
			return true;
	}
	return false;
}

void ruleset_set_key(struct ruleset *rules, const struct hash_key *key)
{
	for (size_t i = 0; i < rules->tables.len; i++) {
		struct live_set *live = table_live(rules->tables.items[i]);

		if (live)
			live_set_key(live, key);
	}
}

void ruleset_forget(struct ruleset *rules)
{
	for (size_t i = 0; i < rules->rules.len; i++) {
		struct rule *rule = rules->rules.items[i];

		rule->state->bucket = 0;
		rule->state->conns = 0;
	}
	for (size_t i = 0; i < rules->tables.len; i++) {
		struct live_set *live = table_live(rules->tables.items[i]);

		if (live)
			live_clear(live);
	}
}

bool ruleset_index(struct ruleset *rules)
{
	classifier_destroy(rules->classifier);
	rules->classifier = classifier_create(rules);
	return rules->classifier != NULL;
}
