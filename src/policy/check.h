/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checking a configuration: `statewalld -t` and `statewall check`.
 */
#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include <stdio.h>

/*
 * Loads @path, prints what is wrong with it and a line with the numbers.
 * Returns the exit status: 0 it can be used (there may be warnings), 1 not.
 */
int policy_check(const char *path, FILE *out);

#endif
