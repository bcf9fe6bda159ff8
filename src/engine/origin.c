/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Antispoofing and bogons.
 */
#include "engine/origin.h"

#include <string.h>

#include "engine/ruleset.h"
#include "engine/zone.h"

/*
 * What the registries call not globally reachable.  They make no statement on
 * 192.88.99.0/24, 2002::/16 (6to4) and 2001::/32 (Teredo), which are therefore
 * none.  Multicast sources are not here: the parser drops them.
 */
/* clang-format off */
static const struct bogon {
	uint8_t ipversion;
	uint8_t len; /* of the family */
	uint8_t bytes[16];
} bogons[] = {
	{ 4, 8, { 0 } },                          /* "this network", RFC 791 */
	{ 4, 8, { 10 } },                         /* private use, RFC 1918 */
	{ 4, 10, { 100, 64 } },                   /* shared, RFC 6598 */
	{ 4, 8, { 127 } },                        /* loopback, RFC 1122 */
	{ 4, 16, { 169, 254 } },                  /* link local, RFC 3927 */
	{ 4, 12, { 172, 16 } },                   /* private use, RFC 1918 */
	{ 4, 24, { 192, 0, 0 } },                 /* protocols, RFC 6890 */
	{ 4, 24, { 192, 0, 2 } },                 /* documentation, RFC 5737 */
	{ 4, 16, { 192, 168 } },                  /* private use, RFC 1918 */
	{ 4, 15, { 198, 18 } },                   /* benchmarking, RFC 2544 */
	{ 4, 24, { 198, 51, 100 } },              /* documentation, RFC 5737 */
	{ 4, 24, { 203, 0, 113 } },               /* documentation, RFC 5737 */
	{ 4, 4, { 240 } },                        /* reserved, RFC 1112 */
	{ 6, 128, { 0 } },                        /* unspecified, RFC 4291 */
	{ 6, 128, { [15] = 1 } },                 /* loopback, RFC 4291 */
	{ 6, 96, { [10] = 0xff, [11] = 0xff } },  /* mapped, RFC 4291 */
	{ 6, 48, { 0, 0x64, 0xff, 0x9b, 0, 1 } }, /* translation, RFC 8215 */
	{ 6, 64, { 1 } },                         /* discard-only, RFC 6666 */
	{ 6, 48, { 0x20, 1, 0, 2 } },             /* benchmarking, RFC 5180 */
	{ 6, 28, { 0x20, 1, 0, 0x10 } },          /* ORCHID, RFC 4843 */
	{ 6, 32, { 0x20, 1, 0x0d, 0xb8 } },       /* documentation, RFC 3849 */
	{ 6, 20, { 0x3f, 0xff } },                /* documentation, RFC 9637 */
	{ 6, 16, { 0x5f } },                      /* segment ids, RFC 9602 */
	{ 6, 7, { 0xfc } },                       /* unique local, RFC 4193 */
	{ 6, 10, { 0xfe, 0x80 } },                /* link local, RFC 4291 */
};

/* Of 192.0.0.0/24, these are globally reachable. */
static const uint8_t exceptions[][4] = {
	{ 192, 0, 0, 9 },  /* port control anycast, RFC 7723 */
	{ 192, 0, 0, 10 }, /* TURN anycast, RFC 8155 */
};
/* clang-format on */

enum { BOGON_COUNT = sizeof(bogons) / sizeof(bogons[0]) };

static struct prefix bogon_prefix(const struct bogon *bogon)
{
	if (bogon->ipversion == 6)
		return (struct prefix){ addr_from_ipv6(bogon->bytes),
					bogon->len };
	return (struct prefix){ addr_from_ipv4(bogon->bytes),
				(uint8_t)(bogon->len + 96) };
}

static bool is_exception(const struct addr *addr)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]);
	     i++) {
		struct addr exception = addr_from_ipv4(exceptions[i]);

		if (addr_equal(addr, &exception))
			return true;
	}
	return false;
}

bool origin_is_bogon(const struct addr *addr, uint8_t ipversion)
{
	if (ipversion == 4 && is_exception(addr))
		return false;
	for (size_t i = 0; i < BOGON_COUNT; i++) {
		struct prefix prefix = bogon_prefix(&bogons[i]);

		if (bogons[i].ipversion == ipversion &&
		    prefix_contains(&prefix, addr))
			return true;
	}
	return false;
}

/* Whether the source is in the zone's networks, of its own family. */
static bool has_network(const struct zone *zone, const struct packet *pkt)
{
	const struct addr_range *range;

	for (size_t i = 0; (range = zone_network(zone, i)); i++)
		if (addr_is_ipv4(&range->first) ==
			    (pkt->tuple.ipversion == 4) &&
		    addr_range_contains(range, &pkt->tuple.src))
			return true;
	return false;
}

/* What the zones with antispoofing say together. */
struct findings {
	bool is_guarded;   /* one of them has the interface, */
	bool has_networks; /* and networks, */
	bool is_at_home;   /* among which the source is */
	bool is_elsewhere; /* the source is in those of another one */
};

static void consider_zone(struct findings *findings, const struct zone *zone,
			  const struct packet *pkt)
{
	bool knows_source = has_network(zone, pkt);

	if (!zone_is_source(zone, pkt)) {
		findings->is_elsewhere = findings->is_elsewhere || knows_source;
		return;
	}
	findings->is_guarded = true;
	findings->has_networks =
		findings->has_networks || zone_network(zone, 0) != NULL;
	findings->is_at_home = findings->is_at_home || knows_source;
}

static bool is_spoofed(const struct findings *findings)
{
	if (!findings->is_guarded)
		return false;
	if (findings->has_networks)
		return !findings->is_at_home;
	return findings->is_elsewhere;
}

/* Every link has them. */
static bool is_exempt(const struct packet *pkt)
{
	const struct addr *src = &pkt->tuple.src;

	return addr_is_unspecified(src) || addr_is_link_local(src);
}

enum reason origin_fault(const struct ruleset *rules, const struct packet *pkt)
{
	struct findings findings = { 0 };
	const struct zone *zone;
	bool blocks = false;

	if (pkt->hook == HOOK_OUTPUT || strcmp(pkt->indev, "lo") == 0)
		return REASON_NONE;
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++) {
		const struct zone_guard *guard = zone_guard(zone);

		if (guard->antispoof)
			consider_zone(&findings, zone, pkt);
		if (guard->block_bogons && zone_is_source(zone, pkt))
			blocks = true;
	}
	if (!is_exempt(pkt) && is_spoofed(&findings))
		return REASON_ANTISPOOF;
	if (blocks && !addr_is_link_local(&pkt->tuple.src) &&
	    origin_is_bogon(&pkt->tuple.src, pkt->tuple.ipversion))
		return REASON_BOGON;
	return REASON_NONE;
}
