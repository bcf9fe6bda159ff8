/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the classifier share: classifier.c (looking),
 * classifier_build.c (building), classifier_tree.c (one split) and
 * classifier_spans.c (what rules say of a field).
 */
#ifndef ENGINE_CLASSIFIER_STATE_H
#define ENGINE_CLASSIFIER_STATE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/classifier.h"

struct rule;
struct zone;

/*
 * What rules are told apart by.  All values have 32 bits: an address is four
 * of them, the highest first; that of IPv4 is the last one.
 */
enum { ADDR_WORDS = 4, ZONES_MAX = 64 /* that are told apart */ };

enum field {
	FIELD_SRC,
	FIELD_DST = FIELD_SRC + ADDR_WORDS,
	FIELD_PROTO = FIELD_DST + ADDR_WORDS,
	FIELD_SPORT, /* FIELD_NO_PORT: the packet has none */
	FIELD_DPORT,
	FIELD_SINGLE, /* of those before, a packet has one value */
	/* Zones, by their number in struct classifier; it has several. */
	FIELD_FROM = FIELD_SINGLE,
	FIELD_TO,
	FIELD_COUNT
};

#define FIELD_NO_PORT UINT32_MAX

/*
 * Some rules: the number of a split, with a bit that says so, or of the first
 * candidate of a list.  The list of no rules is there like any other.
 */
typedef uint32_t group;

#define GROUP_IS_SPLIT 0x80000000U

enum { GROUP_NONE = 0 };

/*
 * A rule in a list, with what can be held against a packet without looking at
 * the rule, which is elsewhere in memory.  A range is all that is taken, from
 * @first to @first + @extent; of an address one word.
 */
struct candidate {
	uint32_t rule;
	uint8_t src_field; /* which word */
	uint8_t dst_field;
	uint8_t ipproto;
	bool any_proto : 1;
	bool any_sport : 1; /* a packet without ports, too */
	bool any_dport : 1;
	bool says_all  : 1; /* the rule matches if all this does */
	bool ends      : 1; /* it is the last of its list */
	uint16_t sport_first;
	uint16_t sport_extent;
	uint16_t dport_first;
	uint16_t dport_extent;
	uint32_t src_first;
	uint32_t src_extent;
	uint32_t dst_first;
	uint32_t dst_extent;
};

static_assert(sizeof(struct candidate) == 32, "two make a cache line");

/*
 * Rules told apart by a field.  Its values are cut into intervals, and each has
 * the group of all rules that take its values; rules that take any value, or
 * too many to be kept with each, are in .rest.
 *
 * Where intervals begin stands in nodes of NODE_LEN, the last level first; a
 * level has each NODE_LEN-th start of the one before, and the topmost is one
 * node.  It is padded with the highest value.
 */
enum { NODE_LEN = 16, LEVELS_MAX = 7, CACHE_LINE = 64 };

struct split {
	uint32_t lowest; /* of its rules, .rest included */
	group rest;
	uint32_t groups; /* in .groups: that of the first interval */
	uint32_t len;    /* intervals */
	uint8_t field;
	uint8_t levels;
	uint32_t starts[LEVELS_MAX]; /* in .starts: each level */
};

static_assert(sizeof(struct split) <= CACHE_LINE, "a split is one line");
static_assert(sizeof(uint32_t) * NODE_LEN == CACHE_LINE, "so is a node");

/* The rules for packets of one family. */
struct index {
	group root;
	struct split *splits;
	struct candidate *candidates; /* by rule in each list */
	int32_t *starts; /* where an interval begins: start_key() of it */
	group *groups;   /* of the intervals, by NODE_LEN as well */
};

/* As processors compare many at once: signed, in the same order. */
static inline int32_t start_key(uint32_t start)
{
	return (int32_t)(start ^ 0x80000000U);
}

struct classifier {
	struct index ipv4;
	struct index ipv6;
	const struct zone *zones[ZONES_MAX];
	size_t zone_count;
};

/* A rule takes the values of a range, or of several. */
struct span {
	uint32_t first;
	uint32_t last;
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
 * What they say of packets of that family.  Also numbers the zones, in @c.
 * false: no memory; spans_fini() is due all the same.
 */
bool spans_init(struct spans *spans, enum field field, uint8_t ipversion,
		struct classifier *c, const struct ruleset *rules);
void spans_fini(struct spans *spans);
/* Whether the rule has addresses of the other family alone. */
bool spans_exclude(const struct rule *rule, uint8_t ipversion);
/*
 * Whether the rule, if it is not excluded, matches all packets of IPv4 with the
 * addresses, protocol and ports that one span each says.
 */
bool spans_say_all(const struct rule *rule);

#endif
