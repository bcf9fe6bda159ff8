/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Canonical order and hashes of tuples.
 */
#include "engine/tuple.h"

#include "engine/siphash_inline.h"
#include "engine/wire.h"

/* Whether the source is the larger end: address first, then port. */
static bool is_swapped(const struct tuple *tuple)
{
	const uint8_t *src = tuple->src.bytes;
	const uint8_t *dst = tuple->dst.bytes;

	if (load_be64(src) != load_be64(dst))
		return load_be64(src) > load_be64(dst);
	if (load_be64(src + 8) != load_be64(dst + 8))
		return load_be64(src + 8) > load_be64(dst + 8);
	return tuple->sport > tuple->dport;
}

struct tuple tuple_reverse(const struct tuple *tuple)
{
	struct tuple reverse = *tuple;

	reverse.src = tuple->dst;
	reverse.dst = tuple->src;
	reverse.sport = tuple->dport;
	reverse.dport = tuple->sport;
	return reverse;
}

bool tuple_make_canonical(const struct tuple *tuple, struct tuple *canonical)
{
	bool swapped = is_swapped(tuple);

	canonical->src = swapped ? tuple->dst : tuple->src;
	canonical->dst = swapped ? tuple->src : tuple->dst;
	canonical->sport = swapped ? tuple->dport : tuple->sport;
	canonical->dport = swapped ? tuple->sport : tuple->dport;
	canonical->kind = tuple->kind;
	canonical->ipproto = tuple->ipproto;
	canonical->ipversion = tuple->ipversion;
	return swapped;
}

struct tuple tuple_canonical(const struct tuple *tuple, bool *swapped)
{
	struct tuple canonical;

	*swapped = tuple_make_canonical(tuple, &canonical);
	return canonical;
}

/* Both addresses of IPv4; those of the mapping are always the same. */
static uint64_t ipv4_hosts(const struct tuple *tuple)
{
	return (uint64_t)load_be32(tuple->src.bytes + ADDR_MAPPED_LEN) << 32 |
	       load_be32(tuple->dst.bytes + ADDR_MAPPED_LEN);
}

/* Ports, kind, protocol and family. */
enum { WORD_REST = 4 };

uint64_t tuple_hash(const struct tuple *canonical, const struct hash_key *key)
{
	if (canonical->ipversion == 4)
		return siphash13_pair(key, ipv4_hosts(canonical),
				      tuple_word(canonical, WORD_REST));
	return siphash13_inline(key, canonical, sizeof(*canonical));
}

uint64_t tuple_hash_hosts(const struct tuple *tuple, const struct hash_key *key)
{
	bool swapped;
	struct tuple hosts = tuple_canonical(tuple, &swapped);

	if (hosts.ipversion == 4)
		return siphash13_pair(key, ipv4_hosts(&hosts), 4);
	hosts.sport = 0;
	hosts.dport = 0;
	hosts.kind = 0;
	hosts.ipproto = 0;
	return siphash13_inline(key, &hosts, sizeof(hosts));
}
