/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section limits: how many connections there can be, and what happens as
 * the table fills.
 */
#include <stdio.h>

#include "policy/amount.h"
#include "policy/loader.h"

static void load_connections(struct loader *ld, const struct node *node,
			     void *object)
{
	static const struct bounds bounds = { POLICY_CONNECTIONS_MIN,
					      POLICY_CONNECTIONS_MAX };
	long long value;

	(void)object;
	if (loader_number(ld, node, "limits.connections", bounds, &value))
		ld->policy->max_conns = (size_t)value;
}

static bool take_number(struct loader *ld, const struct node *node,
			struct bounds bounds, uint32_t *limit)
{
	char label[64];
	long long value;

	(void)snprintf(label, sizeof(label), "limits.%s", node_name(node));
	if (!loader_number(ld, node, label, bounds, &value))
		return false;
	*limit = (uint32_t)value;
	return true;
}

static const struct bounds any_number = { 0, POLICY_CONNECTIONS_MAX };

static void load_per_source(struct loader *ld, const struct node *node,
			    void *object)
{
	struct limits *limits = object;

	(void)take_number(ld, node, any_number,
			  &limits->connections_per_source);
}

static void load_half_open(struct loader *ld, const struct node *node,
			   void *object)
{
	struct limits *limits = object;

	ld->has_half_open =
		take_number(ld, node, any_number, &limits->half_open);
}

static void load_half_open_per_source(struct loader *ld,
				      const struct node *node, void *object)
{
	struct limits *limits = object;

	(void)take_number(ld, node, any_number, &limits->half_open_per_source);
}

static void load_half_open_per_destination(struct loader *ld,
					   const struct node *node,
					   void *object)
{
	struct limits *limits = object;

	(void)take_number(ld, node, any_number,
			  &limits->half_open_per_destination);
}

static void load_source_nodes(struct loader *ld, const struct node *node,
			      void *object)
{
	static const struct bounds bounds = { POLICY_SOURCE_NODES_MIN,
					      POLICY_SOURCE_NODES_MAX };
	struct limits *limits = object;

	(void)take_number(ld, node, bounds, &limits->source_nodes);
}

/* A share of the table; @path is that below limits. */
static void take_share(struct loader *ld, const struct node *node,
		       const char *path, struct bounds bounds, uint32_t *share)
{
	uint32_t percent;

	if (!percent_parse(&percent, node_string(node)))
		loader_fault(ld, CODE_TYPE, node,
			     "limits.%s = \"%.60s\" is not a share\nwrite how "
			     "many hundredths of limits.connections: \"80%%\"",
			     path, node_string(node));
	else if (percent < bounds.min || percent > bounds.max)
		loader_fault(ld, CODE_OUT_OF_RANGE, node,
			     "limits.%s = \"%s\" is out of range\nwrite "
			     "\"%lld%%\" to \"%lld%%\"",
			     path, node_string(node), bounds.min, bounds.max);
	else
		*share = percent;
}

static const struct bounds of_table = { 1, 100 };

static void load_warn_at(struct loader *ld, const struct node *node,
			 void *object)
{
	struct limits *limits = object;

	take_share(ld, node, "warn_at", of_table, &limits->warn_at);
}

static void load_start(struct loader *ld, const struct node *node, void *object)
{
	struct limits *limits = object;

	take_share(ld, node, "adaptive.start", of_table,
		   &limits->adaptive_start);
}

static void load_end(struct loader *ld, const struct node *node, void *object)
{
	static const struct bounds bounds = { 2, POLICY_ADAPTIVE_MAX };
	struct limits *limits = object;

	take_share(ld, node, "adaptive.end", bounds, &limits->adaptive_end);
}

static const char share_wanted[] = "a share in quotes such as \"80%\"";

static const struct key adaptive_keys[] = {
	{ "start", NODE_STRING, share_wanted, load_start },
	{ "end", NODE_STRING, share_wanted, load_end },
};

static void load_adaptive(struct loader *ld, const struct node *node,
			  void *object)
{
	static const struct schema schema = { adaptive_keys, 2 };
	struct limits *limits = object;
	struct limits given = *limits;

	loader_group(ld, node, &schema, " in limits.adaptive", &given);
	if (given.adaptive_start < given.adaptive_end) {
		*limits = given;
		return;
	}
	loader_fault(
		ld, CODE_OUT_OF_RANGE, node,
		"limits.adaptive ends at %u%%, and begins at %u%%\nwrite a "
		"larger end, or a smaller start",
		given.adaptive_end, given.adaptive_start);
}

static const char number_wanted[] = "a whole number";

static const struct key limits_keys[] = {
	{ "connections", NODE_INTEGER, number_wanted, load_connections },
	{ "connections_per_source", NODE_INTEGER, number_wanted,
	  load_per_source },
	{ "half_open", NODE_INTEGER, number_wanted, load_half_open },
	{ "half_open_per_source", NODE_INTEGER, number_wanted,
	  load_half_open_per_source },
	{ "half_open_per_destination", NODE_INTEGER, number_wanted,
	  load_half_open_per_destination },
	{ "source_nodes", NODE_INTEGER, number_wanted, load_source_nodes },
	{ "adaptive", NODE_GROUP, "{ start = \"60%\"; end = \"120%\"; }",
	  load_adaptive },
	{ "warn_at", NODE_STRING, share_wanted, load_warn_at },
};

void load_limits(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		limits_keys, sizeof(limits_keys) / sizeof(limits_keys[0])
	};
	struct limits limits = *ruleset_limits(ld->policy->rules);

	(void)object;
	loader_group(ld, node, &schema, " in limits", &limits);
	ruleset_set_limits(ld->policy->rules, &limits);
}

void load_limits_defaults(struct loader *ld)
{
	struct limits limits = *ruleset_limits(ld->policy->rules);

	if (ld->has_half_open)
		return;
	limits.half_open = (uint32_t)policy_half_open(ld->policy->max_conns);
	ruleset_set_limits(ld->policy->rules, &limits);
}
