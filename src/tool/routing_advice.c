/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules ask for zones, zones are interfaces, and a capture has none: the usual
 * reason why a replay drops everything.
 */
#include "tool/routing.h"

#include <stdio.h>

#include "engine/ruleset.h"
#include "engine/zone.h"
#include "tool/usage.h"

static bool is_in_a_zone(const struct ruleset *rules, const char *interface)
{
	struct packet pkt = { .hook = HOOK_FORWARD };
	const struct zone *zone;

	(void)snprintf(pkt.indev, sizeof(pkt.indev), "%s", interface);
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++)
		if (zone_is_source(zone, &pkt))
			return true;
	return false;
}

void routing_advise_interface(const struct ruleset *rules,
			      const char *interface, const char *option)
{
	if (interface[0] && !is_in_a_zone(rules, interface))
		complain("note: interface \"%s\" is in no zone of the policy; "
			 "%s names another",
			 interface, option);
}

void routing_advise(const struct routing *routing, const struct ruleset *rules)
{
	if (!ruleset_zone_at(rules, 0))
		return;
	if (!routing->inside_count && !routing->arrival[0]) {
		complain("note: it is not known on which interfaces the "
			 "packets came, so no rule that names a zone matches; "
			 "--inside or --in says it");
		return;
	}
	routing_advise_interface(rules, routing->arrival, "--in");
	routing_advise_interface(rules, routing->inside_if, "--inside-if");
	routing_advise_interface(rules, routing->outside_if, "--outside-if");
}
