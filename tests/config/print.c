/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_policy FILE: what is wrong with a configuration goes to standard
 * error, and its canonical form, if it has one, to standard output.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/policy.h"

int main(int argc, char **argv)
{
	/* The beginning of 2027, for what expires. */
	struct diagnostics diags = { .date = 1798761600 };
	struct policy *policy;
	bool ok;

	if (argc != 2) {
		fprintf(stderr, "usage: print_policy FILE\n");
		return 2;
	}
	policy = policy_load(argv[1], &diags);
	diagnostics_print(&diags, stderr);
	ok = policy && policy_print(policy, stdout) && fflush(stdout) == 0;
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
