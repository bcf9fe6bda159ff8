/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule: its options and its conditions.
 */
#include "engine/rule.h"

#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/ruleset_state.h"
#include "engine/table.h"

static const char *limit_fault(const struct rule_limit *limit)
{
	const struct rate *rate = &limit->rate;

	if (limit->unit == LIMIT_NONE)
		return limit->overload || limit->kill
			       ? "without a limit nothing is ever over it"
			       : NULL;
	if (rate->amount == 0 || rate->amount > LIMIT_AMOUNT_MAX ||
	    rate->burst > LIMIT_AMOUNT_MAX)
		return "write an amount and a burst from 1 to 4294967296";
	if (rate->period == 0 || rate->period > LIMIT_PERIOD_MAX)
		return "write a period from one millisecond to a week";
	if (!rate_is_valid(rate))
		return "write a smaller burst: this one would take years to "
		       "come back";
	if (limit->prefix_ipv4 > 32 || limit->prefix_ipv6 > 128)
		return "a prefix has at most 32 bits in IPv4 and 128 in IPv6";
	if (limit->overload && limit->scope != LIMIT_SOURCE)
		return "only a limit per source can fill a table";
	if (limit->overload && !table_options(limit->overload)->dynamic)
		return "write the name of a table with dynamic = true";
	if (limit->kill && !limit->overload)
		return "write the table that keeps the source out after its "
		       "connections are closed";
	return NULL;
}

static const char *mark_fault(const struct rule_options *options)
{
	if (options->mark & ~options->mark_mask)
		return "write a mark that has no bit outside of its mask";
	if (options->mark_mask && options->action != ACTION_ACCEPT &&
	    !options->continues)
		return "only what passes can have a mark";
	return NULL;
}

const char *rule_options_fault(const struct rule_options *options)
{
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		if (options->timeouts[i] < 0)
			return "a timeout cannot be negative";
	if (options->expires < 0)
		return "write a date after 1970";
	if (schedule_fault(&options->schedule))
		return schedule_fault(&options->schedule);
	if (options->continues && options->audit)
		return "a rule that continues refuses nothing: it needs no "
		       "audit";
	if (mark_fault(options))
		return mark_fault(options);
	return limit_fault(&options->limit);
}

void rule_set_options(struct rule *rule, const struct rule_options *options)
{
	struct rule_limit *limit = &rule->options.limit;

	rule->options = *options;
	if (options->continues)
		rule->options.action = ACTION_ACCEPT;
	if (limit->prefix_ipv4 == 0)
		limit->prefix_ipv4 = LIMIT_PREFIX_IPV4;
	if (limit->prefix_ipv6 == 0)
		limit->prefix_ipv6 = LIMIT_PREFIX_IPV6;
	if (limit->rate.burst == 0)
		limit->rate.burst = limit->rate.amount;
}

/* No secret: it only has to differ between the rules of one rule set. */
static uint64_t hash_name(const char *name)
{
	static const struct hash_key key = { 0, 0 };

	return siphash13(&key, name, strlen(name));
}

struct rule *rule_create(const char *name, const struct rule_options *options)
{
	size_t size = strlen(name) + 1;
	struct rule *rule = calloc(1, sizeof(*rule));

	if (!rule)
		return NULL;
	rule_set_options(rule, options);
	rule->id = hash_name(name);
	rule->owns_state = true;
	rule->state = calloc(1, sizeof(*rule->state));
	rule->name = calloc(1, size);
	if (!rule->name || !rule->state) {
		rule_destroy(rule);
		return NULL;
	}
	memcpy(rule->name, name, size);
	return rule;
}

void rule_destroy(struct rule *rule)
{
	if (!rule)
		return;
	for (size_t i = 0; i < rule->count; i++)
		rule->conditions[i].type->destroy(rule->conditions[i].match);
	if (rule->owns_state)
		free(rule->state);
	free(rule->conditions);
	free(rule->name);
	free(rule);
}

/* Only tables can be the reason why such a condition holds. */
static bool has_only_tables(const struct match_type *type,
			    const struct match *match)
{
	const struct addr_item *items = match->items;
	bool found = false;

	if (type != &match_src && type != &match_dst)
		return false;
	for (size_t i = 0; i < match->len; i++) {
		if (items[i].negated)
			continue;
		if (!items[i].table)
			return false;
		found = true;
	}
	return found;
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
	rule->asks_tables = rule->asks_tables || has_only_tables(type, match);
	return true;
}

const char *rule_name(const struct rule *rule)
{
	return rule->name;
}

uint64_t rule_id(const struct rule *rule)
{
	return rule->id;
}

const struct rule_options *rule_options(const struct rule *rule)
{
	return &rule->options;
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
