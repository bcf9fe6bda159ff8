/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many connections by number, for tests of the table that holds them.
 */
#ifndef UNIT_CONNS_H
#define UNIT_CONNS_H

#include "engine/conntrack.h"

enum { CONNS_LIFE = 60000 };

/* Another one for each @n below 2^24; of each second one the source is larger. */
struct tuple conns_tuple(uint32_t n);

/* A table of its own; NULL: no memory. */
struct conntrack *conns_table(struct pool *pool, const struct hash_key *key,
			      uint32_t number, uint32_t count);

/* As conntrack_insert(); NULL: there was no room. */
struct conn *conns_insert(struct conntrack *ct, const struct tuple *tuple,
			  msec_t now);

/* Inserts the @n-th, for @life from @now on; NULL: there was no room. */
struct conn *conns_add(struct conntrack *ct, uint32_t n, enum timeout timeout,
		       msec_t now, msec_t life);

/* The @n-th, in its original direction. */
struct conn *conns_find(struct conntrack *ct, uint32_t n, msec_t now);

#endif
