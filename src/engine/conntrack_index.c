/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding connections: linear hashing (Litwin, 1980).
 *
 * The buckets are reserved for the whole pool but touched only as the table
 * grows: an insert that makes it fuller than one connection a bucket splits one
 * bucket, the next in turn.  So a shard may grow to the whole pool, nothing is
 * ever rehashed at once, and memory follows the number of connections.
 *
 * The hash is keyed, so nobody outside can choose tuples that meet in one
 * bucket.  If a chain grows all the same, the key is known, or broken: inserts
 * into it are refused, and all connections move to a new key, some buckets at
 * a time.  Until they have, a lookup tries both.
 */
#include <stdlib.h>

#include "engine/conntrack_state.h"

enum {
	BUCKETS_MIN = 64,
	CHAIN_MAX = 64, /* never reached by chance */
};

bool index_init(struct conntrack *ct, const struct hash_key *key)
{
	struct index *index = &ct->index;

	index->capacity = BUCKETS_MIN;
	while (index->capacity < pool_size(ct->pool))
		index->capacity *= 2;
	index->buckets = calloc(index->capacity, sizeof(index->buckets[0]));
	if (!index->buckets)
		return false;
	index->key = *key;
	index->moved = SIZE_MAX;
	index->bucket_count = BUCKETS_MIN;
	index->mask = BUCKETS_MIN - 1;
	for (size_t i = 0; i < BUCKETS_MIN; i++)
		index->buckets[i] = POOL_NONE;
	return true;
}

void index_fini(struct conntrack *ct)
{
	free(ct->index.buckets);
}

static uint32_t *bucket_of(const struct index *index, uint32_t hash)
{
	size_t i = hash & index->mask;

	if (i >= index->bucket_count)
		i &= index->mask >> 1;
	return &index->buckets[i];
}

static void chain(struct conntrack *ct, struct conn *conn)
{
	uint32_t *bucket = bucket_of(&ct->index, conn->hash);

	conn->next = *bucket;
	*bucket = conn_number(ct, conn);
}

static void unchain(struct conntrack *ct, const struct conn *conn)
{
	uint32_t number = conn_number(ct, conn);
	uint32_t *link = bucket_of(&ct->index, conn->hash);

	while (*link != number)
		link = &conn_at(ct, *link)->next;
	*link = conn->next;
}

/* The bucket that grows next gives a part of its chain to the new one. */
static void split_bucket(struct conntrack *ct)
{
	struct index *index = &ct->index;
	uint32_t *old;
	uint32_t number;

	if (index->bucket_count > index->mask)
		index->mask = index->mask << 1 | 1;
	old = &index->buckets[index->bucket_count & index->mask >> 1];
	index->buckets[index->bucket_count] = POOL_NONE;
	index->bucket_count++;
	number = *old;
	*old = POOL_NONE;
	while (number != POOL_NONE) {
		struct conn *conn = conn_at(ct, number);

		number = conn->next;
		chain(ct, conn);
	}
}

static struct conn *find_hash(const struct conntrack *ct,
			      const struct tuple *key, uint32_t hash)
{
	uint32_t number = *bucket_of(&ct->index, hash);

	while (number != POOL_NONE) {
		struct conn *conn = conn_at(ct, number);

		if (conn->hash == hash && tuple_equal(&conn->tuple, key))
			return conn;
		number = conn->next;
	}
	return NULL;
}

static bool is_rekeying(const struct index *index)
{
	return index->moved != SIZE_MAX;
}

struct conn *index_find(const struct conntrack *ct, const struct tuple *key)
{
	const struct index *index = &ct->index;
	struct conn *conn;

	conn = find_hash(ct, key, (uint32_t)tuple_hash(key, &index->key));
	if (conn || !is_rekeying(index))
		return conn;
	return find_hash(ct, key, (uint32_t)tuple_hash(key, &index->old_key));
}

static size_t chain_len(const struct conntrack *ct, uint32_t hash)
{
	uint32_t number = *bucket_of(&ct->index, hash);
	size_t len = 0;

	for (; number != POOL_NONE; len++)
		number = conn_at(ct, number)->next;
	return len;
}

/* One cannot tell the old key, or the new one, from the other. */
static struct hash_key next_key(const struct hash_key *key)
{
	static const uint8_t labels[2] = { 0, 1 };

	return (struct hash_key){ siphash13(key, &labels[0], 1),
				  siphash13(key, &labels[1], 1) };
}

static void begin_rekey(struct index *index)
{
	if (is_rekeying(index))
		return;
	index->old_key = index->key;
	index->key = next_key(&index->old_key);
	index->moved = 0;
}

bool index_insert(struct conntrack *ct, struct conn *conn)
{
	struct index *index = &ct->index;

	conn->hash = (uint32_t)tuple_hash(&conn->tuple, &index->key);
	if (chain_len(ct, conn->hash) >= CHAIN_MAX) {
		begin_rekey(index);
		return false;
	}
	if (ct->count >= index->bucket_count &&
	    index->bucket_count < index->capacity)
		split_bucket(ct);
	chain(ct, conn);
	return true;
}

void index_remove(struct conntrack *ct, const struct conn *conn)
{
	unchain(ct, conn);
}

static void rekey_bucket(struct conntrack *ct, size_t bucket)
{
	uint32_t number = ct->index.buckets[bucket];

	while (number != POOL_NONE) {
		struct conn *conn = conn_at(ct, number);

		number = conn->next;
		unchain(ct, conn);
		conn->hash = (uint32_t)tuple_hash(&conn->tuple, &ct->index.key);
		chain(ct, conn);
	}
}

void index_rekey(struct conntrack *ct, size_t budget)
{
	struct index *index = &ct->index;

	for (; budget > 0 && is_rekeying(index); budget--) {
		rekey_bucket(ct, index->moved++);
		/* Buckets that were split off meanwhile are among them. */
		if (index->moved == index->bucket_count)
			index->moved = SIZE_MAX;
	}
}

void conntrack_walk(const struct conntrack *ct, size_t *cursor,
		    void (*visit)(const struct conn *conn, void *arg),
		    void *arg)
{
	uint32_t number;

	if (*cursor >= ct->index.bucket_count) {
		*cursor = SIZE_MAX;
		return;
	}
	number = ct->index.buckets[(*cursor)++];
	while (number != POOL_NONE) {
		const struct conn *conn = conn_at(ct, number);

		visit(conn, arg);
		number = conn->next;
	}
}

void conntrack_sift(struct conntrack *ct, size_t *cursor,
		    bool (*keep)(struct conn *conn, void *arg), void *arg)
{
	uint32_t number;

	if (*cursor >= ct->index.bucket_count) {
		*cursor = SIZE_MAX;
		return;
	}
	number = ct->index.buckets[(*cursor)++];
	while (number != POOL_NONE) {
		struct conn *conn = conn_at(ct, number);

		number = conn->next;
		if (!keep(conn, arg))
			conntrack_remove(ct, conn);
	}
}
