/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking for rules: down the splits, from the innermost place outwards.  What
 * cannot be better than the best found so far, or is before what is asked for,
 * is passed over as a whole.
 */
#include "engine/classifier.h"

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

static void look(struct search *search, const struct group *group);

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

static void look_in_list(struct search *search, const struct group *group)
{
	const struct classifier_query *query = search->query;
	const struct candidate *list = &search->index->candidates[group->at];

	for (uint32_t i = 0; i < group->len && list[i].rule < search->best; i++)
		if (passes(search, &list[i]) && list[i].rule >= query->first &&
		    (list[i].says_all ||
		     query->test(list[i].rule, query->arg))) {
			search->best = list[i].rule;
			return;
		}
}

/* How many of the node's values, which ascend, are not above @value. */
static uint32_t rank(const uint32_t node[NODE_LEN], uint32_t value)
{
	uint32_t count = 0;

	for (unsigned int i = 0; i < NODE_LEN; i++)
		count += node[i] <= value;
	return count;
}

/* Without a branch on what is found, which nobody could foretell. */
static uint32_t place_of(const struct index *index, const struct split *split,
			 uint32_t value)
{
	size_t node = 0;

	for (uint32_t i = split->levels; i-- > 0;) {
		const uint32_t *level = &index->starts[split->starts[i]];

		node = node * NODE_LEN + rank(&level[node * NODE_LEN], value) -
		       1;
	}
	/* The highest value is also what pads a node. */
	if (node >= split->len)
		node = split->len - 1;
	return index->inner[split->inner + node];
}

static void look_at_value(struct search *search, const struct split *split,
			  uint32_t value)
{
	uint32_t number = place_of(search->index, split, value);

	while (number != PLACE_NONE) {
		const struct place *place = &search->index->places[number];

		look(search, &place->group);
		number = place->outer;
	}
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

static void look_at_zones(struct search *search, const struct split *split)
{
	uint64_t zones;

	if (!search->knows_zones)
		find_zones(search);
	zones = search->zones[split->field == FIELD_TO];
	for (; zones; zones &= zones - 1)
		look_at_value(search, split, (uint32_t)__builtin_ctzll(zones));
}

static void look(struct search *search, const struct group *group)
{
	const struct split *split;

	if (group->lowest >= search->best ||
	    group->highest < search->query->first)
		return;
	if (group->len > 0) {
		look_in_list(search, group);
		return;
	}
	split = &search->index->splits[group->at];
	if (split->field < FIELD_SINGLE)
		look_at_value(search, split, search->values[split->field]);
	else
		look_at_zones(search, split);
	look(search, &split->rest);
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
	look(&search, &search.index->root);
	return search.best;
}
