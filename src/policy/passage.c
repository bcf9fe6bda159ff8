/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hooks and interfaces of packets in words.
 */
#include "policy/passage.h"

#include <stdio.h>
#include <string.h>

#include "engine/ruleset.h"
#include "engine/zone.h"

static enum hook find_hook(const struct expression *expr)
{
	if (!expr->indev[0])
		return HOOK_OUTPUT;
	return expr->flow.dst.is_self ? HOOK_INPUT : HOOK_FORWARD;
}

static bool has_address(const struct zone *zone, const struct addr *addr)
{
	const struct addr_range *range;

	for (size_t i = 0; (range = zone_network(zone, i)); i++)
		if (addr_range_contains(range, addr))
			return true;
	return false;
}

/* The zone behind which the address is; NULL: the policy does not say. */
static const struct zone *zone_behind(const struct ruleset *rules,
				      const struct addr *addr)
{
	const struct zone *uplink = NULL;
	const struct zone *zone;
	size_t uplinks = 0;

	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++) {
		if (has_address(zone, addr))
			return zone;
		if (!zone_network(zone, 0)) {
			uplink = zone;
			uplinks++;
		}
	}
	return uplinks == 1 ? uplink : NULL;
}

/* A name that the first pattern of the zone stands for. */
static void name_interface(const struct zone *zone,
			   char name[PACKET_IFNAME_LEN])
{
	const char *pattern = zone_interface(zone, 0);
	size_t len = pattern ? strlen(pattern) : 0;

	if (len > 0 && pattern[len - 1] == '*')
		(void)snprintf(name, PACKET_IFNAME_LEN, "%.*s0",
			       len < PACKET_IFNAME_LEN ? (int)len - 1
						       : PACKET_IFNAME_LEN - 2,
			       pattern);
	else if (len > 0)
		(void)snprintf(name, PACKET_IFNAME_LEN, "%s", pattern);
}

struct passage passage_of(const struct expression *expr,
			  const struct ruleset *rules)
{
	struct passage passage = { .hook = find_hook(expr) };
	const struct zone *zone;

	memcpy(passage.indev, expr->indev, sizeof(passage.indev));
	memcpy(passage.outdev, expr->outdev, sizeof(passage.outdev));
	if (passage.hook == HOOK_INPUT || passage.outdev[0])
		return passage;
	zone = zone_behind(rules, &expr->flow.dst.addr);
	if (zone)
		name_interface(zone, passage.outdev);
	return passage;
}

struct passage passage_back(const struct passage *passage)
{
	static const enum hook hooks[HOOK_COUNT] = {
		[HOOK_INPUT] = HOOK_OUTPUT,
		[HOOK_FORWARD] = HOOK_FORWARD,
		[HOOK_OUTPUT] = HOOK_INPUT,
	};
	struct passage back = { .hook = hooks[passage->hook] };

	memcpy(back.indev, passage->outdev, sizeof(back.indev));
	memcpy(back.outdev, passage->indev, sizeof(back.outdev));
	return back;
}

bool passage_is_open(const struct passage *passage)
{
	return passage->hook != HOOK_INPUT && !passage->outdev[0];
}
