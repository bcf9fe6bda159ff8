/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking a configuration.
 */
#include "policy/check.h"

#include "policy/policy.h"

int policy_check(const char *path, FILE *out)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = policy_load(path, &diags);
	size_t warnings = 0;
	int status = policy ? 0 : 1;

	for (size_t i = 0; i < diags.len; i++)
		if (diags.list[i].severity == SEVERITY_WARNING)
			warnings++;
	diagnostics_print(&diags, out);
	fprintf(out, "%s: %zu error%s, %zu warning%s\n", path, diags.errors,
		diags.errors == 1 ? "" : "s", warnings,
		warnings == 1 ? "" : "s");
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return status;
}
