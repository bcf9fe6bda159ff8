/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules say of a field, as ranges of its values.
 *
 * A rule that the index cannot tell about (something negated, a table, a zone
 * too many) takes any value, and is asked more often.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "engine/classifier_state.h"
#include "engine/match_item.h"
#include "engine/ruleset.h"
#include "engine/wire.h"

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

static bool add_span(struct spans *spans, uint32_t first, uint32_t last)
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

/* Whose words are being told, and to whom. */
struct telling {
	struct spans *spans;
	enum field field;
	uint8_t ipversion;
	struct classifier *c;
};

/*
 * Of a range of addresses the values of that word: all, unless the words before
 * it are the same all over the range.
 */
static struct span word_of(const struct addr_range *range, unsigned int word)
{
	const uint8_t *first = range->first.bytes;
	const uint8_t *last = range->last.bytes;
	size_t at = sizeof(uint32_t) * word;

	if (memcmp(first, last, at) != 0)
		return (struct span){ 0, UINT32_MAX };
	return (struct span){ load_be32(first + at), load_be32(last + at) };
}

static bool takes_all(struct span span)
{
	return span.first == 0 && span.last == UINT32_MAX;
}

/* Each adds what the rule says, if the index can tell.  false: no memory. */

static bool add_addresses(const struct telling *t, const struct match *match,
			  unsigned int word)
{
	const struct addr_item *items = match ? match->items : NULL;
	size_t len = match ? match->len : 0;
	bool ok = true;

	for (size_t i = 0; i < len; i++)
		if (items[i].negated || items[i].table ||
		    (items[i].ipversion == t->ipversion &&
		     takes_all(word_of(&items[i].range, word))))
			return true;
	for (size_t i = 0; i < len; i++) {
		struct span span = word_of(&items[i].range, word);

		if (items[i].ipversion == t->ipversion)
			ok = ok && add_span(t->spans, span.first, span.last);
	}
	return ok;
}

static bool add_src(const struct telling *t, const struct rule *rule)
{
	return add_addresses(t, find_match(rule, &match_src),
			     (unsigned int)t->field - FIELD_SRC);
}

static bool add_dst(const struct telling *t, const struct rule *rule)
{
	return add_addresses(t, find_match(rule, &match_dst),
			     (unsigned int)t->field - FIELD_DST);
}

static bool add_icmp(const struct telling *t)
{
	return add_span(t->spans, IPPROTO_ICMP, IPPROTO_ICMP) &&
	       add_span(t->spans, IPPROTO_ICMPV6, IPPROTO_ICMPV6);
}

static bool add_protos(const struct telling *t, const struct match *match)
{
	const struct proto_item *items = match->items;
	bool ok = true;

	for (size_t i = 0; i < match->len; i++) {
		ok = ok && add_span(t->spans, items[i].number, items[i].number);
		if (items[i].both_icmp)
			ok = ok && add_icmp(t);
	}
	return ok;
}

static bool add_proto(const struct telling *t, const struct rule *rule)
{
	const struct match *match = find_match(rule, &match_proto);
	const struct match *service = find_match(rule, &match_service);
	const struct service_item *items = service ? service->items : NULL;
	bool ok = true;

	if (match)
		return add_protos(t, match);
	if (find_match(rule, &match_icmp_type))
		return add_icmp(t);
	for (size_t i = 0; service && i < service->len; i++)
		ok = ok && add_span(t->spans, items[i].proto, items[i].proto);
	return ok;
}

static bool add_ports(const struct telling *t, const struct match *match)
{
	const struct port_item *items = match ? match->items : NULL;
	size_t len = match ? match->len : 0;
	bool ok = true;

	for (size_t i = 0; i < len; i++)
		if (items[i].negated)
			return true;
	for (size_t i = 0; i < len; i++)
		ok = ok && add_span(t->spans, items[i].first, items[i].last);
	return ok;
}

static bool add_sport(const struct telling *t, const struct rule *rule)
{
	return add_ports(t, find_match(rule, &match_sport));
}

static bool add_dport(const struct telling *t, const struct rule *rule)
{
	const struct match *match = find_match(rule, &match_dport);
	const struct match *service = find_match(rule, &match_service);
	const struct service_item *items = service ? service->items : NULL;
	bool ok = true;

	if (match)
		return add_ports(t, match);
	for (size_t i = 0; service && i < service->len; i++)
		ok = ok && add_span(t->spans, items[i].ports.first,
				    items[i].ports.last);
	return ok;
}

/* ZONES_MAX: there are too many. */
static uint32_t zone_number(struct classifier *c, const struct zone *zone)
{
	uint32_t number = 0;

	while (number < c->zone_count && c->zones[number] != zone)
		number++;
	if (number == c->zone_count && number < ZONES_MAX)
		c->zones[c->zone_count++] = zone;
	return number;
}

