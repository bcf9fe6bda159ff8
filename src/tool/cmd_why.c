/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall why: what the daemon has decided of late about an address.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/addr.h"
#include "tool/client.h"
#include "tool/command.h"
#include "tool/live.h"
#include "tool/usage.h"

/* Decisions are of one group if they agree in these. */
static const char *const keys[] = { "protocol", "source",  "destination",
				    "dport",    "verdict", "reason",
				    "rule",     "hook" };

/* What they agree in, as a text: the name of the group. */
static char *group_name(const json_t *decision)
{
	json_t *values = json_array();
	char *name;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)json_array_append(values,
					json_object_get(decision, keys[i]));
	name = json_dumps(values, JSON_COMPACT);
	json_decref(values);
	return name;
}

static void set_number(json_t *group, const char *key, json_int_t value)
{
	(void)json_object_set_new(group, key, json_integer(value));
}

/* A group is its first decision, with how many there are and how old. */
static void add_group(json_t *groups, const char *name, const json_t *decision)
{
	json_t *group = json_deep_copy(decision);

	set_number(group, "count", 1);
	set_number(group, "newest", live_number(decision, "age"));
	set_number(group, "oldest", live_number(decision, "age"));
	(void)json_object_del(group, "age");
	(void)json_object_del(group, "time");
	(void)json_object_set_new(groups, name, group);
}

static void join_group(json_t *group, const json_t *decision)
{
	json_int_t age = live_number(decision, "age");

	set_number(group, "count", live_number(group, "count") + 1);
	if (age < live_number(group, "newest"))
		set_number(group, "newest", age);
	if (age > live_number(group, "oldest"))
		set_number(group, "oldest", age);
	if (!json_equal(json_object_get(group, "sport"),
			json_object_get(decision, "sport")))
		(void)json_object_set_new(group, "sport", json_null());
}

static enum exit_status take_decision(const json_t *decision, void *groups)
{
	char *name = group_name(decision);
	json_t *group;

	if (!name) {
		complain("out of memory");
		return EXIT_INTERNAL;
	}
	group = json_object_get(groups, name);
	if (group)
		join_group(group, decision);
	else
		add_group(groups, name, decision);
	free(name);
	return EXIT_DONE;
}

/* "2s", "4m", "3h" */
static int format_age(json_int_t age, char *text, size_t size)
{
	if (age < 120)
		return snprintf(text, size, "%" JSON_INTEGER_FORMAT "s", age);
	if (age < 7200)
		return snprintf(text, size, "%" JSON_INTEGER_FORMAT "m",
				age / 60);
	return snprintf(text, size, "%" JSON_INTEGER_FORMAT "h", age / 3600);
}

static void format_when(const json_t *group, char text[64])
{
	char newest[24];
	char oldest[24];

	(void)format_age(live_number(group, "newest"), newest, sizeof(newest));
	(void)format_age(live_number(group, "oldest"), oldest, sizeof(oldest));
	if (strcmp(newest, oldest) == 0)
		(void)snprintf(text, 64, "%s ago", newest);
	else
		(void)snprintf(text, 64, "%s-%s ago", newest, oldest);
}

static void print_group(const json_t *group)
{
	const char *rule = json_string_value(json_object_get(group, "rule"));
	char when[64];

	format_when(group, when);
	printf("%-14s %5" JSON_INTEGER_FORMAT "  %-7s  %-16s %-16s %s ", when,
	       live_number(group, "count"), live_string(group, "verdict"),
	       live_string(group, "reason"),
	       rule ? rule : live_string(group, "hook"),
	       live_string(group, "protocol"));
	live_print_end(group, "source", "sport");
	fputs(" > ", stdout);
	live_print_end(group, "destination", "dport");
	putchar('\n');
}

static int compare_age(const void *a, const void *b)
{
	json_int_t left = live_number(*(json_t *const *)a, "newest");
	json_int_t right = live_number(*(json_t *const *)b, "newest");

	return (left > right) - (left < right);
}

/* The newest first. */
static enum exit_status print_groups(json_t *groups, bool json)
{
	size_t count = json_object_size(groups);
	size_t i = 0;
	const char *name;
	json_t *group;
	json_t **sorted = calloc(count + 1, sizeof(json_t *));
	enum exit_status status = sorted ? EXIT_DONE : EXIT_INTERNAL;

	json_object_foreach(groups, name, group)
	{
		if (sorted)
			sorted[i++] = group;
	}
	if (sorted)
		qsort(sorted, count, sizeof(json_t *), compare_age);
	if (sorted && !json && count > 0)
		printf("%-14s %5s  %-7s  %-16s %-16s %s\n", "when", "n",
		       "verdict", "reason", "rule", "flow");
	for (i = 0; i < count && status == EXIT_DONE; i++) {
		if (json)
			status = live_print_json(sorted[i]);
		else
			print_group(sorted[i]);
	}
	free(sorted);
	return status;
}

static enum exit_status ask(const struct live *live, const char *filter)
{
	json_t *groups = json_object();
	const struct question question = {
		.method = "Decisions",
		.runtime = live->runtime,
		.more = true,
		.parameters = json_pack("{s:s}", "filter", filter),
		.take = take_decision,
		.arg = groups,
	};
	enum exit_status status = client_ask(&question);

	if (status == EXIT_DONE)
		status = print_groups(groups, live->common.json);
	json_decref(groups);
	return status;
}

static enum exit_status run_why(int argc, char *argv[])
{
	struct live live = { .common = COMMON_DEFAULTS };
	char filter[LIVE_FILTER_LEN];
	char host[LIVE_FILTER_LEN + 8];
	struct prefix prefix;
	enum exit_status status;

	if (!options_parse(&cmd_why, &live, argc, argv, &status))
		return status;
	if (optind == argc) {
		complain("why: which address?");
		return options_fault(&cmd_why);
	}
	if (!live_join(argc, argv, filter))
		return EXIT_USAGE;
	if (prefix_parse(&prefix, filter) < 0)
		return ask(&live, filter);
	(void)snprintf(host, sizeof(host), "host %s", filter);
	return ask(&live, host);
}

static const struct option_spec options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ 0 },
};

const struct command cmd_why = {
	.name = "why",
	.operands = "ADDR|FILTER",
	.operand_max = 64,
	.summary = "Say what was decided of late about an address",
	.options = options,
	.run = run_why,
};
