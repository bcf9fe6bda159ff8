/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libconfig, behind a narrow interface.
 */
#include "policy/tree.h"

#include <assert.h>
#include <libconfig.h>
#include <stdlib.h>

#include "policy/document.h"

struct tree {
	struct config_t config;
};

struct tree *tree_parse(const char *text, struct tree_fault *fault)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	*fault = (struct tree_fault){ 0 };
	if (!tree)
		return NULL;
	config_init(&tree->config);
	if (config_read_string(&tree->config, text))
		return tree;
	fault->line = (unsigned int)config_error_line(&tree->config);
	/* libconfig's texts are constants and outlive the tree. */
	fault->text = config_error_text(&tree->config);
	tree_destroy(tree);
	return NULL;
}

void tree_destroy(struct tree *tree)
{
	if (!tree)
		return;
	config_destroy(&tree->config);
	free(tree);
}

static const struct node *as_node(const struct config_setting_t *setting)
{
	return (const void *)setting;
}

static const struct config_setting_t *as_setting(const struct node *node)
{
	return (const void *)node;
}

const struct node *tree_root(const struct tree *tree)
{
	return as_node(config_root_setting(&tree->config));
}

/* How many marks @setting has, with all that is in it. */
static size_t count_marks(const struct config_setting_t *setting)
{
	size_t count = config_setting_name(setting) ? 2 : 1;
	int len = 0;

	if (config_setting_is_aggregate(setting))
		len = config_setting_length(setting);
	for (unsigned int i = 0; i < (unsigned int)len; i++)
		count += count_marks(config_setting_get_elem(setting, i));
	return count;
}

static void set_marks(struct config_setting_t *setting, struct mark **next)
{
	int len = 0;

	config_setting_set_hook(setting, *next);
	*next += config_setting_name(setting) ? 2 : 1;
	if (config_setting_is_aggregate(setting))
		len = config_setting_length(setting);
	for (unsigned int i = 0; i < (unsigned int)len; i++)
		set_marks(config_setting_get_elem(setting, i), next);
}

bool tree_set_marks(struct tree *tree, struct mark *marks, size_t count)
{
	struct config_setting_t *root = config_root_setting(&tree->config);
	size_t len = (size_t)config_setting_length(root);

	/* The root itself has none. */
	if (count_marks(root) - 1 != count)
		return false;
	for (unsigned int i = 0; i < len; i++)
		set_marks(config_setting_get_elem(root, i), &marks);
	return true;
}

const struct mark *node_name_mark(const struct node *node)
{
	const struct config_setting_t *setting = as_setting(node);

	return config_setting_name(setting) ? config_setting_get_hook(setting)
					    : NULL;
}

const struct mark *node_value_mark(const struct node *node)
{
	const struct config_setting_t *setting = as_setting(node);
	const struct mark *mark = config_setting_get_hook(setting);

	return mark && config_setting_name(setting) ? mark + 1 : mark;
}

enum node_type node_type(const struct node *node)
{
	switch (config_setting_type(as_setting(node))) {
	case CONFIG_TYPE_GROUP:
		return NODE_GROUP;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		return NODE_LIST;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return NODE_INTEGER;
	case CONFIG_TYPE_BOOL:
		return NODE_BOOL;
	default:
		return NODE_STRING;
	}
}

const char *node_name(const struct node *node)
{
	const char *name = config_setting_name(as_setting(node));

	return name ? name : "";
}

unsigned int node_line(const struct node *node)
{
	return config_setting_source_line(as_setting(node));
}

size_t node_count(const struct node *node)
{
	return (size_t)config_setting_length(as_setting(node));
}

const struct node *node_child(const struct node *node, size_t index)
{
	const struct config_setting_t *child =
		config_setting_get_elem(as_setting(node), (unsigned int)index);

	assert(child);
	return as_node(child);
}

const char *node_string(const struct node *node)
{
	const char *string = config_setting_get_string(as_setting(node));

	return string ? string : "";
}

long long node_integer(const struct node *node)
{
	const struct config_setting_t *setting = as_setting(node);

	if (config_setting_type(setting) == CONFIG_TYPE_INT)
		return config_setting_get_int(setting);
	return config_setting_get_int64(setting);
}

bool node_bool(const struct node *node)
{
	return config_setting_get_bool(as_setting(node)) != 0;
}
