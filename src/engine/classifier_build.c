/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building the index.
 *
 * A group of more than LIST_MAX rules is split by the field that leaves least
 * together, and so are the groups that come of it, by the fields that are left.
 *
 * Splits within splits multiply how often a rule is kept.  A split within
 * another that would keep rules more often than COPIES_MAX times each is not
 * made, and none is made once there are too many copies in all; the group is
 * then a list.
 */
#include "engine/classifier_build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ruleset.h"

enum {
	LIST_MAX = 12,   /* rules that are rather asked in turn */
	COPIES_MAX = 8,  /* of a rule, on average, in a split within a split */
	COPIES_ALL = 64, /* of a rule, on average, in all */
	SPAN_COPIES_MAX = 64, /* of a range, in the first split */
};

uint32_t pile_add(struct builder *b, struct pile *pile, const void *items,
		  size_t len)
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
		memcpy((char *)pile->items + first * pile->size, items,
		       len * pile->size);
	pile->len += len;
	return (uint32_t)first;
}

const struct span *spans_of(const struct builder *b, enum field field,
			    uint32_t rule, size_t *len)
{
	const struct spans *spans = &b->spans[field];

	*len = spans->at[rule + 1] - spans->at[rule];
	return *len ? &spans->list[spans->at[rule]] : NULL;
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *left = a;
	const struct span *right = b;

	if (left->first != right->first)
		return left->first < right->first ? -1 : 1;
	return (left->last > right->last) - (left->last < right->last);
}

