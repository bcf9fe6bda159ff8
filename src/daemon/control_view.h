/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection as the control sockets show it: with the names that the policy
 * in force has for what it is.
 */
#ifndef DAEMON_CONTROL_VIEW_H
#define DAEMON_CONTROL_VIEW_H

#include <jansson.h>

#include "engine/engine.h"
#include "policy/filter.h"
#include "policy/name.h"

struct control_context;
struct ruleset;

struct control_view {
	struct conn_info conn;
	char rule[NAME_MAX_LEN + 1];      /* "": the policy let it in */
	char zone_from[NAME_MAX_LEN + 1]; /* "": none */
	char zone_to[NAME_MAX_LEN + 1];
};

/* The rules must stay for as long as this takes. */
void control_view_make(struct control_view *view, const struct conn_info *conn,
		       const struct ruleset *rules);
bool control_view_matches(const struct control_view *view,
			  const struct filter *filter);
/* The object of "connections --json"; NULL: no memory. */
json_t *control_view_describe(const struct control_view *view, msec_t now,
			      int64_t wall);

/* Its protocol, addresses and ports, of the same object. */
json_t *control_view_tuple(const struct tuple *tuple);

/*
 * The parameter "filter", about one of enum filter_about.  NULL: @filter is
 * set; without the parameter everything is meant.
 */
json_t *control_filter(const struct control_context *context,
		       const json_t *parameters, unsigned int about,
		       struct filter *filter);

#endif
