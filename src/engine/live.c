/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks with a time to live, in a hash table of buckets.
 *
 * A network has two buckets of eight places, where a keyed hash says, and no
 * other place; there are at least twice as many places as entries, so two
 * buckets are never full at once unless somebody knows the key.  A lookup asks
 * once for each length of prefix that is in use, which is one or two.
 *
 * A place is three words.  The state word has a generation that counts the
 * changes of the place, so a reader that finds the same state before and after
 * it has read the key has read one entry, and not the halves of two:
 *
 *	writer: state = free, key, state = taken      (release)
 *	reader: state, key, state again               (acquire)
 */
#include "engine/live.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	PLACES = 8, /* in a bucket */
	CHOICES = 2,
	LENGTHS = 129, /* of prefixes, 0 to 128 */
	IPV4_LENGTH = 96,
	WORD_BITS = 64,
	WORDS = 3, /* hold a bit for each length */
};

/* The state: generation, length + 1 or 0 for a free place, end in ms. */
#define EXPIRES_BITS 44
#define LENGTH_BITS  8
#define EXPIRES_MASK (((uint64_t)1 << EXPIRES_BITS) - 1)
#define LENGTH_MASK  (((uint64_t)1 << LENGTH_BITS) - 1)
#define GENERATION   ((uint64_t)1 << (EXPIRES_BITS + LENGTH_BITS))

struct place {
	_Atomic uint64_t state;
	_Atomic uint64_t high; /* of the prefix's address */
	_Atomic uint64_t low;
};

struct live_set {
	struct hash_key key;
	size_t max;
	size_t mask;     /* of the number of a bucket */
	msec_t earliest; /* nothing ends before that */
	_Atomic size_t count;
	_Atomic uint64_t lengths[WORDS]; /* those in use: bits */
	size_t used[LENGTHS];            /* entries of that length */
	struct place *places;
};

/* What a place says, as one reading of it. */
struct reading {
	uint64_t state;
	uint64_t high;
	uint64_t low;
};

static bool is_free(uint64_t state)
{
	return (state >> EXPIRES_BITS & LENGTH_MASK) == 0;
}

static uint8_t length_of(uint64_t state)
{
	return (uint8_t)((state >> EXPIRES_BITS & LENGTH_MASK) - 1);
}

static msec_t expires_of(uint64_t state)
{
	uint64_t expires = state & EXPIRES_MASK;

	return expires == EXPIRES_MASK ? LIVE_FOREVER : (msec_t)expires;
}

static uint64_t clamp_expires(msec_t expires)
{
	if (expires < 0)
		return 0;
	if ((uint64_t)expires > EXPIRES_MASK)
		return EXPIRES_MASK;
	return (uint64_t)expires;
}

/* The next generation of the place, free. */
static uint64_t freed(uint64_t state)
{
	return (state & ~(GENERATION - 1)) + GENERATION;
}

static uint64_t load_word(const uint8_t bytes[8])
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

struct live_set *live_create(size_t max)
{
	struct live_set *set = calloc(1, sizeof(*set));
	size_t buckets = CHOICES;

	assert(max > 0);
	if (!set)
		return NULL;
	while (buckets * PLACES < 2 * max)
		buckets *= 2;
	set->max = max;
	set->mask = buckets - 1;
	set->earliest = LIVE_FOREVER;
	set->places = calloc(buckets * PLACES, sizeof(set->places[0]));
	if (set->places)
		return set;
	free(set);
	return NULL;
}

void live_destroy(struct live_set *set)
{
	if (!set)
		return;
	free(set->places);
	free(set);
}

size_t live_max(const struct live_set *set)
{
	return set->max;
}

size_t live_count(const struct live_set *set)
{
	return atomic_load_explicit(&set->count, memory_order_relaxed);
}

void live_set_key(struct live_set *set, const struct hash_key *key)
{
	assert(live_count(set) == 0);
	set->key = *key;
}

/* What is hashed: no padding. */
struct hashed {
	struct addr addr;
	uint64_t len;
};

/* The first places of the buckets of a network. */
static void find_buckets(const struct live_set *set,
			 const struct prefix *prefix,
			 struct place *buckets[CHOICES])
{
	struct hashed hashed = { prefix->addr, prefix->len };
	uint64_t hash = siphash13(&set->key, &hashed, sizeof(hashed));
	size_t first = (size_t)hash & set->mask;
	size_t second = (size_t)(hash >> 32) & set->mask;

	if (first == second)
		second ^= 1;
	buckets[0] = &set->places[first * PLACES];
	buckets[1] = &set->places[second * PLACES];
}

