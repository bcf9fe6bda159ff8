/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the first rule that matches, in a time that hardly grows with the
 * number of rules.
 *
 * The linear scan of the rules is what they mean; this finds the same rule with
 * less work.  It only leaves out rules that cannot match and has the others
 * asked; only of rules that say no more than two networks, a protocol and
 * ports it knows all.  A test holds it against the scan on millions of packets.
 *
 * How: rules are split by the field that tells them apart best, those that
 * still stand together by another one, and so on; each split is a segment tree,
 * so a rule with a range is kept a few times and one without in one place.  Why
 * this way: it was measured against bit vectors (Lakshman and Stiliadis 1998,
 * aggregated as by Baboescu and Varghese 2001) with 10,000 made-up rules of
 * three kinds, on one machine.  Those took 1.9 to 2.3 us a lookup and 3.1 to
 * 3.7 KiB a rule, and with 100,000 rules no memory was enough; this takes 0.2 to
 * 0.3 us and 0.2 to 0.4 KiB, with 100,000 rules 0.6 to 1.0 us and 0.2 to 0.4
 * KiB, and 10,000 rules are built in 0.04 s.  Asking 1,000 rules in turn takes 6
 * to 11 us.  What is left is memory: with 10 rules, all of which are in the
 * processor's nearest cache, a lookup takes 0.03 us.  Hashes by pairs of prefix
 * lengths (tuple spaces) were not chosen, for rules that name lists, ranges and
 * zones at once multiply in them; decision trees that copy wide rules into each
 * leaf, for their size has no good bound.  "make bench" measures it.
 */
#ifndef ENGINE_CLASSIFIER_H
#define ENGINE_CLASSIFIER_H

#include <stdbool.h>
#include <stdint.h>

struct classifier;
struct packet;
struct ruleset;

/* For @rules, which must not change any more and live longer.  NULL: no memory. */
struct classifier *classifier_create(const struct ruleset *rules);
void classifier_destroy(struct classifier *classifier);

/* Whether all conditions of the rule of that number hold. */
typedef bool classifier_test(uint32_t rule, const void *arg);

/*
 * The first rule, from number @first on, of which @test says so; it is not
 * asked about rules that cannot match @pkt.  RULE_NONE: there is none.
 */
struct classifier_query {
	const struct packet *pkt;
	uint32_t first;
	classifier_test *test;
	const void *arg; /* of @test */
};

uint32_t classifier_find(const struct classifier *classifier,
			 const struct classifier_query *query);

#endif
