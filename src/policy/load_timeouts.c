/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section timeouts.  Its keys are the names of the engine's timeouts, the
 * part before a dot being a group.
 */
#include <stdio.h>
#include <string.h>

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

/* The section that is being loaded. */
struct section {
	struct loader *ld;
	const char *label;
	msec_t *values;
};

static void report_unknown(const struct section *section,
			   const struct node *node, const char *prefix)
{
	struct keys keys;
	struct choices choices = { nth_key, &keys };
	char hint[SUGGESTION_LEN];

	collect_keys(&keys, prefix);
	suggest(hint, node_name(node), &choices);
	loader_fault_name(section->ld, CODE_UNKNOWN_KEY, node,
			  "unknown key \"%.60s\" in %.120s%s%.*s\n%s",
			  node_name(node), section->label, *prefix ? "." : "",
			  (int)strcspn(prefix, "."), prefix, hint);
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

static void check_floor(const struct section *section, const struct node *node,
			enum timeout timeout, const char *label)
{
	for (size_t i = 0; i < sizeof(floors) / sizeof(floors[0]); i++)
		if (floors[i].timeout == timeout &&
		    section->values[timeout] < floors[i].value)
			loader_fault(section->ld, CODE_SHORT_TIMEOUT, node,
				     "%s = \"%.60s\" is short\n%s", label,
				     node_string(node), floors[i].source);
}

static void load_timeout(const struct section *section, const struct node *node,
			 enum timeout timeout)
{
	char label[192];

	(void)snprintf(label, sizeof(label), "%.120s.%s", section->label,
		       timeout_info[timeout].name);
	if (loader_duration(section->ld, node, label,
			    &section->values[timeout]))
		check_floor(section, node, timeout, label);
}

static void load_timeout_group(const struct section *section,
			       const struct node *group)
{
	char prefix[KEY_LEN + 2];

	(void)snprintf(prefix, sizeof(prefix), "%.*s.", KEY_LEN,
		       node_name(group));
	for (size_t i = 0; i < node_count(group); i++) {
		const struct node *node = node_child(group, i);
		enum timeout timeout = find_timeout(prefix, node_name(node));

		if (loader_is_mended(section->ld, node))
			continue;
		if (timeout == TIMEOUT_COUNT)
			report_unknown(section, node, prefix);
		else
			load_timeout(section, node, timeout);
	}
}

static void load_child(const struct section *section, const struct node *child)
{
	const char *name = node_name(child);
	enum timeout timeout = find_timeout("", name);

	if (timeout != TIMEOUT_COUNT)
		load_timeout(section, child, timeout);
	else if (!is_group(name))
		report_unknown(section, child, "");
	else if (node_type(child) == NODE_GROUP)
		load_timeout_group(section, child);
	else
		loader_fault(section->ld, CODE_TYPE, child,
			     "%s.%s is a group of timeouts\nwrite %s = { KEY "
			     "= \"30s\"; };",
			     section->label, name, name);
}

/* It is the section that writes to @values. */
void loader_timeouts(struct loader *ld, const struct node *node,
		     /* NOLINTNEXTLINE(readability-non-const-parameter) */
		     const char *label, msec_t values[TIMEOUT_COUNT])
{
	const struct section section = { ld, label, values };

	for (size_t i = 0; i < node_count(node); i++)
		if (!loader_is_mended(ld, node_child(node, i)))
			load_child(&section, node_child(node, i));
}

void load_timeouts(struct loader *ld, const struct node *node, void *object)
{
	msec_t values[TIMEOUT_COUNT] = { 0 };

	(void)object;
	loader_timeouts(ld, node, "timeouts", values);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++)
		if (values[i] > 0)
			ruleset_set_timeout(ld->policy->rules, (enum timeout)i,
					    values[i]);
}
