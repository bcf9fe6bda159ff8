/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any octets as a file of tests of a policy.
 *
 * They are tests or errors.  Tests can be run, twice with the same result, and
 * one that fails says why.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_tests.h"
#include "policy/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char policy_text[] =
	"version = 1;\n"
	"zones = { lan = { interfaces = \"lan*\"; networks = \"10.0.0.0/8\"; };\n"
	"  wan = { interfaces = \"wan0\"; antispoof = true; }; };\n"
	"tables = { bruteforce = { dynamic = true; timeout = \"1h\"; }; };\n"
	"limits = { connections = 64; };\n"
	"rules = (\n"
	"  { name = \"banned\"; action = \"drop\"; src = \"<bruteforce>\"; },\n"
	"  { name = \"ssh\"; action = \"accept\"; to = \"self\";\n"
	"    service = \"tcp/22\"; limit = { new = \"3/1m\"; per = \"source\";\n"
	"    overload = \"<bruteforce>\"; }; },\n"
	"  { name = \"out\"; action = \"accept\"; from = \"lan\";\n"
	"    state = { max = 5; }; } );\n";

static struct policy *open_policy(void)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = policy_parse(policy_text, strlen(policy_text),
					     "/nonexistent/policy", &diags);

	assert(policy);
	diagnostics_fini(&diags);
	return policy;
}

/* A test of very many packets is one of a few. */
static void shorten(struct policy_test *test)
{
	for (size_t i = 0; i < test->step_count; i++)
		if (test->steps[i].repeat > 20)
			test->steps[i].repeat = 20;
}

static void run(struct policy_test *test, struct policy *policy)
{
	static struct test_result first;
	static struct test_result second;
	bool ok;

	assert(test->name && test->file && test->step_count > 0);
	shorten(test);
	ok = policy_test_run(test, policy, &first);
	assert(ok);
	ok = policy_test_run(test, policy, &second);
	assert(ok);
	assert(first.passed == second.passed && first.line == second.line);
	assert(strcmp(first.message, second.message) == 0);
	assert(first.passed == (first.message[0] == '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scan_input input = {
		.name = "/nonexistent/fuzz",
		.text = (const char *)data,
		.len = size,
	};
	struct policy_tests tests = { 0 };
	struct diagnostics diags = { 0 };
	struct policy *policy = open_policy();

	policy_tests_parse(&tests, &input, policy, &diags);
	for (size_t i = 0; diags.errors == 0 && i < tests.count && i < 20; i++)
		run(&tests.list[i], policy);
	policy_tests_fini(&tests);
	diagnostics_fini(&diags);
	policy_destroy(policy);
	return 0;
}
