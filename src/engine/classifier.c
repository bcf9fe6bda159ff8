/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking for rules: bit vectors (Lakshman and Stiliadis, 1998), aggregated
 * (Baboescu and Varghese, 2001).
 *
 * For each indexed field of a packet there is the set of rules that its value
 * allows; the rules that can match are in all of these sets.  A set has a bit a
 * rule, and its summary a bit for each 64 of them, so 64 words of the summaries
 * tell about a quarter of a million rules, and words are looked at only where
 * all summaries have a bit.  The intersection is made word by word, and ends
 * with the first rule that really matches.
 *
 * Why not something else: rules that name lists, ranges, two families and zones
 * at once multiply in the tuple spaces of a hash (one entry for each
 * combination), and decision trees are slow to build and large in the worst
 * case.  This is built in linear passes, its size is bounded, and what it
 * cannot index costs a comparison, not correctness.
 */
#include "engine/classifier.h"

#include <netinet/in.h>

#include "engine/classifier_state.h"
#include "engine/packet.h"
#include "engine/verdict.h"
#include "engine/zone.h"

static struct addr key_of_number(uint16_t number)
{
	struct addr key = { { 0 } };

	key.bytes[14] = (uint8_t)(number >> 8);
	key.bytes[15] = (uint8_t)number;
	return key;
}

/* NULL: no rule asks for this value, or the field is not indexed. */
static const struct set *find_set(const struct ranges *ranges,
				  const struct addr *key)
{
	size_t low = 0;
	size_t high = ranges->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (addr_compare(&ranges->starts[middle], key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &ranges->sets[low - 1] : NULL;
}

typedef bool zone_test(const struct zone *zone, const struct packet *pkt);

typedef bool zone_test(const struct zone *zone, const struct packet *pkt);

static void find_zones(struct search *search, enum zone_field field,
		       const struct packet *pkt, zone_test *test)
{
	const struct zone_sets *zones = &search->classifier->zones[field];
	size_t *count = &search->zone_count[field];

	for (size_t i = 0; i < zones->len; i++) {
		if (!test(zones->zones[i], pkt))
			continue;
		if (*count == SEARCH_ZONES_MAX) {
			search->all_zones[field] = true;
			return;
		}
		search->zones[field][(*count)++] = &zones->sets[i];
	}
}

void search_begin(struct search *search, const struct classifier *classifier,
		  const struct packet *pkt)
{
	const struct ranges *ranges = classifier->ranges;
	struct addr proto = key_of_number(pkt->tuple.ipproto);
	struct addr dport = key_of_number(pkt->tuple.dport);

	*search = (struct search){ .classifier = classifier };
	search->sets[FIELD_SRC] = find_set(&ranges[FIELD_SRC], &pkt->tuple.src);
	search->sets[FIELD_DST] = find_set(&ranges[FIELD_DST], &pkt->tuple.dst);
	search->sets[FIELD_PROTO] = find_set(&ranges[FIELD_PROTO], &proto);
	if (pkt->has_ports)
		search->sets[FIELD_DPORT] =
			find_set(&ranges[FIELD_DPORT], &dport);
	find_zones(search, FIELD_FROM, pkt, zone_is_source);
	find_zones(search, FIELD_TO, pkt, zone_is_destination);
}

static uint64_t word_of(const struct set *set, size_t word)
{
	size_t low = 0;
	size_t high = set->sparse_len;

	if (set->words)
		return set->words[word];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->sparse[middle].word < word)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < set->sparse_len && set->sparse[low].word == word)
		return set->sparse[low].bits;
	return 0;
}

static uint64_t summary_of(const struct set *set, size_t block)
{
	return set->summary[block];
}

/* A word of the intersection; @part takes it from one set. */
static uint64_t intersect(const struct search *search, size_t number,
			  uint64_t (*part)(const struct set *set,
					   size_t number))
{
	const struct classifier *classifier = search->classifier;
	uint64_t all = UINT64_MAX;

	for (size_t i = 0; i < SEARCH_ZONES && all; i++) {
		uint64_t any = part(&classifier->zone_wildcards[i], number);

		for (size_t j = 0; j < search->zone_count[i]; j++)
			any |= part(search->zones[i][j], number);
		if (!search->all_zones[i])
			all &= any;
	}
	for (size_t i = 0; i < SEARCH_RANGES && all; i++) {
		uint64_t any = part(&classifier->range_wildcards[i], number);

		if (search->sets[i])
			any |= part(search->sets[i], number);
		all &= any;
	}
	return all;
}

/* The lowest bit of *@bits, which is not zero, is taken out. */
static unsigned int take_lowest(uint64_t *bits)
{
	unsigned int lowest = (unsigned int)__builtin_ctzll(*bits);

	*bits &= *bits - 1;
	return lowest;
}

uint32_t search_next(struct search *search)
{
	const struct classifier *classifier = search->classifier;

	while (!search->rules_left) {
		while (!search->words_left) {
			if (search->block == classifier->summaries)
				return RULE_NONE;
			search->words_left =
				intersect(search, search->block, summary_of);
			search->block++;
		}
		search->word = (search->block - 1) * 64 +
			       take_lowest(&search->words_left);
		search->rules_left = intersect(search, search->word, word_of);
	}
	return (uint32_t)(search->word * 64) + take_lowest(&search->rules_left);
}
