/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section timeouts.  Its keys are the names of the engine's timeouts, the
 * part before a dot being a group.
 */
#include <stdio.h>
#include <string.h>

#include "policy/duration.h"
#include "policy/loader.h"

enum { KEY_LEN = 32 };

/* Below these, standards say, connections break that are still in use. */
static const struct {
	enum timeout timeout;
	int value; /* ms */
	const char *source;
} floors[] = {
	{ TIMEOUT_TCP_ESTABLISHED, (2 * 60 + 4) * 60 * 1000,
	  "RFC 5382 asks for at least \"2h4m\"" },
	{ TIMEOUT_UDP_STREAM, 2 * 60 * 1000,
	  "RFC 4787 asks for at least \"2m\"" },
};

/* What may stand at one level of the section. */
struct keys {
	char names[TIMEOUT_COUNT][KEY_LEN];
	size_t count;
};

static void add_key(struct keys *keys, const char *name, size_t len)
{
	char *copy = keys->names[keys->count];

	if (len >= KEY_LEN)
		return;
	memcpy(copy, name, len);
	copy[len] = '\0';
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->names[i], copy) == 0)
			return;
	keys->count++;
}

/* @prefix: "" or "tcp." */
static void collect_keys(struct keys *keys, const char *prefix)
{
	size_t len = strlen(prefix);

	keys->count = 0;
	for (size_t i = 0; i < TIMEOUT_COUNT; i++) {
		const char *name = timeout_info[i].name;

		if (strncmp(name, prefix, len) == 0)
			add_key(keys, name + len, strcspn(name + len, "."));
	}
}

static const char *nth_key(const void *context, size_t index)
{
	const struct keys *keys = context;

	return index < keys->count ? keys->names[index] : NULL;
}

static void report_unknown(struct loader *ld, const struct node *node,
			   const char *prefix)
{
	struct keys keys;
	struct choices choices = { nth_key, &keys };
	char what[256];

	collect_keys(&keys, prefix);
	(void)snprintf(what, sizeof(what),
		       "unknown key \"%.60s\" in timeouts%s%.*s",
		       node_name(node), *prefix ? "." : "",
		       (int)strcspn(prefix, "."), prefix);
	loader_unknown(ld, node, what, node_name(node), &choices);
}

static bool is_group(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		if (strncmp(timeout_info[i].name, name, len) == 0 &&
		    timeout_info[i].name[len] == '.')
			return true;
	return false;
}

/* TIMEOUT_COUNT: there is none of that name. */
static enum timeout find_timeout(const char *prefix, const char *name)
{
	char path[128];
	unsigned int i = 0;

	(void)snprintf(path, sizeof(path), "%s%.60s", prefix, name);
	while (i < TIMEOUT_COUNT && strcmp(timeout_info[i].name, path) != 0)
		i++;
	return (enum timeout)i;
}

static void report_duration(struct loader *ld, const struct node *node,
			    const char *name, const char *text,
			    enum duration_error error)
{
	switch (error) {
	case DURATION_OK:
		break;
	case DURATION_NO_UNIT:
		loader_fault(ld, node,
			     "timeouts.%s = %.20s: a duration needs a unit: "
			     "\"%.20ss\" or \"%.20sms\"?",
			     name, text, text, text);
		break;
	case DURATION_SYNTAX:
		loader_fault(ld, node,
			     "timeouts.%s = \"%.60s\" is not a duration: write "
			     "\"30s\", \"5m\" or \"1h30m\"; units are w d h m "
			     "s ms",
			     name, text);
		break;
	case DURATION_TOO_LONG:
		loader_fault(ld, node,
			     "timeouts.%s = \"%.60s\" is too long: at most "
			     "\"365d\"",
			     name, text);
		break;
	}
}

static void check_floor(struct loader *ld, const struct node *node,
			enum timeout timeout, msec_t value)
{
	for (size_t i = 0; i < sizeof(floors) / sizeof(floors[0]); i++)
		if (floors[i].timeout == timeout && value < floors[i].value)
			loader_warn(ld, node, "timeouts.%s = \"%.60s\": %s",
				    timeout_info[timeout].name,
				    node_string(node), floors[i].source);
}

static void load_string(struct loader *ld, const struct node *node,
			enum timeout timeout)
{
	const char *name = timeout_info[timeout].name;
	const char *text = node_string(node);
	msec_t value = 0;
	enum duration_error error = duration_parse(&value, text);

	report_duration(ld, node, name, text, error);
	if (error != DURATION_OK)
		return;
	if (value < POLICY_TIMEOUT_MIN)
		loader_fault(ld, node,
			     "timeouts.%s = \"%.60s\" is too short: at least "
			     "\"1s\"",
			     name, text);
	else
		check_floor(ld, node, timeout, value);
	ruleset_set_timeout(ld->policy->rules, timeout, value);
}

static void load_timeout(struct loader *ld, const struct node *node,
			 enum timeout timeout)
{
	const char *name = timeout_info[timeout].name;
	char text[32];

	if (node_type(node) == NODE_STRING) {
		load_string(ld, node, timeout);
	} else if (node_type(node) == NODE_INTEGER) {
		(void)snprintf(text, sizeof(text), "%lld", node_integer(node));
		report_duration(ld, node, name, text, DURATION_NO_UNIT);
	} else {
		loader_fault(ld, node,
			     "timeouts.%s is %s: write a duration such as "
			     "\"30s\"",
			     name, loader_type_name(node));
	}
}

static void load_timeout_group(struct loader *ld, const struct node *group)
{
	char prefix[KEY_LEN + 2];

	(void)snprintf(prefix, sizeof(prefix), "%.*s.", KEY_LEN,
		       node_name(group));
	for (size_t i = 0; i < node_count(group); i++) {
		const struct node *node = node_child(group, i);
		enum timeout timeout = find_timeout(prefix, node_name(node));

		if (loader_is_mended(ld, node))
			continue;
		if (timeout == TIMEOUT_COUNT)
			report_unknown(ld, node, prefix);
		else
			load_timeout(ld, node, timeout);
	}
}

void load_timeouts(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node); i++) {
		const struct node *child = node_child(node, i);
		const char *name = node_name(child);
		enum timeout timeout = find_timeout("", name);

		if (loader_is_mended(ld, child))
			continue;
		if (timeout != TIMEOUT_COUNT)
			load_timeout(ld, child, timeout);
		else if (!is_group(name))
			report_unknown(ld, child, "");
		else if (node_type(child) == NODE_GROUP)
			load_timeout_group(ld, child);
		else
			loader_fault(ld, child,
				     "timeouts.%s is a group of timeouts: "
				     "write %s = { KEY = \"30s\"; };",
				     name, name);
	}
}
