/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parsed configuration: settings, as libconfig sees them.  Only tree.c
 * knows libconfig.
 */
#ifndef POLICY_TREE_H
#define POLICY_TREE_H

#include <stdbool.h>
#include <stddef.h>

enum node_type {
	NODE_GROUP = 1,
	NODE_LIST = 2, /* ( ) or [ ] */
	NODE_STRING = 4,
	NODE_INTEGER = 8,
	NODE_BOOL = 16,
};

struct mark;
struct node;
struct tree;

struct tree_fault {
	unsigned int line;
	const char *text; /* a constant; NULL: no memory */
};

/* NULL: @fault says why. */
struct tree *tree_parse(const char *text, struct tree_fault *fault);
void tree_destroy(struct tree *tree);
/*
 * Gives the settings their marks, see document.h, which must live as long.
 * false: they are not those of the text, and nothing was done.
 */
bool tree_set_marks(struct tree *tree, struct mark *marks, size_t count);
const struct node *tree_root(const struct tree *tree);

enum node_type node_type(const struct node *node);
const char *node_name(const struct node *node); /* "" in lists */
unsigned int node_line(const struct node *node);
/* Of the name, in a list and of the root NULL; NULL: it is not known. */
const struct mark *node_name_mark(const struct node *node);
/* Of the value, or what opens it; NULL: it is not known. */
const struct mark *node_value_mark(const struct node *node);
size_t node_count(const struct node *node);
const struct node *node_child(const struct node *node, size_t index);

/* Each only for a node of that type. */
const char *node_string(const struct node *node);
long long node_integer(const struct node *node);
bool node_bool(const struct node *node);

#endif
