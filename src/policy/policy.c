/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies: the object.
 */
#include "policy/policy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"

enum { CONNECTIONS_DEFAULT = 262144, QUEUE_LENGTH_DEFAULT = 8192 };

struct policy *policy_create(void)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	struct limits limits;

	if (!policy)
		return NULL;
	policy->max_conns = CONNECTIONS_DEFAULT;
	policy->queue_length = QUEUE_LENGTH_DEFAULT;
	policy->redirect = redirect_defaults();
	policy->rescue = rescue_defaults();
	policy->on_reload = RECHECK_JUDGE;
	policy->rules = ruleset_create();
	if (!policy->rules) {
		free(policy);
		return NULL;
	}
	limits = *ruleset_limits(policy->rules);
	limits.half_open = (uint32_t)policy_half_open(policy->max_conns);
	ruleset_set_limits(policy->rules, &limits);
	return policy;
}

bool policy_is_block_rule(const struct policy *policy, size_t rule)
{
	static const char prefix[] = POLICY_BLOCK_PREFIX;
	const char *name = rule_name(ruleset_rule(policy->rules, rule));
	const struct table *table;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return false;
	table = ruleset_table(policy->rules, name + strlen(prefix));
	return table && table_options(table)->block;
}

struct ruleset *policy_take_rules(struct policy *policy)
{
	struct ruleset *rules = policy->rules;

	policy->rules = NULL;
	return rules;
}

static char *copy(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copied = calloc(1, size);

	if (copied)
		memcpy(copied, text, size);
	return copied;
}

static bool reserve_note(struct policy *policy)
{
	size_t capacity =
		policy->note_capacity > 0 ? 2 * policy->note_capacity : 16;
	struct policy_note *grown;

	if (policy->note_count < policy->note_capacity)
		return true;
	grown = realloc(policy->notes, capacity * sizeof(*grown));
	if (!grown)
		return false;
	policy->notes = grown;
	policy->note_capacity = capacity;
	return true;
}

bool policy_add_note(struct policy *policy, const char *comment,
		     struct origin origin)
{
	struct policy_note note = { .line = origin.line };

	if (!reserve_note(policy))
		return false;
	note.comment = comment ? copy(comment) : NULL;
	note.file = copy(origin.file);
	policy->notes[policy->note_count++] = note;
	return note.file && (note.comment || !comment);
}

static size_t kind_of(const struct match_type *type)
{
	size_t i = 0;

	assert(match_type_count <= POLICY_CONDITION_KINDS);
	while (i < match_type_count - 1 && match_types[i] != type)
		i++;
	return i;
}

void policy_note_condition(struct policy *policy, const struct match_type *type,
			   struct origin origin)
{
	struct policy_note *note = &policy->notes[policy->note_count - 1];

	if (note->file && strcmp(note->file, origin.file) == 0)
		note->lines[kind_of(type)] = origin.line;
}

unsigned int policy_condition_line(const struct policy *policy, size_t rule,
				   const struct match_type *type)
{
	const struct policy_note *note = policy_note(policy, rule);
	unsigned int line;

	if (!note)
		return 0;
	line = note->lines[kind_of(type)];
	return line ? line : note->line;
}

bool policy_set_place(struct policy *policy, enum hook hook,
		      struct origin origin)
{
	struct policy_place *place = &policy->hooks[hook];

	free(place->file);
	*place = (struct policy_place){ copy(origin.file), origin.line };
	return place->file != NULL;
}

const struct policy_note *policy_note(const struct policy *policy, size_t rule)
{
	return rule < policy->note_count ? &policy->notes[rule] : NULL;
}

void policy_destroy(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->note_count; i++) {
		free(policy->notes[i].comment);
		free(policy->notes[i].file);
	}
	free(policy->notes);
	for (size_t i = 0; i < HOOK_COUNT; i++)
		free(policy->hooks[i].file);
	ruleset_destroy(policy->rules);
	free(policy);
}
