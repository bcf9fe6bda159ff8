/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections and Kill.
 */
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/control_change.h"
#include "daemon/control_view.h"

enum { LISTED_MAX = 100 }; /* connections in the reply of Kill */

struct listing {
	struct filter filter;
	struct dataplane_cursor cursor;
	struct control_view views[DATAPLANE_LIST_MAX];
	size_t len; /* of .views */
	size_t told;
};

json_t *control_conns_begin(struct control_call *call)
{
	struct listing *listing = calloc(1, sizeof(*listing));
	json_t *error;

	if (!listing)
		return control_refuse("NoMemory", "no memory");
	error = control_filter(call->context, call->parameters,
			       FILTER_CONNECTIONS, &listing->filter);
	if (error)
		free(listing);
	else
		call->state = listing;
	return error;
}

void control_conns_end(struct control_call *call)
{
	free(call->state);
}

/* Another part of the table; false: there is no more. */
static bool refill(const struct control_call *call, struct listing *listing)
{
	const struct control_context *context = call->context;
	struct conn_info list[DATAPLANE_LIST_MAX];
	const struct ruleset *rules;
	size_t len = 0;
	bool more;

	listing->len = listing->told = 0;
	inforce_hold(context->inforce);
	rules = inforce_rules(context->inforce);
	more = dataplane_list_part(context->dataplane, clock_now(),
				   &listing->cursor, list, &len);
	for (size_t i = 0; i < len; i++) {
		struct control_view *view = &listing->views[listing->len];

		control_view_make(view, &list[i], rules);
		if (control_view_matches(view, &listing->filter))
			listing->len++;
	}
	inforce_release(context->inforce);
	return more;
}

json_t *control_conns_next(struct control_call *call)
{
	struct listing *listing = call->state;

	if (listing->told == listing->len && !refill(call, listing)) {
		call->last = true;
		return json_object();
	}
	if (listing->told == listing->len)
		return NULL;
	return control_view_describe(&listing->views[listing->told++],
				     clock_now(), clock_wall());
}

/* What Kill goes through the table with. */
struct killing {
	struct filter filter;
	const struct ruleset *rules;
	struct control_view closed[LISTED_MAX]; /* the first ones */
	size_t len;
};

static bool is_wanted(const struct conn_info *conn, void *arg)
{
	const struct killing *killing = arg;
	struct control_view view;

	control_view_make(&view, conn, killing->rules);
	return control_view_matches(&view, &killing->filter);
}

static void note_closed(const struct conn_info *conn, void *arg)
{
	struct killing *killing = arg;

	if (killing->len < LISTED_MAX)
		control_view_make(&killing->closed[killing->len++], conn,
				  killing->rules);
}

static json_t *describe_closed(const struct killing *killing, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < killing->len; i++)
		(void)json_array_append_new(
			list, control_view_describe(&killing->closed[i],
						    clock_now(), clock_wall()));
	return json_pack("{s:I, s:o}", "closed", (json_int_t)count,
			 "connections", list);
}

/* NULL: the filter is set. */
static json_t *read_order(const struct control_context *context,
			  const json_t *parameters, struct filter *filter)
{
	json_t *error;

	if (!control_string(parameters, "filter"))
		return control_wrong("filter", "say which connections");
	error = control_filter(context, parameters, FILTER_CONNECTIONS, filter);
	if (!error && filter->count == 0 &&
	    !json_is_true(json_object_get(parameters, "all")))
		error = control_wrong("filter", "it matches everything: give "
						"\"all\" to close all "
						"connections");
	return error;
}

static json_t *kill_conns(struct change *change, struct killing *killing)
{
	const struct control_context *context = change->context;
	const struct engine_close close = { is_wanted, note_closed, killing };
	size_t count = dataplane_close(context->dataplane, clock_now(), &close);

	change_log(change, "closed %zu connection%s, kill %s", count,
		   count == 1 ? "" : "s",
		   control_string(change->parameters, "filter"));
	return control_reply(describe_closed(killing, count), false);
}

/* To close all, somebody has to say so. */
void control_kill(struct change *change)
{
	struct killing *killing = calloc(1, sizeof(*killing));
	json_t *reply;

	if (!killing) {
		change_finish(change, NULL);
		return;
	}
	killing->rules = inforce_rules(change->context->inforce);
	reply = read_order(change->context, change->parameters,
			   &killing->filter);
	if (!reply)
		reply = kill_conns(change, killing);
	free(killing);
	change_finish(change, reply);
}
