/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of one packet, and why: each step of the engine on the way to
 * its verdict, in the order of engine.c and engine_ask.c.
 *
 *	decode		the parser
 *	state		it belongs to no connection, for the table is empty
 *	antispoof	may it have come by its interface?
 *	rules		each one up to that which decides
 *	limits		limit and maxima of that rule
 *	policy		if no rule decides
 *	audit		what would be refused passes
 *
 * The verdict and the rules that matched are the engine's own: its verdict and
 * its counters.  Only why the others did not match is asked of them one by one.
 */
#ifndef POLICY_EXPLAIN_H
#define POLICY_EXPLAIN_H

#include "policy/have.h"
#include "policy/rehearsal.h"

enum {
	EXPLAIN_PHASE_COUNT = 7,
	EXPLAIN_TEXT_LEN = HAVE_SENTENCE_LEN,
};

struct explained_phase {
	const char *name;
	const char *result; /* a word */
	char text[EXPLAIN_TEXT_LEN];
	const char *file; /* of the policy; NULL: nowhere */
	unsigned int line;
};

struct explained_rule {
	uint32_t number;
	bool matches;
	struct rule_miss miss; /* if it does not */
	uint32_t mark;         /* that the packet has when it is asked */
};

struct explanation {
	struct policy *policy; /* not owned, nor are the texts of its files */
	struct played played;
	struct explained_phase phases[EXPLAIN_PHASE_COUNT]; /* those reached */
	size_t phase_count;
	bool is_asked; /* the rules were asked */
	struct explained_rule *rules;
	size_t rule_count;
	uint32_t decider; /* RULE_NONE: the policy, or nobody was asked */
	const char *file; /* where what decided stands; NULL: nowhere */
	unsigned int line;
};

/* @wall: the Unix time in ms.  To be destroyed; NULL: no memory. */
struct explanation *explain(struct policy *policy,
			    const struct expression *expr, int64_t wall);
void explanation_destroy(struct explanation *explanation);

/* Where the condition that failed stands, or else the rule; 0: not known. */
unsigned int explained_line(const struct explanation *explanation,
			    const struct explained_rule *rule);

/* Why the rule was passed over, or what it says if it matches. */
void explain_rule(const struct explanation *explanation,
		  const struct explained_rule *rule,
		  char text[EXPLAIN_TEXT_LEN]);

#endif
