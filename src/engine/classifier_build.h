/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building the index: what classifier_build.c (groups) and classifier_tree.c
 * (one split) share.
 */
#ifndef ENGINE_CLASSIFIER_BUILD_H
#define ENGINE_CLASSIFIER_BUILD_H

#include "engine/classifier_state.h"

/* An array that grows. */
struct pile {
	void *items;
	size_t size; /* of an item */
	size_t len;
	size_t capacity;
};

struct builder {
	const struct ruleset *rules;
	struct spans spans[FIELD_COUNT];
	struct pile splits;
	struct pile places;
	struct pile candidates;
	struct pile starts;
	struct pile inner;
	size_t copies_left;
	bool failed; /* no memory */
};

/* Some rules, in their order, and the fields that they are not yet split by. */
struct subject {
	const uint32_t *rules;
	size_t len;
	unsigned int fields; /* bits */
};

/* Puts @len items there; returns the number of the first. */
uint32_t pile_add(struct builder *b, struct pile *pile, const void *items,
		  size_t len);

/* The spans of a rule; @len is 0 if it takes any value. */
const struct span *spans_of(const struct builder *b, enum field field,
			    uint32_t rule, size_t *len);
/*
 * All spans of those rules, sorted, to be freed.  NULL: there are none, or
 * there is no memory.
 */
struct span *spans_sort(struct builder *b, const struct subject *s,
			enum field field, size_t *count);

enum { TREE_ROOT = 1 }; /* the children of node n are 2 n and 2 n + 1 */

/* A segment tree: see classifier_tree.c. */
struct tree {
	enum field field;
	uint32_t *starts; /* of the intervals */
	size_t len;
	size_t leaves;   /* a power of two; leaf i is node .leaves + i */
	uint32_t *heads; /* by node: its first piece + 1, or 0 */
	struct pile pieces;
	uint32_t *rest; /* rules that take any value */
	size_t rest_len;
};

/*
 * Puts the rules into the tree of .field, which is else all zero.  false: no
 * memory, or @max copies of rules are not enough; tree_fini() is due.
 */
bool tree_grow(struct builder *b, struct tree *tree, const struct subject *s,
	       size_t max);
void tree_fini(struct tree *tree);
/* The rules of a node, in their order, to be freed; NULL: no memory. */
uint32_t *tree_rules(const struct tree *tree, size_t node, size_t *len);

#endif
