/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall block, unblock: addresses in the table of the daemon that blocks.
 */
#include <getopt.h>

#include "tool/client.h"
#include "tool/command.h"
#include "tool/table_change.h"
#include "tool/usage.h"

static const struct option_spec block_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	OPTIONS_TABLE_ADD,
	{ 0 },
};

static const struct option_spec unblock_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ 0 },
};

static enum exit_status ask(const struct command *command, int argc,
			    char *argv[], const char *method)
{
	struct table_change change = { .live.common = COMMON_DEFAULTS };
	struct question question = {
		.method = method,
		.changes = true,
		.take = table_change_take,
		.arg = &change,
	};
	enum exit_status status;

	if (!options_parse(command, &change, argc, argv, &status))
		return status;
	if (optind == argc) {
		complain("%s: which address?", command->name);
		return options_fault(command);
	}
	question.runtime = change.live.runtime;
	question.parameters =
		table_change_parameters(&change, NULL, argv[optind]);
	(void)json_object_set_new(question.parameters, "kill", json_true());
	return client_ask(&question);
}

static enum exit_status run_block(int argc, char *argv[])
{
	return ask(&cmd_block, argc, argv, "TableAdd");
}

static enum exit_status run_unblock(int argc, char *argv[])
{
	return ask(&cmd_unblock, argc, argv, "TableDelete");
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
