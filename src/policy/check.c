/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking a configuration.
 */
#include "policy/check.h"

#include "policy/policy.h"
#include "policy/policy_tests.h"

static void print_count(size_t count, const char *what, FILE *out)
{
	fprintf(out, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

void policy_check_print(const char *path, const struct diagnostics *diags,
			const struct test_counts *tests, FILE *out)
{
	diagnostics_print(diags, out);
	fprintf(out, "%s: ", path);
	print_count(diags->errors, "error", out);
	fputs(", ", out);
	print_count(diags->warnings, "warning", out);
	if (diags->notes > 0) {
		fputs(", ", out);
		print_count(diags->notes, "note", out);
	}
	if (tests->passed + tests->failed > 0) {
		fputs(", ", out);
		print_count(tests->passed, "test", out);
		fputs(" passed", out);
	}
	if (tests->failed > 0)
		fprintf(out, ", %zu failed", tests->failed);
	fputc('\n', out);
}

int policy_check(const char *path, int64_t date, FILE *out)
{
	struct diagnostics diags = { .date = date };
	struct policy *policy = policy_load(path, &diags);
	struct test_counts tests = { 0 };
	int status;

	if (policy)
		tests = policy_tests_check(path, policy, &diags);
	status = diags.errors > 0 ? 1 : 0;
	policy_check_print(path, &diags, &tests, out);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return status;
}
