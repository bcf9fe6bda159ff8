/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of sequence numbers.
 */
#include "model/ranges.h"

#include <string.h>

#include "engine/seq.h"

static void remove_at(struct ranges *set, size_t at, size_t count)
{
	memmove(set->list + at, set->list + at + count,
		(set->count - at - count) * sizeof(set->list[0]));
	set->count -= count;
}

static bool insert_at(struct ranges *set, size_t at, struct range range)
{
	if (set->count == RANGES_MAX)
		return false;
	memmove(set->list + at + 1, set->list + at,
		(set->count - at) * sizeof(set->list[0]));
	set->list[at] = range;
	set->count++;
	return true;
}

bool ranges_add(struct ranges *set, struct range range)
{
	size_t first = 0;
	size_t last;

	while (first < set->count &&
	       seq_before(set->list[first].right, range.left))
		first++;
	/* Those from @first to @last touch it and become one with it. */
	last = first;
	while (last < set->count &&
	       !seq_after(set->list[last].left, range.right))
		last++;
	if (first == last)
		return insert_at(set, first, range);
	if (!seq_before(range.left, set->list[first].left) &&
	    !seq_after(range.right, set->list[first].right))
		return false;
	if (seq_after(range.left, set->list[first].left))
		range.left = set->list[first].left;
	range.right = seq_max(range.right, set->list[last - 1].right);
	set->list[first] = range;
	remove_at(set, first + 1, last - first - 1);
	return true;
}

void ranges_cut(struct ranges *set, uint32_t edge)
{
	size_t count = 0;

	while (count < set->count && !seq_after(set->list[count].right, edge))
		count++;
	remove_at(set, 0, count);
	if (set->count && seq_before(set->list[0].left, edge))
		set->list[0].left = edge;
}

uint32_t ranges_take(struct ranges *set, uint32_t edge)
{
	while (set->count && !seq_after(set->list[0].left, edge)) {
		edge = seq_max(edge, set->list[0].right);
		remove_at(set, 0, 1);
	}
	return edge;
}

const struct range *ranges_find(const struct ranges *set, uint32_t seq)
{
	for (size_t i = 0; i < set->count; i++)
		if (!seq_before(seq, set->list[i].left) &&
		    seq_before(seq, set->list[i].right))
			return &set->list[i];
	return NULL;
}

bool ranges_equal(const struct ranges *a, const struct ranges *b)
{
	return a->count == b->count &&
	       memcmp(a->list, b->list, a->count * sizeof(a->list[0])) == 0;
}
