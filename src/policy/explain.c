/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanations: one packet, played to an empty engine.
 */
#include "policy/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/date.h"
#include "policy/explain_phase.h"
#include "policy/match_text.h"

/* Whether the engine has asked the rule, and it matched. */
static bool has_matched(const struct engine *eng, size_t rule)
{
	return engine_rule_stats(eng, rule)->matches > 0;
}

/* How many rules were looked at. */
static size_t count_rules(const struct explanation *e, const struct engine *eng)
{
	size_t count = ruleset_rule_count(e->policy->rules);
	bool no_rule = engine_stats(eng)->policy[e->played.pkt.hook] > 0;
	size_t last = 0;

	if (no_rule)
		return count;
	for (size_t i = 0; i < count; i++)
		if (has_matched(eng, i))
			last = i + 1;
	return last;
}

/* What the rule makes of the mark of the packet that matches it. */
static uint32_t mark_behind(const struct rule_options *options, uint32_t mark)
{
	if (options->audit)
		return mark;
	return (mark & ~options->mark_mask) | options->mark;
}

static bool look_at_rules(struct explanation *e, const struct engine *eng,
			  struct moment when)
{
	bool no_rule = engine_stats(eng)->policy[e->played.pkt.hook] > 0;
	struct packet pkt = e->played.pkt;

	e->rule_count = count_rules(e, eng);
	e->is_asked = no_rule || e->rule_count > 0 ||
		      explain_is_origin(&e->played.verdict);
	e->decider = no_rule || e->rule_count == 0
			     ? RULE_NONE
			     : (uint32_t)(e->rule_count - 1);
	e->rules = calloc(e->rule_count + 1, sizeof(*e->rules));
	if (!e->rules)
		return false;
	for (uint32_t i = 0; i < e->rule_count; i++) {
		const struct rule *asked = ruleset_rule(e->policy->rules, i);
		struct explained_rule *rule = &e->rules[i];

		rule->number = i;
		rule->matches = has_matched(eng, i);
		rule->mark = pkt.mark;
		(void)rule_misses(asked, &pkt, when, &rule->miss);
		if (rule->matches)
			pkt.mark = mark_behind(rule_options(asked), pkt.mark);
	}
	return true;
}

/* false: no memory. */
static bool play(struct explanation *e, const struct expression *expr,
		 int64_t wall)
{
	struct rehearsal *rehearsal = rehearsal_create(e->policy, wall);
	const struct moment when = { 0, wall / 1000, date_offset(wall / 1000) };
	bool ok;

	if (!rehearsal)
		return false;
	rehearsal_play(rehearsal, expr, &e->played);
	e->played.verdict.overload = NULL;
	ok = look_at_rules(e, rehearsal_engine(rehearsal), when);
	rehearsal_destroy(rehearsal);
	return ok;
}

struct explanation *explain(struct policy *policy,
			    const struct expression *expr, int64_t wall)
{
	struct explanation *explanation = calloc(1, sizeof(*explanation));

	if (!explanation)
		return NULL;
	explanation->policy = policy;
	if (!play(explanation, expr, wall)) {
		explanation_destroy(explanation);
		return NULL;
	}
	explain_phases(explanation);
	return explanation;
}

void explanation_destroy(struct explanation *explanation)
{
	if (!explanation)
		return;
	free(explanation->rules);
	free(explanation);
}

unsigned int explained_line(const struct explanation *explanation,
			    const struct explained_rule *rule)
{
	const struct policy *policy = explanation->policy;
	const struct policy_note *note = policy_note(policy, rule->number);

	if (!rule->matches && rule->miss.type)
		return policy_condition_line(policy, rule->number,
					     rule->miss.type);
	return note ? note->line : 0;
}

static void explain_miss(const struct explanation *e,
			 const struct explained_rule *rule,
			 char text[EXPLAIN_TEXT_LEN])
{
	const struct rule_miss *miss = &rule->miss;
	struct packet pkt = e->played.pkt;
	char *want;

	if (!miss->type) {
		(void)snprintf(text, EXPLAIN_TEXT_LEN, "%s",
			       miss->is_over
				       ? "its date in \"expires\" is past"
				       : "its \"schedule\" leaves out this "
					 "time");
		return;
	}
	want = match_text(miss->type, miss->match);
	pkt.mark = rule->mark;
	have_explain(miss->type, want ? want : "?", &pkt, e->policy->rules,
		     text);
	free(want);
}

void explain_rule(const struct explanation *explanation,
		  const struct explained_rule *rule,
		  char text[EXPLAIN_TEXT_LEN])
{
	const struct rule_options *options = rule_options(
		ruleset_rule(explanation->policy->rules, rule->number));
	char mark[sizeof(", set_mark = 0xffffffff/0xffffffff")] = "";

	if (options->mark_mask)
		(void)snprintf(mark, sizeof(mark), ", set_mark = 0x%x/0x%x",
			       options->mark, options->mark_mask);
	if (!rule->matches)
		explain_miss(explanation, rule, text);
	else if (options->continues)
		(void)snprintf(text, EXPLAIN_TEXT_LEN,
			       "action = \"continue\"%s: the next rule is "
			       "asked",
			       mark);
	else if (options->audit)
		(void)snprintf(text, EXPLAIN_TEXT_LEN,
			       "in audit mode: it would %s, and the next rule "
			       "is asked",
			       action_names[options->action]);
	else
		(void)snprintf(text, EXPLAIN_TEXT_LEN, "action = \"%s\"%s",
			       action_names[options->action], mark);
}
