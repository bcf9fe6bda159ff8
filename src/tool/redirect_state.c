/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at what is there.
 */
#include "tool/redirect_state.h"

#include <string.h>

#include "tool/redirect_plan.h"

const char *const redirect_condition_names[REDIRECT_CONDITION_COUNT] = {
	[REDIRECT_INSTALLED] = "installed",
	[REDIRECT_DAMAGED] = "damaged",
	[REDIRECT_BEHIND] = "behind",
	[REDIRECT_ABSENT] = "absent",
};

static enum redirect_condition look_at(const struct saved *current,
				       const struct saved *wanted,
				       const char *table)
{
	if (!saved_same_chains(current, wanted, table) ||
	    !saved_has_jumps(current, wanted, table, false))
		return REDIRECT_DAMAGED;
	if (!saved_has_jumps(current, wanted, table, true))
		return REDIRECT_BEHIND;
	return REDIRECT_INSTALLED;
}

/* In the chains of the hooks, rescue rules follow "accepted: on". */
static void count_rescue(const struct saved *current,
			 struct redirect_state *state)
{
	const struct saved_line *line;
	const char *chain = NULL; /* whose rescue rules have begun */
	size_t i = 0;

	while ((line = saved_next(current, "filter", &i))) {
		if (!line->rule || !line->ours || !line->target)
			continue;
		if (strncmp(line->rule, "-m mark ", 8) == 0)
			chain = strcmp(line->target, "RETURN") == 0
					? line->chain
					: NULL;
		else if (!chain || strcmp(chain, line->chain) != 0)
			continue;
		else if (strcmp(line->target, "DROP") == 0)
			state->rescue_dropped += line->packets;
		else
			state->rescue_passed += line->packets;
	}
}

static size_t count_unreached(const struct saved *current)
{
	const struct saved_line *line;
	const char *chain = NULL; /* in which our jump was met */
	size_t count = 0;
	size_t i = 0;

	while ((line = saved_next(current, "mangle", &i))) {
		if (!line->rule || line->ours)
			continue;
		if (line->to_ours && strcmp(line->chain, "POSTROUTING") != 0)
			chain = line->chain;
		else if (chain && strcmp(chain, line->chain) == 0)
			count++;
	}
	return count;
}

struct redirect_state redirect_state(const struct saved *current,
				     const struct saved *wanted)
{
	struct redirect_state state = { .condition = REDIRECT_INSTALLED };
	bool has_ours = false;

	for (size_t i = 0; redirect_tables[i]; i++) {
		const char *table = redirect_tables[i];
		enum redirect_condition found = look_at(current, wanted, table);

		has_ours = has_ours || saved_has_ours(current, table);
		if (found == REDIRECT_INSTALLED ||
		    state.condition == REDIRECT_DAMAGED)
			continue;
		state.condition = found;
		state.table = table;
	}
	if (!has_ours) {
		state.condition = REDIRECT_ABSENT;
		state.table = NULL;
	}
	count_rescue(current, &state);
	state.unreached = count_unreached(current);
	return state;
}
