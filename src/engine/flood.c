/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First SYNs, and sources that are proven.
 */
#include "engine/flood.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/recent.h"

enum {
	/* A SYN is known again for three seconds and a half at least. */
	SYN_SPAN = 512, /* ms */
	SYN_SPANS = 8,
	/* Sixteen bits a connection: a flood of as many SYNs a second as there
	 * are connections has one in fifty taken for a repeated one. */
	SYN_BITS = 16,
	PROOF_SPAN = 150000, /* ms */
	PROOF_SPANS = 4,
	PROOF_BITS = 4,
	NETWORK_LEN = 8, /* octets of an IPv6 address that count */
};

struct flood {
	struct hash_key key;
	_Atomic bool is_on;
	struct recent *syns;
	struct recent *proven; /* sources */
};

struct flood *flood_create(size_t max_conns, const struct hash_key *key)
{
	const struct recent_params syns = {
		.span = SYN_SPAN,
		.count = SYN_SPANS,
		.bits = SYN_BITS * max_conns,
	};
	const struct recent_params proven = {
		.span = PROOF_SPAN,
		.count = PROOF_SPANS,
		.bits = PROOF_BITS * max_conns,
	};
	struct flood *flood = calloc(1, sizeof(*flood));

	if (!flood)
		return NULL;
	flood->key = *key;
	flood->syns = recent_create(&syns);
	flood->proven = recent_create(&proven);
	if (flood->syns && flood->proven)
		return flood;
	flood_destroy(flood);
	return NULL;
}

void flood_destroy(struct flood *flood)
{
	if (!flood)
		return;
	recent_destroy(flood->syns);
	recent_destroy(flood->proven);
	free(flood);
}

bool flood_is_on(struct flood *flood, size_t half_open, uint32_t limit)
{
	bool was_on = atomic_load_explicit(&flood->is_on, memory_order_relaxed);
	bool is_on = limit > 0 && half_open > 0 &&
		     half_open * (was_on ? 4 : 2) >= limit;

	if (is_on != was_on)
		atomic_store_explicit(&flood->is_on, is_on,
				      memory_order_relaxed);
	return is_on;
}

/* What is hashed: no padding. */
struct hashed_syn {
	struct tuple tuple;
	uint32_t seq;
	uint32_t zero;
};

static_assert(sizeof(struct hashed_syn) == 48, "struct hashed_syn has padding");

static uint64_t hash_syn(const struct flood *flood, const struct tuple *tuple,
			 uint32_t seq)
{
	const struct hashed_syn syn = { .tuple = *tuple, .seq = seq };

	return siphash13(&flood->key, &syn, sizeof(syn));
}

static uint64_t hash_source(const struct flood *flood,
			    const struct tuple *tuple)
{
	struct addr addr = tuple->src;

	if (tuple->ipversion == 6)
		memset(addr.bytes + NETWORK_LEN, 0,
		       sizeof(addr.bytes) - NETWORK_LEN);
	return siphash13(&flood->key, addr.bytes, sizeof(addr.bytes));
}

bool flood_admits(struct flood *flood, const struct tuple *tuple, uint32_t seq,
		  msec_t now)
{
	uint64_t hash = hash_syn(flood, tuple, seq);

	if (recent_has(flood->proven, hash_source(flood, tuple), 0, now) ||
	    recent_has(flood->syns, hash, 1, now))
		return true;
	recent_add(flood->syns, hash, now);
	return false;
}

void flood_note_proof(struct flood *flood, const struct tuple *tuple,
		      msec_t now)
{
	recent_add(flood->proven, hash_source(flood, tuple), now);
}
