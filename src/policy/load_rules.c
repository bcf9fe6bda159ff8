/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section rules: their order and their names.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/load_rule.h"

/* The name of a rule, for finding it twice. */
struct named {
	const char *name;
	const struct node *node;
	size_t index; /* of the rule */
};

static int compare_names(const void *a, const void *b)
{
	const struct named *left = a;
	const struct named *right = b;
	int order = strcmp(left->name, right->name);

	if (order != 0)
		return order;
	return left->index < right->index ? -1 : 1;
}

/* Those that have one; returns how many. */
static size_t collect_names(struct loader *ld, const struct node *rules,
			    struct named *names)
{
	size_t count = 0;

	for (size_t i = 0; i < node_count(rules); i++) {
		const struct node *rule = node_child(rules, i);
		const struct node *node = NULL;

		if (node_type(rule) == NODE_GROUP)
			node = loader_child(rule, "name");
		if (node && node_type(node) == NODE_STRING &&
		    !loader_is_mended(ld, node))
			names[count++] = (struct named){
				.name = node_string(node),
				.node = node,
				.index = i,
			};
	}
	return count;
}

static void check_unique(struct loader *ld, const struct node *rules)
{
	struct named *names = calloc(node_count(rules) + 1, sizeof(*names));
	const struct named *first = names;
	char place[PLACE_LEN];
	size_t count;

	if (!names) {
		ld->no_memory = true;
		return;
	}
	count = collect_names(ld, rules, names);
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(names[i].name, first->name) != 0) {
			first = &names[i];
			continue;
		}
		loader_place(ld, first->node, names[i].node, place);
		loader_fault(
			ld, names[i].node,
			"rule \"%.60s\": the name was used before, %s: choose "
			"another",
			names[i].name, place);
	}
	free(names);
}

void load_rules(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node) && !ld->no_memory; i++)
		load_rule(ld, node_child(node, i), i);
	check_unique(ld, node);
}
