/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building the index: what each rule allows of each field, and from that the
 * sets of rules by value.
 *
 * For a field of ranges all ends of ranges cut the values into intervals within
 * which every rule says the same.  A sweep goes from one to the next, adds the
 * rules that begin and takes away those that end.
 *
 * A rule that the index cannot tell about (something negated, a table) counts
 * as a wildcard in that field.  So does every rule, if the sets of a field would
 * take more memory than SPACE_MAX.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "engine/classifier_state.h"
#include "engine/match_item.h"
#include "engine/ruleset.h"

enum {
	SPARSE_WORTH =
		4, /* stored as sparse: less than a fourth of the words */
	SPACE_MAX = 64 * 1024 * 1024, /* octets of the sets of one field */
};

/* A rule allows the keys of a range, or of several. */
struct span {
	struct addr first;
	struct addr last;
	uint32_t rule;
};

struct spans {
	struct span *list;
	size_t len;
	size_t capacity;
	bool failed;
};

static struct addr key_of(uint32_t number)
{
	struct addr key = { { 0 } };

	key.bytes[13] = (uint8_t)(number >> 16);
	key.bytes[14] = (uint8_t)(number >> 8);
	key.bytes[15] = (uint8_t)number;
	return key;
}

static void add_span(struct spans *spans, const struct addr *first,
		     const struct addr *last, uint32_t rule)
{
	size_t capacity = spans->capacity > 0 ? 2 * spans->capacity : 64;
	struct span *grown;

	if (spans->len == spans->capacity) {
		grown = realloc(spans->list, capacity * sizeof(*grown));
		if (!grown) {
			spans->failed = true;
			return;
		}
		spans->list = grown;
		spans->capacity = capacity;
	}
	spans->list[spans->len++] = (struct span){ *first, *last, rule };
}

static void add_numbers(struct spans *spans, uint32_t first, uint32_t last,
			uint32_t rule)
{
	struct addr from = key_of(first);
	struct addr to = key_of(last);

	add_span(spans, &from, &to, rule);
}

/* Ranges. */

static int compare_keys(const void *a, const void *b)
{
	return addr_compare(a, b);
}

static int compare_firsts(const void *a, const void *b)
{
	const struct span *left = a;
	const struct span *right = b;

	return addr_compare(&left->first, &right->first);
}

static int compare_lasts(const void *a, const void *b)
{
	const struct span *left = a;
	const struct span *right = b;

	return addr_compare(&left->last, &right->last);
}

/* The key behind @key; false: it is the highest. */
static bool next_key(struct addr *key)
{
	for (size_t i = sizeof(key->bytes); i > 0; i--)
		if (++key->bytes[i - 1] != 0)
			return true;
	return false;
}

/* Where intervals begin: at the lowest key, with a range, and behind one. */
static bool cut(struct ranges *ranges, const struct spans *spans)
{
	size_t len = 1;

	ranges->starts = calloc(2 * spans->len + 1, sizeof(struct addr));
	if (!ranges->starts)
		return false;
	for (size_t i = 0; i < spans->len; i++) {
		struct addr behind = spans->list[i].last;

		ranges->starts[len++] = spans->list[i].first;
		if (next_key(&behind))
			ranges->starts[len++] = behind;
	}
	qsort(ranges->starts, len, sizeof(struct addr), compare_keys);
	ranges->len = 1;
	for (size_t i = 1; i < len; i++)
		if (!addr_equal(&ranges->starts[i],
				&ranges->starts[ranges->len - 1]))
			ranges->starts[ranges->len++] = ranges->starts[i];
	ranges->sets = calloc(ranges->len, sizeof(struct set));
	return ranges->sets != NULL;
}

/* What the sweep knows between two intervals. */
struct sweep {
	const struct span *begins; /* in the order of .first */
	const struct span *ends;   /* the same spans in the order of .last */
	size_t len;
	size_t begun;
	size_t ended;
	struct set active;
	uint32_t *counts; /* by rule: spans that are active */
};

static void step(struct sweep *sweep, const struct addr *start)
{
	for (; sweep->ended < sweep->len; sweep->ended++) {
		const struct span *span = &sweep->ends[sweep->ended];

		if (addr_compare(&span->last, start) >= 0)
			break;
		if (--sweep->counts[span->rule] == 0)
			set_remove(&sweep->active, span->rule);
	}
	for (; sweep->begun < sweep->len; sweep->begun++) {
		const struct span *span = &sweep->begins[sweep->begun];

		if (addr_compare(&span->first, start) > 0)
			break;
		if (sweep->counts[span->rule]++ == 0)
			set_add(&sweep->active, span->rule);
	}
}

