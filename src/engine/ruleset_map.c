/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the rules of one rule set to those of another, by their names: numbers
 * shift when a rule is added, names do not.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/ruleset.h"

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

uint32_t *ruleset_map(const struct ruleset *from, const struct ruleset *to)
{
	size_t len = ruleset_rule_count(from);
	uint32_t *map = calloc(len ? len : 1, sizeof(*map));
	struct named *names = sort_names(to);

	if (!map || !names) {
		free(map);
		free(names);
		return NULL;
	}
	for (size_t i = 0; i < len; i++)
		map[i] = find_named(names, ruleset_rule_count(to),
				    rule_name(ruleset_rule(from, i)));
	free(names);
	return map;
}
