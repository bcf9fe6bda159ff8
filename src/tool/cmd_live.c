/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall status, connections, kill, reload: what the daemon does now.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tool/client.h"
#include "tool/command.h"
#include "tool/live.h"
#include "tool/output.h"
#include "tool/session.h"
#include "tool/usage.h"

static bool take_all(void *settings, const char *value)
{
	(void)value;
	((struct live *)settings)->all = true;
	return true;
}

static const struct option_spec options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ 0 },
};

static const struct option_spec kill_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ "all", 0, NULL, "close all connections", take_all },
	{ 0 },
};

static bool take_reload_force(void *settings, const char *value)
{
	(void)value;
	((struct live *)settings)->force = true;
	return true;
}

static const struct option_spec reload_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ "force", 0, NULL, "even if it cuts off your own ssh session",
	  take_reload_force },
	{ 0 },
};

static void print_drops(const json_t *drops)
{
	const json_t *drop;
	size_t i;

	fputs("  drops       ", stdout);
	json_array_foreach(drops, i, drop)
		printf("%s%s %" JSON_INTEGER_FORMAT, i > 0 ? ", " : "",
		       live_string(drop, "reason"),
		       live_number(drop, "packets"));
	puts(json_array_size(drops) > 0 ? "" : "none");
}

static void print_status(const json_t *status)
{
	const json_t *policy = json_object_get(status, "policy");
	const json_t *conns = json_object_get(status, "connections");
	const json_t *packets = json_object_get(status, "packets");

	printf("statewall %s  %s  up %" JSON_INTEGER_FORMAT " s\n",
	       live_string(status, "version"), live_string(status, "mode"),
	       live_number(status, "uptime"));
	printf("  policy      generation %" JSON_INTEGER_FORMAT
	       ", %" JSON_INTEGER_FORMAT " rules, loaded %s by %s\n",
	       live_number(policy, "generation"), live_number(policy, "rules"),
	       live_string(policy, "loaded"), live_string(policy, "loaded_by"));
	if (json_is_true(json_object_get(policy, "fallen_back")) ||
	    live_number(policy, "errors_in_files") > 0)
		printf("  files       %" JSON_INTEGER_FORMAT
		       " errors: they are not in force\n",
		       live_number(policy, "errors_in_files"));
	printf("  connections %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
	       ", %" JSON_INTEGER_FORMAT " new/s\n",
	       live_number(conns, "count"), live_number(conns, "limit"),
	       live_number(conns, "created_per_second"));
	printf("  packets     %" JSON_INTEGER_FORMAT
	       " accepted, %" JSON_INTEGER_FORMAT
	       " dropped, %" JSON_INTEGER_FORMAT " rejected\n",
	       live_number(packets, "accept"), live_number(packets, "drop"),
	       live_number(packets, "reject"));
	print_drops(json_object_get(status, "drops"));
}

static enum exit_status take_status(const json_t *status, void *arg)
{
	const struct live *live = arg;
	bool healthy = json_is_true(json_object_get(status, "healthy")) &&
		       strcmp(live_string(status, "mode"), "enforcing") == 0;

	if (!live->common.json)
		print_status(status);
	else if (live_print_json(status) != EXIT_DONE)
		return EXIT_INTERNAL;
	return healthy ? EXIT_DONE : EXIT_NO;
}

static enum exit_status run_status(int argc, char *argv[])
{
	struct live live = { .common = COMMON_DEFAULTS };
	struct question question = { .method = "Status",
				     .take = take_status,
				     .arg = &live };
	enum exit_status status;

	if (!options_parse(&cmd_status, &live, argc, argv, &status))
		return status;
	question.runtime = live.runtime;
	return client_ask(&question);
}

static void print_conn(const json_t *conn)
{
	printf("%s %s ", live_string(conn, "protocol"),
	       live_string(conn, "state"));
	live_print_end(conn, "source", "sport");
	fputs(" > ", stdout);
	live_print_end(conn, "destination", "dport");
	printf(" rule=%s expires=%" JSON_INTEGER_FORMAT "s\n",
	       live_string(conn, "rule"), live_number(conn, "expires_in"));
}

