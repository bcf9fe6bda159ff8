/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall table, tables: the tables of the daemon and what is in them.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tool/client.h"
#include "tool/command.h"
#include "tool/table_change.h"
#include "tool/usage.h"

static enum exit_status take_list(const json_t *reply, void *arg)
{
	const struct live *live = arg;
	const json_t *table;
	size_t i;

	if (live->common.json)
		return live_print_json(reply);
	json_array_foreach(json_object_get(reply, "tables"), i, table)
		printf("%-24s networks=%" JSON_INTEGER_FORMAT
		       " added=%" JSON_INTEGER_FORMAT "\n",
		       live_string(table, "name"),
		       live_number(table, "networks"),
		       live_number(table, "added"));
	return EXIT_DONE;
}

static enum exit_status list(struct table_change *change, char *operands[])
{
	const struct question question = {
		.method = "Tables",
		.runtime = change->live.runtime,
		.take = take_list,
		.arg = &change->live,
	};

	(void)operands;
	return client_ask(&question);
}

static enum exit_status take_entry(const json_t *entry, void *arg)
{
	const struct table_change *change = arg;
	const json_t *left = json_object_get(entry, "expires_in");

	if (change->live.common.json)
		return live_print_json(entry);
	printf("%s %s", live_string(entry, "entry"),
	       live_string(entry, "from"));
	if (json_is_integer(left))
		printf(", ends in %" JSON_INTEGER_FORMAT " s",
		       json_integer_value(left));
	putchar('\n');
	return EXIT_DONE;
}

static enum exit_status show(struct table_change *change, char *operands[])
{
	const struct question question = {
		.method = "TableEntries",
		.runtime = change->live.runtime,
		.more = true,
		.parameters = json_pack("{s:s}", "table", operands[0]),
		.take = take_entry,
		.arg = change,
	};

	return client_ask(&question);
}

struct test {
	const struct table_change *change;
	char **operands;
};

static enum exit_status take_test(const json_t *reply, void *arg)
{
	const struct test *test = arg;
	bool has = json_is_true(json_object_get(reply, "contains"));

	if (!test->change->live.common.json)
		printf("%s is %sin %s\n", test->operands[1], has ? "" : "not ",
		       test->operands[0]);
	else if (live_print_json(reply) != EXIT_DONE)
		return EXIT_INTERNAL;
	return has ? EXIT_DONE : EXIT_NO;
}

static enum exit_status test(struct table_change *change, char *operands[])
{
	struct test test = { change, operands };
	const struct question question = {
		.method = "TableTest",
		.runtime = change->live.runtime,
		.parameters = json_pack("{s:s, s:s}", "table", operands[0],
					"address", operands[1]),
		.take = take_test,
		.arg = &test,
	};

	return client_ask(&question);
}

static enum exit_status change_entry(struct table_change *change,
				     const char *method, char *operands[])
{
	const struct question question = {
		.method = method,
		.runtime = change->live.runtime,
		.changes = true,
		.parameters = table_change_parameters(change, operands[0],
						      operands[1]),
		.take = table_change_take,
		.arg = change,
	};

	return client_ask(&question);
}

static enum exit_status add(struct table_change *change, char *operands[])
{
	return change_entry(change, "TableAdd", operands);
}

static enum exit_status remove_entry(struct table_change *change,
				     char *operands[])
{
	return change_entry(change, "TableDelete", operands);
}

static enum exit_status take_flush(const json_t *reply, void *arg)
{
	const struct table_change *change = arg;

	if (change->live.common.json)
		return live_print_json(reply);
	printf("table %s: %" JSON_INTEGER_FORMAT " deleted\n",
	       live_string(reply, "table"), live_number(reply, "deleted"));
	return EXIT_DONE;
}

static enum exit_status flush(struct table_change *change, char *operands[])
{
	const struct question question = {
		.method = "TableFlush",
		.runtime = change->live.runtime,
		.changes = true,
		.parameters = json_pack("{s:s}", "table", operands[0]),
		.take = take_flush,
		.arg = change,
	};

	return client_ask(&question);
}

static const struct verb {
	const char *name;
	const char *operands;
	int operand_count;
	enum exit_status (*run)(struct table_change *change, char *operands[]);
} verbs[] = {
	{ "list", "", 0, list },
	{ "show", " NAME", 1, show },
	{ "test", " NAME ADDR", 2, test },
	{ "add", " NAME ADDR", 2, add },
	{ "delete", " NAME ADDR", 2, remove_entry },
	{ "flush", " NAME", 1, flush },
};

enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

static const char *verb_name(const void *context, size_t index)
{
	(void)context;
	return index < VERB_COUNT ? verbs[index].name : NULL;
}

/* NULL: there is none of that name, and the user has been told. */
static const struct verb *find_verb(const char *word)
{
	const struct choices choices = { verb_name, NULL };
	const char *nearest;

	for (size_t i = 0; i < VERB_COUNT; i++)
		if (word && strcmp(verbs[i].name, word) == 0)
			return &verbs[i];
	nearest = word ? usage_nearest(word, &choices) : NULL;
	if (nearest)
		complain("table: unknown \"%s\": did you mean \"%s\"?", word,
			 nearest);
	else
		complain("table: say what to do: list, show, test, add, delete "
			 "or flush");
	return NULL;
}

/* false: something is wrong with the command line, and it was told. */
static bool is_usable(const struct verb *verb, int operand_count,
		      const struct table_change *change)
{
	if (operand_count != verb->operand_count) {
		complain("write: table %s%s", verb->name, verb->operands);
		return false;
	}
	if (verb->run != add &&
	    (change->duration > 0 || change->reason || change->force)) {
		complain("table %s: --for, --reason and --force are options "
			 "only of add",
			 verb->name);
		return false;
	}
	return true;
}

static enum exit_status run_table(int argc, char *argv[])
{
	struct table_change change = { .live.common = COMMON_DEFAULTS };
	const struct verb *verb;
	enum exit_status status;

	if (!options_parse(&cmd_table, &change, argc, argv, &status))
		return status;
	verb = find_verb(argv[optind]);
	if (!verb || !is_usable(verb, argc - optind - 1, &change))
		return options_fault(&cmd_table);
	return verb->run(&change, argv + optind + 1);
}

static enum exit_status run_tables(int argc, char *argv[])
{
	struct table_change change = { .live.common = COMMON_DEFAULTS };
	enum exit_status status;

	if (!options_parse(&cmd_tables, &change, argc, argv, &status))
		return status;
	return list(&change, NULL);
}

static const struct option_spec table_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	OPTIONS_TABLE_ADD,
	{ 0 },
};

static const struct option_spec tables_options[] = {
	OPTION_JSON,
	OPTION_RUNTIME,
	{ 0 },
};

const struct command cmd_table = {
	.name = "table",
	.operands = "list|show|test|add|delete|flush [NAME [ADDR]]",
	.operand_max = 3,
	.summary = "Look into a table of the daemon, or change it",
	.options = table_options,
	.run = run_table,
};

const struct command cmd_tables = {
	.name = "tables",
	.operands = "",
	.summary = "List the tables in force",
	.options = tables_options,
	.run = run_tables,
};
