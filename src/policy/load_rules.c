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

/* Those that have one; returns how many there are now. */
static size_t collect_names(struct loader *ld, const struct node *rules,
			    struct named *names, size_t count)
{
	for (size_t i = 0; i < node_count(rules); i++) {
		const struct node *rule = node_child(rules, i);
		const struct node *node = NULL;

		if (node_type(rule) == NODE_GROUP)
			node = loader_child(rule, "name");
		if (!node || node_type(node) != NODE_STRING ||
		    loader_is_mended(ld, node))
			continue;
		names[count] = (struct named){
			.name = node_string(node),
			.node = node,
			.index = count,
		};
		count++;
	}
	return count;
}

/* NULL: @node is no part of the section. */
static const struct node *rules_of(const struct node *node)
{
	bool is = strcmp(loader_section_name(node), "rules") == 0 &&
		  node_type(node) == NODE_LIST;

	return is ? node : NULL;
}

static size_t count_rules(const struct node *root)
{
	size_t count = 0;

	for (size_t i = 0; i < node_count(root); i++)
		if (rules_of(node_child(root, i)))
			count += node_count(node_child(root, i));
	return count;
}

static void check_unique(struct loader *ld, struct named *names, size_t count)
{
	const struct named *first = names;
	char place[PLACE_LEN];

	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(names[i].name, first->name) != 0) {
			first = &names[i];
			continue;
		}
		loader_place(ld, first->node, names[i].node, place);
		loader_fault(ld, CODE_NAME_USED, names[i].node,
			     "rule \"%.60s\": the name was used before, "
			     "%s\nchoose another",
			     names[i].name, place);
	}
}

void load_rules_check(struct loader *ld)
{
	struct named *names = calloc(count_rules(ld->root) + 1, sizeof(*names));
	size_t count = 0;

	if (!names) {
		ld->no_memory = true;
		return;
	}
	for (size_t i = 0; i < node_count(ld->root); i++) {
		const struct node *rules = rules_of(node_child(ld->root, i));

		if (rules)
			count = collect_names(ld, rules, names, count);
	}
	check_unique(ld, names, count);
	free(names);
}

void load_rules(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node) && !ld->no_memory; i++)
		load_rule(ld, node_child(node, i), i);
}
