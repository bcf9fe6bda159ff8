/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules remember of networks: two arrays of sets, one for buckets, one
 * for counts.
 *
 * A bucket is two words: a tag, which says whose it is, and the bucket's word.
 * A count is one word: a tag and the count, all zero when it is free.  Tags
 * come from the same hash as the number of the set, so that an entry is known
 * by all 64 bits of it in the first array, and by all but those that the count
 * takes in the second.
 */
#include "engine/sources.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	WAYS = 8, /* places of a set: a cache line, or two */
	PLACES_MIN = 1024,
	BUCKETS_MAX = 1 << 20,
	COUNTS_MAX = 1 << 22,
	COUNT_BITS = 29, /* a pool has at most 2^28 connections */
};

#define COUNT_MASK (((uint64_t)1 << COUNT_BITS) - 1)

struct bucket {
	_Atomic uint64_t tag; /* 0: nobody's */
	rate_bucket word;
};

struct sources {
	struct hash_key key;
	size_t bucket_mask; /* of the number of a set */
	size_t count_mask;
	struct bucket *buckets;
	_Atomic uint64_t *counts;
};

/* A power of two, not less than @least, within bounds. */
static size_t places_for(size_t least, size_t max)
{
	size_t places = PLACES_MIN;

	while (places < least && places < max)
		places *= 2;
	return places;
}

/*
 * Counts: four places each, so that a set of eight is full once in some
 * thousand times when there are so many.
 */
struct sources *sources_create(size_t max_nodes, const struct hash_key *key)
{
	struct sources *sources = calloc(1, sizeof(*sources));
	size_t buckets = places_for(max_nodes, BUCKETS_MAX);
	size_t counts = places_for(4 * max_nodes, COUNTS_MAX);

	if (!sources)
		return NULL;
	sources->key = *key;
	sources->bucket_mask = buckets / WAYS - 1;
	sources->count_mask = counts / WAYS - 1;
	sources->buckets = calloc(buckets, sizeof(sources->buckets[0]));
	sources->counts = calloc(counts, sizeof(sources->counts[0]));
	if (sources->buckets && sources->counts)
		return sources;
	sources_destroy(sources);
	return NULL;
}

void sources_destroy(struct sources *sources)
{
	if (!sources)
		return;
	free(sources->buckets);
	free(sources->counts);
	free(sources);
}

/* What is hashed: no padding. */
struct hashed {
	uint64_t rule;
	struct addr addr;
	uint32_t len;
	uint32_t kind;
};

static_assert(sizeof(struct hashed) == 32, "struct hashed has padding");

/* Never 0. */
static uint64_t hash_of(const struct sources *sources,
			const struct sources_key *key)
{
	struct hashed hashed = {
		.rule = key->rule,
		.addr = key->network.addr,
		.len = key->network.len,
		.kind = key->kind,
	};
	uint64_t hash = siphash13(&sources->key, &hashed, sizeof(hashed));

	return hash ? hash : 1;
}

static uint64_t load(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

/* The bucket of the set that is most nearly full, or nobody's. */
static struct bucket *find_victim(struct bucket *set)
{
	struct bucket *victim = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (load(&set[i].tag) == 0)
			return &set[i];
		if (load(&set[i].word) < load(&victim->word))
			victim = &set[i];
	}
	return victim;
}

static struct bucket *find_bucket(struct bucket *set, uint64_t tag)
{
	for (size_t i = 0; i < WAYS; i++)
		if (load(&set[i].tag) == tag)
			return &set[i];
	return NULL;
}

/*
 * The bucket of the key, a full one if it had none.  It is made full before it
 * changes hands: the owner of before is forgiven, not the next one charged.
 */
