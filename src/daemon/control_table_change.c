/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TableAdd, TableDelete and TableFlush: for the main thread, which alone
 * changes tables.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/control_change.h"
#include "engine/live.h"
#include "engine/table.h"
#include "policy/duration.h"
#include "policy/range.h"

/* What a change of a table is about. */
struct order {
	const struct table *table;
	struct prefix prefix;
	char text[ADDR_RANGE_TEXT_LEN]; /* of that */
	msec_t expires;
};

static const struct table *nth_dynamic(const struct ruleset *rules,
				       size_t number)
{
	const struct table *table;

	for (size_t i = 0; (table = ruleset_table_at(rules, i)); i++)
		if (table_live(table) && number-- == 0)
			return table;
	return NULL;
}

/* What block = true of a table says without a name. */
static const struct table *find_block(const struct ruleset *rules)
{
	const struct table *table;

	for (size_t i = 0; (table = nth_dynamic(rules, i)); i++)
		if (table_options(table)->block)
			return table;
	return NULL;
}

static json_t *no_table(const struct ruleset *rules, const char *name)
{
	if (!name)
		return control_refuse(
			"NotFound",
			"no table is for this: one with \"dynamic = true\" and "
			"\"block = true\" is needed, or name another one");
	return control_refuse("NotFound", "%s \"%.64s\"%s",
			      ruleset_table(rules, name)
				      ? "what is not dynamic cannot be changed:"
				      : "there is no table",
			      name,
			      ruleset_table(rules, name)
				      ? "; it needs \"dynamic = true\""
				      : "");
}

/* NULL: .table is set. */
static json_t *read_table(struct order *order, const struct change *change)
{
	const struct ruleset *rules = inforce_rules(change->context->inforce);
	const char *name = control_string(change->parameters, "table");

	order->table = name ? ruleset_table(rules, name) : find_block(rules);
	if (order->table && table_live(order->table))
		return NULL;
	return no_table(rules, name);
}

/* NULL: .prefix is set. */
static json_t *read_entry(struct order *order, const struct change *change)
{
	const char *text = control_string(change->parameters, "entry");
	struct addr_range range;
	int r = text ? prefix_parse(&order->prefix, text) : -EINVAL;

	if (r == -EDOM)
		return control_wrong("entry", "the network has host bits set");
	if (r < 0)
		return control_wrong("entry", "an address or a network");
	range = prefix_range(&order->prefix);
	addr_range_format(&range, order->text);
	return NULL;
}

/* NULL: .expires is set. */
static json_t *read_time(struct order *order, const struct change *change)
{
	const json_t *seconds = json_object_get(change->parameters, "seconds");
	msec_t timeout = table_options(order->table)->timeout;
	json_int_t value = json_integer_value(seconds);

	if (seconds && (value <= 0 || value > DURATION_MAX / 1000))
		return control_wrong("seconds", "a number from 1 to a year");
	if (seconds)
		timeout = (msec_t)value * 1000;
	order->expires = timeout > 0 ? clock_now() + timeout : LIVE_FOREVER;
	return NULL;
}

/*
 * Nobody locks out himself, or those who must never be.  A table that says who
 * must never be blocks nobody.
 */
static json_t *guard(const struct order *order, const struct change *change)
{
	const struct ruleset *rules = inforce_rules(change->context->inforce);
	const char *own = control_string(change->parameters, "own_address");
	struct addr addr;

	if (table_options(order->table)->never_block ||
	    json_is_true(json_object_get(change->parameters, "force")))
		return NULL;
	if (ruleset_never_blocks(rules, &order->prefix))
		return control_refuse("Guarded",
				      "%s is in a table with \"never_block\"",
				      order->text);
	if (own && addr_parse(&addr, own) == 0 &&
	    prefix_contains(&order->prefix, &addr))
		return control_refuse("Guarded",
				      "%s is where you are connected from",
				      order->text);
	return NULL;
}

static bool comes_from(const struct conn_info *conn, void *arg)
{
	return prefix_contains(arg, &conn->tuple.src);
}

/* One line, whatever somebody has written. */
static void log_added(const struct change *change, const struct order *order)
{
	const char *reason = control_string(change->parameters, "reason");
	char text[128] = "";

	(void)snprintf(text, sizeof(text), "%s", reason ? reason : "");
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	change_log(change, "table %s: added %s%s%s%s", table_name(order->table),
		   order->text, *text ? " (" : "", text, *text ? ")" : "");
}

static json_t *add(struct order *order, struct change *change)
{
	static const char *const results[] = {
		[LIVE_ADDED] = "added",
		[LIVE_PROLONGED] = "prolonged",
	};
	const struct control_context *context = change->context;
	const struct live_entry entry = { order->prefix, order->expires };
	const struct engine_close close = { .wanted = comes_from,
					    .arg = &order->prefix };
	enum live_result result;
	size_t closed = 0;

	inforce_hold(context->inforce);
	result = live_add(table_live(order->table), &entry, clock_now());
	inforce_release(context->inforce);
	if (result == LIVE_FULL)
		return control_refuse("Full",
				      "table %s is full: %s is not in it; a "
				      "larger max_entries helps",
				      table_name(order->table), order->text);
	changes_note_tables(change->changes);
	log_added(change, order);
	if (json_is_true(json_object_get(change->parameters, "kill")))
		closed = dataplane_close(context->dataplane, clock_now(),
					 &close);
	return control_reply(json_pack("{s:s, s:s, s:s, s:I}", "table",
				       table_name(order->table), "entry",
				       order->text, "result", results[result],
				       "closed", (json_int_t)closed),
			     false);
}

void control_table_add(struct change *change)
{
	struct order order = { 0 };
	json_t *reply = read_table(&order, change);

	if (!reply)
		reply = read_entry(&order, change);
	if (!reply)
		reply = read_time(&order, change);
	if (!reply)
		reply = guard(&order, change);
	if (!reply)
		reply = add(&order, change);
	change_finish(change, reply);
}

void control_table_delete(struct change *change)
{
	struct inforce *inforce = change->context->inforce;
	struct order order = { 0 };
	json_t *reply = read_table(&order, change);
	bool removed;

	if (!reply)
		reply = read_entry(&order, change);
	if (reply) {
		change_finish(change, reply);
		return;
	}
	inforce_hold(inforce);
	removed = live_remove(table_live(order.table), &order.prefix);
	inforce_release(inforce);
	if (!removed) {
		change_finish(change,
			      control_refuse("NotFound",
					     "%s is not an entry that was "
					     "added to table %s",
					     order.text,
					     table_name(order.table)));
		return;
	}
	changes_note_tables(change->changes);
	change_log(change, "table %s: deleted %s", table_name(order.table),
		   order.text);
	change_finish(change, control_reply(json_pack("{s:s, s:s}", "table",
						      table_name(order.table),
						      "entry", order.text),
					    false));
}

void control_table_flush(struct change *change)
{
	struct inforce *inforce = change->context->inforce;
	struct order order = { 0 };
	json_t *reply = control_string(change->parameters, "table")
				? read_table(&order, change)
				: control_wrong("table", "which one");
	size_t count;

	if (reply) {
		change_finish(change, reply);
		return;
	}
	inforce_hold(inforce);
	count = live_count(table_live(order.table));
	live_clear(table_live(order.table));
	inforce_release(inforce);
	changes_note_tables(change->changes);
	change_log(change, "table %s: emptied of %zu entries",
		   table_name(order.table), count);
	change_finish(change,
		      control_reply(json_pack("{s:s, s:I}", "table",
					      table_name(order.table),
					      "deleted", (json_int_t)count),
				    false));
}
