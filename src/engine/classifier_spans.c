/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules say of a field, as ranges of its values.
 *
 * A rule that the index cannot tell about (something negated, a table, a zone
 * too many) takes any value, and is asked more often.
 */
#include <netinet/in.h>
#include <stdlib.h>

#include "engine/classifier_state.h"
#include "engine/match_item.h"
#include "engine/ruleset.h"

static uint64_t load_be64(const uint8_t *bytes)
{
	uint64_t word = 0;

	for (size_t i = 0; i < 8; i++)
		word = word << 8 | bytes[i];
	return word;
}

struct key key_of_addr(const struct addr *addr)
{
	return (struct key){ load_be64(addr->bytes),
			     load_be64(addr->bytes + 8) };
}

static const struct match *find_match(const struct rule *rule,
				      const struct match_type *wanted)
{
	const struct match_type *type;
	const struct match *match;

	for (size_t i = 0; rule_match(rule, i, &type, &match); i++)
		if (type == wanted)
			return match;
	return NULL;
}

static bool add_span(struct spans *spans, struct key first, struct key last)
{
	size_t capacity = spans->capacity > 0 ? 2 * spans->capacity : 64;
	struct span *grown;

	if (spans->len == spans->capacity) {
		grown = realloc(spans->list, capacity * sizeof(*grown));
		if (!grown)
			return false;
		spans->list = grown;
		spans->capacity = capacity;
	}
	spans->list[spans->len++] = (struct span){ first, last };
	return true;
}

static bool add_numbers(struct spans *spans, uint64_t first, uint64_t last)
{
	return add_span(spans, key_of_number(first), key_of_number(last));
}

/* Each adds what the rule says, if the index can tell.  false: no memory. */

static bool add_addresses(struct spans *spans, const struct match *match)
{
	const struct addr_item *items = match ? match->items : NULL;
	size_t len = match ? match->len : 0;
	bool ok = true;

	for (size_t i = 0; i < len; i++)
		if (items[i].negated || items[i].table)
			return true;
	for (size_t i = 0; i < len; i++)
		ok = ok && add_span(spans, key_of_addr(&items[i].range.first),
				    key_of_addr(&items[i].range.last));
	return ok;
}

static bool add_src(struct spans *spans, struct classifier *c,
		    const struct rule *rule)
{
	(void)c;
	return add_addresses(spans, find_match(rule, &match_src));
}

static bool add_dst(struct spans *spans, struct classifier *c,
		    const struct rule *rule)
{
	(void)c;
	return add_addresses(spans, find_match(rule, &match_dst));
}

static bool add_icmp(struct spans *spans)
{
	return add_numbers(spans, IPPROTO_ICMP, IPPROTO_ICMP) &&
	       add_numbers(spans, IPPROTO_ICMPV6, IPPROTO_ICMPV6);
}

static bool add_protos(struct spans *spans, const struct match *match)
{
	const struct proto_item *items = match->items;
	bool ok = true;

	for (size_t i = 0; i < match->len; i++) {
		ok = ok && add_numbers(spans, items[i].number, items[i].number);
		if (items[i].both_icmp)
			ok = ok && add_icmp(spans);
	}
	return ok;
}

static bool add_proto(struct spans *spans, struct classifier *c,
		      const struct rule *rule)
{
	const struct match *match = find_match(rule, &match_proto);
	const struct match *service = find_match(rule, &match_service);
	const struct service_item *items = service ? service->items : NULL;
	bool ok = true;

	(void)c;
	if (match)
		return add_protos(spans, match);
	if (find_match(rule, &match_icmp_type))
		return add_icmp(spans);
	for (size_t i = 0; service && i < service->len; i++)
		ok = ok && add_numbers(spans, items[i].proto, items[i].proto);
	return ok;
}

static bool add_ports(struct spans *spans, const struct match *match)
{
	const struct port_item *items = match ? match->items : NULL;
	size_t len = match ? match->len : 0;
	bool ok = true;

	for (size_t i = 0; i < len; i++)
		if (items[i].negated)
			return true;
	for (size_t i = 0; i < len; i++)
		ok = ok && add_numbers(spans, items[i].first, items[i].last);
	return ok;
}

static bool add_sport(struct spans *spans, struct classifier *c,
		      const struct rule *rule)
{
	(void)c;
	return add_ports(spans, find_match(rule, &match_sport));
}

static bool add_dport(struct spans *spans, struct classifier *c,
		      const struct rule *rule)
{
	const struct match *match = find_match(rule, &match_dport);
	const struct match *service = find_match(rule, &match_service);
	const struct service_item *items = service ? service->items : NULL;
	bool ok = true;

	(void)c;
	if (match)
		return add_ports(spans, match);
	for (size_t i = 0; service && i < service->len; i++)
		ok = ok && add_numbers(spans, items[i].ports.first,
				       items[i].ports.last);
	return ok;
}

/* ZONES_MAX: there are too many. */
static size_t zone_number(struct classifier *c, const struct zone *zone)
{
	size_t number = 0;

	while (number < c->zone_count && c->zones[number] != zone)
		number++;
	if (number == c->zone_count && number < ZONES_MAX)
		c->zones[c->zone_count++] = zone;
	return number;
}

static bool add_zones(struct spans *spans, struct classifier *c,
		      const struct match *match)
{
	const struct zone_item *items = match ? match->items : NULL;
	size_t len = match ? match->len : 0;
	bool ok = true;

	for (size_t i = 0; i < len; i++)
		if (zone_number(c, items[i].zone) == ZONES_MAX)
			return true;
	for (size_t i = 0; i < len; i++) {
		size_t number = zone_number(c, items[i].zone);

		ok = ok && add_numbers(spans, number, number);
	}
	return ok;
}

static bool add_from(struct spans *spans, struct classifier *c,
		     const struct rule *rule)
{
	return add_zones(spans, c, find_match(rule, &match_from));
}

static bool add_to(struct spans *spans, struct classifier *c,
		   const struct rule *rule)
{
	return add_zones(spans, c, find_match(rule, &match_to));
}

static bool (*const adders[FIELD_COUNT])(struct spans *spans,
					 struct classifier *c,
					 const struct rule *rule) = {
	[FIELD_SRC] = add_src,     [FIELD_DST] = add_dst,
	[FIELD_PROTO] = add_proto, [FIELD_SPORT] = add_sport,
	[FIELD_DPORT] = add_dport, [FIELD_FROM] = add_from,
	[FIELD_TO] = add_to,
};

bool spans_init(struct spans *spans, enum field field, struct classifier *c,
		const struct ruleset *rules)
{
	size_t count = ruleset_rule_count(rules);

	*spans = (struct spans){ 0 };
	spans->at = calloc(count + 1, sizeof(uint32_t));
	if (!spans->at)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!adders[field](spans, c, ruleset_rule(rules, i)))
			return false;
		spans->at[i + 1] = (uint32_t)spans->len;
	}
	return true;
}

void spans_fini(struct spans *spans)
{
	free(spans->list);
	free(spans->at);
}
