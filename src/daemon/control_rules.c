/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: each with what it has counted and where it stands.
 */
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/control_method.h"
#include "daemon/control_time.h"
#include "policy/match_text.h"

enum { PART = 16 }; /* rules that are looked at at a time */

struct listing {
	size_t next;
	json_t *part[PART];
	size_t len;
	size_t told;
};

json_t *control_rules_begin(struct control_call *call)
{
	call->state = calloc(1, sizeof(struct listing));
	return call->state ? NULL : control_refuse("NoMemory", "no memory");
}

void control_rules_end(struct control_call *call)
{
	struct listing *listing = call->state;

	for (size_t i = listing->told; i < listing->len; i++)
		json_decref(listing->part[i]);
	free(listing);
}

static json_t *describe_conditions(const struct rule *rule)
{
	json_t *conditions = json_object();
	const struct match_type *type;
	const struct match *match;

	for (size_t i = 0; rule_match(rule, i, &type, &match); i++) {
		char *text = match_text(type, match);

		(void)json_object_set_new(conditions, type->key,
					  control_text(text));
		free(text);
	}
	return conditions;
}

static json_t *describe(const struct policy *policy, const struct rule *rule,
			size_t number, const struct rule_stats *stats)
{
	const struct policy_note *note = policy_note(policy, number);
	const struct rule_options *options = rule_options(rule);
	const char *action = action_names[options->action];

	return json_pack(
		"{s:I, s:s, s:s, s:b, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, "
		"s:I, s:o}",
		"number", (json_int_t)number + 1, "name", rule_name(rule),
		"action", options->continues ? "continue" : action, "audit",
		options->audit, "conditions", describe_conditions(rule),
		"comment", control_text(note ? note->comment : NULL), "file",
		control_text(note ? note->file : NULL), "line",
		(json_int_t)(note ? note->line : 0), "matches",
		(json_int_t)stats->matches, "packets",
		(json_int_t)stats->packets, "bytes", (json_int_t)stats->bytes,
		"limited", (json_int_t)stats->limited, "would_refuse",
		(json_int_t)stats->would, "last_match",
		stats->matches > 0 ? control_time(stats->last + clock_wall())
				   : json_null());
}

/* false: there are no more. */
static bool refill(const struct control_call *call, struct listing *listing)
{
	const struct control_context *context = call->context;
	struct rule_stats stats[PART];
	const struct ruleset *rules;
	size_t count;

	listing->len = listing->told = 0;
	inforce_hold(context->inforce);
	rules = inforce_rules(context->inforce);
	count = ruleset_rule_count(rules);
	count = count > listing->next ? count - listing->next : 0;
	if (count > PART)
		count = PART;
	dataplane_rule_stats(context->dataplane, listing->next, count, stats);
	for (; listing->len < count; listing->len++, listing->next++)
		listing->part[listing->len] =
			describe(inforce_policy(context->inforce),
				 ruleset_rule(rules, listing->next),
				 listing->next, &stats[listing->len]);
	inforce_release(context->inforce);
	return count > 0;
}

json_t *control_rules_next(struct control_call *call)
{
	struct listing *listing = call->state;

	if (listing->told == listing->len && !refill(call, listing)) {
		call->last = true;
		return json_object();
	}
	return listing->part[listing->told++];
}
