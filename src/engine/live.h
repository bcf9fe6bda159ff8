/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of networks that come and go while packets pass: bans.
 *
 * Any number of threads may look things up, without a lock and without
 * waiting, while one thread at a time changes the set; who that is the driver
 * decides.  A lookup that meets a change sees the set before or after it.
 *
 * All memory is taken at the start.  An entry whose time is over is not found,
 * and its place is free.  Comments and names of those who added an entry are
 * kept elsewhere.
 */
#ifndef ENGINE_LIVE_H
#define ENGINE_LIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/addr.h"
#include "engine/siphash.h"
#include "engine/timeout.h"

struct live_set;

/* An entry that is never over. */
#define LIVE_FOREVER INT64_MAX

struct live_entry {
	struct prefix prefix;
	msec_t expires; /* or LIVE_FOREVER */
};

/* For at most @max entries, 1 to 2^20.  NULL: no memory. */
struct live_set *live_create(size_t max);
void live_destroy(struct live_set *set);

size_t live_max(const struct live_set *set);
/* Entries, those included whose time is over and that are not swept yet. */
size_t live_count(const struct live_set *set);

/*
 * Before the first entry: what the places of entries depend on, so that nobody
 * who does not know it can choose networks that get in each other's way.
 */
void live_set_key(struct live_set *set, const struct hash_key *key);

enum live_result {
	LIVE_ADDED,
	LIVE_PROLONGED, /* it was there; the later end counts */
	LIVE_FULL,      /* there is no room for it, even without the old ones */
};

/* For the one thread that changes the set: */
enum live_result live_add(struct live_set *set, const struct live_entry *entry,
			  msec_t now);
bool live_remove(struct live_set *set, const struct prefix *prefix);
void live_clear(struct live_set *set);
/* Frees the places of entries that are over; returns how many. */
size_t live_expire(struct live_set *set, msec_t now);
/*
 * Into an empty set, all that fits, and the key; returns how many entries did
 * not fit.
 */
size_t live_copy(struct live_set *to, const struct live_set *from);

/*
 * The entry at position *@cursor or the next one behind it, and steps on; start
 * with 0.  false: there are no more.
 */
bool live_next(const struct live_set *set, size_t *cursor, msec_t now,
	       struct live_entry *entry);

/*
 * For any thread: the longest prefix that holds @addr and is not over.  An
 * address of IPv4 is held by networks of IPv4 only.  @entry may be NULL.
 */
bool live_find(const struct live_set *set, const struct addr *addr, msec_t now,
	       struct live_entry *entry);

#endif
