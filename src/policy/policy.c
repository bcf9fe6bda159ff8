/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies: the object.
 */
#include "policy/policy.h"

#include <stdlib.h>

enum { CONNECTIONS_DEFAULT = 262144, QUEUE_LENGTH_DEFAULT = 8192 };

struct policy *policy_create(void)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return NULL;
	policy->max_conns = CONNECTIONS_DEFAULT;
	policy->queue_length = QUEUE_LENGTH_DEFAULT;
	policy->rules = ruleset_create();
	if (!policy->rules) {
		free(policy);
		return NULL;
	}
	return policy;
}

struct ruleset *policy_take_rules(struct policy *policy)
{
	struct ruleset *rules = policy->rules;

	policy->rules = NULL;
	return rules;
}

void policy_destroy(struct policy *policy)
{
	if (!policy)
		return;
	ruleset_destroy(policy->rules);
	free(policy);
}
