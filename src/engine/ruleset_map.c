/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the rules of one rule set to those of another, by their names: numbers
 * shift when a rule is added, names do not.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/live.h"
#include "engine/ruleset_state.h"
#include "engine/table.h"

/* A rule by its name. */
struct named {
	const char *name;
	uint32_t number;
};

static int compare_named(const void *a, const void *b)
{
	const struct named *left = a;
	const struct named *right = b;

	return strcmp(left->name, right->name);
}

/* Sorted by name; NULL: no memory. */
static struct named *sort_names(const struct ruleset *rules)
{
	size_t len = ruleset_rule_count(rules);
	struct named *names = calloc(len ? len : 1, sizeof(*names));

	if (!names)
		return NULL;
	for (uint32_t i = 0; i < len; i++)
		names[i] =
			(struct named){ rule_name(ruleset_rule(rules, i)), i };
	qsort(names, len, sizeof(*names), compare_named);
	return names;
}

static uint32_t find_named(const struct named *names, size_t len,
			   const char *name)
{
	size_t low = 0;
	size_t high = len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < len && strcmp(names[low].name, name) == 0)
		return names[low].number;
	return RULE_NONE;
}

bool ruleset_number_names(const struct ruleset *rules, const char *const *names,
			  size_t len, uint32_t *numbers)
{
	struct named *sorted = sort_names(rules);

	if (!sorted)
		return false;
	for (size_t i = 0; i < len; i++)
		numbers[i] =
			find_named(sorted, ruleset_rule_count(rules), names[i]);
	free(sorted);
	return true;
}

static struct rule_heir make_heir(const struct rule *rule)
{
	const struct rule_options *options = &rule->options;

	return (struct rule_heir){
		.id = rule->id,
		.counts_sources = options->max_per_source > 0,
		.prefix_ipv4 = options->limit.prefix_ipv4,
		.prefix_ipv6 = options->limit.prefix_ipv6,
	};
}

struct rule_heir *ruleset_map(const struct ruleset *from,
			      const struct ruleset *to)
{
	size_t len = ruleset_rule_count(from);
	struct rule_heir *map = calloc(len ? len : 1, sizeof(*map));
	struct named *names = sort_names(to);

	if (!map || !names) {
		free(map);
		free(names);
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		const struct rule *rule = ruleset_rule(from, i);

		map[i] = make_heir(rule);
		map[i].rule =
			find_named(names, ruleset_rule_count(to), rule->name);
	}
	free(names);
	return map;
}

/* The old rule's state is the new one's, and the old rule still uses it. */
static void inherit_state(struct rule *to, struct rule *from,
			  struct rule_heir *heir)
{
	free(to->state);
	to->state = from->state;
	from->owns_state = false;
	/* If not, the recheck counts them, from 0 on. */
	heir->counts_max = from->options.max > 0;
}

/* NULL: there is none of that name. */
static struct table *find_table(const struct ruleset *rules, const char *name)
{
	for (size_t i = 0; i < rules->tables.len; i++)
		if (strcmp(table_name(rules->tables.items[i]), name) == 0)
			return rules->tables.items[i];
	return NULL;
}

struct rule_heir *ruleset_map_itself(const struct ruleset *rules)
{
	size_t len = ruleset_rule_count(rules);
	struct rule_heir *map = calloc(len ? len : 1, sizeof(*map));

	if (!map)
		return NULL;
	for (uint32_t i = 0; i < len; i++) {
		const struct rule *rule = ruleset_rule(rules, i);

		map[i] = make_heir(rule);
		map[i].rule = i;
		map[i].counts_max = rule->options.max > 0;
	}
	return map;
}

void ruleset_inherit(struct ruleset *to, struct ruleset *from,
		     struct rule_heir *map)
{
	for (size_t i = 0; i < from->rules.len; i++)
		if (map[i].rule != RULE_NONE)
			inherit_state(to->rules.items[map[i].rule],
				      from->rules.items[i], &map[i]);
	for (size_t i = 0; i < to->tables.len; i++) {
		struct table *table = to->tables.items[i];
		struct table *old = find_table(from, table_name(table));

		if (old)
			table_inherit(table, old);
	}
}
