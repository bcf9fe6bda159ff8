/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identity of a connection: two hosts, two ports, a protocol.
 *
 * The canonical form puts the smaller end first, so both directions of a
 * connection have one key, one entry and one hash.  This presumes that we do
 * not translate addresses.
 */
#ifndef ENGINE_TUPLE_H
#define ENGINE_TUPLE_H

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "engine/addr.h"
#include "engine/siphash.h"

/*
 * Ports are in host order.  Protocols without ports use the three fields as
 * their files say (proto_icmp.c, proto_gre.c, proto_ipsec.c) or leave them 0.
 */
struct tuple {
	struct addr src;
	struct addr dst;
	uint16_t sport;
	uint16_t dport;
	uint16_t kind; /* 0 for all that have ports; the same both ways */
	uint8_t ipproto;
	uint8_t ipversion; /* 4 or 6 */
};

/* It is hashed and compared as bytes: no padding. */
static_assert(sizeof(struct tuple) == 40, "struct tuple has padding");

enum direction { DIR_ORIGINAL, DIR_REPLY, DIR_COUNT };

/* Ends are exchanged if the source is the larger one; @swapped says so. */
struct tuple tuple_canonical(const struct tuple *tuple, bool *swapped);
/* The same in place, for who has no time for a copy; returns @swapped. */
bool tuple_make_canonical(const struct tuple *tuple, struct tuple *canonical);
struct tuple tuple_reverse(const struct tuple *tuple);

static inline uint64_t tuple_word(const struct tuple *tuple, size_t number)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)tuple + number * sizeof(word),
	       sizeof(word));
	return word;
}

/* Five comparisons, and no call of memcmp(). */
static inline bool tuple_equal(const struct tuple *a, const struct tuple *b)
{
	return ((tuple_word(a, 0) ^ tuple_word(b, 0)) |
		(tuple_word(a, 1) ^ tuple_word(b, 1)) |
		(tuple_word(a, 2) ^ tuple_word(b, 2)) |
		(tuple_word(a, 3) ^ tuple_word(b, 3)) |
		(tuple_word(a, 4) ^ tuple_word(b, 4))) == 0;
}

/* By what a connection is found. */
struct tuple_key {
	struct tuple canonical;
	uint32_t hash;
	bool swapped;
};

uint64_t tuple_hash(const struct tuple *canonical, const struct hash_key *key);

/*
 * Hash of the two hosts and the family alone: equal for all that two hosts say
 * to each other, whatever the protocol or direction.
 */
uint64_t tuple_hash_hosts(const struct tuple *tuple,
			  const struct hash_key *key);

#endif
