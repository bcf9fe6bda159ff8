/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking a configuration: `statewalld -t` and `statewall check`.
 */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include <stdint.h>
#include <stdio.h>

struct diagnostics;
struct test_counts;

/*
 * Loads @path, runs its tests, prints what is wrong with it and a line with the
 * numbers; @date as struct diagnostics has it.
 * Returns the exit status: 0 it can be used (there may be warnings), 1 not.
 */
int policy_check(const char *path, int64_t date, FILE *out);

/* Prints what was found in @path, and the line with the numbers. */
void policy_check_print(const char *path, const struct diagnostics *diags,
			const struct test_counts *tests, FILE *out);

#endif
