/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many connections are half open: in all, by source network, and by
 * destination.  Shared by all shards, whose threads may call at once.
 *
 * The counts by source and destination are those of a count-min sketch
 * (Cormode and Muthukrishnan, 2005): no memory is taken per source, and a
 * count is never too low.  It may be too high, when a source shares its places
 * with others; with as many places as there can be half-open connections that
 * is a matter of one or two.
 */
#ifndef ENGINE_HALFOPEN_H
#define ENGINE_HALFOPEN_H

#include <stddef.h>
#include <stdint.h>

#include "engine/siphash.h"
#include "engine/tuple.h"

struct halfopen;

/* NULL: no memory. */
struct halfopen *halfopen_create(size_t max_conns, const struct hash_key *key);
void halfopen_destroy(struct halfopen *halfopen);

/* @tuple: of the connection, in the original direction. */
void halfopen_add(struct halfopen *halfopen, const struct tuple *tuple);
void halfopen_remove(struct halfopen *halfopen, const struct tuple *tuple);

size_t halfopen_total(const struct halfopen *halfopen);
/* Of the source's network: an IPv4 address, an IPv6 /64. */
size_t halfopen_by_source(const struct halfopen *halfopen,
			  const struct tuple *tuple);
/* To the destination's address and port. */
size_t halfopen_by_destination(const struct halfopen *halfopen,
			       const struct tuple *tuple);

#endif
