/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones: which interfaces they are, and which packets come from or go to them.
 *
 * The hook says which end is this machine: OUTPUT packets come from it, INPUT
 * packets go to it.  An interface is therefore an origin everywhere but in
 * OUTPUT, and a destination everywhere but in INPUT.
 */
#include "engine/zone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct zone {
	char *name;
	enum zone_kind kind;
	char (*interfaces)[PACKET_IFNAME_LEN + 1]; /* room for the '*' */
	size_t count;
	struct addr_range *networks;
	size_t network_count;
	struct zone_guard guard;
};

struct zone *zone_create(const char *name, enum zone_kind kind)
{
	size_t size = strlen(name) + 1;
	struct zone *zone = calloc(1, sizeof(*zone));

	if (!zone)
		return NULL;
	zone->kind = kind;
	zone->name = calloc(1, size);
	if (!zone->name) {
		free(zone);
		return NULL;
	}
	memcpy(zone->name, name, size);
	return zone;
}

void zone_destroy(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->interfaces);
	free(zone->networks);
	free(zone->name);
	free(zone);
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

/* What Linux allows as a name (dev_valid_name()), and no control characters. */
static bool is_name_char(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte > ' ' && byte != 0x7f && !strchr("/:*", c);
}

static bool is_valid_pattern(const char *pattern)
{
	size_t len = strlen(pattern);
	bool open = len > 0 && pattern[len - 1] == '*';

	if (open)
		len--;
	if (len >= PACKET_IFNAME_LEN || (len == 0 && !open))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_name_char(pattern[i]))
			return false;
	return strcmp(pattern, ".") != 0 && strcmp(pattern, "..") != 0;
}

int zone_add_interface(struct zone *zone, const char *pattern)
{
	char(*grown)[PACKET_IFNAME_LEN + 1];

	if (!is_valid_pattern(pattern))
		return -EINVAL;
	grown = realloc(zone->interfaces, (zone->count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	zone->interfaces = grown;
	memcpy(grown[zone->count++], pattern, strlen(pattern) + 1);
	return 0;
}

const char *zone_interface(const struct zone *zone, size_t index)
{
	return index < zone->count ? zone->interfaces[index] : NULL;
}

int zone_add_network(struct zone *zone, const struct addr_range *range)
{
	struct addr_range *grown = realloc(
		zone->networks, (zone->network_count + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	zone->networks = grown;
	grown[zone->network_count++] = *range;
	return 0;
}

const struct addr_range *zone_network(const struct zone *zone, size_t index)
{
	return index < zone->network_count ? &zone->networks[index] : NULL;
}

void zone_set_guard(struct zone *zone, const struct zone_guard *guard)
{
	zone->guard = *guard;
}

const struct zone_guard *zone_guard(const struct zone *zone)
{
	return &zone->guard;
}

static bool interface_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return strcmp(pattern, name) == 0;
}

static bool zone_has(const struct zone *zone, const char *name)
{
	/* An interface that is not known is in no zone, not even in "*". */
	if (name[0] == '\0')
		return false;
	for (size_t i = 0; i < zone->count; i++)
		if (interface_matches(zone->interfaces[i], name))
			return true;
	return false;
}

bool zone_is_source(const struct zone *zone, const struct packet *pkt)
{
	switch (zone->kind) {
	case ZONE_ANY:
		return true;
	case ZONE_SELF:
		return pkt->hook == HOOK_OUTPUT;
	case ZONE_INTERFACES:
		return pkt->hook != HOOK_OUTPUT && zone_has(zone, pkt->indev);
	}
	return false;
}

bool zone_is_destination(const struct zone *zone, const struct packet *pkt)
{
	switch (zone->kind) {
	case ZONE_ANY:
		return true;
	case ZONE_SELF:
		return pkt->hook == HOOK_INPUT;
	case ZONE_INTERFACES:
		return pkt->hook != HOOK_INPUT && zone_has(zone, pkt->outdev);
	}
	return false;
}
