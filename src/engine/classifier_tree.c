/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The segment tree of a split (J. L. Bentley, 1977).
 *
 * The ends of all ranges cut the values into intervals, a balanced tree stands
 * over these, and a range is the union of at most two nodes of each level.  So
 * a rule is kept a few times, and never once for each interval it takes.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/classifier_build.h"

/* A rule at a node; the newest first. */
struct piece {
	uint32_t rule;
	uint32_t next; /* number + 1, or 0 */
};

static const struct piece *piece_at(const struct tree *tree, uint32_t next)
{
	return &((const struct piece *)tree->pieces.items)[next - 1];
}

static int compare_values(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* An interval begins at 0, with a span, and behind one. */
static bool cut(struct builder *b, struct tree *tree, const struct subject *s)
{
	size_t count;
	struct span *list = spans_sort(b, s, tree->field, &count);
	size_t len = 1;

	tree->starts = calloc(2 * count + 1, sizeof(tree->starts[0]));
	for (size_t i = 0; tree->starts && i < count; i++) {
		tree->starts[len++] = list[i].first;
		if (list[i].last < UINT32_MAX)
			tree->starts[len++] = list[i].last + 1;
	}
	free(list);
	if (!tree->starts)
		return false;
	qsort(tree->starts, len, sizeof(tree->starts[0]), compare_values);
	tree->len = 1;
	for (size_t i = 1; i < len; i++)
		if (tree->starts[tree->len - 1] < tree->starts[i])
			tree->starts[tree->len++] = tree->starts[i];
	tree->leaves = 1;
	while (tree->leaves < tree->len)
		tree->leaves *= 2;
	tree->heads = calloc(2 * tree->leaves, sizeof(tree->heads[0]));
	return tree->heads != NULL;
}

static void put(struct builder *b, struct tree *tree, size_t node,
		uint32_t rule)
{
	struct piece piece = { rule, tree->heads[node] };

	/* A rule whose ranges overlap. */
	if (piece.next && piece_at(tree, piece.next)->rule == rule)
		return;
	tree->heads[node] = pile_add(b, &tree->pieces, &piece, 1) + 1;
}

/* The interval that @value is in. */
static size_t interval_of(const struct tree *tree, uint32_t value)
{
	size_t low = 0;
	size_t high = tree->len;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (tree->starts[middle] <= value)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void put_span(struct builder *b, struct tree *tree,
		     const struct span *span, uint32_t rule)
{
	size_t from = tree->leaves + interval_of(tree, span->first);
	size_t to = tree->leaves + interval_of(tree, span->last) + 1;

	for (; from < to && !b->failed; from /= 2, to /= 2) {
		if (from % 2)
			put(b, tree, from++, rule);
		if (to % 2)
			put(b, tree, --to, rule);
	}
}

static bool fill(struct builder *b, struct tree *tree, const struct subject *s,
		 size_t max)
{
	tree->pieces.size = sizeof(struct piece);
	tree->rest = calloc(s->len, sizeof(tree->rest[0]));
	if (!tree->rest)
		return false;
	for (size_t i = 0; i < s->len && tree->pieces.len <= max; i++) {
		size_t len;
		const struct span *spans =
			spans_of(b, tree->field, s->rules[i], &len);

		if (len == 0)
			tree->rest[tree->rest_len++] = s->rules[i];
		for (size_t j = 0; j < len; j++)
			put_span(b, tree, &spans[j], s->rules[i]);
	}
	return !b->failed && tree->pieces.len <= max;
}

bool tree_grow(struct builder *b, struct tree *tree, const struct subject *s,
	       size_t max)
{
	bool grown = cut(b, tree, s) && fill(b, tree, s, max);

	b->failed = b->failed || !tree->heads || !tree->rest;
	return grown;
}

void tree_fini(struct tree *tree)
{
	free(tree->starts);
	free(tree->heads);
	free(tree->pieces.items);
	free(tree->rest);
}

uint32_t *tree_rules(const struct tree *tree, size_t node, size_t *len)
{
	uint32_t *rules;
	size_t left;

	*len = 0;
	for (uint32_t i = tree->heads[node]; i; i = piece_at(tree, i)->next)
		(*len)++;
	rules = calloc(*len ? *len : 1, sizeof(*rules));
	left = rules ? *len : 0;
	for (uint32_t i = tree->heads[node]; left > 0;
	     i = piece_at(tree, i)->next)
		rules[--left] = piece_at(tree, i)->rule;
	return rules;
}
