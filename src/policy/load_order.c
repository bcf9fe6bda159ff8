/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that can never match, since one before them decides all that they ask
 * for.
 *
 * A rule covers another if each of its conditions lets pass whatever the same
 * condition of the other does.  If in doubt it does not: what several rules
 * cover together, or a table that holds the addresses of another, is not seen.
 *
 * Where there are too many pairs to look at all, each rule is compared with
 * those before it that ask the least, which are most likely to cover it, and
 * a note says so.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/table.h"
#include "engine/zone.h"
#include "policy/loader.h"

/* A quarter of a second, when they are all alike. */
enum { PAIRS_MAX = 32 * 1000 * 1000 };

static bool contains_zone(const void *outer, const void *inner)
{
	const struct zone_item *a = outer;
	const struct zone_item *b = inner;

	return a->zone == b->zone || strcmp(zone_name(a->zone), "any") == 0;
}

static bool contains_addr(const void *outer, const void *inner)
{
	const struct addr_item *a = outer;
	const struct addr_item *b = inner;

	if (a->table || b->table)
		return a->table == b->table;
	return addr_compare(&a->range.first, &b->range.first) <= 0 &&
	       addr_compare(&a->range.last, &b->range.last) >= 0;
}

static bool contains_proto(const void *outer, const void *inner)
{
	const struct proto_item *a = outer;
	const struct proto_item *b = inner;

	return a->number == b->number && (a->both_icmp || !b->both_icmp);
}

static bool contains_ports(const void *outer, const void *inner)
{
	const struct port_item *a = outer;
	const struct port_item *b = inner;

	return a->first <= b->first && a->last >= b->last;
}

/* A type that one family does not have matches nothing there. */
static bool contains_icmp(const void *outer, const void *inner)
{
	const struct icmp_item *a = outer;
	const struct icmp_item *b = inner;

	return (b->ipv4 == ICMP_TYPE_NONE || a->ipv4 == b->ipv4) &&
	       (b->ipv6 == ICMP_TYPE_NONE || a->ipv6 == b->ipv6) &&
	       (a->code == ICMP_TYPE_NONE || a->code == b->code);
}

static bool contains_service(const void *outer, const void *inner)
{
	const struct service_item *a = outer;
	const struct service_item *b = inner;

	return a->proto == b->proto && contains_ports(&a->ports, &b->ports);
}

static bool contains_flags(const void *outer, const void *inner)
{
	const struct flags_item *a = outer;
	const struct flags_item *b = inner;

	return (a->mask & ~b->mask) == 0 && (b->flags & a->mask) == a->flags;
}

static bool contains_mark(const void *outer, const void *inner)
{
	const struct mark_item *a = outer;
	const struct mark_item *b = inner;

	return (a->mask & ~b->mask) == 0 && (b->mark & a->mask) == a->mark;
}

static bool contains_dscp(const void *outer, const void *inner)
{
	const struct dscp_item *a = outer;
	const struct dscp_item *b = inner;

	return a->value == b->value;
}

static bool contains_id(const void *outer, const void *inner)
{
	const struct id_item *a = outer;
	const struct id_item *b = inner;

	return a->first <= b->first && a->last >= b->last;
}

static bool is_negated_addr(const void *item)
{
	return ((const struct addr_item *)item)->negated;
}

static bool is_negated_port(const void *item)
{
	return ((const struct port_item *)item)->negated;
}

/* Those first in which rules most often differ. */
static const struct kind {
	const struct match_type *type;
	size_t size; /* of an item */
	bool (*contains)(const void *outer, const void *inner);
	bool (*is_negated)(const void *item); /* NULL: it cannot be */
} kinds[] = {
	{ &match_dst, sizeof(struct addr_item), contains_addr,
	  is_negated_addr },
	{ &match_src, sizeof(struct addr_item), contains_addr,
	  is_negated_addr },
	{ &match_dport, sizeof(struct port_item), contains_ports,
	  is_negated_port },
	{ &match_service, sizeof(struct service_item), contains_service, NULL },
	{ &match_from, sizeof(struct zone_item), contains_zone, NULL },
	{ &match_to, sizeof(struct zone_item), contains_zone, NULL },
	{ &match_proto, sizeof(struct proto_item), contains_proto, NULL },
	{ &match_sport, sizeof(struct port_item), contains_ports,
	  is_negated_port },
	{ &match_icmp_type, sizeof(struct icmp_item), contains_icmp, NULL },
	{ &match_tcp_flags, sizeof(struct flags_item), contains_flags, NULL },
	{ &match_mark, sizeof(struct mark_item), contains_mark, NULL },
	{ &match_dscp, sizeof(struct dscp_item), contains_dscp, NULL },
	{ &match_uid, sizeof(struct id_item), contains_id, NULL },
	{ &match_gid, sizeof(struct id_item), contains_id, NULL },
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static const void *item_at(const struct kind *kind, const struct match *match,
			   size_t index)
{
	return (const char *)match->items + index * kind->size;
}

static bool is_negated(const struct kind *kind, const void *item)
{
	return kind->is_negated && kind->is_negated(item);
}

static bool has_negated(const struct kind *kind, const struct match *match)
{
	for (size_t i = 0; i < match->len; i++)
		if (is_negated(kind, item_at(kind, match, i)))
			return true;
	return false;
}

/* Whether both say the same, item by item. */
static bool is_same(const struct kind *kind, const struct match *a,
		    const struct match *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		const void *left = item_at(kind, a, i);
		const void *right = item_at(kind, b, i);

		if (is_negated(kind, left) != is_negated(kind, right) ||
		    !kind->contains(left, right) ||
		    !kind->contains(right, left))
			return false;
	}
	return true;
}