static struct bucket *take_bucket(struct sources *sources,
				  const struct sources_key *key)
{
	uint64_t tag = hash_of(sources, key);
	struct bucket *set =
		&sources->buckets[(tag & sources->bucket_mask) * WAYS];
	struct bucket *bucket = find_bucket(set, tag);
	uint64_t old;

	if (bucket)
		return bucket;
	bucket = find_victim(set);
	old = load(&bucket->tag);
	atomic_store_explicit(&bucket->word, 0, memory_order_relaxed);
	/* If another thread was faster, perhaps for the same key. */
	if (!atomic_compare_exchange_strong(&bucket->tag, &old, tag))
		return find_bucket(set, tag);
	return bucket;
}

bool sources_take(struct sources *sources, const struct sources_key *key,
		  const struct rate *rate, uint64_t count, msec_t now)
{
	struct bucket *bucket = take_bucket(sources, key);

	return !bucket || rate_take(&bucket->word, rate, count, now);
}

void sources_drain(struct sources *sources, const struct sources_key *key,
		   const struct rate *rate, uint64_t count, msec_t now)
{
	struct bucket *bucket = take_bucket(sources, key);

	if (bucket)
		rate_drain(&bucket->word, rate, count, now);
}

bool sources_lack(struct sources *sources, const struct sources_key *key,
		  const struct rate *rate, uint64_t count, msec_t now)
{
	uint64_t tag = hash_of(sources, key);
	struct bucket *set =
		&sources->buckets[(tag & sources->bucket_mask) * WAYS];
	struct bucket *bucket = find_bucket(set, tag);

	return bucket && rate_lacks(&bucket->word, rate, count, now);
}

/* The places that a key's count may have, and its tag in the upper bits. */
struct count_set {
	_Atomic uint64_t *places;
	uint64_t tag;
};

static struct count_set find_counts(const struct sources *sources,
				    const struct sources_key *key)
{
	uint64_t hash = hash_of(sources, key);
	size_t set = (size_t)(hash & sources->count_mask);

	return (struct count_set){ &sources->counts[set * WAYS],
				   hash & ~COUNT_MASK };
}

static bool is_counted(uint64_t word, uint64_t tag)
{
	return word != 0 && (word & ~COUNT_MASK) == tag;
}

/* Two threads may have begun to count one key in two places. */
static uint32_t sum_counts(const struct count_set *set)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < WAYS; i++) {
		uint64_t word = atomic_load(&set->places[i]);

		if (is_counted(word, set->tag))
			sum += word & COUNT_MASK;
	}
	return (uint32_t)sum;
}

/* One that counts the key, or a free one; NULL: all are others'. */
static _Atomic uint64_t *find_place(const struct count_set *set, uint64_t *word)
{
	_Atomic uint64_t *free_place = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		*word = atomic_load(&set->places[i]);
		if (is_counted(*word, set->tag))
			return &set->places[i];
		if (*word == 0 && !free_place)
			free_place = &set->places[i];
	}
	*word = 0;
	return free_place;
}

static void add_one(const struct count_set *set)
{
	_Atomic uint64_t *place;
	uint64_t word;

	do {
		place = find_place(set, &word);
		if (!place)
			return;
	} while (!atomic_compare_exchange_strong(
		place, &word, word ? word + 1 : set->tag | 1));
}

static void take_one(const struct count_set *set)
{
	_Atomic uint64_t *place;
	uint64_t word;

	do {
		place = find_place(set, &word);
		if (!place || word == 0)
			return;
	} while (!atomic_compare_exchange_strong(
		place, &word, (word & COUNT_MASK) > 1 ? word - 1 : 0));
}

bool sources_admit(struct sources *sources, const struct sources_key *key,
		   uint32_t max)
{
	struct count_set set = find_counts(sources, key);

	if (max && sum_counts(&set) >= max)
		return false;
	add_one(&set);
	/* Of several that come at once each sees those before it. */
	if (max && sum_counts(&set) > max) {
		take_one(&set);
		return false;
	}
	return true;
}

void sources_dismiss(struct sources *sources, const struct sources_key *key)
{
	struct count_set set = find_counts(sources, key);

	take_one(&set);
}

uint32_t sources_count(const struct sources *sources,
		       const struct sources_key *key)
{
	struct count_set set = find_counts(sources, key);

	return sum_counts(&set);
}
