/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections zones and tables.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/table.h"
#include "engine/zone.h"
#include "policy/loader.h"
#include "policy/name.h"

static void add_interface(struct loader *ld, const struct node *node,
			  struct zone *zone, const char *word)
{
	switch (zone_add_interface(zone, word)) {
	case 0:
		break;
	case -ENOMEM:
		ld->no_memory = true;
		break;
	default:
		loader_fault(ld, node,
			     "zone %s: \"%.60s\" is not the name of an "
			     "interface: write one of at most 15 characters, "
			     "\"eth0\", or its beginning with a '*', \"eth*\"",
			     zone_name(zone), word);
	}
}

static void load_interfaces(struct loader *ld, const struct node *node,
			    void *object)
{
	struct zone *zone = object;
	char word[LOADER_WORD_LEN];

	if (loader_value_count(node) == 0)
		loader_fault(ld, node,
			     "zone %s has no interfaces: write interfaces = "
			     "[ \"eth0\" ];",
			     zone_name(zone));
	for (size_t i = 0; i < loader_value_count(node); i++) {
		const struct node *value = loader_value(node, i);
		const char *rest;

		if (loader_is_mended(ld, value))
			continue;
		if (node_type(value) != NODE_STRING) {
			loader_fault(ld, value,
				     "zone %s: interfaces are strings: write "
				     "[ \"eth0\", \"wl*\" ]",
				     zone_name(zone));
			continue;
		}
		rest = node_string(value);
		while (loader_next_word(&rest, word))
			add_interface(ld, value, zone, word);
	}
}

static const struct key zone_keys[] = {
	{ "interfaces", NODE_STRING | NODE_LIST, "[ \"eth0\", \"wl*\" ]",
	  load_interfaces },
};

/* false: @node cannot define a zone or table; it is reported. */
static bool check_definition(struct loader *ld, const struct node *node,
			     const char *what, const char *example)
{
	const char *name = node_name(node);

	if (loader_is_mended(ld, node))
		return false;
	if (!name_is_valid(name)) {
		loader_fault(ld, node,
			     "\"%.60s\" cannot be the name of a %s: use up to "
			     "48 letters, digits, '-' and '_'",
			     name, what);
		return false;
	}
	if (node_type(node) != NODE_GROUP) {
		loader_fault(ld, node, "%s %s is not a group: write %s", what,
			     name, example);
		return false;
	}
	return true;
}

static void load_zone(struct loader *ld, const struct node *node)
{
	static const struct schema schema = { zone_keys, 1 };
	const char *name = node_name(node);
	struct zone *zone;
	char where[80];

	if (ruleset_zone(ld->policy->rules, name)) {
		loader_fault(ld, node,
			     "zone %s is built in and cannot be defined: "
			     "choose another name",
			     name);
		return;
	}
	zone = ruleset_add_zone(ld->policy->rules, name);
	if (!zone) {
		ld->no_memory = true;
		return;
	}
	(void)snprintf(where, sizeof(where), " in zone %s", name);
	loader_group(ld, node, &schema, where, zone);
	if (!loader_child(node, "interfaces") && !ld->doc->incomplete)
		loader_fault(ld, node,
			     "zone %s has no interfaces: write interfaces = "
			     "[ \"eth0\" ];",
			     name);
}

void load_zones(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node); i++) {
		const struct node *child = node_child(node, i);

		if (check_definition(ld, child, "zone",
				     "NAME = { interfaces = [ \"eth0\" ]; };"))
			load_zone(ld, child);
	}
}

static void add_entry(struct loader *ld, const struct node *node,
		      struct table *table, const char *word)
{
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
	struct table *table = object;
	char word[LOADER_WORD_LEN];

	for (size_t i = 0; i < loader_value_count(node); i++) {
		const struct node *value = loader_value(node, i);
		const char *rest;

		if (loader_is_mended(ld, value))
			continue;
		if (node_type(value) != NODE_STRING) {
			loader_fault(ld, value,
				     "table %s: entries are strings: write "
				     "[ \"192.0.2.1\", \"10.0.0.0/8\" ]",
				     table_name(table));
			continue;
		}
		rest = node_string(value);
		while (loader_next_word(&rest, word))
			add_entry(ld, value, table, word);
	}
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

		if (check_definition(ld, child, "table",
				     "NAME = { entries = [ ]; };"))
			load_table(ld, child);
	}
}
