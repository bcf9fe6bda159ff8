/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical form of a rule.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"
#include "policy/amount.h"
#include "policy/date.h"
#include "policy/duration.h"
#include "policy/match_text.h"
#include "policy/print.h"
#include "policy/week.h"

void policy_print_string(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* The length of the group before the dot; 0: there is none. */
static size_t group_len(const char *name)
{
	size_t len = strcspn(name, ".");

	return name[len] == '.' ? len : 0;
}

/* Those of one group stand together in the engine's list. */
void policy_print_timeouts(const msec_t *values, const char *indent, FILE *out)
{
	const char *group = "";
	size_t len = 0;

	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++) {
		const char *name = timeout_info[i].name;
		bool same = group_len(name) == len &&
			    strncmp(name, group, len) == 0;
		char text[DURATION_TEXT_LEN];

		if (values[i] == 0)
			continue;
		if (!same && len > 0)
			fprintf(out, "%s};\n", indent);
		if (!same)
			len = group_len(name);
		if (!same && len > 0)
			fprintf(out, "%s%.*s = {\n", indent, (int)len, name);
		group = name;
		duration_format(values[i], text);
		fprintf(out, "%s%s%s = \"%s\";\n", indent, len > 0 ? "\t" : "",
			name + (len > 0 ? len + 1 : 0), text);
	}
	if (len > 0)
		fprintf(out, "%s};\n", indent);
}

static bool has_timeouts(const struct rule_options *options)
{
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		if (options->timeouts[i] > 0)
			return true;
	return false;
}

/* @track: what the settings say. */
static void print_state(const struct rule_options *options, enum tracking track,
			FILE *out)
{
	/* Nothing else lets connections in. */
	if (options->action != ACTION_ACCEPT || options->continues)
		return;
	if (options->tracking == track && !options->no_pickup &&
	    options->max == 0 && options->max_per_source == 0 &&
	    !has_timeouts(options))
		return;
	if (options->tracking == TRACKING_NONE) {
		fputs("\t\tstate = \"none\";\n", out);
		return;
	}
	fprintf(out, "\t\tstate = {\n\t\t\ttrack = \"%s\";\n",
		policy_tracking_names[options->tracking]);
	if (options->no_pickup)
		fputs("\t\t\tpickup = false;\n", out);
	if (options->max > 0)
		fprintf(out, "\t\t\tmax = %u;\n", options->max);
	if (options->max_per_source > 0)
		fprintf(out, "\t\t\tmax_per_source = %u;\n",
			options->max_per_source);
	if (has_timeouts(options)) {
		fputs("\t\t\ttimeouts = {\n", out);
		policy_print_timeouts(options->timeouts, "\t\t\t\t", out);
		fputs("\t\t\t};\n", out);
	}
	fputs("\t\t};\n", out);
}

static void print_limit(const struct rule_limit *limit, FILE *out)
{
	char rate[RATE_TEXT_LEN];

	if (limit->unit == LIMIT_NONE)
		return;
	rate_format(&limit->rate, rate);
	fprintf(out,
		"\t\tlimit = {\n\t\t\t%s = \"%s\";\n"
		"\t\t\tburst = \"%" PRIu64 "\";\n\t\t\tper = \"%s",
		policy_unit_names[limit->unit], rate, limit->rate.burst,
		policy_scope_names[limit->scope]);
	if (limit->scope != LIMIT_RULE)
		fprintf(out, "/%u,%s/%u", limit->prefix_ipv4,
			policy_scope_names[limit->scope], limit->prefix_ipv6);
	fputs("\";\n", out);
	if (limit->over_rejects)
		fputs("\t\t\tover = \"reject\";\n", out);
	if (limit->overload)
		fprintf(out, "\t\t\toverload = \"<%s>\";\n",
			table_name(limit->overload));
	if (limit->kill)
		fputs("\t\t\tkill_states = true;\n", out);
	fputs("\t\t};\n", out);
}

static void print_schedule(const struct schedule *schedule, FILE *out)
{
	char days[WEEK_DAYS_LEN];
	char hours[WEEK_HOURS_LEN];

	if (schedule->days == 0)
		return;
	week_format_days(schedule->days, days);
	week_format_hours(schedule, hours);
	fputs("\t\tschedule = {", out);
	if (schedule->days != SCHEDULE_ALL_DAYS || schedule->count == 0)
		fprintf(out, " days = \"%s\";", days);
	if (schedule->count > 0)
		fprintf(out, " hours = \"%s\";", hours);
	fputs(" };\n", out);
}

static void print_options(const struct policy *policy,
			  const struct rule_options *options, FILE *out)
{
	char date[DATE_TEXT_LEN];

	if (options->log != LOG_NONE)
		fprintf(out, "\t\tlog = %s;\n", policy_log(options->log));
	if (options->reserve)
		fputs("\t\treserve = true;\n", out);
	if (options->mark_mask)
		fprintf(out, "\t\tset_mark = \"0x%x/0x%x\";\n", options->mark,
			options->mark_mask);
	if (options->audit)
		fputs("\t\tmode = \"audit\";\n", out);
	if (options->expires > 0) {
		date_format(options->expires, date);
		fprintf(out, "\t\texpires = \"%s\";\n", date);
	}
	print_schedule(&options->schedule, out);
	print_state(options, ruleset_tracking(policy->rules), out);
	print_limit(&options->limit, out);
}

static bool print_match(const struct match_type *type,
			const struct match *match, FILE *out)
{
	char *text = match_text(type, match);

	if (!text)
		return false;
	fprintf(out, "\t\t%s = ", type->key);
	policy_print_string(text, out);
	fputs(";\n", out);
	free(text);
	return true;
}

bool policy_print_rule(const struct policy *policy, size_t index, FILE *out)
{
	const struct rule *rule = ruleset_rule(policy->rules, index);
	const struct policy_note *note = policy_note(policy, index);
	const struct rule_options *options = rule_options(rule);
	const struct match_type *type;
	const struct match *match;
	bool ok = true;

	fprintf(out, "\t{\n\t\tname = \"%s\";\n\t\taction = \"%s\";\n",
		rule_name(rule),
		options->continues ? "continue"
				   : action_names[options->action]);
	if (note && note->comment) {
		fputs("\t\tcomment = ", out);
		policy_print_string(note->comment, out);
		fputs(";\n", out);
	}
	print_options(policy, options, out);
	for (size_t i = 0; ok && rule_match(rule, i, &type, &match); i++)
		ok = print_match(type, match, out);
	fputs("\t}", out);
	return ok;
}
