/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of one entry of a table.
 */
#include "tool/table_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/session.h"
#include "tool/usage.h"

bool take_for(void *settings, const char *value)
{
	msec_t duration;

	if (duration_parse(&duration, value) != DURATION_OK ||
	    duration < 1000) {
		complain("--for %s: write a time such as \"1h30m\", from 1s to "
			 "365d",
			 value);
		return false;
	}
	((struct table_change *)settings)->duration = duration;
	return true;
}

bool take_reason(void *settings, const char *value)
{
	((struct table_change *)settings)->reason = value;
	return true;
}

bool take_force(void *settings, const char *value)
{
	(void)value;
	((struct table_change *)settings)->force = true;
	return true;
}

json_t *table_change_parameters(const struct table_change *change,
				const char *table, const char *entry)
{
	json_t *parameters =
		json_pack("{s:s, s:o, s:b}", "entry", entry, "own_address",
			  session_address(), "force", change->force);

	if (table)
		(void)json_object_set_new(parameters, "table",
					  json_string(table));
	if (change->duration > 0)
		(void)json_object_set_new(
			parameters, "seconds",
			json_integer(change->duration / 1000));
	if (change->reason)
		(void)json_object_set_new(parameters, "reason",
					  json_string(change->reason));
	return parameters;
}

enum exit_status table_change_take(const json_t *result, void *arg)
{
	const struct table_change *change = arg;

	if (change->live.common.json)
		return live_print_json(result);
	printf("table %s: %s\n", live_string(result, "table"),
	       live_string(result, "entry"));
	if (live_number(result, "closed") > 0)
		printf("closed connections: %" JSON_INTEGER_FORMAT "\n",
		       live_number(result, "closed"));
	return EXIT_DONE;
}
