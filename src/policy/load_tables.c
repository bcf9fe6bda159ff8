/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section tables.
 */
#include <stdio.h>

#include "engine/table.h"
#include "policy/loader.h"

static void add_entry(struct loader *ld, const struct node *node,
		      const char *word, void *object)
{
	struct table *table = object;
	struct addr_range range;
	char why[WHY_LEN];

	if (*word == '!' || *word == '<')
		loader_fault(ld, node,
			     "table %s: \"%.60s\": a table holds addresses, "
			     "networks and ranges only",
			     table_name(table), word);
	else if (*word == '\0')
		loader_fault(ld, node,
			     "table %s: a value is missing: write one before "
			     "and after each comma",
			     table_name(table));
	else if (!loader_range(word, &range, why))
		loader_fault(ld, node, "table %s: \"%.60s\" %s",
			     table_name(table), word, why);
	else if (table_add(table, &range) < 0)
		ld->no_memory = true;
}

static void load_entries(struct loader *ld, const struct node *node,
			 void *object)
{
	const struct table *table = object;
	char label[128];

	(void)snprintf(label, sizeof(label),
		       "table %s: entries are strings: write "
		       "[ \"192.0.2.1\", \"10.0.0.0/8\" ]",
		       table_name(table));
	loader_strings(ld, node, label, add_entry, object);
}

static const struct key table_keys[] = {
	{ "entries", NODE_STRING | NODE_LIST,
	  "[ \"192.0.2.1\", \"10.0.0.0/8\" ]", load_entries },
};

static void load_table(struct loader *ld, const struct node *node)
{
	static const struct schema schema = { table_keys, 1 };
	const char *name = node_name(node);
	struct table *table = ruleset_add_table(ld->policy->rules, name);
	char where[80];

	if (!table) {
		ld->no_memory = true;
		return;
	}
	(void)snprintf(where, sizeof(where), " in table %s", name);
	loader_group(ld, node, &schema, where, table);
	if (table_seal(table) < 0)
		ld->no_memory = true;
	if (!loader_child(node, "entries") && !ld->doc->incomplete)
		loader_fault(ld, node,
			     "table %s has no entries: write entries = [ ];",
			     name);
}

void load_tables(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node); i++) {
		const struct node *child = node_child(node, i);

		if (loader_definition(ld, child, "table",
				      "NAME = { entries = [ ]; };"))
			load_table(ld, child);
	}
}
