/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state: how the connections of a rule are tracked.
 */
#include <stdio.h>

#include "policy/load_rule.h"

/* "rule \"web\": state.KEY" */
enum { LABEL_LEN = 128 };

static void set_label(const struct rule_scope *scope, const char *key,
		      char label[LABEL_LEN])
{
	(void)snprintf(label, LABEL_LEN, "%s: state.%s", scope->label, key);
}

static void take_tracking(struct rule_scope *scope, enum tracking tracking)
{
	scope->options.tracking = tracking;
	scope->has_tracking = true;
}

static void load_track(struct loader *ld, const struct node *node, void *object)
{
	static const struct words words = { policy_tracking_names,
					    TRACKING_NONE,
					    "a way of tracking" };
	struct rule_scope *scope = object;
	char label[LABEL_LEN];
	unsigned int index;

	set_label(scope, "track", label);
	if (loader_choice(ld, node, label, &words, &index))
		take_tracking(scope, (enum tracking)index);
}

static void load_pickup(struct loader *ld, const struct node *node,
			void *object)
{
	(void)ld;
	((struct rule_scope *)object)->options.no_pickup = !node_bool(node);
}

static void take_max(struct loader *ld, const struct node *node,
		     const struct rule_scope *scope, uint32_t *max)
{
	static const struct bounds bounds = { 1, POLICY_CONNECTIONS_MAX };
	char label[LABEL_LEN];
	long long value;

	set_label(scope, node_name(node), label);
	if (loader_number(ld, node, label, bounds, &value))
		*max = (uint32_t)value;
}

static void load_max(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;

	take_max(ld, node, scope, &scope->options.max);
}

static void load_max_per_source(struct loader *ld, const struct node *node,
				void *object)
{
	struct rule_scope *scope = object;

	take_max(ld, node, scope, &scope->options.max_per_source);
}

static void load_state_timeouts(struct loader *ld, const struct node *node,
				void *object)
{
	struct rule_scope *scope = object;
	char label[LABEL_LEN];

	set_label(scope, "timeouts", label);
	loader_timeouts(ld, node, label, scope->options.timeouts);
}

static const struct key state_keys[] = {
	{ "track", NODE_STRING, "\"full\", \"liberal\" or \"sloppy\"",
	  load_track },
	{ "pickup", NODE_BOOL, "true or false, without quotes", load_pickup },
	{ "max", NODE_INTEGER, "a whole number", load_max },
	{ "max_per_source", NODE_INTEGER, "a whole number",
	  load_max_per_source },
	{ "timeouts", NODE_GROUP, "{ icmp = \"30s\"; }", load_state_timeouts },
};

static void load_word(struct loader *ld, const struct node *node,
		      struct rule_scope *scope)
{
	static const char *const list[] = { "keep", "none", "sloppy" };
	static const enum tracking meanings[] = {
		TRACKING_FULL,
		TRACKING_NONE,
		TRACKING_SLOPPY,
	};
	static const struct words words = { list, 3, "possible" };
	char label[LABEL_LEN];
	unsigned int index;

	(void)snprintf(label, sizeof(label), "%s: state", scope->label);
	if (loader_choice(ld, node, label, &words, &index))
		take_tracking(scope, meanings[index]);
}

void load_state(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		state_keys, sizeof(state_keys) / sizeof(state_keys[0])
	};
	struct rule_scope *scope = object;
	char where[128];

	if (node_type(node) == NODE_STRING) {
		load_word(ld, node, scope);
		return;
	}
	(void)snprintf(where, sizeof(where), " in state of %s", scope->label);
	loader_group(ld, node, &schema, where, scope);
}
