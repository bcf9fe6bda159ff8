/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building the index.
 *
 * A group of more than LIST_MAX rules is split by the field that leaves least
 * together, and so are the groups that come of it, by the fields that are left.
 *
 * A split is a segment tree (J. L. Bentley, 1977): the ends of all ranges cut
 * the values into intervals, a balanced tree stands over these, and a range is
 * the union of at most two nodes of each level.  The rules of a node are a
 * group; the nodes over an interval, those that have rules, are its places.  So
 * a rule with a range is kept a few times, never once for each interval.
 *
 * Splits within splits multiply that.  A split that would keep rules more often
 * than COPIES_MAX times each, but for the first, is not made, and none is made
 * once there are too many copies in all; the group is then a list.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/classifier_state.h"
#include "engine/ruleset.h"

enum {
	LIST_MAX = 4,   /* rules that are rather asked in turn */
	COPIES_MAX = 8, /* of a rule, on average, in a split within a split */
	COPIES_ALL = 64, /* of a rule, on average, in all */
};

/* An array that grows. */
struct pile {
	void *items;
	size_t size; /* of an item */
	size_t len;
	size_t capacity;
};

struct builder {
	struct classifier *c;
	struct spans spans[FIELD_COUNT];
	struct pile splits;
	struct pile places;
	struct pile lists;
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

static void *pile_item(const struct pile *pile, size_t number)
{
	return (char *)pile->items + number * pile->size;
}

/* Puts @len items there; returns the number of the first. */
static uint32_t pile_add(struct builder *b, struct pile *pile,
			 const void *items, size_t len)
{
	size_t capacity = pile->capacity ? pile->capacity : 64;
	size_t first = pile->len;
	void *grown;

	while (capacity < first + len)
		capacity *= 2;
	if (capacity != pile->capacity) {
		grown = realloc(pile->items, capacity * pile->size);
		if (!grown) {
			b->failed = true;
			return 0;
		}
		pile->items = grown;
		pile->capacity = capacity;
	}
	if (len > 0)
		memcpy(pile_item(pile, first), items, len * pile->size);
	pile->len += len;
	return (uint32_t)first;
}

/* The spans of a rule; @len is 0 if it takes any value. */
static const struct span *spans_of(const struct builder *b, enum field field,
				   uint32_t rule, size_t *len)
{
	const struct spans *spans = &b->spans[field];

	*len = spans->at[rule + 1] - spans->at[rule];
	return *len ? &spans->list[spans->at[rule]] : NULL;
}

static int compare_keys(const void *a, const void *b)
{
	const struct key *left = a;
	const struct key *right = b;

	return key_before(*right, *left) - key_before(*left, *right);
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *left = a;
	const struct span *right = b;
	int order = compare_keys(&left->first, &right->first);

	return order ? order : compare_keys(&left->last, &right->last);
}

static struct group make_group(const struct subject *s, uint32_t at,
			       uint32_t len)
{
	if (s->len == 0)
		return (struct group){ .lowest = RULE_NONE };
	return (struct group){ s->rules[0], s->rules[s->len - 1], at, len };
}

static struct group make_list(struct builder *b, const struct subject *s)
{
	return make_group(s, pile_add(b, &b->lists, s->rules, s->len),
			  (uint32_t)s->len);
}

/* Which field to split by. */

/* All spans of those rules, sorted, to be freed; NULL: none, or no memory. */
static struct span *sort_spans(struct builder *b, const struct subject *s,
			       enum field field, size_t *count)
{
	struct span *list = NULL;
	size_t len;

	*count = 0;
	for (size_t i = 0; i < s->len; i++) {
		(void)spans_of(b, field, s->rules[i], &len);
		*count += len;
	}
	if (*count > 0)
		list = calloc(*count, sizeof(*list));
	b->failed = b->failed || (*count > 0 && !list);
	*count = 0;
	for (size_t i = 0; list && i < s->len; i++) {
		const struct span *spans =
			spans_of(b, field, s->rules[i], &len);

		if (len > 0)
			memcpy(&list[*count], spans, len * sizeof(*list));
		*count += len;
	}
	if (list)
		qsort(list, *count, sizeof(*list), compare_spans);
	return list;
}

/* How many rules, of all, stay together if those that say the same do. */
static size_t cost_of(struct builder *b, const struct subject *s,
		      enum field field)
{
	size_t cost = 0; /* in spans: a sum of squares */
	size_t any = 0;
	size_t same = 1;
	size_t count;
	size_t len;
	struct span *list = sort_spans(b, s, field, &count);

	for (size_t i = 0; i < s->len; i++) {
		(void)spans_of(b, field, s->rules[i], &len);
		any += len == 0;
	}
	for (size_t i = 1; i <= count; i++, same++)
		if (i == count || compare_spans(&list[i - 1], &list[i]) != 0) {
			cost += same * same;
			same = 0;
		}
	free(list);
	return any + (count ? cost / count : 0);
}

/* FIELD_COUNT: there is none worth it. */
static enum field choose_field(struct builder *b, const struct subject *s)
{
	enum field best = FIELD_COUNT;
	size_t least = s->len - s->len / 4;