static void ranges_fini(struct ranges *ranges)
{
	for (size_t i = 0; i < ranges->len; i++)
		set_fini(&ranges->sets[i]);
	free(ranges->sets);
	free(ranges->starts);
	*ranges = (struct ranges){ 0 };
}

enum swept { SWEPT, SWEPT_TOO_LARGE, SWEPT_NO_MEMORY };

static enum swept sweep_ranges(struct ranges *ranges, struct sweep *sweep,
			       const struct classifier *c)
{
	size_t space = 0;

	for (size_t i = 0; i < ranges->len; i++) {
		step(sweep, &ranges->starts[i]);
		if (!set_copy(&ranges->sets[i], &sweep->active, c, &space))
			return SWEPT_NO_MEMORY;
		if (space > SPACE_MAX)
			return SWEPT_TOO_LARGE;
	}
	return SWEPT;
}

static enum swept build_ranges(struct ranges *ranges, struct spans *spans,
			       const struct classifier *c)
{
	size_t size = spans->len * sizeof(struct span);
	struct span *ends = calloc(spans->len + 1, sizeof(*ends));
	struct sweep sweep = { .begins = spans->list,
			       .ends = ends,
			       .len = spans->len };
	enum swept swept = SWEPT_NO_MEMORY;

	sweep.counts = calloc(c->rule_count + 1, sizeof(uint32_t));
	if (ends && sweep.counts && set_init(&sweep.active, c) &&
	    cut(ranges, spans)) {
		if (size > 0) {
			memcpy(ends, spans->list, size);
			qsort(ends, spans->len, sizeof(*ends), compare_lasts);
			qsort(spans->list, spans->len, sizeof(*ends),
			      compare_firsts);
		}
		swept = sweep_ranges(ranges, &sweep, c);
	}
	set_fini(&sweep.active);
	free(sweep.counts);
	free(ends);
	return swept;
}

/* What rules say of a field. */

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

/* Each: false, the rule is a wildcard. */

static bool span_addresses(struct spans *spans, const struct match *match,
			   uint32_t rule)
{
	const struct addr_item *items;

	if (!match)
		return false;
	items = match->items;
	for (size_t i = 0; i < match->len; i++)
		if (items[i].negated || items[i].table)
			return false;
	for (size_t i = 0; i < match->len; i++)
		add_span(spans, &items[i].range.first, &items[i].range.last,
			 rule);
	return true;
}

static bool span_src(struct spans *spans, const struct rule *rule, uint32_t n)
{
	return span_addresses(spans, find_match(rule, &match_src), n);
}

static bool span_dst(struct spans *spans, const struct rule *rule, uint32_t n)
{
	return span_addresses(spans, find_match(rule, &match_dst), n);
}

static void span_icmp(struct spans *spans, uint32_t rule)
{
	add_numbers(spans, IPPROTO_ICMP, IPPROTO_ICMP, rule);
	add_numbers(spans, IPPROTO_ICMPV6, IPPROTO_ICMPV6, rule);
}

static bool span_protos(struct spans *spans, const struct match *match,
			uint32_t rule)
{
	const struct proto_item *items = match->items;

	for (size_t i = 0; i < match->len; i++) {
		add_numbers(spans, items[i].number, items[i].number, rule);
		if (items[i].both_icmp)
			span_icmp(spans, rule);
	}
	return true;
}

static bool span_proto(struct spans *spans, const struct rule *rule, uint32_t n)
{
	const struct match *match = find_match(rule, &match_proto);
	const struct match *service = find_match(rule, &match_service);
	const struct service_item *items;

	if (match)
		return span_protos(spans, match, n);
	if (find_match(rule, &match_icmp_type)) {
		span_icmp(spans, n);
		return true;
	}
	if (!service)
		return false;
	items = service->items;
	for (size_t i = 0; i < service->len; i++)
		add_numbers(spans, items[i].proto, items[i].proto, n);
	return true;
}

static bool span_ports(struct spans *spans, const struct match *match,
		       uint32_t rule)
{
	const struct port_item *items = match->items;

	for (size_t i = 0; i < match->len; i++)
		if (items[i].negated)
			return false;
	for (size_t i = 0; i < match->len; i++)
		add_numbers(spans, items[i].first, items[i].last, rule);
	return true;
}

