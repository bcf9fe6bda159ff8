/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking for rules: down the splits, to the lists of those that are left.  What
 * cannot be better than the best found so far is passed over as a whole.
 */
#include "engine/classifier.h"

#include <string.h>

#include "engine/classifier_state.h"
#include "engine/packet.h"
#include "engine/verdict.h"
#include "engine/wire.h"
#include "engine/zone.h"

struct search {
	const struct classifier *c;
	const struct index *index;
	const struct classifier_query *query;
	uint32_t best;
	uint32_t values[FIELD_SINGLE];
	uint64_t zones[2]; /* bits: where it comes from, where it goes */
	bool knows_zones;
};

static bool is_within(uint32_t value, uint32_t first, uint32_t extent)
{
	return value - first <= extent;
}

/* All at once: whether one holds says little of the next. */
static bool passes(const struct search *search, const struct candidate *c)
{
	const uint32_t *values = search->values;

	return (unsigned int)is_within(values[c->src_field], c->src_first,
				       c->src_extent) &
	       (unsigned int)is_within(values[c->dst_field], c->dst_first,
				       c->dst_extent) &
	       (c->any_dport |
		(unsigned int)is_within(values[FIELD_DPORT], c->dport_first,
					c->dport_extent)) &
	       (c->any_sport |
		(unsigned int)is_within(values[FIELD_SPORT], c->sport_first,
					c->sport_extent)) &
	       (c->any_proto |
		(unsigned int)(values[FIELD_PROTO] == c->ipproto));
}

static void look_in_list(struct search *search, group list)
{
	const struct classifier_query *query = search->query;
	const struct candidate *c = &search->index->candidates[list];

	for (;; c++) {
		if (c->rule >= search->best)
			return;
		if (passes(search, c) && c->rule >= query->first &&
		    (c->says_all || query->test(c->rule, query->arg))) {
			search->best = c->rule;
			return;
		}
		if (c->ends)
			return;
	}
}

/* Four values that are compared at once; each result is 0 or -1. */
typedef int32_t lanes __attribute__((vector_size(16)));

/* How many of the node's values, which ascend, are not above @value. */
static uint32_t rank(const int32_t node[NODE_LEN], int32_t value)
{
	const lanes values = { value, value, value, value };
	lanes four[NODE_LEN / 4];
	lanes above;

	memcpy(four, node, sizeof(four));
	above = (four[0] > values) + (four[1] > values) + (four[2] > values) +
		(four[3] > values);
	return (uint32_t)(NODE_LEN + above[0] + above[1] + above[2] + above[3]);
}

/* The child of a node that @key leads to. */
static size_t child_of(const struct index *index, uint32_t level, size_t node,
		       int32_t key)
{
	return node * NODE_LEN +
	       rank(&index->starts[level + node * NODE_LEN], key) - 1;
}

/* Without a branch on what is found, which nobody could foretell. */
static group group_of(const struct index *index, const struct split *split,
		      uint32_t value)
{
	const int32_t key = start_key(value);
	size_t node = 0;

	for (uint32_t i = split->levels - 1U; i > 0; i--)
		node = child_of(index, split->starts[i], node, key);
	__builtin_prefetch(&index->groups[split->groups + node * NODE_LEN]);
	node = child_of(index, split->starts[0], node, key);
	/* The highest value is also what pads a node. */
	if (node >= split->len)
		node = split->len - 1;
	return index->groups[split->groups + node];
}

static void find_zones(struct search *search)
{
	const struct classifier *c = search->c;
	const struct packet *pkt = search->query->pkt;

	search->knows_zones = true;
	for (size_t i = 0; i < c->zone_count; i++) {
		if (zone_is_source(c->zones[i], pkt))
			search->zones[0] |= (uint64_t)1 << i;
		if (zone_is_destination(c->zones[i], pkt))
			search->zones[1] |= (uint64_t)1 << i;
	}
}

static bool is_split(group g)
{
	return (g & GROUP_IS_SPLIT) != 0;
}

static const struct split *split_at(const struct index *index, group g)
{
	return &index->splits[g & ~GROUP_IS_SPLIT];
}

/* What is to be looked at is there when its turn comes. */
static void fetch(const struct index *index, group g)
{
	if (is_split(g))
		__builtin_prefetch(split_at(index, g));
	else
		__builtin_prefetch(&index->candidates[g]);
}

static void look(struct search *search, group g);

static void look_at_zones(struct search *search, const struct split *split)
{
	uint64_t zones;

	if (!search->knows_zones)
		find_zones(search);
	zones = search->zones[split->field == FIELD_TO];
	for (; zones; zones &= zones - 1)
		look(search, group_of(search->index, split,
				      (uint32_t)__builtin_ctzll(zones)));
}

enum { AHEAD_MAX = 8 };

/*
 * Splits that are each the rest of the one before do not depend on each other:
 * the groups of all are found first, and memory brings them at once.  Returns
 * what is behind the last one.
 */
static group look_ahead(struct search *search, group g, group found[AHEAD_MAX],
			size_t *count)
{
	const struct index *index = search->index;

	*count = 0;
	while (is_split(g) && *count < AHEAD_MAX) {
		const struct split *split = split_at(index, g);

		if (split->lowest >= search->best)
			break;
		if (split->field >= FIELD_SINGLE) {
			look_at_zones(search, split);
		} else {
			found[*count] = group_of(index, split,
						 search->values[split->field]);
			fetch(index, found[(*count)++]);
		}
		g = split->rest;
	}
	return g;
}

static void look(struct search *search, group g)
{
	group found[AHEAD_MAX];
	size_t count;

	while (is_split(g) &&
	       split_at(search->index, g)->lowest < search->best) {
		g = look_ahead(search, g, found, &count);
		for (size_t i = 0; i < count; i++)
			look(search, found[i]);
	}
	if (!is_split(g))
		look_in_list(search, g);
}

static void store_addr(uint32_t words[ADDR_WORDS], const struct addr *addr)
{
	for (size_t i = 0; i < ADDR_WORDS; i++)
		words[i] = load_be32(addr->bytes + sizeof(uint32_t) * i);
}

uint32_t classifier_find(const struct classifier *classifier,
			 const struct classifier_query *query)
{
	const struct packet *pkt = query->pkt;
	const struct tuple *tuple = &pkt->tuple;
	struct search search = {
		.c = classifier,
		.index = tuple->ipversion == 4 ? &classifier->ipv4
					       : &classifier->ipv6,
		.query = query,
		.best = RULE_NONE,
	};

	store_addr(&search.values[FIELD_SRC], &tuple->src);
	store_addr(&search.values[FIELD_DST], &tuple->dst);
	search.values[FIELD_PROTO] = tuple->ipproto;
	search.values[FIELD_SPORT] =
		pkt->has_ports ? tuple->sport : FIELD_NO_PORT;
	search.values[FIELD_DPORT] =
		pkt->has_ports ? tuple->dport : FIELD_NO_PORT;
	look(&search, search.index->root);
	return search.best;
}
