/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sections policy, settings and protect, and the queues.
 */
#include <stdio.h>
#include <string.h>

#include "policy/loader.h"
#include "policy/queues.h"

static void set_hook(struct loader *ld, const struct node *node, enum hook hook,
		     enum action action)
{
	struct origin at = document_origin(ld->doc, node_line(node));

	ruleset_set_policy(ld->policy->rules, hook, action);
	if (!policy_set_place(ld->policy, hook, at))
		ld->no_memory = true;
}

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
			set_hook(ld, node, (enum hook)i, action);
	if (action == ACTION_REJECT)
		load_check_reject(ld, node, label);
}

static void load_policy_log(struct loader *ld, const struct node *node,
			    void *object)
{
	enum log_amount amount;

	(void)object;
	if (loader_log(ld, node, "policy.log", &amount))
		ruleset_set_policy_log(ld->policy->rules, amount);
}

static const char action_wanted[] = "\"accept\", \"drop\" or \"reject\"";
static const char boolean[] = "true or false, without quotes";

static const struct key policy_keys[] = {
	{ "input", NODE_STRING, action_wanted, load_hook },
	{ "forward", NODE_STRING, action_wanted, load_hook },
	{ "output", NODE_STRING, action_wanted, load_hook },
	{ "log", NODE_BOOL | NODE_STRING, LOADER_LOG_WANTED, load_policy_log },
};

void load_policy(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		policy_keys, sizeof(policy_keys) / sizeof(policy_keys[0])
	};

	loader_group(ld, node, &schema, " in policy", object);
}

static void load_mode(struct loader *ld, const struct node *node, void *object)
{
	static const char *const list[] = { "enforce", "audit" };
	static const struct words words = { list, 2, "a mode" };
	unsigned int index;

	(void)object;
	if (loader_choice(ld, node, "settings.mode", &words, &index))
		ruleset_set_audit(ld->policy->rules, index == 1);
}

static void load_on_reload(struct loader *ld, const struct node *node,
			   void *object)
{
	static const struct words words = { policy_reload_names,
					    POLICY_RELOAD_COUNT, "possible" };
	unsigned int index;

	(void)object;
	if (loader_choice(ld, node, "settings.on_reload", &words, &index))
		ld->policy->on_reload = (enum recheck)index;
}

static void load_track(struct loader *ld, const struct node *node, void *object)
{
	static const struct words words = { policy_tracking_names,
					    TRACKING_COUNT,
					    "a way of tracking" };
	unsigned int index;

	(void)object;
	if (loader_choice(ld, node, "settings.track", &words, &index))
		ruleset_set_tracking(ld->policy->rules, (enum tracking)index);
}

/* A name server that is away must not keep the machine without a policy. */
static void load_resolve(struct loader *ld, const struct node *node,
			 void *object)
{
	(void)object;
	if (node_bool(node))
		loader_fault(ld, CODE_UNKNOWN_WORD, node,
			     "settings.resolve = true is not possible\nhost "
			     "names are never looked up: write addresses, or "
			     "a table with file");
}

static const struct key settings_keys[] = {
	{ "mode", NODE_STRING, "\"enforce\" or \"audit\"", load_mode },
	{ "on_reload", NODE_STRING, "\"recheck\", \"keep\" or \"flush\"",
	  load_on_reload },
	{ "track", NODE_STRING, "\"full\", \"liberal\", \"sloppy\" or \"none\"",
	  load_track },
	{ "resolve", NODE_BOOL, boolean, load_resolve },
};

void load_settings(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		settings_keys, sizeof(settings_keys) / sizeof(settings_keys[0])
	};

	loader_group(ld, node, &schema, " in settings", object);
}

static void load_essential_icmp(struct loader *ld, const struct node *node,
				void *object)
{
	(void)object;
	ruleset_set_essential_icmp(ld->policy->rules, node_bool(node));
}

static const struct key protect_keys[] = {
	{ "essential_icmp", NODE_BOOL, boolean, load_essential_icmp },
};

void load_protect(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = { protect_keys, 1 };

	loader_group(ld, node, &schema, " in protect", object);
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
		loader_fault(ld, CODE_QUEUES, node,
			     "queues = \"%.60s\" is not understood\nwrite a "
			     "number from 0 to 65535 or a range \"0-3\"",
			     text);
		break;
	case QUEUES_REVERSED:
		loader_fault(ld, CODE_QUEUES, node,
			     "queues = \"%s\" is reversed\nwrite \"%u-%u\"",
			     text, last, first);
		break;
	case QUEUES_TOO_MANY:
		loader_fault(ld, CODE_QUEUES, node,
			     "queues = \"%s\" are %d queues\nat most %d", text,
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
	static const struct bounds bounds = { 1, POLICY_QUEUE_LENGTH_MAX };
	long long value;

	(void)object;
	if (loader_number(ld, node, "queue_length", bounds, &value))
		ld->policy->queue_length = (uint32_t)value;
}
