/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decisions: what the recorders of the workers still know.
 */
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/control_method.h"
#include "daemon/control_time.h"
#include "daemon/control_view.h"
#include "daemon/lanes.h"
#include "daemon/recorder.h"

enum { PART = 64 }; /* decisions that are looked at at a time */

struct listing {
	struct filter filter;
	size_t lane;
	uint64_t next; /* in that lane */
	uint64_t end;
};

static void begin_lane(struct listing *listing, const struct recorder *recorder)
{
	listing->end = recorder ? recorder_count(recorder) : 0;
	listing->next =
		listing->end > RECORDER_LEN ? listing->end - RECORDER_LEN : 0;
}

json_t *control_decisions_begin(struct control_call *call)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	json_t *error;

	if (!listing)
		return control_refuse("NoMemory", "no memory");
	error = control_filter(call->context, call->parameters,
			       FILTER_DECISIONS, &listing->filter);
	if (error) {
		free(listing);
		return error;
	}
	begin_lane(listing, lanes_recorder(call->context->lanes, 0));
	call->state = listing;
	return NULL;
}

void control_decisions_end(struct control_call *call)
{
	free(call->state);
}

static bool is_wanted(const struct listing *listing,
		      const struct decision *decision)
{
	const struct filter_subject subject = {
		.tuple = &decision->tuple,
		.rule = decision->rule,
		.verdict = action_names[decision->action],
		.reason = reason_info[decision->reason].name,
	};

	return decision->tuple.ipversion != 0 &&
	       filter_matches(&listing->filter, &subject);
}

static json_t *describe(const struct decision *decision)
{
	json_t *object = control_view_tuple(&decision->tuple);
	json_t *more = json_pack(
		"{s:o, s:I, s:s, s:s, s:s, s:o}", "time",
		control_time(decision->when + clock_wall()), "age",
		(json_int_t)((clock_now() - decision->when) / 1000), "verdict",
		action_names[decision->action], "reason",
		reason_info[decision->reason].name, "hook",
		hook_names[decision->hook], "rule",
		decision->rule[0] ? json_string(decision->rule) : json_null());

	(void)json_object_update(object, more);
	json_decref(more);
	return object;
}

json_t *control_decisions_next(struct control_call *call)
{
	const struct lanes *lanes = call->context->lanes;
	struct listing *listing = call->state;
	const struct recorder *recorder = lanes_recorder(lanes, listing->lane);
	struct decision decision;

	for (size_t i = 0; i < PART && listing->next < listing->end; i++)
		if (recorder_get(recorder, listing->next++, &decision) &&
		    is_wanted(listing, &decision))
			return describe(&decision);
	if (listing->next < listing->end)
		return NULL;
	recorder = lanes_recorder(lanes, ++listing->lane);
	if (!recorder) {
		call->last = true;
		return json_object();
	}
	begin_lane(listing, recorder);
	return NULL;
}
