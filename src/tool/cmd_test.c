/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewall test: does the policy do what its tests expect?
 *
 * Results are printed as TAP (the Test Anything Protocol), or one object a
 * line, and written to a file as JUnit's XML.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "policy/policy_tests.h"
#include "tool/command.h"
#include "tool/options.h"
#include "tool/test_print.h"
#include "tool/usage.h"

struct settings {
	struct common common;
	const char *junit; /* NULL: no such file */
};

static bool take_junit(void *settings, const char *value)
{
	((struct settings *)settings)->junit = value;
	return true;
}

static const struct option_spec options[] = {
	OPTION_CONFIG,
	OPTION_JSON,
	{ "junit", 0, "FILE", "write the results to a file as JUnit's XML",
	  take_junit },
	{ 0 },
};

static enum exit_status no_memory(void)
{
	complain("out of memory");
	return EXIT_INTERNAL;
}

static bool write_junit(const char *path, const struct tested *tested)
{
	FILE *out = fopen(path, "we");
	bool failed;

	if (!out) {
		complain_of(path, "cannot be created: %s", strerror(errno));
		return false;
	}
	test_print_junit(tested, out);
	failed = ferror(out) != 0;
	if (fclose(out) != 0)
		failed = true;
	if (failed)
		complain_of(path, "cannot be written: %s",
			    errno ? strerror(errno) : "write error");
	return !failed;
}

static bool run_all(struct tested *tested, struct policy *policy)
{
	const struct policy_tests *tests = tested->tests;

	tested->results = calloc(tests->count + 1, sizeof(*tested->results));
	if (!tested->results)
		return false;
	for (size_t i = 0; i < tests->count; i++) {
		struct test_result *result = &tested->results[i];

		if (!policy_test_run(&tests->list[i], policy, result))
			return false;
		tested->failed += !result->passed;
	}
	return true;
}

static enum exit_status report(const struct settings *settings,
			       const struct tested *tested)
{
	bool ok = tested->failed == 0;

	if (!settings->common.json)
		test_print_tap(tested, stdout);
	else if (!test_print_json(tested, stdout))
		return no_memory();
	if (settings->junit && !write_junit(settings->junit, tested))
		ok = false;
	return ok ? EXIT_DONE : EXIT_NO;
}

static enum exit_status run_tests(const struct settings *settings,
				  struct policy *policy,
				  const struct policy_tests *tests)
{
	struct tested tested = { .tests = tests };
	enum exit_status status;

	status = run_all(&tested, policy) ? report(settings, &tested)
					  : no_memory();
	free(tested.results);
	return status;
}

/* The directory that is given, or that of the configuration. */
static bool find_dir(const struct settings *settings, const char *given,
		     char dir[TESTS_DIR_LEN])
{
	const char *config = settings->common.config;
	struct stat st;

	if (!given && !policy_tests_dir(config, dir)) {
		complain_of(config, "the name is too long");
		return false;
	}
	if (given)
		(void)snprintf(dir, TESTS_DIR_LEN, "%s", given);
	if (stat(dir, &st) < 0) {
		complain_of(dir, "there are no tests: %s", strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		complain_of(dir, "this is no directory: give the one that "
				 "has the files of tests");
		return false;
	}
	return true;
}

static enum exit_status test(const struct settings *settings, const char *dir)
{
	struct diagnostics diags = { .date = time(NULL) };
	struct policy_tests tests = { 0 };
	struct policy *policy = policy_load(settings->common.config, &diags);
	enum exit_status status = EXIT_NO;

	if (policy)
		policy_tests_load(&tests, dir, policy, &diags);
	/* Warnings are the business of check. */
	if (diags.errors > 0)
		diagnostics_print(&diags, stderr);
	else
		status = run_tests(settings, policy, &tests);
	policy_tests_fini(&tests);
	diagnostics_fini(&diags);
	policy_destroy(policy);
	return status;
}

static enum exit_status run(int argc, char *argv[])
{
	struct settings settings = { .common = COMMON_DEFAULTS };
	enum exit_status status;
	char dir[TESTS_DIR_LEN];

	if (!options_parse(&cmd_test, &settings, argc, argv, &status))
		return status;
	if (!find_dir(&settings, argv[optind], dir))
		return EXIT_NO;
	return test(&settings, dir);
}

const struct command cmd_test = {
	.name = "test",
	.operands = "[DIR]",
	.operand_max = 1,
	.summary = "Run the tests of a policy",
	.options = options,
	.run = run,
};
