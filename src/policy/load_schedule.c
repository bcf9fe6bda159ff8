/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule: when a rule is in force.
 */
#include <stdio.h>
#include <string.h>

#include "policy/load_rule.h"
#include "policy/week.h"

/* Of each string of a value; @example is one. */
struct word_taker {
	const char *example;
	void (*take)(struct loader *ld, const struct spot *spot,
		     const char *word, void *object);
};

static void load_words(struct loader *ld, const struct node *node,
		       const struct word_taker *taker, void *object)
{
	const struct rule_scope *scope = object;
	char wanted[160];

	(void)snprintf(wanted, sizeof(wanted),
		       "%s: schedule.%s are strings\nwrite \"%s\"",
		       scope->label, node_name(node), taker->example);
	loader_strings(ld, node, wanted, taker->take, object);
}

static const char *nth_day(const void *context, size_t index)
{
	(void)context;
	return index < SCHEDULE_DAYS ? week_days[index] : NULL;
}

static void take_days(struct loader *ld, const struct spot *spot,
		      const char *word, void *object)
{
	static const struct choices choices = { nth_day, NULL };
	struct rule_scope *scope = object;
	char hint[SUGGESTION_LEN];

	if (week_parse_days(&scope->options.schedule.days, word))
		return;
	suggest(hint, word, &choices);
	loader_fault_at(ld, CODE_UNKNOWN_WORD, spot,
			"%s: schedule.days: \"%.60s\" is not a day of the "
			"week\n%s",
			scope->label, word, hint);
}

static void load_days(struct loader *ld, const struct node *node, void *object)
{
	static const struct word_taker taker = { "mon-fri", take_days };

	load_words(ld, node, &taker, object);
}

static void fault_hours(struct loader *ld, const struct rule_scope *scope,
			const struct spot *spot, const char *what)
{
	loader_fault_at(ld, CODE_DATE, spot, "%s: schedule.hours: %s",
			scope->label, what);
}

static void take_hours(struct loader *ld, const struct spot *spot,
		       const char *word, void *object)
{
	struct rule_scope *scope = object;
	struct schedule *schedule = &scope->options.schedule;
	struct schedule_hours hours;
	char what[160];
	bool utc;

	if (!week_parse_hours(&hours, &utc, word)) {
		(void)snprintf(what, sizeof(what),
			       "\"%.60s\" is no range of hours\nwrite "
			       "\"08:00-20:00\", or with a Z for UTC",
			       word);
		fault_hours(ld, scope, spot, what);
	} else if (hours.first == hours.end ||
		   hours.first == SCHEDULE_DAY_END) {
		(void)snprintf(what, sizeof(what),
			       "\"%.60s\" is no time at all\nwrite two "
			       "different hours; a whole day is "
			       "\"00:00-24:00\"",
			       word);
		fault_hours(ld, scope, spot, what);
	} else if (schedule->count > 0 && utc != schedule->utc) {
		fault_hours(ld, scope, spot,
			    "some are of UTC and some of this place\nwrite a "
			    "Z behind all of them or none, or two rules");
	} else if (schedule->count == SCHEDULE_HOURS_MAX) {
		fault_hours(ld, scope, spot,
			    "there are more than 8 ranges\nwrite two rules");
	} else {
		schedule->hours[schedule->count++] = hours;
		schedule->utc = utc;
	}
}

static void load_hours(struct loader *ld, const struct node *node, void *object)
{
	static const struct word_taker taker = { "08:00-20:00", take_hours };

	load_words(ld, node, &taker, object);
}

enum { MANY = NODE_STRING | NODE_LIST };

static const struct key schedule_keys[] = {
	{ "days", MANY, "days such as \"mon-fri\"", load_days },
	{ "hours", MANY, "hours such as \"08:00-20:00\"", load_hours },
};

/* It must not become a schedule of everything. */
static void check_empty(const struct rule_scope *scope, const struct node *node)
{
	struct loader *ld = scope->ld;
	bool any = false;

	for (size_t i = 0; i < node_count(node); i++) {
		const struct node *child = node_child(node, i);

		any = true;
		if (!loader_is_mended(ld, child) &&
		    loader_value_count(child) == 0)
			loader_fault(ld, CODE_EMPTY, child,
				     "%s: schedule.%s is empty\nleave it out, "
				     "or write at least one",
				     scope->label, node_name(child));
	}
	if (!any && !ld->doc->incomplete)
		loader_fault(ld, CODE_EMPTY, node,
			     "%s: schedule is empty\nwrite schedule = { days = "
			     "\"mon-fri\"; hours = \"08:00-20:00\"; };",
			     scope->label);
}

void load_schedule(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		schedule_keys, sizeof(schedule_keys) / sizeof(schedule_keys[0])
	};
	struct rule_scope *scope = object;
	struct schedule *schedule = &scope->options.schedule;
	size_t before = ld->diags->errors;
	char where[128];

	(void)snprintf(where, sizeof(where), " in schedule of %s",
		       scope->label);
	loader_group(ld, node, &schema, where, scope);
	check_empty(scope, node);
	if (schedule->days == 0)
		schedule->days = SCHEDULE_ALL_DAYS;
	if (ld->diags->errors == before && !ld->doc->mended &&
	    !schedule_restricts(schedule))
		loader_fault(ld, CODE_NO_EFFECT, node,
			     "%s: schedule has every hour of the week\nleave "
			     "it out",
			     scope->label);
}
