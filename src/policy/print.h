/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What print.c (sections) and print_rule.c (a rule) share.
 */
#ifndef POLICY_PRINT_H
#define POLICY_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "policy/policy.h"

static inline const char *policy_boolean(bool value)
{
	return value ? "true" : "false";
}

/* As a value: true, false or "all". */
static inline const char *policy_log(enum log_amount amount)
{
	return amount == LOG_ALL ? "\"all\"" : policy_boolean(amount);
}

/* In quotes. */
void policy_print_string(const char *text, FILE *out);
/*
 * The settings of a section of timeouts, those that are not 0, by enum
 * timeout; @indent is that of their lines.
 */
void policy_print_timeouts(const msec_t *values, const char *indent, FILE *out);
/* false: no memory. */
bool policy_print_rule(const struct policy *policy, size_t index, FILE *out);

/* The sections of these names, unless they are the defaults. */
void policy_print_redirect(const struct redirect *redirect, FILE *out);
void policy_print_rescue(const struct rescue *rescue, FILE *out);

#endif
