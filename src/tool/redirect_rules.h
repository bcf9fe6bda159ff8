/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of iptables that hand packets to the daemon and stand in for it
 * while it is away.
 */
#ifndef TOOL_REDIRECT_RULES_H
#define TOOL_REDIRECT_RULES_H

#include <stdio.h>

#include "policy/policy.h"

/* All our chains, and no others, begin with this. */
#define REDIRECT_PREFIX "STATEWALL-"

/*
 * Prints those of @family as iptables-save would: each table with our chains,
 * their rules, and the jumps to them.  Nothing, if nothing is handed over.
 */
void redirect_rules_print(const struct policy *policy, enum family family,
			  FILE *out);

#endif
