/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables, Entries and TableTest.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/control_method.h"
#include "daemon/control_time.h"
#include "engine/live.h"
#include "engine/table.h"

enum { PART = 64 }; /* entries that are copied at a time */

static json_t *describe_table(const struct table *table)
{
	const struct table_options *options = table_options(table);
	struct live_set *live = table_live(table);

	return json_pack("{s:s, s:I, s:I, s:I, s:b, s:b, s:b, s:b, s:o}",
			 "name", table_name(table), "networks",
			 (json_int_t)table_range_count(table), "added",
			 (json_int_t)(live ? live_count(live) : 0), "max_added",
			 (json_int_t)(live ? live_max(live) : 0), "dynamic",
			 options->dynamic, "never_block", options->never_block,
			 "block", options->block, "persist", options->persist,
			 "timeout",
			 options->timeout > 0
				 ? json_integer(options->timeout / 1000)
				 : json_null());
}

/* There are as many as somebody has written down. */
json_t *control_tables(const struct control_call *call)
{
	struct inforce *inforce = call->context->inforce;
	json_t *list = json_array();
	const struct table *table;

	inforce_hold(inforce);
	for (size_t i = 0;
	     (table = ruleset_table_at(inforce_rules(inforce), i)); i++)
		(void)json_array_append_new(list, describe_table(table));
	inforce_release(inforce);
	return json_pack("{s:o}", "tables", list);
}

/* The entries of one, networks of the configuration first. */
struct listing {
	char name[NAME_MAX_LEN + 1];
	size_t range;  /* the next one */
	size_t cursor; /* of the live set */
	struct addr_range ranges[PART];
	struct live_entry added[PART];
	size_t range_count;
	size_t added_count;
	size_t told; /* of both */
};

static json_t *not_found(const char *name)
{
	char message[NAME_MAX_LEN + 32];

	(void)snprintf(message, sizeof(message), "there is no table \"%s\"",
		       name);
	return control_error("NotFound", json_pack("{s:s, s:s}", "message",
						   message, "table", name));
}

static bool exists(const struct control_context *context, const char *name)
{
	bool found;

	inforce_hold(context->inforce);
	found = ruleset_table(inforce_rules(context->inforce), name) != NULL;
	inforce_release(context->inforce);
	return found;
}

json_t *control_entries_begin(struct control_call *call)
{
	const char *name = control_string(call->parameters, "table");
	struct listing *listing;

	if (!name || !name_is_valid(name))
		return control_wrong("table", "the name of a table");
	if (!exists(call->context, name))
		return not_found(name);
	listing = calloc(1, sizeof(*listing));
	if (!listing)
		return control_refuse("NoMemory", "no memory");
	(void)snprintf(listing->name, sizeof(listing->name), "%s", name);
	call->state = listing;
	return NULL;
}

void control_entries_end(struct control_call *call)
{
	free(call->state);
}

static void copy_part(struct listing *listing, const struct table *table,
		      msec_t now)
{
	size_t count = table_range_count(table);

	while (listing->range < count && listing->range_count < PART)
		listing->ranges[listing->range_count++] =
			table_range(table, listing->range++);
	if (listing->range_count > 0 || !table_live(table))
		return;
	while (listing->added_count < PART &&
	       live_next(table_live(table), &listing->cursor, now,
			 &listing->added[listing->added_count]))
		listing->added_count++;
}

/* false: there are no more, or the table is gone. */
static bool refill(const struct control_call *call, struct listing *listing)
{
	struct inforce *inforce = call->context->inforce;
	const struct table *table;

	listing->range_count = listing->added_count = listing->told = 0;
	inforce_hold(inforce);
	table = ruleset_table(inforce_rules(inforce), listing->name);
	if (table)
		copy_part(listing, table, clock_now());
	inforce_release(inforce);
	return listing->range_count + listing->added_count > 0;
}

static json_t *describe_entry(const struct live_entry *entry)
{
	const struct addr_range range = prefix_range(&entry->prefix);
	bool ends = entry->expires != LIVE_FOREVER;
	char text[ADDR_RANGE_TEXT_LEN];

	addr_range_format(&range, text);
	return json_pack(
		"{s:s, s:s, s:o, s:o}", "entry", text, "from", "added",
		"expires",
		ends ? control_time(entry->expires + clock_wall())
		     : json_null(),
		"expires_in",
		ends ? json_integer((entry->expires - clock_now()) / 1000)
		     : json_null());
}

static json_t *describe_range(const struct addr_range *range)
{
	char text[ADDR_RANGE_TEXT_LEN];

	addr_range_format(range, text);
	return json_pack("{s:s, s:s, s:n, s:n}", "entry", text, "from",
			 "configuration", "expires", "expires_in");
}

json_t *control_entries_next(struct control_call *call)
{
	struct listing *listing = call->state;
	size_t number = listing->told;

	if (number == listing->range_count + listing->added_count) {
		if (!refill(call, listing)) {
			call->last = true;
			return json_object();
		}
		number = 0;
	}
	listing->told = number + 1;
	if (number < listing->range_count)
		return describe_range(&listing->ranges[number]);
	return describe_entry(&listing->added[number - listing->range_count]);
}

json_t *control_table_test(const struct control_call *call)
{
	struct inforce *inforce = call->context->inforce;
	const char *name = control_string(call->parameters, "table");
	const char *text = control_string(call->parameters, "address");
	const struct table *table;
	struct addr addr;
	bool has = false;

	if (!name || !name_is_valid(name))
		return control_wrong("table", "the name of a table");
	if (!text || addr_parse(&addr, text) < 0)
		return control_wrong("address", "an address, such as "
						"192.0.2.1");
	inforce_hold(inforce);
	table = ruleset_table(inforce_rules(inforce), name);
	if (table)
		has = table_has(table, &addr, clock_now());
	inforce_release(inforce);
	if (!table)
		return not_found(name);
	return json_pack("{s:b}", "contains", has);
}
