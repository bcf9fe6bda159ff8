/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was there lately: a set that forgets by age.  Shared by all shards,
 * whose threads may call at once; no lock.
 *
 * A ring of Bloom filters (Bloom, 1970), one for each span of time.  So what is
 * added is found until its span is the oldest, however much is added after it;
 * and what was not added may be found, ever more often the more there is.  A
 * few may be forgotten that come in the moment in which a span begins.
 */
#ifndef ENGINE_RECENT_H
#define ENGINE_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/timeout.h"

struct recent;

struct recent_params {
	msec_t span;
	unsigned int count; /* of spans; a power of two */
	size_t bits;        /* each; at least */
};

/* NULL: no memory.  None of it is touched before something is added. */
struct recent *recent_create(const struct recent_params *params);
void recent_destroy(struct recent *recent);

/* @hash: keyed, and of 64 bits. */
void recent_add(struct recent *recent, uint64_t hash, msec_t now);
/* Whether it was added in a span that is at least @spans before this one. */
bool recent_has(const struct recent *recent, uint64_t hash, unsigned int spans,
		msec_t now);

#endif
