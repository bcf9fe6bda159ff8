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
#include "engine/zone.h"

struct search {
	const struct classifier *c;
	const struct classifier_query *query;
	uint32_t best;
	uint64_t zones[2]; /* bits: where it comes from, where it goes */
	bool knows_zones;
};

static void look(struct search *search, const struct group *group);

static void look_in_list(struct search *search, const struct group *group)
{
	const struct classifier_query *query = search->query;
	const uint32_t *list = &search->c->lists[group->at];

	for (uint32_t i = 0; i < group->len && list[i] < search->best; i++)
		if (list[i] >= query->first &&
		    query->test(list[i], query->arg)) {
			search->best = list[i];
			return;
		}
}

static uint32_t place_of(const struct classifier *c, const struct split *split,
			 struct key key)
{
	const struct key *starts = &c->starts[split->at];
	uint32_t len = split->len;
	uint32_t low = 0;

	/* Without a branch on what is found, which nobody could foretell. */
	while (len > 1) {
		uint32_t half = len / 2;

		low += key_before(key, starts[low + half]) ? 0 : half;
		len -= half;
	}
	return c->inner[split->at + low];
}

static void look_at_key(struct search *search, const struct split *split,
			struct key key)
{
	uint32_t number = place_of(search->c, split, key);

	while (number != PLACE_NONE) {
		const struct place *place = &search->c->places[number];

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
		look_at_key(search, split,
			    key_of_number((uint64_t)__builtin_ctzll(zones)));
}

static void look_at_split(struct search *search, const struct split *split)
{
	const struct packet *pkt = search->query->pkt;
	const struct tuple *tuple = &pkt->tuple;

	switch (split->field) {
	case FIELD_SRC:
		look_at_key(search, split, key_of_addr(&tuple->src));
		break;
	case FIELD_DST:
		look_at_key(search, split, key_of_addr(&tuple->dst));
		break;
	case FIELD_PROTO:
		look_at_key(search, split, key_of_number(tuple->ipproto));
		break;
	case FIELD_SPORT:
		if (pkt->has_ports)
			look_at_key(search, split, key_of_number(tuple->sport));
		break;
	case FIELD_DPORT:
		if (pkt->has_ports)
			look_at_key(search, split, key_of_number(tuple->dport));
		break;
	case FIELD_FROM:
	case FIELD_TO:
		look_at_zones(search, split);
		break;
	case FIELD_COUNT:
		break;
	}
	look(search, &split->rest);
}

static void look(struct search *search, const struct group *group)
{
	if (group->lowest >= search->best ||
	    group->highest < search->query->first)
		return;
	if (group->len > 0)
		look_in_list(search, group);
	else
		look_at_split(search, &search->c->splits[group->at]);
}

uint32_t classifier_find(const struct classifier *classifier,
			 const struct classifier_query *query)
{
	struct search search = {
		.c = classifier,
		.query = query,
		.best = RULE_NONE,
	};

	look(&search, &classifier->root);
	return search.best;
}