	for (unsigned int i = 0; i < FIELD_COUNT; i++) {
		size_t cost;

		if (!(s->fields & 1U << i))
			continue;
		cost = cost_of(b, s, (enum field)i);
		if (cost < least) {
			least = cost;
			best = (enum field)i;
		}
	}
	return best;
}

/* The tree. */

enum { ROOT = 1 }; /* the children of node n are 2 n and 2 n + 1 */

/* A rule at a node; the newest first. */
struct piece {
	uint32_t rule;
	uint32_t next; /* number + 1, or 0 */
};

struct tree {
	enum field field;
	struct key *starts; /* of the intervals */
	size_t len;
	size_t leaves; /* a power of two; leaf i is node .leaves + i */
	uint32_t *heads; /* by node: its first piece + 1, or 0 */
	struct pile pieces;
	uint32_t *rest; /* rules that take any value */
	size_t rest_len;
};

/* The key behind @key; false: it is the highest. */
static bool next_key(struct key *key)
{
	key->low++;
	key->high += key->low == 0;
	return key->low || key->high;
}

/* An interval begins at the lowest key, with a span, and behind one. */
static bool tree_cut(struct builder *b, struct tree *tree,
		     const struct subject *s)
{
	size_t count;
	struct span *list = sort_spans(b, s, tree->field, &count);
	size_t len = 1;

	tree->starts = calloc(2 * count + 1, sizeof(struct key));
	for (size_t i = 0; tree->starts && i < count; i++) {
		tree->starts[len++] = list[i].first;
		if (next_key(&list[i].last))
			tree->starts[len++] = list[i].last;
	}
	free(list);
	if (!tree->starts)
		return false;
	qsort(tree->starts, len, sizeof(struct key), compare_keys);
	tree->len = 1;
	for (size_t i = 1; i < len; i++)
		if (key_before(tree->starts[tree->len - 1], tree->starts[i]))
			tree->starts[tree->len++] = tree->starts[i];
	tree->leaves = 1;
	while (tree->leaves < tree->len)
		tree->leaves *= 2;
	tree->heads = calloc(2 * tree->leaves, sizeof(uint32_t));
	return tree->heads != NULL;
}

static void put(struct builder *b, struct tree *tree, size_t node,
		uint32_t rule)
{
	struct piece piece = { rule, tree->heads[node] };
	const struct piece *newest =
		piece.next ? pile_item(&tree->pieces, piece.next - 1) : NULL;

	/* A rule whose ranges overlap. */
	if (newest && newest->rule == rule)
		return;
	tree->heads[node] = pile_add(b, &tree->pieces, &piece, 1) + 1;
}

/* The interval that @key is in. */
static size_t interval_of(const struct key *starts, size_t len, struct key key)
{
	size_t low = 0;

	while (len > 1) {
		size_t half = len / 2;

		low += key_before(key, starts[low + half]) ? 0 : half;
		len -= half;
	}
	return low;
}

static void put_span(struct builder *b, struct tree *tree,
		     const struct span *span, uint32_t rule)
{
	size_t from = tree->leaves +
		      interval_of(tree->starts, tree->len, span->first);
	size_t to = tree->leaves +
		    interval_of(tree->starts, tree->len, span->last) + 1;

	for (; from < to && !b->failed; from /= 2, to /= 2) {
		if (from % 2)
			put(b, tree, from++, rule);
		if (to % 2)
			put(b, tree, --to, rule);
	}
}

/* false: no memory, or @max pieces are not enough. */
static bool tree_fill(struct builder *b, struct tree *tree,
		      const struct subject *s, size_t max)
{
	tree->pieces.size = sizeof(struct piece);
	tree->rest = calloc(s->len, sizeof(uint32_t));
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

static void tree_fini(struct tree *tree)
{
	free(tree->starts);
	free(tree->heads);
	free(tree->pieces.items);
	free(tree->rest);
}

static struct group build(struct builder *b, const struct subject *s);

/* The rules of a node, in their order, as a group. */
static struct group build_node(struct builder *b, const struct tree *tree,
			       size_t node, unsigned int fields)
{
	struct subject s = { .fields = fields };
	struct group group = { 0 };
	uint32_t *rules;

	for (uint32_t i = tree->heads[node]; i; s.len++)
		i = ((struct piece *)pile_item(&tree->pieces, i - 1))->next;
	rules = calloc(s.len, sizeof(*rules));
	if (!rules) {
		b->failed = true;
		return group;
	}
	for (uint32_t i = tree->heads[node], j = (uint32_t)s.len; i;) {
		const struct piece *piece = pile_item(&tree->pieces, i - 1);

		rules[--j] = piece->rule;
		i = piece->next;
	}
	s.rules = rules;
	group = build(b, &s);
	free(rules);
	return group;
}

/* In place of what a node had: its place, or the next one around it. */
static void build_places(struct builder *b, struct tree *tree,
			 unsigned int fields)
{
	for (size_t i = ROOT; i < 2 * tree->leaves && !b->failed; i++) {
		struct place place = {
			.outer = i == ROOT ? PLACE_NONE : tree->heads[i / 2],
		};

		if (!tree->heads[i]) {
			tree->heads[i] = place.outer;
			continue;
		}
		place.group = build_node(b, tree, i, fields);
		tree->heads[i] = pile_add(b, &b->places, &place, 1);
	}
}

/* Intervals that need not be told apart become one. */
static void build_intervals(struct builder *b, const struct tree *tree,
			    struct split *split)
{
	const uint32_t *inner = &tree->heads[tree->leaves];

	split->at = (uint32_t)b->starts.len;
	for (size_t i = 0; i < tree->len; i++) {
		if (i > 0 && inner[i] == inner[i - 1])
			continue;
		(void)pile_add(b, &b->starts, &tree->starts[i], 1);
		(void)pile_add(b, &b->inner, &inner[i], 1);
		split->len++;
	}
}

static struct group build_split(struct builder *b, struct tree *tree,
				const struct subject *s)
{
	unsigned int fields = s->fields & ~(1U << tree->field);
	const struct subject rest = { tree->rest, tree->rest_len, fields };
	struct split split = { .field = tree->field };

	b->copies_left -= tree->pieces.len;
	build_places(b, tree, fields);
	build_intervals(b, tree, &split);
	split.rest = build(b, &rest);
	return make_group(s, pile_add(b, &b->splits, &split, 1), 0);
}

static struct group build(struct builder *b, const struct subject *s)
{
	static const unsigned int all_fields = (1U << FIELD_COUNT) - 1;
	struct tree tree = { 0 };
	struct group group;
	size_t max = s->len * COPIES_MAX;

	if (s->fields == all_fields || max > b->copies_left)
		max = b->copies_left;
	tree.field = FIELD_COUNT;
	if (s->len > LIST_MAX && !b->failed)
		tree.field = choose_field(b, s);
	if (tree.field == FIELD_COUNT)
		return make_list(b, s);
	if (tree_cut(b, &tree, s) && tree_fill(b, &tree, s, max)) {
		group = build_split(b, &tree, s);
	} else {
		b->failed = b->failed || !tree.heads || !tree.rest;
		group = make_list(b, s);
	}
	tree_fini(&tree);
	return group;
}

static bool build_root(struct builder *b, size_t count)
{
	uint32_t *rules = calloc(count ? count : 1, sizeof(*rules));
	const struct subject all = { rules, count, (1U << FIELD_COUNT) - 1 };

	if (!rules)
		return false;
	for (uint32_t i = 0; i < count; i++)
		rules[i] = i;
	b->c->root = build(b, &all);
	free(rules);
	return !b->failed;
}

/* What a rule names at once must have room, however long its lists are. */
static size_t copies_allowed(const struct builder *b, size_t count)
{
	enum { TREE_DEPTH = 32 };
	size_t most = count * COPIES_ALL;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		most += b->spans[i].len * TREE_DEPTH;
	return most;
}

static void take_piles(struct builder *b)
{
	struct classifier *c = b->c;

	c->splits = b->splits.items;
	c->places = b->places.items;
	c->lists = b->lists.items;
	c->starts = b->starts.items;
	c->inner = b->inner.items;
}

struct classifier *classifier_create(const struct ruleset *rules)
{
	struct builder b = {
		.c = calloc(1, sizeof(struct classifier)),
		.splits.size = sizeof(struct split),
		.places.size = sizeof(struct place),
		.lists.size = sizeof(uint32_t),
		.starts.size = sizeof(struct key),
		.inner.size = sizeof(uint32_t),
	};
	size_t count = ruleset_rule_count(rules);
	bool ok = b.c != NULL;

	for (unsigned int i = 0; i < FIELD_COUNT; i++)
		ok = ok && spans_init(&b.spans[i], (enum field)i, b.c, rules);
	if (ok) {
		b.copies_left = copies_allowed(&b, count);
		ok = build_root(&b, count);
		take_piles(&b);
	}
	for (unsigned int i = 0; i < FIELD_COUNT; i++)
		spans_fini(&b.spans[i]);
	if (ok)
		return b.c;
	classifier_destroy(b.c);
	return NULL;
}

void classifier_destroy(struct classifier *c)
{
	if (!c)
		return;
	free(c->splits);
	free(c->places);
	free(c->lists);
	free(c->starts);
	free(c->inner);
	free(c);
}
