/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results of tests.
 */
#ifndef TOOL_TEST_PRINT_H
#define TOOL_TEST_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/policy_tests.h"

struct tested {
	const struct policy_tests *tests;
	struct test_result *results; /* of each of them */
	size_t failed;
};

/* Version 13 of the Test Anything Protocol. */
void test_print_tap(const struct tested *tested, FILE *out);
/* One object a line.  false: no memory. */
bool test_print_json(const struct tested *tested, FILE *out);
/* What JUnit writes and build servers read. */
void test_print_junit(const struct tested *tested, FILE *out);

#endif
