/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections policy and limits, and the queues.
 */
#include <stdio.h>
#include <string.h>

#include "policy/loader.h"
#include "policy/queues.h"

static void load_hook(struct loader *ld, const struct node *node, void *object)
{
	enum action action;
	char label[64];

	(void)object;
	(void)snprintf(label, sizeof(label), "policy.%s", node_name(node));
	if (!loader_action(ld, node, label, &action))
		return;
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		if (strcmp(hook_names[i], node_name(node)) == 0)
			ruleset_set_policy(ld->policy->rules, (enum hook)i,
					   action);
	if (action == ACTION_REJECT)
		loader_warn(ld, node,
			    "%s = \"reject\": in this version nothing is "
			    "answered, packets are dropped in silence",
			    label);
}

static const char action_wanted[] = "\"accept\", \"drop\" or \"reject\"";

static const struct key policy_keys[] = {
	{ "input", NODE_STRING, action_wanted, load_hook },
	{ "forward", NODE_STRING, action_wanted, load_hook },
	{ "output", NODE_STRING, action_wanted, load_hook },
};

void load_policy(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		policy_keys, sizeof(policy_keys) / sizeof(policy_keys[0])
	};

	loader_group(ld, node, &schema, " in policy", object);
}

/* A whole number within bounds; false: it is reported. */
static bool take_number(struct loader *ld, const struct node *node,
			const char *name, const long long bounds[2],
			long long *value)
{
	long long number = node_integer(node);

	if (number < bounds[0] || number > bounds[1]) {
		loader_fault(ld, node,
			     "%s = %lld: write a number from %lld to %lld",
			     name, number, bounds[0], bounds[1]);
		return false;
	}
	*value = number;
	return true;
}

static void load_connections(struct loader *ld, const struct node *node,
			     void *object)
{
	static const long long bounds[2] = { POLICY_CONNECTIONS_MIN,
					     POLICY_CONNECTIONS_MAX };
	long long value;

	(void)object;
	if (take_number(ld, node, "limits.connections", bounds, &value))
		ld->policy->max_conns = (size_t)value;
}

static const struct key limits_keys[] = {
	{ "connections", NODE_INTEGER, "a whole number", load_connections },
};

void load_limits(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		limits_keys, sizeof(limits_keys) / sizeof(limits_keys[0])
	};

	loader_group(ld, node, &schema, " in limits", object);
}

static void take_queues(struct loader *ld, const struct node *node,
			const char *text)
{
	uint16_t first = 0;
	uint16_t last = 0;

	switch (queues_parse(text, &first, &last)) {
	case QUEUES_OK:
		ld->policy->queue_first = first;
		ld->policy->queue_last = last;
		break;
	case QUEUES_SYNTAX:
		loader_fault(ld, node,
			     "queues = \"%.60s\": write a number from 0 to "
			     "65535 or a range \"0-3\"",
			     text);
		break;
	case QUEUES_REVERSED:
		loader_fault(ld, node,
			     "queues = \"%s\" is reversed: write \"%u-%u\"",
			     text, last, first);
		break;
	case QUEUES_TOO_MANY:
		loader_fault(ld, node,
			     "queues = \"%s\" are %d queues: at most %d", text,
			     last - first + 1, QUEUES_MAX);
		break;
	}
}

void load_queues(struct loader *ld, const struct node *node, void *object)
{
	char number[32];

	(void)object;
	if (node_type(node) == NODE_STRING) {
		take_queues(ld, node, node_string(node));
		return;
	}
	(void)snprintf(number, sizeof(number), "%lld", node_integer(node));
	take_queues(ld, node, number);
}

void load_queue_length(struct loader *ld, const struct node *node, void *object)
{
	static const long long bounds[2] = { 1, POLICY_QUEUE_LENGTH_MAX };
	long long value;

	(void)object;
	if (take_number(ld, node, "queue_length", bounds, &value))
		ld->policy->queue_length = (uint32_t)value;
}
