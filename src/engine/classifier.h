/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding the first rule that matches, in a time that hardly grows with the
 * number of rules.
 *
 * The linear scan of the rules is what they mean; this finds the same rule with
 * less work.  It only leaves out rules that cannot match and has the others
 * asked, so it can be slow but not wrong; a test holds it against the scan on
 * millions of packets.
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
