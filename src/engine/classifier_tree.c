/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One split: the ends of ranges cut the values of a field into intervals, and
 * each interval has all rules that take its values.
 *
 * A rule with a wide range would stand in many of them.  So the widest are left
 * out, until those that stay are kept AVERAGE_MAX times on average; they are
 * split among themselves, where they are wide no more.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/classifier_build.h"

enum {
	AVERAGE_MAX = 8, /* copies of a rule */
	LEAST_PART = 8,  /* of the rules, one in so many is to be in */
	SPLIT_COST = 4,  /* in candidates */
	DOUBLE_COST = 4, /* of twice as many rules below a split */
};

static int compare_values(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static size_t remove_doubles(uint32_t *values, size_t len)
{
	size_t kept = 1;

	qsort(values, len, sizeof(values[0]), compare_values);
	for (size_t i = 1; i < len; i++)
		if (values[kept - 1] < values[i])
			values[kept++] = values[i];
	return kept;
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

/*
 * What is known of each rule of the subject while a tree is made: in how many
 * intervals it stands; 0: it takes any value.
 */
struct extents {
	size_t *counts;
	size_t most; /* a rule in more than so many is left out */
};

static bool is_in(const struct extents *extents, size_t i)
{
	return extents->counts[i] > 0 && extents->counts[i] <= extents->most;
}

/* An interval begins at 0, with a span, and behind one. */
static void cut(const struct builder *b, struct tree *tree,
		const struct subject *s, const struct extents *extents)
{
	size_t len = 1;

	tree->starts[0] = 0;
	for (size_t i = 0; i < s->len; i++) {
		size_t count;
		const struct span *spans =
			spans_of(b, tree->field, s->rules[i], &count);

		for (size_t j = 0; j < count && is_in(extents, i); j++) {
			tree->starts[len++] = spans[j].first;
			if (spans[j].last < UINT32_MAX)
				tree->starts[len++] = spans[j].last + 1;
		}
	}
	tree->len = remove_doubles(tree->starts, len);
}

/* Room for as many as there can be; every rule with a span is in. */
static bool begin(const struct builder *b, struct tree *tree,
		  const struct subject *s, struct extents *extents)
{
	size_t ends = 1;

	extents->most = SIZE_MAX;
	extents->counts = calloc(s->len, sizeof(extents->counts[0]));
	for (size_t i = 0; extents->counts && i < s->len; i++) {
		(void)spans_of(b, tree->field, s->rules[i],
			       &extents->counts[i]);
		ends += 2 * extents->counts[i];
	}
	tree->starts = calloc(ends, sizeof(tree->starts[0]));
	tree->rest = calloc(s->len, sizeof(tree->rest[0]));
	return extents->counts && tree->starts && tree->rest;
}

static size_t extent_of(const struct builder *b, const struct tree *tree,
			uint32_t rule)
{
	size_t extent = 0;
	size_t count;
	const struct span *spans = spans_of(b, tree->field, rule, &count);

	for (size_t i = 0; i < count; i++)
		extent += interval_of(tree, spans[i].last) -
			  interval_of(tree, spans[i].first) + 1;
	return extent;
}

static int compare_sizes(const void *a, const void *b)
{
	size_t left = *(const size_t *)a;
	size_t right = *(const size_t *)b;

	return (left > right) - (left < right);
}

/* How far the narrowest go that are kept AVERAGE_MAX times on average. */
static bool choose_most(const struct subject *s, struct extents *extents)
{
	size_t *sorted = calloc(s->len ? s->len : 1, sizeof(*sorted));
	size_t copies = 0;
	size_t rules = 0;

	if (!sorted)
		return false;
	memcpy(sorted, extents->counts, s->len * sizeof(*sorted));
	qsort(sorted, s->len, sizeof(*sorted), compare_sizes);
	extents->most = 1;
	for (size_t i = 0; i < s->len; i++) {
		copies += sorted[i];
		rules += sorted[i] > 0;
		if (copies <= AVERAGE_MAX * rules)
			extents->most = sorted[i];
	}
	free(sorted);
	return true;
}

static void take_rest(struct tree *tree, const struct subject *s,
		      const struct extents *extents)
{
	for (size_t i = 0; i < s->len; i++)
		if (!is_in(extents, i))
			tree->rest[tree->rest_len++] = s->rules[i];
}

/* Calls for each rule, in their order, and each interval that it is in. */
static void each(const struct builder *b, struct tree *tree,
		 const struct subject *s, const struct extents *extents,
		 void (*visit)(struct tree *tree, size_t interval,
			       uint32_t rule))
{
	for (size_t i = 0; i < s->len; i++) {
		size_t count;
		const struct span *spans =
			spans_of(b, tree->field, s->rules[i], &count);

		for (size_t j = 0; j < count && is_in(extents, i); j++) {
			size_t last = interval_of(tree, spans[j].last);

			for (size_t k = interval_of(tree, spans[j].first);
			     k <= last; k++)
				visit(tree, k, s->rules[i]);
		}
	}
}

static void count_rule(struct tree *tree, size_t interval, uint32_t rule)
{
	(void)rule;
	tree->at[interval + 2]++;
}

/* .at[i + 1] is where the next rule of interval i goes. */
static void put_rule(struct tree *tree, size_t interval, uint32_t rule)
{
	uint32_t *next = &tree->at[interval + 1];

	tree->rules[(*next)++] = rule;
}

/* What it costs to look for a rule among so many, more or less: in candidates. */
static size_t cost_of(size_t rules)
{
	size_t cost = SPLIT_COST;

	if (rules <= LIST_MAX)
		return rules;
	for (; rules > LIST_MAX; rules /= 2)
		cost += DOUBLE_COST;
	return cost + rules;
}

/* How many copies there are; *@cost: the sum of what each costs. */
static size_t sum_up(struct tree *tree, uint64_t *cost)
{
	size_t copies = 0;

	*cost = 0;
	for (size_t i = 2; i < tree->len + 2; i++) {
		copies += tree->at[i];
		*cost += (uint64_t)tree->at[i] * cost_of(tree->at[i]);
		tree->at[i] = (uint32_t)copies;
	}
	return copies;
}

/* false: no memory. */
static bool fill(struct builder *b, struct tree *tree, const struct subject *s,
		 const struct extents *extents, size_t max)
{
	uint64_t cost;
	size_t copies;

	tree->at = calloc(tree->len + 2, sizeof(tree->at[0]));
	if (!tree->at)
		return false;
	each(b, tree, s, extents, count_rule);
	copies = sum_up(tree, &cost);
	if (copies == 0 || copies > max ||
	    (s->len - tree->rest_len) * LEAST_PART < s->len)
		return true;
	tree->rules = calloc(copies, sizeof(tree->rules[0]));
	if (!tree->rules)
		return false;
	each(b, tree, s, extents, put_rule);
	tree->cost =
		SPLIT_COST + cost_of(tree->rest_len) + (size_t)(cost / copies);
	return true;
}

void tree_grow(struct builder *b, struct tree *tree, const struct subject *s,
	       size_t max)
{
	struct extents extents;
	bool ok = begin(b, tree, s, &extents);

	tree->cost = SIZE_MAX;
	if (ok) {
		cut(b, tree, s, &extents);
		for (size_t i = 0; i < s->len; i++)
			extents.counts[i] = extent_of(b, tree, s->rules[i]);
		ok = choose_most(s, &extents);
	}
	if (ok) {
		take_rest(tree, s, &extents);
		cut(b, tree, s, &extents);
		ok = fill(b, tree, s, &extents, max);
	}
	b->failed = b->failed || !ok;
	free(extents.counts);
}

void tree_fini(struct tree *tree)
{
	free(tree->starts);
	free(tree->rules);
	free(tree->at);
	free(tree->rest);
}
