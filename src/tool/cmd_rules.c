/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall rules: what the daemon has in force.
 */
#include <stdio.h>

#include "tool/client.h"
#include "tool/command.h"
#include "tool/live.h"

struct rules {
	struct live live;
	bool unused;
};

static bool take_unused(void *settings, const char *value)
{
	(void)value;
	((struct rules *)settings)->unused = true;
	return true;
}

static const struct option_spec rules_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ "unused", 0, NULL, "only those that never matched", take_unused },
	{ 0 },
};

static enum exit_status take_rule(const json_t *rule, void *arg)
{
	const struct rules *rules = arg;

	if (rules->unused && live_number(rule, "matches") > 0)
		return EXIT_DONE;
	if (rules->live.common.json)
		return live_print_json(rule);
	printf("%-24s %-8s matches=%" JSON_INTEGER_FORMAT
	       " packets=%" JSON_INTEGER_FORMAT
	       " last=%s %s:%" JSON_INTEGER_FORMAT "\n",
	       live_string(rule, "name"), live_string(rule, "action"),
	       live_number(rule, "matches"), live_number(rule, "packets"),
	       live_string(rule, "last_match"), live_string(rule, "file"),
	       live_number(rule, "line"));
	return EXIT_DONE;
}

static enum exit_status run_rules(int argc, char *argv[])
{
	struct rules rules = { .live.common = COMMON_DEFAULTS };
	struct question question = { .method = "Rules",
				     .more = true,
				     .take = take_rule,
				     .arg = &rules };
	enum exit_status status;

	if (!options_parse(&cmd_rules, &rules, argc, argv, &status))
		return status;
	question.runtime = rules.live.runtime;
	return client_ask(&question);
}

const struct command cmd_rules = {
	.name = "rules",
	.operands = "",
	.summary = "List the rules in force with their counters",
	.options = rules_options,
	.run = run_rules,
};
