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
 * How: rules are split by the field that tells them apart best; each interval
 * of its values has a list of the rules that take them, or is split again by
 * another field.  Rules that would stand in too many intervals are set apart
 * and split among themselves, so that a lookup goes through a short row of
 * splits that know nothing of each other: memory is asked for all of them at
 * once.  This is the idea of EffiCuts (Vamanan and others, 2010) and CutSplit
 * (Li and others, 2018), to separate rules by how wide they are, with intervals
 * in place of equal cuts.
 *
 * Why this way: it was measured with 10,000 made-up rules of three kinds, on
 * one machine.  A lookup takes 0.10 to 0.14 us, with 100,000 rules 0.35 to 0.45
 * us, in 0.2 KiB a rule.  A segment tree in each split, which copies a rule less
 * often, took 0.13 to 0.18 us, and 0.7 us with 100,000; bit vectors (Lakshman
 * and Stiliadis 1998, aggregated as by Baboescu and Varghese 2001) took 1.9 to
 * 2.3 us and 3.1 to 3.7 KiB a rule.  Asking 1,000 rules in turn takes 5 to 9 us.
 * Hashes by pairs of prefix lengths (tuple spaces) were not chosen, for rules
 * that name lists, ranges and zones at once multiply in them.  With 10 rules,
 * which are one list, a lookup takes 0.03 us: 540 instructions, against 1,300
 * to 1,800 with 10,000 and some lines of memory of the second cache.  "make
 * bench" measures it.
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
