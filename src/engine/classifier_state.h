/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the classifier share: classifier.c (looking) and
 * classifier_build.c (building).
 */
#ifndef ENGINE_CLASSIFIER_STATE_H
#define ENGINE_CLASSIFIER_STATE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/classifier.h"

/* What is indexed by ranges; a protocol or a port is an address that is small. */
enum range_field { FIELD_SRC, FIELD_DST, FIELD_PROTO, FIELD_DPORT };
enum zone_field { FIELD_FROM, FIELD_TO };

static_assert(FIELD_DPORT + 1 == SEARCH_RANGES, "struct search has no room");
static_assert(FIELD_TO + 1 == SEARCH_ZONES, "struct search has no room");

/*
 * A set of rules: bit r % 64 of word r / 64.  Words in which no rule is are not
 * stored if there are many of them.
 */
struct set {
	uint64_t *summary; /* bit w % 64 of word w / 64: word w is not zero */
	uint64_t *words;   /* all of them; NULL: .sparse */
	struct sparse_word {
		uint32_t word;
		uint64_t bits;
	} * sparse; /* in the order of words */
	uint32_t sparse_len;
};

/* Each set is that of the keys from .starts on, up to the next one's. */
struct ranges {
	struct addr *starts;
	struct set *sets;
	size_t len; /* 0: not indexed, all rules are wildcards */
};

struct zone_sets {
	const struct zone **zones;
	struct set *sets;
	size_t len;
};

struct classifier {
	size_t rule_count;
	size_t words;     /* of a set */
	size_t summaries; /* words of its summary */
	struct ranges ranges[SEARCH_RANGES];
	struct zone_sets zones[SEARCH_ZONES];
	/* The rules that do not ask, or that the index cannot tell about. */
	struct set range_wildcards[SEARCH_RANGES];
	struct set zone_wildcards[SEARCH_ZONES];
};

/* An empty one that stores all words; false: no memory. */
bool set_init(struct set *set, const struct classifier *c);
void set_fini(struct set *set);
/* In a set that stores all words. */
void set_add(struct set *set, uint32_t rule);
void set_remove(struct set *set, uint32_t rule);
/*
 * A copy that stores as little as it can; adds what that takes, in octets, to
 * *@space.  false: no memory; set_fini() is due all the same.
 */
bool set_copy(struct set *copy, const struct set *set,
	      const struct classifier *c, size_t *space);

#endif