struct span *spans_sort(struct builder *b, const struct subject *s,
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

/* Which field to split by. */

/* How many rules, of all, stay together if those that say the same do. */
static size_t cost_of(struct builder *b, const struct subject *s,
		      enum field field)
{
	size_t cost = 0; /* in spans: a sum of squares */
	size_t any = 0;
	size_t same = 1;
	size_t count;
	size_t len;
	struct span *list = spans_sort(b, s, field, &count);

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

/* Lists. */

/* The smallest range that has all that the rule takes; false: any value. */
static bool hull_of(const struct builder *b, enum field field, uint32_t rule,
		    struct span *hull)
{
	size_t len;
	const struct span *spans = spans_of(b, field, rule, &len);

	if (len == 0)
		return false;
	*hull = spans[0];
	for (size_t i = 1; i < len; i++) {
		if (spans[i].first < hull->first)
			hull->first = spans[i].first;
		if (spans[i].last > hull->last)
			hull->last = spans[i].last;
	}
	return true;
}

/* The last word that the rule speaks of says most; @word is the first one. */
static enum field telling_word(const struct builder *b, enum field word,
			       uint32_t rule, struct span *hull)
{
	for (unsigned int i = ADDR_WORDS; i-- > 0;)
		if (hull_of(b, (enum field)(word + i), rule, hull))
			return (enum field)(word + i);
	*hull = (struct span){ 0, UINT32_MAX };
	return word;
}

static struct candidate make_candidate(const struct builder *b, uint32_t rule)
{
	struct candidate c = {
		.rule = rule,
		.says_all = spans_say_all(ruleset_rule(b->rules, rule)),
	};
	struct span hull;

	c.src_field = (uint8_t)telling_word(b, FIELD_SRC, rule, &hull);
	c.src_first = hull.first;
	c.src_extent = hull.last - hull.first;
	c.dst_field = (uint8_t)telling_word(b, FIELD_DST, rule, &hull);
	c.dst_first = hull.first;
	c.dst_extent = hull.last - hull.first;
	hull = (struct span){ 0 };
	c.any_sport = !hull_of(b, FIELD_SPORT, rule, &hull);
	c.sport_first = (uint16_t)hull.first;
	c.sport_extent = (uint16_t)(hull.last - hull.first);
	c.any_dport = !hull_of(b, FIELD_DPORT, rule, &hull);
	c.dport_first = (uint16_t)hull.first;
	c.dport_extent = (uint16_t)(hull.last - hull.first);
	c.any_proto = !hull_of(b, FIELD_PROTO, rule, &hull) ||
		      hull.first != hull.last;
	c.ipproto = (uint8_t)hull.first;
	return c;
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
	uint32_t at = (uint32_t)b->candidates.len;

	for (size_t i = 0; i < s->len; i++) {
		struct candidate candidate = make_candidate(b, s->rules[i]);

		(void)pile_add(b, &b->candidates, &candidate, 1);
	}
	return make_group(s, at, (uint32_t)s->len);
}

/* Groups. */

static struct group build(struct builder *b, const struct subject *s,
			  size_t copies_max);

static struct group build_node(struct builder *b, const struct tree *tree,
			       size_t node, unsigned int fields)
{
	struct subject s = { .fields = fields };
	uint32_t *rules = tree_rules(tree, node, &s.len);
	struct group group = { 0 };

	b->failed = b->failed || !rules;
	if (b->failed)
		goto out;
	s.rules = rules;
	group = build(b, &s, s.len * COPIES_MAX);
out:
	free(rules);
	return group;
}

/* In place of what a node had: its place, or the next one around it. */
static void build_places(struct builder *b, struct tree *tree,
			 unsigned int fields)
{
	for (size_t i = TREE_ROOT; i < 2 * tree->leaves && !b->failed; i++) {
		struct place place = {
			.outer = i == TREE_ROOT ? PLACE_NONE
						: tree->heads[i / 2],
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
static void merge_intervals(struct tree *tree)
{
	uint32_t *inner = &tree->heads[tree->leaves];
	size_t len = 1;

	for (size_t i = 1; i < tree->len; i++) {
		if (inner[i] == inner[len - 1])
			continue;
		inner[len] = inner[i];
		tree->starts[len++] = tree->starts[i];
	}
	tree->len = len;
}

/* The level whose values are each @step-th start; returns its length. */
static size_t build_level(struct builder *b, const struct tree *tree,
			  size_t step)
{
	static const uint32_t padding = UINT32_MAX;
	size_t len = 0;

	for (size_t i = 0; i < tree->len; i += step, len++)
		(void)pile_add(b, &b->starts, &tree->starts[i], 1);
	for (size_t i = len; i % NODE_LEN != 0; i++)
		(void)pile_add(b, &b->starts, &padding, 1);
	return len;
}

static void build_intervals(struct builder *b, struct tree *tree,
			    struct split *split)
{
	size_t step = 1;
	size_t len;

	merge_intervals(tree);
	split->len = (uint32_t)tree->len;
	split->inner =
		pile_add(b, &b->inner, &tree->heads[tree->leaves], tree->len);
	do {
		assert(split->levels < LEVELS_MAX);
		split->starts[split->levels++] = (uint32_t)b->starts.len;
		len = build_level(b, tree, step);
		step *= NODE_LEN;
	} while (len > NODE_LEN);
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
	split.rest = build(b, &rest, b->copies_left);
	return make_group(s, pile_add(b, &b->splits, &split, 1), 0);
}

/* Splits the group, if @copies_max copies of rules are enough for that. */
static struct group build(struct builder *b, const struct subject *s,
			  size_t copies_max)
{
	struct tree tree = { .field = FIELD_COUNT };
	struct group group;

	if (copies_max > b->copies_left)
		copies_max = b->copies_left;
	if (s->len > LIST_MAX && !b->failed)
		tree.field = choose_field(b, s);
	if (tree.field == FIELD_COUNT)
		return make_list(b, s);
	if (tree_grow(b, &tree, s, copies_max))
		group = build_split(b, &tree, s);
	else
		group = make_list(b, s);
	tree_fini(&tree);
	return group;
}

static bool build_root(struct builder *b, struct index *index,
		       const struct ruleset *rules, uint8_t ipversion)
{
	size_t count = ruleset_rule_count(rules);
	uint32_t *list = calloc(count ? count : 1, sizeof(*list));
	struct subject all = { list, 0, (1U << FIELD_COUNT) - 1 };

	if (!list)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!spans_exclude(ruleset_rule(rules, i), ipversion))
			list[all.len++] = i;
	index->root = build(b, &all, b->copies_left);
	free(list);
	return !b->failed;
}

/* What a rule names at once must have room, however long its lists are. */
static size_t copies_allowed(const struct builder *b, size_t count)
{
	size_t most = count * COPIES_ALL;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		most += b->spans[i].len * SPAN_COPIES_MAX;
	return most;
}

static void take_piles(struct index *index, const struct builder *b)
{
	index->splits = b->splits.items;
	index->places = b->places.items;
	index->candidates = b->candidates.items;
	index->starts = b->starts.items;
	index->inner = b->inner.items;
}

static bool build_index(struct index *index, struct classifier *c,
			const struct ruleset *rules, uint8_t ipversion)
{
	struct builder b = {
		.rules = rules,
		.splits.size = sizeof(struct split),
		.places.size = sizeof(struct place),
		.candidates.size = sizeof(struct candidate),
		.starts.size = sizeof(uint32_t),
		.inner.size = sizeof(uint32_t),
	};
	bool ok = true;

	for (unsigned int i = 0; i < FIELD_COUNT; i++)
		ok = spans_init(&b.spans[i], (enum field)i, ipversion, c,
				rules) &&
		     ok;
	b.copies_left = copies_allowed(&b, ruleset_rule_count(rules));
	ok = ok && build_root(&b, index, rules, ipversion);
	take_piles(index, &b);
	for (unsigned int i = 0; i < FIELD_COUNT; i++)
		spans_fini(&b.spans[i]);
	return ok;
}

struct classifier *classifier_create(const struct ruleset *rules)
{
	struct classifier *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (build_index(&c->ipv4, c, rules, 4) &&
	    build_index(&c->ipv6, c, rules, 6))
		return c;
	classifier_destroy(c);
	return NULL;
}

static void index_fini(struct index *index)
{
	free(index->splits);
	free(index->places);
	free(index->candidates);
	free(index->starts);
	free(index->inner);
}

void classifier_destroy(struct classifier *c)
{
	if (!c)
		return;
	index_fini(&c->ipv4);
	index_fini(&c->ipv6);
	free(c);
}
