/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking a configuration.
 */
#include "policy/check.h"

#include "policy/policy.h"

void policy_check_print(const char *path, const struct diagnostics *diags,
			FILE *out)
{
	diagnostics_print(diags, out);
	fprintf(out, "%s: %zu error%s, %zu warning%s", path, diags->errors,
		diags->errors == 1 ? "" : "s", diags->warnings,
		diags->warnings == 1 ? "" : "s");
	if (diags->notes > 0)
		fprintf(out, ", %zu note%s", diags->notes,
			diags->notes == 1 ? "" : "s");
	fputc('\n', out);
}

int policy_check(const char *path, int64_t date, FILE *out)
{
	struct diagnostics diags = { .date = date };
	struct policy *policy = policy_load(path, &diags);
	int status = policy ? 0 : 1;

	policy_check_print(path, &diags, out);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return status;
}
