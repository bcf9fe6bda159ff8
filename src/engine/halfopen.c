/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Half-open connections, counted.
 */
#include "engine/halfopen.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS = 2,
	PLACES_MIN = 1024,
	PLACES_MAX = 1 << 20, /* a row; a power of two */
	NETWORK_LEN = 8,      /* octets of an IPv6 address that count */
};

struct place {
	_Atomic uint32_t count; /* written by all shards */
};

struct halfopen {
	struct hash_key key;
	size_t mask; /* of a place in its row */
	_Atomic size_t total;
	struct place *sources; /* ROWS times mask + 1 */
	struct place *destinations;
};

/* What is counted as one: it is hashed as bytes, and has no padding. */
struct end {
	uint8_t addr[16];
	uint16_t port;
	uint8_t ipproto;
	uint8_t ipversion;
};

static_assert(sizeof(struct end) == 20, "struct end has padding");

static struct end source_of(const struct tuple *tuple)
{
	struct end end = { .ipversion = tuple->ipversion };

	memcpy(end.addr, tuple->src.bytes,
	       tuple->ipversion == 6 ? NETWORK_LEN : sizeof(end.addr));
	return end;
}

static struct end destination_of(const struct tuple *tuple)
{
	struct end end = {
		.port = tuple->dport,
		.ipproto = tuple->ipproto,
		.ipversion = tuple->ipversion,
	};

	memcpy(end.addr, tuple->dst.bytes, sizeof(end.addr));
	return end;
}

/* The places of an end, one in each row: the halves of one hash. */
static void find_places(const struct halfopen *halfopen, const struct end *end,
			size_t places[ROWS])
{
	uint64_t hash = siphash13(&halfopen->key, end, sizeof(*end));

	places[0] = (size_t)hash & halfopen->mask;
	places[1] = halfopen->mask + 1 + ((hash >> 32) & halfopen->mask);
}

static void add(const struct halfopen *halfopen, struct place *list,
		struct end end, uint32_t difference)
{
	size_t places[ROWS];

	find_places(halfopen, &end, places);
	for (size_t i = 0; i < ROWS; i++)
		atomic_fetch_add_explicit(&list[places[i]].count, difference,
					  memory_order_relaxed);
}

static size_t count(const struct halfopen *halfopen, const struct place *list,
		    struct end end)
{
	uint32_t least = UINT32_MAX;
	size_t places[ROWS];

	find_places(halfopen, &end, places);
	for (size_t i = 0; i < ROWS; i++) {
		uint32_t n = atomic_load_explicit(&list[places[i]].count,
						  memory_order_relaxed);

		least = n < least ? n : least;
	}
	return least;
}

struct halfopen *halfopen_create(size_t max_conns, const struct hash_key *key)
{
	struct halfopen *halfopen = calloc(1, sizeof(*halfopen));
	size_t len = PLACES_MIN;

	if (!halfopen)
		return NULL;
	while (len < max_conns / 4 && len < PLACES_MAX)
		len *= 2;
	halfopen->key = *key;
	halfopen->mask = len - 1;
	atomic_init(&halfopen->total, 0);
	halfopen->sources = calloc(ROWS * len, sizeof(halfopen->sources[0]));
	halfopen->destinations =
		calloc(ROWS * len, sizeof(halfopen->destinations[0]));
	if (halfopen->sources && halfopen->destinations)
		return halfopen;
	halfopen_destroy(halfopen);
	return NULL;
}

void halfopen_destroy(struct halfopen *halfopen)
{
	if (!halfopen)
		return;
	free(halfopen->sources);
	free(halfopen->destinations);
	free(halfopen);
}

void halfopen_add(struct halfopen *halfopen, const struct tuple *tuple)
{
	atomic_fetch_add(&halfopen->total, 1);
	add(halfopen, halfopen->sources, source_of(tuple), 1);
	add(halfopen, halfopen->destinations, destination_of(tuple), 1);
}

void halfopen_remove(struct halfopen *halfopen, const struct tuple *tuple)
{
	atomic_fetch_sub(&halfopen->total, 1);
	add(halfopen, halfopen->sources, source_of(tuple), UINT32_MAX);
	add(halfopen, halfopen->destinations, destination_of(tuple),
	    UINT32_MAX);
}

size_t halfopen_total(const struct halfopen *halfopen)
{
	return atomic_load(&halfopen->total);
}

size_t halfopen_by_source(const struct halfopen *halfopen,
			  const struct tuple *tuple)
{
	return count(halfopen, halfopen->sources, source_of(tuple));
}

size_t halfopen_by_destination(const struct halfopen *halfopen,
			       const struct tuple *tuple)
{
	return count(halfopen, halfopen->destinations, destination_of(tuple));
}
