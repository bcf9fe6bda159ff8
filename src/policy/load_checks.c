/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conditions of one rule that can never hold together: whoever wrote such a
 * rule believes that it does something.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/proto.h"
#include "engine/table.h"
#include "engine/zone.h"
#include "policy/load_rule.h"

enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, FAMILY_BOTH = 3 };

/* NULL: the rule has no such condition, or a faulty one. */
static const struct match *find(const struct rule_scope *scope,
				const struct match_type *wanted)
{
	const struct match_type *type;
	const struct match *match;

	for (size_t i = 0; rule_match(scope->rule, i, &type, &match); i++)
		if (type == wanted)
			return match;
	return NULL;
}

static void fault(const struct rule_scope *scope, const char *key,
		  const char *what)
{
	loader_fault(scope->ld, CODE_CONTRADICTION,
		     loader_child(scope->node, key), "%s: %s: %s", scope->label,
		     key, what);
}

static bool proto_has_ports(const struct proto_item *item)
{
	return proto_find(item->number)->has_ports;
}

static bool proto_is_icmp(const struct proto_item *item)
{
	return item->number == IPPROTO_ICMP || item->number == IPPROTO_ICMPV6;
}

/* The first protocol that is not of the kind; false: all are. */
static bool find_other(const struct match *proto,
		       bool (*is_of_kind)(const struct proto_item *item),
		       char text[32])
{
	const struct proto_item *items = proto->items;

	for (size_t i = 0; i < proto->len; i++) {
		struct match one = { .len = 1 };
		struct proto_item item = items[i];

		if (is_of_kind(&item))
			continue;
		one.items = &item;
		(void)match_proto.format(&one, text, 32);
		return true;
	}
	return false;
}

static void check_ports(const struct rule_scope *scope)
{
	static const struct match_type *const types[] = { &match_sport,
							  &match_dport };
	const struct match *proto = find(scope, &match_proto);
	char what[160];
	char other[32];

	if (!proto || !find_other(proto, proto_has_ports, other))
		return;
	(void)snprintf(what, sizeof(what),
		       "proto \"%s\" has no ports\nleave it to \"tcp\", "
		       "\"udp\", \"udplite\" and \"sctp\", or write two rules",
		       other);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (find(scope, types[i]))
			fault(scope, types[i]->key, what);
}

static void check_icmp(const struct rule_scope *scope)
{
	static const struct match_type *const types[] = { &match_sport,
							  &match_dport,
							  &match_service };
	const struct match *proto = find(scope, &match_proto);
	char what[160];
	char other[32];

	if (!find(scope, &match_icmp_type))
		return;
	if (proto && find_other(proto, proto_is_icmp, other)) {
		(void)snprintf(what, sizeof(what),
			       "proto \"%s\" has no such types\nwrite proto = "
			       "\"icmp\", or two rules",
			       other);
		fault(scope, "icmp_type", what);
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (find(scope, types[i]))
			fault(scope, types[i]->key,
			      "a packet of icmp_type has no ports\nwrite two "
			      "rules");
}

/* A service over a protocol that the rule does not speak of. */
static void check_service(const struct rule_scope *scope)
{
	const struct match *proto = find(scope, &match_proto);
	const struct match *service = find(scope, &match_service);
	const struct proto_item *protos;
	const struct service_item *services;

	if (!proto || !service)
		return;
	protos = proto->items;
	services = service->items;
	for (size_t i = 0; i < proto->len; i++)
		for (size_t j = 0; j < service->len; j++)
			if (protos[i].number == services[j].proto)
				return;
	fault(scope, "service",
	      "none of these is over a protocol of proto\nleave proto out");
}

/* Whether the condition asks for this machine and nothing else. */
static bool is_self(const struct match *match)
{
	const struct zone_item *items;

	if (!match)
		return false;
	items = match->items;
	for (size_t i = 0; i < match->len; i++)
		if (strcmp(zone_name(items[i].zone), "self") != 0)
			return false;
	return true;
}

static void check_zones(const struct rule_scope *scope)
{
	if (is_self(find(scope, &match_from)) &&
	    is_self(find(scope, &match_to)))
		fault(scope, "to",
		      "no packet goes from self to self\nwhat this machine "
		      "sends to itself leaves by OUTPUT and comes in on \"lo\"");
}

static unsigned int table_families(const struct table *table)
{
	unsigned int families = 0;

	if (table_has_family(table, 4))
		families |= FAMILY_IPV4;
	if (table_has_family(table, 6))
		families |= FAMILY_IPV6;
	/* An empty table says nothing yet. */
	return families ? families : FAMILY_BOTH;
}

/* The families that an address can have to match. */
static unsigned int families_of(const struct match *match)
{
	const struct addr_item *items;
	unsigned int families = 0;

	if (!match)
		return FAMILY_BOTH;
	items = match->items;
	for (size_t i = 0; i < match->len; i++) {
		if (items[i].negated)
			continue;
		if (items[i].table)
			families |= table_families(items[i].table);
		else
			families |= items[i].ipversion == 4 ? FAMILY_IPV4
							    : FAMILY_IPV6;
	}
	return families ? families : FAMILY_BOTH;
}

static void check_families(const struct rule_scope *scope)
{
	unsigned int src = families_of(find(scope, &match_src));
	unsigned int dst = families_of(find(scope, &match_dst));

	if ((src & dst) == 0)
		fault(scope, "dst",
		      src == FAMILY_IPV4
			      ? "src is IPv4 and dst is IPv6\nno packet is both"
			      : "src is IPv6 and dst is IPv4\nno packet is both");
}

void rule_check(struct rule_scope *scope)
{
	check_ports(scope);
	check_icmp(scope);
	check_service(scope);
	check_zones(scope);
	check_families(scope);
}
