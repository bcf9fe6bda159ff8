/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the first rule that matches, in a time that hardly grows with the
 * number of rules.
 *
 * The linear scan of the rules is what they mean; this finds the same rule with
 * less work.  It only leaves out rules that cannot match, and has the others
 * asked in their order, so it can be slow but not wrong; a test holds it
 * against the scan on millions of packets.
 */
#ifndef ENGINE_CLASSIFIER_H
#define ENGINE_CLASSIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct classifier;
struct packet;
struct ruleset;

/* For @rules, which must not change any more and live longer.  NULL: no memory. */
struct classifier *classifier_create(const struct ruleset *rules);
void classifier_destroy(struct classifier *classifier);

/* Where a search stands; what is in it is the classifier's own affair. */
enum { SEARCH_RANGES = 4, SEARCH_ZONES = 2, SEARCH_ZONES_MAX = 8 };

struct search {
	const struct classifier *classifier;
	const struct set *sets[SEARCH_RANGES]; /* NULL: the wildcards alone */
	const struct set *zones[SEARCH_ZONES][SEARCH_ZONES_MAX];
	size_t zone_count[SEARCH_ZONES];
	bool all_zones[SEARCH_ZONES]; /* more than fit: all rules */
	size_t block;                 /* the next word of the summary */
	uint64_t words_left;          /* of the block before */
	size_t word;                  /* the one that .rules_left is of */
	uint64_t rules_left;
};

void search_begin(struct search *search, const struct classifier *classifier,
		  const struct packet *pkt);
/* The next rule, in their order, that may match; RULE_NONE: there are no more. */
uint32_t search_next(struct search *search);

#endif