static bool add_zones(const struct telling *t, const struct match *match)
{
	const struct zone_item *items = match ? match->items : NULL;
	size_t len = match ? match->len : 0;
	bool ok = true;

	for (size_t i = 0; i < len; i++)
		if (zone_number(t->c, items[i].zone) == ZONES_MAX)
			return true;
	for (size_t i = 0; i < len; i++) {
		uint32_t number = zone_number(t->c, items[i].zone);

		ok = ok && add_span(t->spans, number, number);
	}
	return ok;
}

static bool add_from(const struct telling *t, const struct rule *rule)
{
	return add_zones(t, find_match(rule, &match_from));
}

static bool add_to(const struct telling *t, const struct rule *rule)
{
	return add_zones(t, find_match(rule, &match_to));
}

static bool (*const adders[FIELD_COUNT])(const struct telling *t,
					 const struct rule *rule) = {
	[FIELD_SRC] = add_src,     [FIELD_SRC + 1] = add_src,
	[FIELD_SRC + 2] = add_src, [FIELD_SRC + 3] = add_src,
	[FIELD_DST] = add_dst,     [FIELD_DST + 1] = add_dst,
	[FIELD_DST + 2] = add_dst, [FIELD_DST + 3] = add_dst,
	[FIELD_PROTO] = add_proto, [FIELD_SPORT] = add_sport,
	[FIELD_DPORT] = add_dport, [FIELD_FROM] = add_from,
	[FIELD_TO] = add_to,
};

static int compare_spans(const void *a, const void *b)
{
	const struct span *left = a;
	const struct span *right = b;

	return (left->first > right->first) - (left->first < right->first);
}

/* Those from @from on, which are one rule's, shall not overlap. */
static void merge_spans(struct spans *spans, size_t from)
{
	struct span *list = spans->list;
	size_t kept = from;

	if (spans->len - from < 2)
		return;
	qsort(&list[from], spans->len - from, sizeof(list[0]), compare_spans);
	for (size_t i = from + 1; i < spans->len; i++) {
		if (list[i].first > list[kept].last)
			list[++kept] = list[i];
		else if (list[i].last > list[kept].last)
			list[kept].last = list[i].last;
	}
	spans->len = kept + 1;
}

bool spans_init(struct spans *spans, enum field field, uint8_t ipversion,
		struct classifier *c, const struct ruleset *rules)
{
	const struct telling telling = { spans, field, ipversion, c };
	size_t count = ruleset_rule_count(rules);

	*spans = (struct spans){ 0 };
	spans->at = calloc(count + 1, sizeof(uint32_t));
	if (!spans->at)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!adders[field](&telling, ruleset_rule(rules, i)))
			return false;
		merge_spans(spans, spans->at[i]);
		spans->at[i + 1] = (uint32_t)spans->len;
	}
	return true;
}

void spans_fini(struct spans *spans)
{
	free(spans->list);
	free(spans->at);
}

static bool excludes(const struct match *match, uint8_t ipversion)
{
	const struct addr_item *items = match ? match->items : NULL;

	for (size_t i = 0; match && i < match->len; i++)
		if (items[i].negated || items[i].table ||
		    items[i].ipversion == ipversion)
			return false;
	return match != NULL;
}

bool spans_exclude(const struct rule *rule, uint8_t ipversion)
{
	return excludes(find_match(rule, &match_src), ipversion) ||
	       excludes(find_match(rule, &match_dst), ipversion);
}

static bool is_one_network(const struct match *match)
{
	const struct addr_item *item = match->items;

	return match->len == 1 && !item->negated && !item->table;
}

static bool is_one_protocol(const struct match *match)
{
	const struct proto_item *item = match->items;

	return match->len == 1 && !item->both_icmp;
}

static bool is_one_range(const struct match *match)
{
	const struct port_item *item = match->items;

	return match->len == 1 && !item->negated;
}

static const struct {
	const struct match_type *type;
	bool (*is_one)(const struct match *match);
} plain[] = {
	{ &match_src, is_one_network },    { &match_dst, is_one_network },
	{ &match_proto, is_one_protocol }, { &match_sport, is_one_range },
	{ &match_dport, is_one_range },
};

static bool is_plain(const struct match_type *type, const struct match *match)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (plain[i].type == type)
			return plain[i].is_one(match);
	return false;
}

bool spans_say_all(const struct rule *rule)
{
	const struct match_type *type;
	const struct match *match;

	if (rule_comes_and_goes(rule_options(rule)))
		return false;
	for (size_t i = 0; rule_match(rule, i, &type, &match); i++)
		if (!is_plain(type, match))
			return false;
	return true;
}
