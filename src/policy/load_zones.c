/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section zones.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/zone.h"
#include "policy/loader.h"

static void add_interface(struct loader *ld, const struct spot *spot,
			  const char *word, void *object)
{
	struct zone *zone = object;

	switch (zone_add_interface(zone, word)) {
	case 0:
		break;
	case -ENOMEM:
		ld->no_memory = true;
		break;
	default:
		loader_fault_at(
			ld, CODE_INTERFACE, spot,
			"zone %s: \"%.60s\" is not the name of an "
			"interface\nwrite one of at most 15 characters, "
			"\"eth0\", or its beginning with a '*', \"eth*\"",
			zone_name(zone), word);
	}
}

static void load_interfaces(struct loader *ld, const struct node *node,
			    void *object)
{
	const struct zone *zone = object;
	char label[96];

	(void)snprintf(label, sizeof(label),
		       "zone %s: interfaces are strings: write "
		       "[ \"eth0\", \"wl*\" ]",
		       zone_name(zone));
	if (loader_value_count(node) == 0)
		loader_fault(ld, CODE_KEY_MISSING, node,
			     "zone %s has no interfaces\nwrite interfaces = [ "
			     "\"eth0\" ];",
			     zone_name(zone));
	loader_strings(ld, node, label, add_interface, object);
}

static void add_network(struct loader *ld, const struct spot *spot,
			const char *word, void *object)
{
	struct zone *zone = object;
	struct addr_range range;
	char why[WHY_LEN];

	if (!range_parse(word, &range, why))
		loader_fault_at(ld, CODE_ADDRESS, spot,
				"zone %s: networks: \"%.60s\" %s",
				zone_name(zone), word, why);
	else if (zone_add_network(zone, &range) < 0)
		ld->no_memory = true;
}

static void load_networks(struct loader *ld, const struct node *node,
			  void *object)
{
	const struct zone *zone = object;
	char label[96];

	(void)snprintf(label, sizeof(label),
		       "zone %s: networks are strings: write "
		       "[ \"10.0.0.0/8\" ]",
		       zone_name(zone));
	loader_strings(ld, node, label, add_network, object);
}

static void load_antispoof(struct loader *ld, const struct node *node,
			   void *object)
{
	struct zone_guard guard = *zone_guard(object);

	(void)ld;
	guard.antispoof = node_bool(node);
	zone_set_guard(object, &guard);
}

static void load_block_bogons(struct loader *ld, const struct node *node,
			      void *object)
{
	struct zone_guard guard = *zone_guard(object);

	(void)ld;
	guard.block_bogons = node_bool(node);
	zone_set_guard(object, &guard);
}

static const char boolean[] = "true or false, without quotes";

static const struct key zone_keys[] = {
	{ "interfaces", NODE_STRING | NODE_LIST, "[ \"eth0\", \"wl*\" ]",
	  load_interfaces },
	{ "networks", NODE_STRING | NODE_LIST, "[ \"10.0.0.0/8\" ]",
	  load_networks },
	{ "antispoof", NODE_BOOL, boolean, load_antispoof },
	{ "block_bogons", NODE_BOOL, boolean, load_block_bogons },
};

static void load_zone(struct loader *ld, const struct node *node)
{
	static const struct schema schema = {
		zone_keys, sizeof(zone_keys) / sizeof(zone_keys[0])
	};
	const char *name = node_name(node);
	struct zone *zone;
	char where[80];

	if (strcmp(name, "any") == 0 || strcmp(name, "self") == 0) {
		loader_fault(ld, CODE_NAME_USED, node,
			     "zone %s is built in and cannot be "
			     "defined\nchoose another name",
			     name);
		return;
	}
	/* In another document, which is reported. */
	if (ruleset_zone(ld->policy->rules, name))
		return;
	zone = ruleset_add_zone(ld->policy->rules, name);
	if (!zone) {
		ld->no_memory = true;
		return;
	}
	(void)snprintf(where, sizeof(where), " in zone %s", name);
	loader_group(ld, node, &schema, where, zone);
	if (!loader_child(node, "interfaces") && !ld->doc->incomplete)
		loader_fault(ld, CODE_KEY_MISSING, node,
			     "zone %s has no interfaces\nwrite interfaces = [ "
			     "\"eth0\" ];",
			     name);
}

void load_zones(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node); i++) {
		const struct node *child = node_child(node, i);

		if (loader_definition(ld, child, "zone",
				      "NAME = { interfaces = [ \"eth0\" ]; };"))
			load_zone(ld, child);
	}
}
