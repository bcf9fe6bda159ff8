/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanations, for people and for programs.
 */
#ifndef TOOL_EXPLAIN_PRINT_H
#define TOOL_EXPLAIN_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/explain.h"

/*
 * A line for each phase and each rule that was passed over, the first few only
 * unless @is_verbose.  Files beside @config are named from there.
 */
void explain_print_text(const struct explanation *explanation,
			const char *config, bool is_verbose, FILE *out);

/* One object with all of it.  false: no memory. */
bool explain_print_json(const struct explanation *explanation, FILE *out);

#endif