/* One entry, or a free place; never parts of two. */
static struct reading read_place(const struct place *place)
{
	struct reading reading;
	uint64_t before;

	do {
		before = atomic_load_explicit(&place->state,
					      memory_order_acquire);
		if (is_free(before))
			return (struct reading){ .state = before };
		reading.high = atomic_load_explicit(&place->high,
						    memory_order_acquire);
		reading.low =
			atomic_load_explicit(&place->low, memory_order_acquire);
		reading.state = atomic_load_explicit(&place->state,
						     memory_order_relaxed);
	} while (reading.state != before);
	return reading;
}

static bool is_prefix(const struct reading *reading,
		      const struct prefix *prefix)
{
	return !is_free(reading->state) &&
	       length_of(reading->state) == prefix->len &&
	       reading->high == load_word(prefix->addr.bytes) &&
	       reading->low == load_word(prefix->addr.bytes + 8);
}

/* NULL: it is not there.  @reading is what was found. */
static struct place *find_place(const struct live_set *set,
				const struct prefix *prefix,
				struct reading *reading)
{
	struct place *buckets[CHOICES];

	find_buckets(set, prefix, buckets);
	for (size_t i = 0; i < CHOICES; i++) {
		for (size_t j = 0; j < PLACES; j++) {
			*reading = read_place(&buckets[i][j]);
			if (is_prefix(reading, prefix))
				return &buckets[i][j];
		}
	}
	return NULL;
}

static void note_length(struct live_set *set, uint8_t len)
{
	if (set->used[len]++ == 0)
		atomic_fetch_or_explicit(&set->lengths[len / WORD_BITS],
					 (uint64_t)1 << len % WORD_BITS,
					 memory_order_release);
}

static void forget_length(struct live_set *set, uint8_t len)
{
	if (--set->used[len] == 0)
		atomic_fetch_and_explicit(&set->lengths[len / WORD_BITS],
					  ~((uint64_t)1 << len % WORD_BITS),
					  memory_order_release);
}

static void release_place(struct live_set *set, struct place *place)
{
	uint64_t state =
		atomic_load_explicit(&place->state, memory_order_relaxed);

	forget_length(set, length_of(state));
	atomic_store_explicit(&place->state, freed(state),
			      memory_order_release);
	atomic_fetch_sub_explicit(&set->count, 1, memory_order_relaxed);
}

/* The place's generation says free while the key is written. */
static void take_place(struct live_set *set, struct place *place,
		       const struct live_entry *entry)
{
	const uint8_t *bytes = entry->prefix.addr.bytes;
	uint64_t state =
		atomic_load_explicit(&place->state, memory_order_relaxed);

	note_length(set, entry->prefix.len);
	atomic_store_explicit(&place->high, load_word(bytes),
			      memory_order_release);
	atomic_store_explicit(&place->low, load_word(bytes + 8),
			      memory_order_release);
	atomic_store_explicit(&place->state,
			      freed(state) |
				      (uint64_t)(entry->prefix.len + 1)
					      << EXPIRES_BITS |
				      clamp_expires(entry->expires),
			      memory_order_release);
	atomic_fetch_add_explicit(&set->count, 1, memory_order_relaxed);
}

static size_t count_free(const struct place *bucket)
{
	size_t count = 0;

	for (size_t i = 0; i < PLACES; i++)
		count += is_free(atomic_load_explicit(&bucket[i].state,
						      memory_order_relaxed));
	return count;
}

/* In the emptier bucket; NULL: both are full. */
static struct place *find_free(const struct live_set *set,
			       const struct prefix *prefix)
{
	struct place *buckets[CHOICES];
	struct place *bucket;

	find_buckets(set, prefix, buckets);
	bucket = count_free(buckets[1]) > count_free(buckets[0]) ? buckets[1]
								 : buckets[0];
	for (size_t i = 0; i < PLACES; i++)
		if (is_free(atomic_load_explicit(&bucket[i].state,
						 memory_order_relaxed)))
			return &bucket[i];
	return NULL;
}

static void note_end(struct live_set *set, msec_t expires)
{
	if (expires < set->earliest)
		set->earliest = expires;
}

/* The entry is there, and perhaps over. */
static enum live_result prolong(struct live_set *set, struct place *place,
				uint64_t state, const struct live_entry *entry,
				msec_t now)
{
	bool is_over = expires_of(state) <= now;

	if (!is_over && entry->expires <= expires_of(state))
		return LIVE_PROLONGED;
	note_end(set, entry->expires);
	atomic_store_explicit(&place->state,
			      ((state & ~EXPIRES_MASK) + GENERATION) |
				      clamp_expires(entry->expires),
			      memory_order_release);
	return is_over ? LIVE_ADDED : LIVE_PROLONGED;
}

