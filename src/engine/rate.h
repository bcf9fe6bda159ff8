/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Token buckets, in integers, one word each: any number of threads may take
 * from one at the same time.
 *
 * The word is the time when the bucket is full again, in nanoseconds (the
 * "theoretical arrival time" of the generic cell rate algorithm, ITU-T I.371):
 * a bucket that is full has no history, so 0 is a full one, and a word whose
 * time has come may be forgotten.
 */
#ifndef ENGINE_RATE_H
#define ENGINE_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/rule.h"

typedef _Atomic uint64_t rate_bucket;

/* Takes @count out, or nothing and false: there is less in it. */
bool rate_take(rate_bucket *bucket, const struct rate *rate, uint64_t count,
	       msec_t now);
/* Takes out what there is, up to @count. */
void rate_drain(rate_bucket *bucket, const struct rate *rate, uint64_t count,
		msec_t now);
/* Whether there is less than @count in it. */
bool rate_lacks(const rate_bucket *bucket, const struct rate *rate,
		uint64_t count, msec_t now);

/* Whether the time that it takes to fill the bucket can be computed. */
bool rate_is_valid(const struct rate *rate);

#endif
