/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is no fault of a policy, but hardly meant: rules that are over, and
 * names that nobody uses.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"
#include "engine/zone.h"
#include "policy/date.h"
#include "policy/load_rule.h"

enum { DAY = 24 * 3600, SOON = 7 };

/* A zone or table that something names. */
struct named_object {
	const void *object;
};

void loader_use(struct loader *ld, const void *object)
{
	struct named_object *grown = ld->used;
	size_t count = ld->used_count;

	if (count > 0 && grown[count - 1].object == object)
		return;
	/* In powers of two. */
	if ((count & (count - 1)) == 0)
		grown = realloc(grown,
				(count > 0 ? 2 * count : 1) * sizeof(*grown));
	if (!grown) {
		ld->no_memory = true;
		return;
	}
	ld->used = grown;
	grown[count].object = object;
	ld->used_count++;
}

static int compare_objects(const void *a, const void *b)
{
	uintptr_t left = (uintptr_t)((const struct named_object *)a)->object;
	uintptr_t right = (uintptr_t)((const struct named_object *)b)->object;

	return (left > right) - (left < right);
}

static bool is_used(const struct loader *ld, const void *object)
{
	const struct named_object key = { object };

	return ld->used_count > 0 &&
	       bsearch(&key, ld->used, ld->used_count, sizeof(*ld->used),
		       compare_objects);
}

static void check_zone(struct loader *ld, const struct node *node)
{
	const struct zone *zone =
		ruleset_zone(ld->policy->rules, node_name(node));

	/* What is guarded is guarded without rules. */
	if (zone && !is_used(ld, zone) && !zone_guard(zone)->antispoof &&
	    !zone_guard(zone)->block_bogons)
		loader_fault(ld, CODE_UNUSED_ZONE, node,
			     "zone %s is not used\nwrite rules for it, or "
			     "remove it",
			     zone_name(zone));
}

static void check_table(struct loader *ld, const struct node *node)
{
	const struct table *table =
		ruleset_table(ld->policy->rules, node_name(node));

	if (table && !is_used(ld, table) && !table_options(table)->block &&
	    !table_options(table)->never_block)
		loader_fault(ld, CODE_UNUSED_TABLE, node,
			     "table %s is not used\nname it in a rule, write "
			     "block = true, or remove it",
			     table_name(table));
}

/* Of each part of the section @name. */
static void check_section(struct loader *ld, const char *name,
			  void (*check)(struct loader *ld,
					const struct node *node))
{
	for (size_t i = 0; i < node_count(ld->root); i++) {
		const struct node *section = node_child(ld->root, i);

		if (strcmp(loader_section_name(section), name) != 0)
			continue;
		for (size_t j = 0; j < node_count(section); j++)
			check(ld, node_child(section, j));
	}
}

static void check_unused(struct loader *ld)
{
	if (ld->used_count > 0)
		qsort(ld->used, ld->used_count, sizeof(*ld->used),
		      compare_objects);
	check_section(ld, "zones", check_zone);
	check_section(ld, "tables", check_table);
	for (size_t i = 0; i < ld->services.count; i++)
		if (!ld->services.list[i].used)
			loader_fault(ld, CODE_UNUSED_SERVICE,
				     ld->services.list[i].node,
				     "service %s is not used\nremove it",
				     ld->services.list[i].name);
}

void load_check_date(struct loader *ld, const struct node *node,
		     const char *label, int64_t expires)
{
	int64_t now = ld->diags->date;
	char date[DATE_TEXT_LEN];

	if (now == 0 || expires > now + (int64_t)SOON * DAY)
		return;
	date_format(expires, date);
	if (expires <= now)
		loader_fault(ld, CODE_EXPIRED, node,
			     "%s has expired at %s\nremove it, or change the "
			     "date",
			     label, date);
	else
		loader_fault(ld, CODE_EXPIRES_SOON, node,
			     "%s expires soon, at %s", label, date);
}

static bool accepts(const struct ruleset *rules, enum hook hook)
{
	return ruleset_policy(rules, hook) == ACTION_ACCEPT;
}

/* Settings for what nothing lets in. */
static void check_settings(struct loader *ld, const struct node *node)
{
	const struct ruleset *rules = ld->policy->rules;
	bool any = ld->takes_track;

	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		any = any || accepts(rules, (enum hook)i);
	if (!any && strcmp(node_name(node), "track") == 0)
		loader_fault(ld, CODE_NO_EFFECT, node,
			     "settings.track is for no connection\nevery rule "
			     "that accepts says it itself, and the policy "
			     "accepts nothing");
}

void load_warnings(struct loader *ld)
{
	load_order(ld);
	check_unused(ld);
	check_section(ld, "settings", check_settings);
}
