/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall block, unblock: addresses in the table of the daemon that blocks.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/duration.h"
#include "tool/client.h"
#include "tool/command.h"
#include "tool/live.h"
#include "tool/usage.h"

struct block {
	struct live live;
	msec_t duration; /* 0: as the table says */
	const char *reason;
	bool force;
};

static bool take_for(void *settings, const char *value)
{
	msec_t duration;

	if (duration_parse(&duration, value) != DURATION_OK ||
	    duration < 1000) {
		complain("--for %s: write a time such as \"1h30m\", from 1s to "
			 "365d",
			 value);
		return false;
	}
	((struct block *)settings)->duration = duration;
	return true;
}

static bool take_reason(void *settings, const char *value)
{
	((struct block *)settings)->reason = value;
	return true;
}

static bool take_force(void *settings, const char *value)
{
	(void)value;
	((struct block *)settings)->force = true;
	return true;
}

static const struct option_spec block_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ "for", 0, "TIME", "so long, instead of what the table says",
	  take_for },
	{ "reason", 0, "TEXT", "why, for the log", take_reason },
	{ "force", 0, NULL, "even who must never be blocked", take_force },
	{ 0 },
};

static const struct option_spec unblock_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ 0 },
};

/* Where the user is connected from; NULL: not by ssh. */
static json_t *own_address(void)
{
	const char *connection = getenv("SSH_CONNECTION");
	size_t len = connection ? strcspn(connection, " ") : 0;

	return len > 0 ? json_stringn(connection, len) : json_null();
}

static enum exit_status take_result(const json_t *result, void *arg)
{
	const struct block *block = arg;

	if (block->live.common.json)
		return live_print_json(result);
	printf("table %s: %s\n", live_string(result, "table"),
	       live_string(result, "entry"));
	if (live_number(result, "closed") > 0)
		printf("closed connections: %" JSON_INTEGER_FORMAT "\n",
		       live_number(result, "closed"));
	return EXIT_DONE;
}

static enum exit_status ask(const struct command *command, int argc,
			    char *argv[], struct question *question)
{
	struct block block = { .live.common = COMMON_DEFAULTS };
	enum exit_status status;

	if (!options_parse(command, &block, argc, argv, &status))
		return status;
	if (optind == argc) {
		complain("%s: which address?", command->name);
		return options_fault(command);
	}
	question->runtime = block.live.runtime;
	question->changes = true;
	question->take = take_result;
	question->arg = &block;
	question->parameters =
		json_pack("{s:s, s:o, s:b, s:b}", "entry", argv[optind],
			  "own_address", own_address(), "force", block.force,
			  "kill", 1);
	if (block.duration > 0)
		(void)json_object_set_new(question->parameters, "seconds",
					  json_integer(block.duration / 1000));
	if (block.reason)
		(void)json_object_set_new(question->parameters, "reason",
					  json_string(block.reason));
	return client_ask(question);
}

static enum exit_status run_block(int argc, char *argv[])
{
	struct question question = { .method = "TableAdd" };

	return ask(&cmd_block, argc, argv, &question);
}

static enum exit_status run_unblock(int argc, char *argv[])
{
	struct question question = { .method = "TableDelete" };

	return ask(&cmd_unblock, argc, argv, &question);
}

const struct command cmd_block = {
	.name = "block",
	.operands = "ADDR",
	.operand_max = 1,
	.summary = "Keep an address or a network out",
	.options = block_options,
	.run = run_block,
};

const struct command cmd_unblock = {
	.name = "unblock",
	.operands = "ADDR",
	.operand_max = 1,
	.summary = "Let it in again",
	.options = unblock_options,
	.run = run_unblock,
};
