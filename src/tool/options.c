/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options, by getopt_long().  It permutes, so that options may stand behind
 * operands; the messages are ours, for they can tell what was meant.
 */
#include "tool/options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "tool/usage.h"

enum {
	OPTION_MAX = 24, /* rows of a table */
	NAMED = 256,     /* getopt's value of the first row; no letter has it */
	HELP_INDENT = 2,
	HELP_COLUMN = 27, /* where the meanings begin */
	LINE_WIDTH = 80,
};

const char default_config[] = "/etc/statewall/statewall.conf";

/* The table as getopt wants it. */
struct getopt_table {
	char letters[2 * OPTION_MAX + 3];
	struct option names[OPTION_MAX + 2];
};

static struct getopt_table build_table(const struct option_spec *specs)
{
	/* The colon tells a missing value from an unknown option. */
	struct getopt_table table = { .letters = ":h" };
	size_t letters = strlen(table.letters);
	size_t names = 0;

	table.names[names++] = (struct option){ .name = "help", .val = 'h' };
	for (int i = 0; specs[i].meaning; i++) {
		const struct option_spec *spec = &specs[i];

		assert(i < OPTION_MAX);
		if (spec->letter)
			table.letters[letters++] = spec->letter;
		if (spec->letter && spec->value)
			table.letters[letters++] = ':';
		if (spec->name)
			table.names[names++] = (struct option){
				.name = spec->name,
				.has_arg = spec->value ? required_argument
						       : no_argument,
				.val = NAMED + i,
			};
	}
	return table;
}

/* The row of what getopt returned. */
static const struct option_spec *find_spec(const struct option_spec *specs,
					   int option)
{
	if (option >= NAMED)
		return &specs[option - NAMED];
	while (specs->letter != option)
		specs++;
	return specs;
}

static const char *option_name(const void *context, size_t index)
{
	const struct option *names = context;

	return names[index].name;
}

static void complain_unknown(const struct command *command, const char *word,
			     const struct getopt_table *table)
{
	const struct choices choices = { option_name, table->names };
	const char *nearest = NULL;
	char name[32];

	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="),
		       word);
	if (strncmp(name, "--", 2) == 0)
		nearest = usage_nearest(name + 2, &choices);
	if (nearest)
		complain("%s: unknown option \"%s\": did you mean \"--%s\"?",
			 command->name, word, nearest);
	else
		complain("%s: unknown option \"%s\"", command->name, word);
}

static void complain_option(const struct command *command, const char *what)
{
	const struct option_spec *spec = find_spec(command->options, optopt);

	if (spec->name)
		complain("%s: --%s %s", command->name, spec->name, what);
	else
		complain("%s: -%c %s", command->name, spec->letter, what);
}

static bool take_option(const struct command *command, void *settings,
			int option, char *argv[],
			const struct getopt_table *table)
{
	char letter[] = { '-', (char)optopt, '\0' };

	switch (option) {
	case ':':
		complain_option(command, "needs a value");
		return false;
	case '?':
		if (optopt >= NAMED)
			complain_option(command, "takes no value");
		else
			complain_unknown(command,
					 optopt ? letter : argv[optind - 1],
					 table);
		return false;
	default:
		return find_spec(command->options, option)
			->take(settings, optarg);
	}
}

/* "--inside PREFIX", "-c FILE", "--json". */
static int format_option(const struct option_spec *spec, char text[LINE_WIDTH])
{
	const char *space = spec->value ? " " : "";
	const char *value = spec->value ? spec->value : "";

	if (spec->name)
		return snprintf(text, LINE_WIDTH, "--%s%s%s", spec->name, space,
				value);
	return snprintf(text, LINE_WIDTH, "-%c%s%s", spec->letter, space,
			value);
}

/* Goes on in the next line if @text does not fit into this one. */
static void print_wrapped(const char *text, const char *name, int *column,
			  FILE *out)
{
	int indent = (int)(sizeof("usage: statewall ") + strlen(name));
	int len = (int)strlen(text);

	if (*column + 1 + len >= LINE_WIDTH) {
		fprintf(out, "\n%*s", indent - 1, "");
		*column = indent - 1;
	}
	*column += fprintf(out, " %s", text);
}

static void print_usage(const struct command *command, FILE *out)
{
	int column = fprintf(out, "usage: statewall %s", command->name);
	char option[LINE_WIDTH];
	char bracketed[LINE_WIDTH + 2];

	for (const struct option_spec *spec = command->options; spec->meaning;
	     spec++) {
		(void)format_option(spec, option);
		(void)snprintf(bracketed, sizeof(bracketed), "[%s]", option);
		print_wrapped(bracketed, command->name, &column, out);
	}
	if (command->operands[0])
		print_wrapped(command->operands, command->name, &column, out);
	fputc('\n', out);
}

/* Each further line of the meaning stands below the first one. */
static void print_meaning(const char *meaning, FILE *out)
{
	size_t len = strcspn(meaning, "\n");

	fprintf(out, "%.*s\n", (int)len, meaning);
	while (meaning[len]) {
		meaning += len + 1;
		len = strcspn(meaning, "\n");
		fprintf(out, "%*s%.*s\n", HELP_COLUMN, "", (int)len, meaning);
	}
}

void options_help(const struct command *command, FILE *out)
{
	char option[LINE_WIDTH];

	print_usage(command, out);
	fprintf(out, "\n%s.\n\n", command->summary);
	for (const struct option_spec *spec = command->options; spec->meaning;
	     spec++) {
		int len = HELP_INDENT + format_option(spec, option);

		fprintf(out, "%*s%s", HELP_INDENT, "", option);
		fprintf(out, "%*s",
			len + 2 > HELP_COLUMN ? 2 : HELP_COLUMN - len, "");
		print_meaning(spec->meaning, out);
	}
}

enum exit_status options_fault(const struct command *command)
{
	fprintf(stderr, "Try \"statewall help %s\".\n", command->name);
	return EXIT_USAGE;
}

bool options_parse(const struct command *command, void *settings, int argc,
		   char *argv[], enum exit_status *status)
{
	const struct getopt_table table = build_table(command->options);
	int option;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, table.letters, table.names,
				     NULL)) != -1) {
		if (option == 'h') {
			options_help(command, stdout);
			*status = EXIT_DONE;
			return false;
		}
		if (!take_option(command, settings, option, argv, &table))
			goto fault;
	}
	if (argc - optind <= command->operand_max)
		return true;
	complain("%s: \"%s\" is not expected here", command->name,
		 argv[optind + command->operand_max]);

fault:
	*status = options_fault(command);
	return false;
}

bool take_config(void *settings, const char *value)
{
	struct common *common = settings;

	common->config = value;
	return true;
}

bool take_json(void *settings, const char *value)
{
	struct common *common = settings;

	(void)value;
	common->json = true;
	return true;
}
