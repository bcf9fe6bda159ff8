/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall check: is the configuration one that the daemon would take?
 */
#include <getopt.h>
#include <stdio.h>
#include <time.h>

#include "policy/check.h"
#include "policy/policy.h"
#include "policy/policy_tests.h"
#include "tool/command.h"
#include "tool/options.h"
#include "tool/output.h"
#include "tool/usage.h"

struct settings {
	struct common common;
	bool strict;
};

static bool take_strict(void *settings, const char *value)
{
	(void)value;
	((struct settings *)settings)->strict = true;
	return true;
}

static const struct option_spec options[] = {
	OPTION_CONFIG,
	OPTION_JSON,
	{ "strict", 0, NULL, "take warnings for errors", take_strict },
	{ 0 },
};

static json_t *describe(const struct diagnostic *diag)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:s, s:s, s:o, s:o}", "file",
			 output_text(diag->file), "line",
			 (json_int_t)diag->line, "column",
			 (json_int_t)diag->column, "end_column",
			 (json_int_t)diag->end_column, "severity",
			 severity_names[diagnostic_severity(diag)], "code",
			 code_info[diag->code].id, "message",
			 output_text(diag->message), "hint",
			 *diag->hint ? output_text(diag->hint) : json_null());
}

static bool print_json(const char *path, const struct diagnostics *diags,
		       const struct test_counts *tests)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diags->len; i++)
		if (json_array_append_new(list, describe(&diags->list[i])) < 0)
			goto err_list;
	return output_line(json_pack("{s:o, s:I, s:I, s:I, s:{s:I, s:I}, s:o}",
				     "file", output_text(path), "errors",
				     (json_int_t)diags->errors, "warnings",
				     (json_int_t)diags->warnings, "notes",
				     (json_int_t)diags->notes, "tests",
				     "passed", (json_int_t)tests->passed,
				     "failed", (json_int_t)tests->failed,
				     "diagnostics", list),
			   stdout);

err_list:
	json_decref(list);
	return false;
}

static enum exit_status check(const struct settings *settings)
{
	const char *path = settings->common.config;
	struct diagnostics diags = { .date = time(NULL) };
	struct policy *policy = policy_load(path, &diags);
	enum exit_status status = EXIT_DONE;
	struct test_counts tests = { 0 };

	if (policy)
		tests = policy_tests_check(path, policy, &diags);
	if (diags.errors > 0 || (settings->strict && diags.warnings > 0))
		status = EXIT_NO;
	if (!settings->common.json) {
		policy_check_print(path, &diags, &tests, stdout);
	} else if (!print_json(path, &diags, &tests)) {
		complain("out of memory");
		status = EXIT_INTERNAL;
	}
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return status;
}

static enum exit_status run(int argc, char *argv[])
{
	struct settings settings = { .common = COMMON_DEFAULTS };
	enum exit_status status;

	if (!options_parse(&cmd_check, &settings, argc, argv, &status))
		return status;
	if (optind < argc && settings.common.config != default_config) {
		complain("check: give one file: -c %s or %s",
			 settings.common.config, argv[optind]);
		return options_fault(&cmd_check);
	}
	if (optind < argc)
		settings.common.config = argv[optind];
	return check(&settings);
}

const struct command cmd_check = {
	.name = "check",
	.operands = "[FILE]",
	.operand_max = 1,
	.summary = "Read a configuration and say what is wrong with it",
	.options = options,
	.run = run,
};