enum live_result live_add(struct live_set *set, const struct live_entry *entry,
			  msec_t now)
{
	struct reading reading;
	struct place *place = find_place(set, &entry->prefix, &reading);

	assert(entry->prefix.len < LENGTHS);
	if (place)
		return prolong(set, place, reading.state, entry, now);
	/* The set may be full of what is over: then it is swept, once. */
	if (live_count(set) >= set->max && set->earliest <= now)
		(void)live_expire(set, now);
	if (live_count(set) >= set->max)
		return LIVE_FULL;
	place = find_free(set, &entry->prefix);
	if (!place)
		return LIVE_FULL;
	note_end(set, entry->expires);
	take_place(set, place, entry);
	return LIVE_ADDED;
}

bool live_remove(struct live_set *set, const struct prefix *prefix)
{
	struct reading reading;
	struct place *place = find_place(set, prefix, &reading);

	if (!place)
		return false;
	release_place(set, place);
	return true;
}

/* Those that are over by then. */
static size_t sweep(struct live_set *set, msec_t now)
{
	size_t removed = 0;

	set->earliest = LIVE_FOREVER;
	for (size_t i = 0; i < (set->mask + 1) * PLACES; i++) {
		uint64_t state = atomic_load_explicit(&set->places[i].state,
						      memory_order_relaxed);

		if (is_free(state))
			continue;
		if (expires_of(state) <= now) {
			release_place(set, &set->places[i]);
			removed++;
		} else {
			note_end(set, expires_of(state));
		}
	}
	return removed;
}

void live_clear(struct live_set *set)
{
	(void)sweep(set, LIVE_FOREVER);
}

size_t live_expire(struct live_set *set, msec_t now)
{
	return set->earliest <= now ? sweep(set, now) : 0;
}

static struct live_entry make_entry(const struct reading *reading)
{
	struct live_entry entry = {
		.prefix.len = length_of(reading->state),
		.expires = expires_of(reading->state),
	};

	memcpy(entry.prefix.addr.bytes, &reading->high, 8);
	memcpy(entry.prefix.addr.bytes + 8, &reading->low, 8);
	return entry;
}

bool live_next(const struct live_set *set, size_t *cursor, msec_t now,
	       struct live_entry *entry)
{
	while (*cursor < (set->mask + 1) * PLACES) {
		struct reading reading = read_place(&set->places[(*cursor)++]);

		if (is_free(reading.state) || expires_of(reading.state) <= now)
			continue;
		*entry = make_entry(&reading);
		return true;
	}
	return false;
}

size_t live_copy(struct live_set *to, const struct live_set *from)
{
	struct live_entry entry;
	size_t left_out = 0;
	size_t cursor = 0;

	live_set_key(to, &from->key);
	while (live_next(from, &cursor, INT64_MIN, &entry))
		if (live_add(to, &entry, INT64_MIN) == LIVE_FULL)
			left_out++;
	return left_out;
}

/* The number of the highest bit that is set; @word is not 0. */
static unsigned int highest_bit(uint64_t word)
{
	unsigned int bit = 0;

	for (unsigned int step = WORD_BITS / 2; step > 0; step /= 2) {
		if (word >> step) {
			word >>= step;
			bit += step;
		}
	}
	return bit;
}

/* Whether the address's network of that length is in the set. */
static bool find_length(const struct live_set *set, const struct addr *addr,
			uint8_t len, msec_t now, struct live_entry *entry)
{
	struct prefix prefix = prefix_of(addr, len);
	struct reading reading;

	if (!find_place(set, &prefix, &reading) ||
	    expires_of(reading.state) <= now)
		return false;
	if (entry)
		*entry = make_entry(&reading);
	return true;
}

bool live_find(const struct live_set *set, const struct addr *addr, msec_t now,
	       struct live_entry *entry)
{
	unsigned int shortest = addr_is_ipv4(addr) ? IPV4_LENGTH : 0;

	for (unsigned int i = WORDS; i-- > 0;) {
		uint64_t lengths = atomic_load_explicit(&set->lengths[i],
							memory_order_acquire);

		while (lengths) {
			unsigned int bit = highest_bit(lengths);
			unsigned int len = i * WORD_BITS + bit;

			if (len < shortest)
				return false;
			if (find_length(set, addr, (uint8_t)len, now, entry))
				return true;
			lengths &= ~((uint64_t)1 << bit);
		}
	}
	return false;
}
