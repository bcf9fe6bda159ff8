/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the classifier share: classifier.c (looking),
 * classifier_build.c (building) and classifier_spans.c (what rules say of a
 * field).
 */
#ifndef ENGINE_CLASSIFIER_STATE_H
#define ENGINE_CLASSIFIER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/classifier.h"

/* What the index can tell rules apart by. */
enum field {
	FIELD_SRC,
	FIELD_DST,
	FIELD_PROTO,
	FIELD_SPORT,
	FIELD_DPORT,
	FIELD_FROM, /* zones: their numbers in struct classifier.zones */
	FIELD_TO,
	FIELD_COUNT
};

enum { ZONES_MAX = 64 }; /* that are told apart, of each of the two */

/* Any value of any field. */
struct key {
	uint64_t high;
	uint64_t low;
};

static inline bool key_before(struct key a, struct key b)
{
	return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static inline struct key key_of_number(uint64_t number)
{
	return (struct key){ 0, number };
}

struct key key_of_addr(const struct addr *addr);

/* In place of the number of a place. */
#define PLACE_NONE UINT32_MAX

/* Some rules: a list of their numbers, or a split. */
struct group {
	uint32_t lowest; /* of its rules; RULE_NONE: there are none */
	uint32_t highest;
	uint32_t at;  /* in .lists, or of .splits */
	uint32_t len; /* of the list; 0: it is a split */
};

/*
 * Rules told apart by a field.  Its values are cut into intervals; a value's
 * rules are those in the place of its interval, in all places outside of that
 * one, and in .rest.
 */
struct split {
	enum field field;
	struct group rest; /* rules that take any value */
	uint32_t at;       /* in .starts and .inner: its intervals */
	uint32_t len;
};

struct place {
	struct group group;
	uint32_t outer; /* the next place around it, or PLACE_NONE */
};

struct classifier {
	struct group root;
	struct split *splits;
	struct place *places;
	uint32_t *lists;    /* numbers of rules, ascending in each list */
	struct key *starts; /* where an interval begins; it ends at the next */
	uint32_t *inner;    /* the innermost place of the interval */
	const struct zone *zones[ZONES_MAX];
	size_t zone_count;
};

/* A rule takes the values of a range, or of several. */
struct span {
	struct key first;
	struct key last;
};

/* What all rules say of one field. */
struct spans {
	struct span *list;
	size_t len;
	size_t capacity;
	/* Those of rule n are [at[n], at[n + 1]); none: it takes any value. */
	uint32_t *at;
};

/*
 * Also numbers the zones, in @c.  false: no memory; spans_fini() is due all the
 * same.
 */
bool spans_init(struct spans *spans, enum field field, struct classifier *c,
		const struct ruleset *rules);
void spans_fini(struct spans *spans);

#endif
