/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking the rules: the linear scan, which is their meaning, and the index,
 * which finds the same with fewer questions (see classifier.h).
 *
 * Rules are looked up only for packets that ask to open a connection, so this
 * is off the hot path.
 */
#include "engine/classifier.h"
#include "engine/ruleset_state.h"

/* A rule past its date is not there. */
static bool is_over(const struct rule *rule, int64_t date)
{
	return rule->options.expires && date >= rule->options.expires;
}

static bool is_off(const struct rule *rule, const struct moment *when)
{
	return rule->options.schedule.days &&
	       !schedule_holds(&rule->options.schedule, when);
}

/*
 * The first condition that does not hold; as many as there are: all hold.
 * @presumed: what one says that cannot be tested again.
 */
static size_t first_miss(const struct rule *rule, const struct packet *pkt,
			 msec_t now, const bool *presumed)
{
	size_t i;

	for (i = 0; i < rule->count; i++) {
		const struct condition *condition = &rule->conditions[i];
		bool holds;

		if (presumed && condition->type->is_transient)
			holds = *presumed;
		else
			holds = condition->type->test(condition->match, pkt,
						      now);
		if (!holds)
			break;
	}
	return i;
}

static bool rule_holds(const struct rule *rule, const struct packet *pkt,
		       struct moment when, const bool *presumed)
{
	return !is_over(rule, when.date) && !is_off(rule, &when) &&
	       first_miss(rule, pkt, when.now, presumed) == rule->count;
}

bool rule_misses(const struct rule *rule, const struct packet *pkt,
		 struct moment when, struct rule_miss *miss)
{
	size_t index = first_miss(rule, pkt, when.now, NULL);

	*miss = (struct rule_miss){
		.is_over = is_over(rule, when.date),
		.is_off = is_off(rule, &when),
	};
	if (miss->is_over || miss->is_off)
		return true;
	if (index == rule->count)
		return false;
	miss->type = rule->conditions[index].type;
	miss->match = rule->conditions[index].match;
	return true;
}

/* Whether the evaluation ends with the rule. */
static bool decides(const struct rule *rule)
{
	return !rule->options.continues && !rule->options.audit;
}

static struct verdict rule_verdict(const struct rule *rule, uint32_t number)
{
	const struct rule_options *options = &rule->options;
	struct verdict verdict = {
		.action = options->action,
		.reason = REASON_NEW,
		.rule = number,
		.log = options->log != LOG_NONE,
		.log_rule = number,
	};

	if (options->action != ACTION_ACCEPT)
		verdict.reason = rule->asks_tables ? REASON_TABLE : REASON_RULE;
	return verdict;
}

static struct verdict policy_verdict(const struct ruleset *rules,
				     enum hook hook)
{
	enum action policy = ruleset_policy(rules, hook);

	return (struct verdict){
		.action = policy,
		.reason = policy == ACTION_ACCEPT ? REASON_NEW : REASON_POLICY,
		.rule = RULE_NONE,
		.log = rules->policy_log != LOG_NONE,
		.log_rule = RULE_NONE,
	};
}

struct verdict ruleset_verdict(const struct ruleset *rules, uint32_t number,
			       enum hook hook)
{
	if (number == RULE_NONE)
		return policy_verdict(rules, hook);
	return rule_verdict(ruleset_rule(rules, number), number);
}

static uint32_t scan(const struct ruleset *rules, const struct packet *pkt,
		     struct moment when, uint32_t first)
{
	for (uint32_t i = first; i < rules->rules.len; i++)
		if (rule_holds(rules->rules.items[i], pkt, when, NULL))
			return i;
	return RULE_NONE;
}

/* What classifier_find() asks about. */
struct question {
	const struct ruleset *rules;
	const struct packet *pkt;
	struct moment when;
};

static bool holds(uint32_t rule, const void *arg)
{
	const struct question *q = arg;

	return rule_holds(q->rules->rules.items[rule], q->pkt, q->when, NULL);
}

const struct packet *rule_mark(const struct rule *rule,
			       const struct packet *pkt, struct packet *marked)
{
	const struct rule_options *options = &rule->options;

	if (!options->mark_mask || options->audit)
		return pkt;
	if (pkt != marked)
		*marked = *pkt;
	marked->mark = (pkt->mark & ~options->mark_mask) | options->mark;
	return marked;
}

uint32_t ruleset_next(const struct ruleset *rules, const struct packet *pkt,
		      struct moment when, uint32_t first)
{
	const struct question question = { rules, pkt, when };
	const struct classifier_query query = { pkt, first, holds, &question };

	if (!rules->classifier)
		return scan(rules, pkt, when, first);
	return classifier_find(rules->classifier, &query);
}

/* The rule that decides, behind that one, which does not. */
static uint32_t go_on(const struct ruleset *rules, const struct packet *pkt,
		      struct moment when, uint32_t number)
{
	struct packet marked;

	while (number != RULE_NONE && !decides(rules->rules.items[number])) {
		pkt = rule_mark(rules->rules.items[number], pkt, &marked);
		number = ruleset_next(rules, pkt, when, number + 1);
	}
	return number;
}

struct verdict ruleset_classify(const struct ruleset *rules,
				const struct packet *pkt, struct moment when)
{
	uint32_t number = ruleset_next(rules, pkt, when, 0);

	if (number != RULE_NONE && !decides(rules->rules.items[number]))
		number = go_on(rules, pkt, when, number);
	return ruleset_verdict(rules, number, pkt->hook);
}

struct verdict ruleset_classify_again(const struct ruleset *rules,
				      const struct packet *pkt,
				      struct moment when, uint32_t rule)
{
	for (uint32_t i = 0; i < rules->rules.len; i++) {
		bool presumed = i == rule;

		if (decides(rules->rules.items[i]) &&
		    rule_holds(rules->rules.items[i], pkt, when, &presumed))
			return ruleset_verdict(rules, i, pkt->hook);
	}
	return ruleset_verdict(rules, RULE_NONE, pkt->hook);
}
