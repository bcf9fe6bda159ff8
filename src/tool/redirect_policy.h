/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy whose sections redirect and rescue count.
 */
#ifndef TOOL_REDIRECT_POLICY_H
#define TOOL_REDIRECT_POLICY_H

#include <stdbool.h>

#include "policy/policy.h"

/*
 * That of the file @path.  If it has errors, they are printed, and with
 * @falls_back the last good policy of the daemon takes its place, or if there
 * is none the defaults do: a machine that boots is not to be without a filter.
 * It has no rules.  NULL: there is none, and the user has been told.
 */
struct policy *redirect_policy(const char *path, bool falls_back);

#endif
