/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said of the redirection.
 */
#ifndef TOOL_REDIRECT_PRINT_H
#define TOOL_REDIRECT_PRINT_H

#include <stdbool.h>

#include "policy/policy.h"
#include "tool/redirect_state.h"

struct redirect_report {
	const struct policy *policy;
	bool has_family[FAMILY_COUNT]; /* the kernel does */
	struct redirect_state states[FAMILY_COUNT];
	unsigned int queues_bound;
	unsigned long conntrack_max; /* 0: the kernel keeps no table */
	unsigned long conntrack_wanted;
};

/* Whether all is as the policy wants it. */
bool redirect_report_is_good(const struct redirect_report *report);

void redirect_report_print(const struct redirect_report *report);
/* false: no memory. */
bool redirect_report_print_json(const struct redirect_report *report);

/* "input forward output to queues 0-3" */
void redirect_summary_print(const struct policy *policy);

#endif
