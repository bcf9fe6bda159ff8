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

/* A group that was built, and may be wanted again. */
struct known {
	group group;
	uint32_t rules; /* in .known_rules: the first one */
	uint32_t len;
	unsigned int fields;
	uint32_t next; /* with the same hash: number + 1, or 0 */
};

enum { KNOWN_BUCKETS = 1 << 14, LIST_MAX = 16 };

struct builder {
	const struct ruleset *rules;
	struct spans spans[FIELD_COUNT];
	struct pile splits;
	struct pile candidates;
	struct pile starts;
	struct pile groups;
	struct pile known;
	struct pile known_rules;
	uint32_t known_first[KNOWN_BUCKETS]; /* number + 1, or 0 */
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

/* A split that may be made of some rules: see classifier_tree.c. */
struct tree {
	enum field field;
	uint32_t *starts; /* of the intervals */
	size_t len;
	uint32_t *rules; /* those of interval i are [at[i], at[i + 1]) */
	uint32_t *at;
	uint32_t *rest; /* rules in no interval */
	size_t rest_len;
	size_t cost; /* rules to ask of, more or less; SIZE_MAX: no split */
};

/*
 * Fills the tree of .field, which is else all zero, with at most @max copies of
 * rules.  tree_fini() is due, whatever comes of it.
 */
void tree_grow(struct builder *b, struct tree *tree, const struct subject *s,
	       size_t max);
void tree_fini(struct tree *tree);

#endif
