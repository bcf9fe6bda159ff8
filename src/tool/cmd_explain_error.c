/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall explain-error: what a code of a message means, and what to do.
 */
#include <getopt.h>
#include <stdio.h>

#include "policy/codes.h"
#include "tool/command.h"
#include "tool/options.h"
#include "tool/output.h"
#include "tool/usage.h"

static const struct option_spec options[] = {
	OPTION_JSON,
	{ 0 },
};

static bool print_json(const struct code_info *info)
{
	return output_line(json_pack("{s:s, s:s, s:s, s:s}", "code", info->id,
				     "severity", severity_names[info->severity],
				     "meaning", info->meaning, "remedy",
				     info->remedy),
			   stdout);
}

static enum exit_status explain(const struct code_info *info, bool json)
{
	if (!json) {
		printf("%s: %s\n%s\n%s\n", info->id,
		       severity_names[info->severity], info->meaning,
		       info->remedy);
		return EXIT_DONE;
	}
	if (print_json(info))
		return EXIT_DONE;
	complain("out of memory");
	return EXIT_INTERNAL;
}

static enum exit_status explain_all(bool json)
{
	enum exit_status status = EXIT_DONE;

	for (int i = 0; i < CODE_COUNT && status == EXIT_DONE; i++) {
		if (i > 0 && !json)
			putchar('\n');
		status = explain(&code_info[i], json);
	}
	return status;
}

static enum exit_status run(int argc, char *argv[])
{
	struct common settings = COMMON_DEFAULTS;
	enum exit_status status;
	enum code code;

	if (!options_parse(&cmd_explain_error, &settings, argc, argv, &status))
		return status;
	if (optind == argc)
		return explain_all(settings.json);
	code = code_find(argv[optind]);
	if (code != CODE_COUNT)
		return explain(&code_info[code], settings.json);
	complain("explain-error: there is no code \"%s\": they are like "
		 "\"%s\", and stand at the end of messages",
		 argv[optind], code_info[CODE_UNKNOWN_KEY].id);
	return EXIT_NO;
}

const struct command cmd_explain_error = {
	.name = "explain-error",
	.operands = "[CODE]",
	.operand_max = 1,
	.summary = "Say what the code of a message means, and what to do",
	.options = options,
	.run = run,
};