static bool span_dport(struct spans *spans, const struct rule *rule, uint32_t n)
{
	const struct match *match = find_match(rule, &match_dport);
	const struct match *service = find_match(rule, &match_service);

	if (match)
		return span_ports(spans, match, n);
	if (service) {
		const struct service_item *items = service->items;

		for (size_t i = 0; i < service->len; i++)
			add_numbers(spans, items[i].ports.first,
				    items[i].ports.last, n);
	}
	return service != NULL;
}

static bool (*const span_makers[SEARCH_RANGES])(struct spans *spans,
						const struct rule *rule,
						uint32_t number) = {
	[FIELD_SRC] = span_src,
	[FIELD_DST] = span_dst,
	[FIELD_PROTO] = span_proto,
	[FIELD_DPORT] = span_dport,
};

static void add_all(struct set *set, size_t rule_count)
{
	for (uint32_t i = 0; i < rule_count; i++)
		set_add(set, i);
}

static bool index_ranges(struct classifier *c, const struct ruleset *rules,
			 enum range_field field)
{
	struct set *wildcards = &c->range_wildcards[field];
	struct spans spans = { 0 };
	enum swept swept = SWEPT_NO_MEMORY;

	if (!set_init(wildcards, c))
		return false;
	for (uint32_t i = 0; i < c->rule_count; i++)
		if (!span_makers[field](&spans, ruleset_rule(rules, i), i))
			set_add(wildcards, i);
	if (!spans.failed)
		swept = build_ranges(&c->ranges[field], &spans, c);
	if (swept == SWEPT_TOO_LARGE) {
		ranges_fini(&c->ranges[field]);
		add_all(wildcards, c->rule_count);
	}
	free(spans.list);
	return swept != SWEPT_NO_MEMORY;
}

/* Zones: a packet is of few of them, and each rule names few. */

static bool add_zone(struct zone_sets *zones, const struct zone *zone,
		     const struct classifier *c, uint32_t rule)
{
	const struct zone **grown_zones;
	struct set *grown_sets;
	size_t i = 0;

	while (i < zones->len && zones->zones[i] != zone)
		i++;
	if (i < zones->len) {
		set_add(&zones->sets[i], rule);
		return true;
	}
	grown_zones =
		realloc(zones->zones, (i + 1) * sizeof(const struct zone *));
	if (!grown_zones)
		return false;
	zones->zones = grown_zones;
	grown_sets = realloc(zones->sets, (i + 1) * sizeof(*grown_sets));
	if (!grown_sets)
		return false;
	zones->sets = grown_sets;
	zones->zones[i] = zone;
	zones->sets[i] = (struct set){ 0 };
	zones->len++;
	if (!set_init(&zones->sets[i], c))
		return false;
	set_add(&zones->sets[i], rule);
	return true;
}

static bool index_zones(struct classifier *c, const struct ruleset *rules,
			enum zone_field field)
{
	const struct match_type *type =
		field == FIELD_FROM ? &match_from : &match_to;
	struct set *wildcards = &c->zone_wildcards[field];

	if (!set_init(wildcards, c))
		return false;
	for (uint32_t i = 0; i < c->rule_count; i++) {
		const struct match *match =
			find_match(ruleset_rule(rules, i), type);
		const struct zone_item *items = match ? match->items : NULL;

		if (!match)
			set_add(wildcards, i);
		for (size_t j = 0; match && j < match->len; j++)
			if (!add_zone(&c->zones[field], items[j].zone, c, i))
				return false;
	}
	return true;
}

struct classifier *classifier_create(const struct ruleset *rules)
{
	struct classifier *c = calloc(1, sizeof(*c));
	bool ok = c != NULL;

	if (!c)
		return NULL;
	c->rule_count = ruleset_rule_count(rules);
	c->words = (c->rule_count + 63) / 64;
	c->summaries = (c->words + 63) / 64;
	for (unsigned int i = 0; i < SEARCH_RANGES; i++)
		ok = ok && index_ranges(c, rules, (enum range_field)i);
	for (unsigned int i = 0; i < SEARCH_ZONES; i++)
		ok = ok && index_zones(c, rules, (enum zone_field)i);
	if (ok)
		return c;
	classifier_destroy(c);
	return NULL;
}

void classifier_destroy(struct classifier *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < SEARCH_RANGES; i++) {
		ranges_fini(&c->ranges[i]);
		set_fini(&c->range_wildcards[i]);
	}
	for (size_t i = 0; i < SEARCH_ZONES; i++) {
		for (size_t j = 0; j < c->zones[i].len; j++)
			set_fini(&c->zones[i].sets[j]);
		free(c->zones[i].sets);
		free(c->zones[i].zones);
		set_fini(&c->zone_wildcards[i]);
	}
	free(c);
}