static void print_conns(const json_t *list)
{
	const json_t *conn;
	size_t i;

	json_array_foreach(list, i, conn)
	{
		fputs("  ", stdout);
		print_conn(conn);
	}
}

static enum exit_status take_conn(const json_t *conn, void *arg)
{
	const struct live *live = arg;

	if (live->common.json)
		return live_print_json(conn);
	print_conn(conn);
	return EXIT_DONE;
}

static enum exit_status run_connections(int argc, char *argv[])
{
	struct live live = { .common = COMMON_DEFAULTS };
	struct question question = { .method = "Connections",
				     .more = true,
				     .take = take_conn,
				     .arg = &live };
	enum exit_status status;
	char filter[LIVE_FILTER_LEN];

	if (!options_parse(&cmd_connections, &live, argc, argv, &status))
		return status;
	if (!live_join(argc, argv, filter))
		return EXIT_USAGE;
	question.runtime = live.runtime;
	question.parameters = json_pack("{s:s}", "filter", filter);
	return client_ask(&question);
}

static enum exit_status take_kill(const json_t *result, void *arg)
{
	const struct live *live = arg;

	if (live->common.json)
		return live_print_json(result);
	printf("closed: %" JSON_INTEGER_FORMAT "\n",
	       live_number(result, "closed"));
	print_conns(json_object_get(result, "connections"));
	return EXIT_DONE;
}

static enum exit_status run_kill(int argc, char *argv[])
{
	struct live live = { .common = COMMON_DEFAULTS };
	struct question question = { .method = "Kill",
				     .changes = true,
				     .take = take_kill,
				     .arg = &live };
	enum exit_status status;
	char filter[LIVE_FILTER_LEN];

	if (!options_parse(&cmd_kill, &live, argc, argv, &status))
		return status;
	if (!live_join(argc, argv, filter))
		return EXIT_USAGE;
	question.runtime = live.runtime;
	question.parameters =
		json_pack("{s:s, s:b}", "filter", filter, "all", live.all);
	return client_ask(&question);
}

static enum exit_status take_reload(const json_t *result, void *arg)
{
	const struct live *live = arg;

	if (live->common.json)
		return live_print_json(result);
	printf("loaded generation %" JSON_INTEGER_FORMAT
	       ", %" JSON_INTEGER_FORMAT " rules; connections judged again: "
	       "%" JSON_INTEGER_FORMAT " kept, %" JSON_INTEGER_FORMAT
	       " closed\n",
	       live_number(result, "generation"), live_number(result, "rules"),
	       live_number(result, "kept"), live_number(result, "closed"));
	print_conns(json_object_get(result, "connections"));
	return EXIT_DONE;
}

static enum exit_status run_reload(int argc, char *argv[])
{
	struct live live = { .common = COMMON_DEFAULTS };
	struct question question = { .method = "Reload",
				     .changes = true,
				     .take = take_reload,
				     .arg = &live };
	enum exit_status status;

	if (!options_parse(&cmd_reload, &live, argc, argv, &status))
		return status;
	question.runtime = live.runtime;
	question.parameters = json_pack("{s:o, s:b}", "session", session_find(),
					"force", live.force);
	return client_ask(&question);
}

const struct command cmd_status = {
	.name = "status",
	.operands = "",
	.summary = "Say how the daemon is",
	.options = options,
	.run = run_status,
};

const struct command cmd_connections = {
	.name = "connections",
	.operands = "[FILTER]",
	.operand_max = 64,
	.summary = "List the connections of the daemon",
	.options = options,
	.run = run_connections,
};

const struct command cmd_kill = {
	.name = "kill",
	.operands = "FILTER",
	.operand_max = 64,
	.summary = "Close connections",
	.options = kill_options,
	.run = run_kill,
};

const struct command cmd_reload = {
	.name = "reload",
	.operands = "",
	.summary = "Have the daemon read its configuration again",
	.options = reload_options,
	.run = run_reload,
};
