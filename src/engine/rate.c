/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Token buckets.
 */
#include "engine/rate.h"

#include <stdatomic.h>

#define NSEC_PER_MSEC ((uint64_t)1000000)

enum { FILL_YEARS_MAX = 10 };
#define FILL_MAX ((uint64_t)FILL_YEARS_MAX * 366 * 24 * 3600 * 1000) /* ms */

/* How long it takes until so much has run in, in nanoseconds. */
static uint64_t span(const struct rate *rate, uint64_t count)
{
	uint64_t msecs = count * rate->period;

	return msecs / rate->amount * NSEC_PER_MSEC +
	       msecs % rate->amount * NSEC_PER_MSEC / rate->amount;
}

static uint64_t burst_of(const struct rate *rate)
{
	return rate->burst ? rate->burst : rate->amount;
}

bool rate_is_valid(const struct rate *rate)
{
	return rate->amount > 0 && rate->amount <= LIMIT_AMOUNT_MAX &&
	       rate->burst <= LIMIT_AMOUNT_MAX && rate->period > 0 &&
	       rate->period <= LIMIT_PERIOD_MAX &&
	       burst_of(rate) * rate->period / rate->amount <= FILL_MAX;
}

/* A bucket at one moment: when it is full, and when it would be if empty. */
struct level {
	uint64_t full;
	uint64_t most;
};

/*
 * Fuller than full is full; and emptier than empty, which a bucket of an older
 * rate can be, is empty.
 */
static struct level level_of(uint64_t word, const struct rate *rate, msec_t now)
{
	uint64_t time = (uint64_t)now * NSEC_PER_MSEC;
	uint64_t most = time + span(rate, burst_of(rate));
	uint64_t full = word > time ? word : time;

	return (struct level){ full < most ? full : most, most };
}

/* Or else it would stay empty until the older rate had filled it. */
static void cut(rate_bucket *bucket, uint64_t word, uint64_t most)
{
	if (word > most)
		(void)atomic_compare_exchange_strong_explicit(
			bucket, &word, most, memory_order_relaxed,
			memory_order_relaxed);
}

bool rate_take(rate_bucket *bucket, const struct rate *rate, uint64_t count,
	       msec_t now)
{
	uint64_t word = atomic_load_explicit(bucket, memory_order_relaxed);
	struct level level;
	uint64_t cost;

	if (count > burst_of(rate))
		return false;
	cost = span(rate, count);
	do {
		level = level_of(word, rate, now);
		if (level.full + cost > level.most) {
			cut(bucket, word, level.most);
			return false;
		}
	} while (!atomic_compare_exchange_weak_explicit(
		bucket, &word, level.full + cost, memory_order_relaxed,
		memory_order_relaxed));
	return true;
}

void rate_drain(rate_bucket *bucket, const struct rate *rate, uint64_t count,
		msec_t now)
{
	uint64_t word = atomic_load_explicit(bucket, memory_order_relaxed);
	uint64_t next;

	do {
		struct level level = level_of(word, rate, now);

		next = level.most;
		if (count < burst_of(rate) &&
		    level.full + span(rate, count) < next)
			next = level.full + span(rate, count);
	} while (!atomic_compare_exchange_weak_explicit(bucket, &word, next,
							memory_order_relaxed,
							memory_order_relaxed));
}

bool rate_lacks(const rate_bucket *bucket, const struct rate *rate,
		uint64_t count, msec_t now)
{
	uint64_t word = atomic_load_explicit(bucket, memory_order_relaxed);
	struct level level = level_of(word, rate, now);

	return count > burst_of(rate) ||
	       level.full + span(rate, count) > level.most;
}
