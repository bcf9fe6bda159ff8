/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of sequence numbers: what a receiver holds out of order, and what a
 * sender was told of it.  Disjoint ranges in ascending order, few of them.
 */
#ifndef MODEL_RANGES_H
#define MODEL_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RANGES_MAX = 8 };

struct range {
	uint32_t left;
	uint32_t right; /* the number behind the last one; after .left */
};

struct ranges {
	struct range list[RANGES_MAX];
	size_t count;
};

/* Adds a range; false: all of it was there, or there is no room for it. */
bool ranges_add(struct ranges *set, struct range range);

/* Forgets all numbers before @edge. */
void ranges_cut(struct ranges *set, uint32_t edge);

/* Takes out what continues at @edge; returns where that ends, or @edge. */
uint32_t ranges_take(struct ranges *set, uint32_t edge);

/* The range that holds @seq, or NULL. */
const struct range *ranges_find(const struct ranges *set, uint32_t seq);

bool ranges_equal(const struct ranges *a, const struct ranges *b);

#endif
