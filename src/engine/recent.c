/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of Bloom filters.  Each has the number of its span; whoever comes first
 * in a new one clears the filter of the oldest, and nobody waits for that.
 */
#include "engine/recent.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { WORD_BITS = 64, WORDS_MIN = 1024, WORDS_MAX = 1 << 20 };

/* In place of the number of a span. */
enum { NO_SPAN = 0, BEING_CLEARED = -1 };

struct filter {
	_Atomic int64_t span;
	_Atomic uint64_t *words;
};

struct recent {
	msec_t span;
	unsigned int mask; /* of a filter in the ring */
	size_t words;      /* of each; a power of two */
	_Atomic uint64_t *all;
	struct filter filters[];
};

struct recent *recent_create(const struct recent_params *params)
{
	struct recent *recent =
		calloc(1, sizeof(*recent) +
				  params->count * sizeof(recent->filters[0]));
	size_t words = WORDS_MIN;

	if (!recent)
		return NULL;
	while (words < params->bits / WORD_BITS && words < WORDS_MAX)
		words *= 2;
	recent->span = params->span;
	recent->mask = params->count - 1;
	recent->words = words;
	recent->all = calloc(params->count * words, sizeof(recent->all[0]));
	if (!recent->all) {
		free(recent);
		return NULL;
	}
	for (unsigned int i = 0; i < params->count; i++)
		recent->filters[i].words = recent->all + i * words;
	return recent;
}

void recent_destroy(struct recent *recent)
{
	if (!recent)
		return;
	free(recent->all);
	free(recent);
}

static int64_t span_of(const struct recent *recent, msec_t now)
{
	return now / recent->span + 1;
}

static void set_bit(const struct recent *recent, const struct filter *filter,
		    uint64_t hash)
{
	size_t word = (hash / WORD_BITS) & (recent->words - 1);

	atomic_fetch_or_explicit(&filter->words[word],
				 (uint64_t)1 << hash % WORD_BITS,
				 memory_order_relaxed);
}

static bool has_bit(const struct recent *recent, const struct filter *filter,
		    uint64_t hash)
{
	size_t word = (hash / WORD_BITS) & (recent->words - 1);

	return atomic_load_explicit(&filter->words[word],
				    memory_order_relaxed) >>
		       hash % WORD_BITS &
	       1;
}

/* false: another thread is at it. */
static bool turn_to(const struct recent *recent, struct filter *filter,
		    int64_t span)
{
	int64_t old = atomic_load(&filter->span);

	if (old == span)
		return true;
	if (old == BEING_CLEARED ||
	    !atomic_compare_exchange_strong(&filter->span, &old, BEING_CLEARED))
		return false;
	for (size_t i = 0; old != NO_SPAN && i < recent->words; i++)
		atomic_store_explicit(&filter->words[i], 0,
				      memory_order_relaxed);
	atomic_store(&filter->span, span);
	return true;
}

void recent_add(struct recent *recent, uint64_t hash, msec_t now)
{
	int64_t span = span_of(recent, now);
	struct filter *filter =
		&recent->filters[(unsigned int)span & recent->mask];

	if (!turn_to(recent, filter, span))
		return;
	/* Two bits, each of one half of the hash. */
	set_bit(recent, filter, hash & UINT32_MAX);
	set_bit(recent, filter, hash >> 32);
}

bool recent_has(const struct recent *recent, uint64_t hash, unsigned int spans,
		msec_t now)
{
	int64_t latest = span_of(recent, now);

	for (unsigned int age = spans; age <= recent->mask; age++) {
		int64_t span = latest - age;
		const struct filter *filter =
			&recent->filters[(unsigned int)span & recent->mask];

		if (span > NO_SPAN && atomic_load(&filter->span) == span &&
		    has_bit(recent, filter, hash & UINT32_MAX) &&
		    has_bit(recent, filter, hash >> 32))
			return true;
	}
	return false;
}
