/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running the tests of a policy.
 */
#include "policy/policy_tests.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/table.h"
#include "policy/rehearsal.h"
#include "policy/source.h"

/* A test that is running. */
struct run {
	const struct policy_test *test;
	const struct test_step *step;
	struct rehearsal *rehearsal;
	struct policy *policy;
	struct played played;
	unsigned int round; /* of the step, from 1 */
	struct test_result *result;
};

static size_t step_number(const struct run *run)
{
	return (size_t)(run->step - run->test->steps) + 1;
}

/* "step 2, 3rd of 11: ": which packet it was. */
static void name_packet(const struct run *run, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	if (run->test->step_count > 1)
		len = (size_t)snprintf(text, size,
				       "step %zu: ", step_number(run));
	if (run->step->repeat > 1)
		(void)snprintf(text + len, size - len,
			       "packet %u of %u: ", run->round,
			       run->step->repeat);
}

/* What becomes of it does not depend on what was before. */
static bool is_alone(const struct run *run)
{
	return run->test->step_count == 1 && run->step->repeat == 1 &&
	       !run->step->expr.is_handshake;
}

__attribute__((format(printf, 2, 3))) static bool fail(struct run *run,
						       const char *format, ...)
{
	struct test_result *result = run->result;
	char where[80];
	va_list args;
	size_t len;

	name_packet(run, where, sizeof(where));
	result->passed = false;
	result->line = run->step->line;
	len = (size_t)snprintf(result->message, TEST_MESSAGE_LEN, "%s", where);
	va_start(args, format);
	len += (size_t)vsnprintf(result->message + len, TEST_MESSAGE_LEN - len,
				 format, args);
	va_end(args);
	if (len >= TEST_MESSAGE_LEN)
		return false;
	if (passage_is_open(&run->played.passage))
		(void)snprintf(result->message + len, TEST_MESSAGE_LEN - len,
			       "\nit is not known by which interface the "
			       "packet leaves: \"out IFACE\" says it");
	else
		(void)snprintf(
			result->message + len, TEST_MESSAGE_LEN - len,
			"\nthe packet is \"%.300s\"%s", run->step->packet,
			is_alone(run) ? "; statewall explain says why" : "");
	return false;
}

/* "drop (source-limit, rule \"ssh\")" */
static void describe_verdict(const struct run *run, char *text, size_t size)
{
	const struct verdict *verdict = &run->played.verdict;
	const struct ruleset *rules = run->policy->rules;
	const char *reason = reason_info[verdict->reason].name;

	if (verdict->rule == RULE_NONE)
		(void)snprintf(text, size, "%s (reason %s, no rule)",
			       action_names[verdict->action], reason);
	else
		(void)snprintf(text, size, "%s (reason %s, rule %s)",
			       action_names[verdict->action], reason,
			       rule_name(ruleset_rule(rules, verdict->rule)));
}

static bool check_action(struct run *run, enum action expected)
{
	char got[160];

	if (run->played.verdict.action == expected)
		return true;
	describe_verdict(run, got, sizeof(got));
	return fail(run, "expected %s, got %s", action_names[expected], got);
}

/* The rule and the reason. */
static bool check_details(struct run *run)
{
	const struct verdict *verdict = &run->played.verdict;
	const struct test_step *step = run->step;
	const struct ruleset *rules = run->policy->rules;
	char got[160];

	describe_verdict(run, got, sizeof(got));
	if (step->reason != REASON_NONE && verdict->reason != step->reason)
		return fail(run, "expected the reason %s, got %s",
			    reason_info[step->reason].name, got);
	if (step->has_rule && verdict->rule != step->rule)
		return fail(run, "expected the rule %s, got %s",
			    rule_name(ruleset_rule(rules, step->rule)), got);
	return true;
}

static bool check_verdict(struct run *run)
{
	const struct test_step *step = run->step;
	bool is_last = run->round == step->repeat;

	if (step->has_last && is_last) {
		if (!check_action(run, step->expect_last))
			return false;
	} else if (step->has_expect && !check_action(run, step->expect)) {
		return false;
	}
	/* With expect_last, they are those of the last one. */
	return (step->has_last && !is_last) || check_details(run);
}

static bool check_tables(struct run *run)
{
	const struct test_step *step = run->step;
	const struct addr *src = &step->expr.flow.src.addr;
	msec_t now = rehearsal_now(run->rehearsal);
	char text[ADDR_TEXT_LEN];

	addr_format(src, text);
	if (step->table && !table_has(step->table, src, now))
		return fail(run, "expected %s in the table <%s>, it is not",
			    text, table_name(step->table));
	if (step->no_table && table_has(step->no_table, src, now))
		return fail(run, "expected %s not in the table <%s>, it is",
			    text, table_name(step->no_table));
	return true;
}

static bool run_step(struct run *run)
{
	const struct test_step *step = run->step;

	rehearsal_wait(run->rehearsal, step->after);
	for (run->round = 1; run->round <= step->repeat; run->round++) {
		if (run->round > 1) {
			rehearsal_wait(run->rehearsal, step->every);
			rehearsal_change_subject(run->rehearsal);
		}
		rehearsal_play(run->rehearsal, &step->expr, &run->played);
		if (!check_verdict(run))
			return false;
	}
	run->round = step->repeat;
	return check_tables(run);
}

bool policy_test_run(const struct policy_test *test, struct policy *policy,
		     struct test_result *result)
{
	struct run run = {
		.test = test,
		.policy = policy,
		.rehearsal = rehearsal_create(policy, test->date * 1000),
		.result = result,
	};

	*result = (struct test_result){ .passed = true, .line = test->line };
	if (!run.rehearsal)
		return false;
	for (size_t i = 0; i < test->step_count && result->passed; i++) {
		run.step = &test->steps[i];
		(void)run_step(&run);
	}
	rehearsal_destroy(run.rehearsal);
	return true;
}

bool policy_tests_dir(const char *config, char dir[TESTS_DIR_LEN])
{
	return source_beside(config, "tests.d", dir);
}

static void report(const struct policy_test *test,
		   const struct test_result *result, struct diagnostics *diags)
{
	const char *hint = strchr(result->message, '\n');
	size_t len = hint ? (size_t)(hint - result->message)
			  : strlen(result->message);

	diagnostics_add(diags, CODE_TEST_FAILED, test->file, result->line,
			"test \"%s\": %.*s%s", test->name, (int)len,
			result->message, hint ? hint : "");
}

struct test_counts policy_tests_check(const char *config, struct policy *policy,
				      struct diagnostics *diags)
{
	struct policy_tests tests = { 0 };
	struct test_counts counts = { 0 };
	size_t before = diags->errors;
	struct test_result result;
	char dir[TESTS_DIR_LEN];
	size_t count;

	if (!policy_tests_dir(config, dir))
		return counts;
	policy_tests_load(&tests, dir, policy, diags);
	count = diags->errors == before ? tests.count : 0;
	for (size_t i = 0; i < count; i++) {
		if (!policy_test_run(&tests.list[i], policy, &result)) {
			diagnostics_add(diags, CODE_NO_MEMORY, config, 0,
					"out of memory");
			break;
		}
		counts.passed += result.passed;
		counts.failed += !result.passed;
		if (!result.passed)
			report(&tests.list[i], &result, diags);
	}
	policy_tests_fini(&tests);
	return counts;
}
