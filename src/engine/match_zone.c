/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * from, to: the zones that a packet comes from and goes to.
 */
#include <stdio.h>

#include "engine/match_item.h"
#include "engine/packet.h"
#include "engine/ruleset.h"
#include "engine/zone.h"

static const char *zone_item_parse(const struct ruleset *rules,
				   const char *word, void *item)
{
	const struct zone *zone = ruleset_zone(rules, word);
	struct zone_item *value = item;

	if (!zone)
		return "write the name of a zone, \"self\" or \"any\"";
	value->zone = zone;
	return NULL;
}

static int zone_item_format(const void *item, char *text, size_t size)
{
	const struct zone_item *value = item;

	return snprintf(text, size, "%s", zone_name(value->zone));
}

static const struct item_type zone_items = {
	.size = sizeof(struct zone_item),
	.parse = zone_item_parse,
	.format = zone_item_format,
};

static struct match *zone_parse(const struct ruleset *rules, const char *text,
				struct match_fault *fault)
{
	return match_list_parse(&zone_items, rules, text, fault);
}

static int zone_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&zone_items, match, text, size);
}

static bool from_test(const struct match *match, const struct packet *pkt,
		      msec_t now)
{
	const struct zone_item *items = match->items;

	(void)now;
	for (size_t i = 0; i < match->len; i++)
		if (zone_is_source(items[i].zone, pkt))
			return true;
	return false;
}

static bool to_test(const struct match *match, const struct packet *pkt,
		    msec_t now)
{
	const struct zone_item *items = match->items;

	(void)now;
	for (size_t i = 0; i < match->len; i++)
		if (zone_is_destination(items[i].zone, pkt))
			return true;
	return false;
}

const struct match_type match_from = {
	.key = "from",
	.parse = zone_parse,
	.test = from_test,
	.format = zone_format,
	.destroy = match_list_destroy,
};

const struct match_type match_to = {
	.key = "to",
	.parse = zone_parse,
	.test = to_test,
	.format = zone_format,
	.destroy = match_list_destroy,
};