static bool contains_item(const struct kind *kind, const struct match *outer,
			  const void *item)
{
	for (size_t i = 0; i < outer->len; i++)
		if (kind->contains(item_at(kind, outer, i), item))
			return true;
	return false;
}

/* Whether all that @inner lets pass, @outer does, too. */
static bool is_wider(const struct kind *kind, const struct match *outer,
		     const struct match *inner)
{
	bool any = false;

	if (has_negated(kind, outer))
		return is_same(kind, outer, inner);
	/* What is excluded makes it narrower only. */
	for (size_t i = 0; i < inner->len; i++) {
		const void *item = item_at(kind, inner, i);

		if (is_negated(kind, item))
			continue;
		if (!contains_item(kind, outer, item))
			return false;
		any = true;
	}
	return any;
}

/* A rule by its conditions. */
struct asked {
	const struct match *matches[KIND_COUNT];
	unsigned int mask; /* of those that are there */
	unsigned int count;
	bool decides; /* whatever it matches, now and later */
	size_t next;  /* with as many conditions; 0: none */
};

static bool decides_always(const struct rule_options *options)
{
	return !options->continues && !options->audit &&
	       !rule_comes_and_goes(options) &&
	       options->limit.unit == LIMIT_NONE && options->max == 0 &&
	       options->max_per_source == 0 && !options->no_pickup;
}

/* @marks: whether rules change the mark of the packet on its way. */
static void fill(struct asked *asked, const struct rule *rule, bool marks)
{
	const struct match_type *type;
	const struct match *match;

	asked->decides = decides_always(rule_options(rule));
	for (size_t i = 0; rule_match(rule, i, &type, &match); i++) {
		size_t kind = 0;

		while (kind < KIND_COUNT && kinds[kind].type != type)
			kind++;
		/* Nobody knows what it leaves. */
		if (kind == KIND_COUNT || (marks && type == &match_mark))
			asked->decides = false;
		if (kind == KIND_COUNT)
			continue;
		asked->matches[kind] = match;
		asked->mask |= 1U << kind;
		asked->count++;
	}
}

static bool covers(const struct asked *outer, const struct asked *inner)
{
	if (outer->mask & ~inner->mask)
		return false;
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (outer->matches[i] &&
		    !is_wider(&kinds[i], outer->matches[i], inner->matches[i]))
			return false;
	return true;
}

/* All rules, and those so far by the number of their conditions. */
struct order {
	struct asked *list;
	size_t pairs;                 /* that each may be compared with */
	size_t first[KIND_COUNT + 1]; /* numbers from 1; 0: none */
	size_t last[KIND_COUNT + 1];
	bool incomplete; /* so far */
};

static void append(struct order *order, size_t index)
{
	struct asked *asked = &order->list[index];
	size_t *last = &order->last[asked->count];

	if (!asked->decides)
		return;
	if (*last > 0)
		order->list[*last - 1].next = index + 1;
	else
		order->first[asked->count] = index + 1;
	*last = index + 1;
}

/* The number from 1 of one that covers it, 0: none that was looked at does. */
static size_t find_cover(struct order *order, const struct asked *inner)
{
	size_t left = order->pairs;
	unsigned int count = 0;
	size_t i = order->first[0];

	while (i > 0 || count < inner->count) {
		if (i == 0) {
			i = order->first[++count];
			continue;
		}
		if (left-- == 0) {
			order->incomplete = true;
			return 0;
		}
		if (covers(&order->list[i - 1], inner))
			return i;
		i = order->list[i - 1].next;
	}
	return 0;
}

static const char *name_at(const struct loader *ld, size_t index)
{
	return rule_name(ruleset_rule(ld->policy->rules, index));
}

static void check_rule(struct loader *ld, struct order *order, size_t index)
{
	bool was_complete = !order->incomplete;
	size_t cover = find_cover(order, &order->list[index]);
	const struct node *node = ld->noted[index].node;
	char place[PLACE_LEN];

	if (cover > 0) {
		loader_place(ld, ld->noted[cover - 1].node, node, place);
		loader_fault(
			ld, CODE_NEVER_MATCHES, node,
			"rule \"%s\" can never match\nall of it is decided "
			"by the earlier rule \"%s\" %s",
			name_at(ld, index), name_at(ld, cover - 1), place);
	}
	if (was_complete && order->incomplete)
		loader_fault(ld, CODE_NOT_COMPARED, node,
			     "from rule \"%s\" on, each was compared with %zu "
			     "rules before it only, to see whether it can "
			     "match",
			     name_at(ld, index), order->pairs);
}

void load_order(struct loader *ld)
{
	const struct ruleset *rules = ld->policy->rules;
	size_t count = ruleset_rule_count(rules);
	struct asked *list = calloc(count + 1, sizeof(*list));
	struct order order = { .list = list, .pairs = count };

	if (!list) {
		ld->no_memory = true;
		return;
	}
	if (count > 0 && count > 2 * (size_t)PAIRS_MAX / count)
		order.pairs = PAIRS_MAX / count;
	for (size_t i = 0; i < count; i++) {
		fill(&list[i], ruleset_rule(rules, i),
		     ruleset_uses(rules) & RULESET_MARKS);
		check_rule(ld, &order, i);
		append(&order, i);
	}
	free(list);
}
