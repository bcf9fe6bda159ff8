/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building the index.
 *
 * A group of more than LIST_MAX rules is split by the field that makes looking
 * cheapest, and so are the groups that come of it, by the fields that are left.
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

/* Which field to split by. */

/*
 * Grows the tree that makes looking cheapest.  false: there is none worth it.
 */
static bool choose_tree(struct builder *b, const struct subject *s,
			size_t copies_max, struct tree *best)
{
	*best = (struct tree){ .cost = s->len };
	for (unsigned int i = 0; i < FIELD_COUNT && !b->failed; i++) {
		struct tree tree = { .field = (enum field)i };

		if (!(s->fields & 1U << i))
			continue;
		tree_grow(b, &tree, s, copies_max);
		if (tree.cost < best->cost) {
			tree_fini(best);
			*best = tree;
		} else {
			tree_fini(&tree);
		}
	}
	return best->rules != NULL && !b->failed;
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

static group make_list(struct builder *b, const struct subject *s)
{
	group list = (group)b->candidates.len;

	for (size_t i = 0; i < s->len; i++) {
		struct candidate candidate = make_candidate(b, s->rules[i]);

		candidate.ends = i == s->len - 1;
		(void)pile_add(b, &b->candidates, &candidate, 1);
	}
	b->copies_left -= s->len < b->copies_left ? s->len : b->copies_left;
	return list;
}

/* The group of no rules: its candidate is behind all others. */
static void make_none(struct builder *b)
{
	static const struct candidate none = { .rule = RULE_NONE,
					       .ends = true };

	(void)pile_add(b, &b->candidates, &none, 1);
}

/* Groups. */

static group build(struct builder *b, const struct subject *s,
		   size_t copies_max);

static uint32_t *bucket_of(struct builder *b, const struct subject *s)
{
	uint32_t hash = s->fields;

	for (size_t i = 0; i < s->len; i++)
		hash = (hash ^ s->rules[i]) * 0x01000193; /* as FNV does it */
	return &b->known_first[(hash ^ hash >> 16) % KNOWN_BUCKETS];
}

static bool is_known(const struct builder *b, const struct known *known,
		     const struct subject *s)
{
	const uint32_t *rules = b->known_rules.items;

	return known->fields == s->fields && known->len == s->len &&
	       memcmp(&rules[known->rules], s->rules,
		      s->len * sizeof(rules[0])) == 0;
}

/* Intervals that have the same rules share them. */
static group build_once(struct builder *b, const struct subject *s)
{
	uint32_t *bucket = bucket_of(b, s);
	struct known known = { .len = (uint32_t)s->len, .fields = s->fields };
	const struct known *list = b->known.items;

	if (s->len == 0)
		return GROUP_NONE;
	for (uint32_t i = *bucket; i; i = list[i - 1].next)
		if (is_known(b, &list[i - 1], s))
			return list[i - 1].group;
	known.group = build(b, s, s->len * COPIES_MAX);
	known.rules = pile_add(b, &b->known_rules, s->rules, s->len);
	known.next = *bucket;
	*bucket = pile_add(b, &b->known, &known, 1) + 1;
	return known.group;
}

/* The groups of all intervals; to be freed.  NULL: no memory. */
static group *build_groups(struct builder *b, const struct tree *tree,
			   unsigned int fields)
{
	group *groups = calloc(tree->len, sizeof(*groups));

	b->failed = b->failed || !groups;
	for (size_t i = 0; i < tree->len && !b->failed; i++) {
		const struct subject s = { &tree->rules[tree->at[i]],
					   tree->at[i + 1] - tree->at[i],
					   fields };

		groups[i] = build_once(b, &s);
	}
	return groups;
}

/* Intervals that need not be told apart become one. */
static void merge_intervals(struct tree *tree, group *groups)
{
	size_t len = 1;

	for (size_t i = 1; i < tree->len; i++) {
		if (groups[i] == groups[len - 1])
			continue;
		groups[len] = groups[i];
		tree->starts[len++] = tree->starts[i];
	}
	tree->len = len;
}

/* Fills up the last node. */
static void pad(struct builder *b, struct pile *pile, uint32_t padding)
{
	while (pile->len % NODE_LEN != 0 && !b->failed)
		(void)pile_add(b, pile, &padding, 1);
}

/* The level whose values are each @step-th start; returns its length. */
static size_t build_level(struct builder *b, const struct tree *tree,
			  size_t step)
{
	size_t len = 0;

	for (size_t i = 0; i < tree->len; i += step, len++) {
		const int32_t key = start_key(tree->starts[i]);

		(void)pile_add(b, &b->starts, &key, 1);
	}
	pad(b, &b->starts, (uint32_t)start_key(UINT32_MAX));
	return len;
}

static void build_intervals(struct builder *b, const struct tree *tree,
			    const group *groups, struct split *split)
{
	size_t step = 1;
	size_t len;

	split->len = (uint32_t)tree->len;
	split->groups = pile_add(b, &b->groups, groups, tree->len);
	pad(b, &b->groups, GROUP_NONE);
	do {
		assert(split->levels < LEVELS_MAX);
		split->starts[split->levels++] = (uint32_t)b->starts.len;
		len = build_level(b, tree, step);
		step *= NODE_LEN;
	} while (len > NODE_LEN);
}

/* The rest may be split by any field again: its rules are wide. */
static group build_split(struct builder *b, struct tree *tree,
			 const struct subject *s, size_t copies_max)
{
	const struct subject rest = { tree->rest, tree->rest_len, s->fields };
	struct split split = { .lowest = s->rules[0],
			       .field = (uint8_t)tree->field };
	group *groups = build_groups(b, tree, s->fields & ~(1U << tree->field));

	if (groups) {
		merge_intervals(tree, groups);
		build_intervals(b, tree, groups, &split);
		split.rest = build(b, &rest, copies_max);
	}
	free(groups);
	return pile_add(b, &b->splits, &split, 1) | GROUP_IS_SPLIT;
}

/* Splits the group, if @copies_max copies of rules are enough for that. */
static group build(struct builder *b, const struct subject *s,
		   size_t copies_max)
{
	struct tree tree = { 0 };
	group built;

	if (s->len == 0)
		return GROUP_NONE;
	if (copies_max > b->copies_left)
		copies_max = b->copies_left;
	if (s->len <= LIST_MAX || b->failed)
		return make_list(b, s);
	if (choose_tree(b, s, copies_max, &tree))
		built = build_split(b, &tree, s, copies_max);
	else
		built = make_list(b, s);
	tree_fini(&tree);
	return built;
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
	make_none(b);
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

/* A copy that begins with a cache line; NULL: no memory. */
static void *take(struct builder *b, struct pile *pile)
{
	size_t size = (pile->len * pile->size + CACHE_LINE - 1) / CACHE_LINE *
		      CACHE_LINE;
	void *items = aligned_alloc(CACHE_LINE, size ? size : CACHE_LINE);

	if (items && pile->len > 0)
		memcpy(items, pile->items, pile->len * pile->size);
	b->failed = b->failed || !items;
	return items;
}

static void take_piles(struct index *index, struct builder *b)
{
	index->splits = take(b, &b->splits);
	index->candidates = take(b, &b->candidates);
	index->starts = take(b, &b->starts);
	index->groups = take(b, &b->groups);
}

static void builder_fini(struct builder *b)
{
	struct pile *piles[] = { &b->splits, &b->candidates, &b->starts,
				 &b->groups, &b->known,      &b->known_rules };

	for (size_t i = 0; i < sizeof(piles) / sizeof(piles[0]); i++)
		free(piles[i]->items);
	for (unsigned int i = 0; i < FIELD_COUNT; i++)
		spans_fini(&b->spans[i]);
	free(b);
}

static struct builder *builder_create(const struct ruleset *rules)
{
	struct builder *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->rules = rules;
	b->splits.size = sizeof(struct split);
	b->candidates.size = sizeof(struct candidate);
	b->starts.size = sizeof(uint32_t);
	b->groups.size = sizeof(group);
	b->known.size = sizeof(struct known);
	b->known_rules.size = sizeof(uint32_t);
	return b;
}

static bool build_index(struct index *index, struct classifier *c,
			const struct ruleset *rules, uint8_t ipversion)
{
	struct builder *b = builder_create(rules);
	bool ok = b != NULL;

	for (unsigned int i = 0; ok && i < FIELD_COUNT; i++)
		ok = spans_init(&b->spans[i], (enum field)i, ipversion, c,
				rules);
	if (ok) {
		b->copies_left = copies_allowed(b, ruleset_rule_count(rules));
		ok = build_root(b, index, rules, ipversion);
		take_piles(index, b);
		ok = ok && !b->failed;
	}
	if (b)
		builder_fini(b);
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
	free(index->candidates);
	free(index->starts);
	free(index->groups);
}

void classifier_destroy(struct classifier *c)
{
	if (!c)
		return;
	index_fini(&c->ipv4);
	index_fini(&c->ipv6);
	free(c);
}
