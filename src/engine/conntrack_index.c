/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding connections: linear hashing (Litwin, 1980).
 *
 * The buckets are reserved for the whole pool but touched only as the table
 * grows: an insert that makes it fuller than one connection in two buckets splits
 * the next ones in turn.  So a shard may grow to the whole pool, nothing is
 * ever rehashed at once, and memory follows the number of connections.
 *
 * The hash is keyed, so nobody outside can choose tuples that meet in one
 * bucket.  If a chain grows all the same, the key is known, or broken: inserts
 * into it are refused, and all connections move to a new key, some buckets at
 * a time.  Until they have, a lookup tries both.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/conntrack_state.h"

enum {
	BUCKETS_MIN = 64,
	/* So that the first of a chain is the one in four cases of five. */
	BUCKETS_PER_CONN = 2,
	CHAIN_MAX = 64, /* never reached by chance */
	LINE = 64,      /* octets of a cache line */
};

bool index_init(struct conntrack *ct, const struct hash_key *key)
{
	struct index *index = &ct->index;

	index->capacity = BUCKETS_MIN;
	while (index->capacity < pool_size(ct->pool) * BUCKETS_PER_CONN)
		index->capacity *= 2;
	index->buckets = calloc(index->capacity, sizeof(index->buckets[0]));
	if (!index->buckets)
		return false;
	index->first_key = *key;
	index->key = *key;
	index->moved = SIZE_MAX;
	atomic_init(&index->bucket_count, BUCKETS_MIN);
	atomic_init(&index->mask, BUCKETS_MIN - 1);
	for (size_t i = 0; i < BUCKETS_MIN; i++)
		atomic_init(&index->buckets[i], POOL_NONE);
	return true;
}

void index_fini(struct conntrack *ct)
{
	free(ct->index.buckets);
}

/* One thread at a time writes, so no order has to be kept. */

static size_t load_size(const _Atomic size_t *size)
{
	return atomic_load_explicit(size, memory_order_relaxed);
}

static uint32_t head_of(const struct index *index, size_t bucket)
{
	return atomic_load_explicit(&index->buckets[bucket],
				    memory_order_relaxed);
}

static void set_head(struct index *index, size_t bucket, uint32_t number)
{
	atomic_store_explicit(&index->buckets[bucket], number,
			      memory_order_relaxed);
}

static size_t bucket_of(const struct index *index, uint32_t hash)
{
	size_t mask = load_size(&index->mask);
	size_t i = hash & mask;

	return i < load_size(&index->bucket_count) ? i : i & mask >> 1;
}

static void chain(struct conntrack *ct, struct conn *conn)
{
	size_t bucket = bucket_of(&ct->index, conn->hash);

	conn->next = head_of(&ct->index, bucket);
	set_head(&ct->index, bucket, conn_number(ct, conn));
}

static void unchain(struct conntrack *ct, const struct conn *conn)
{
	uint32_t number = conn_number(ct, conn);
	size_t bucket = bucket_of(&ct->index, conn->hash);
	uint32_t before = head_of(&ct->index, bucket);

	if (before == number) {
		set_head(&ct->index, bucket, conn->next);
		return;
	}
	while (conn_at(ct, before)->next != number)
		before = conn_at(ct, before)->next;
	conn_at(ct, before)->next = conn->next;
}

/* The bucket that grows next gives a part of its chain to the new one. */
static void split_bucket(struct conntrack *ct)
{
	struct index *index = &ct->index;
	size_t count = load_size(&index->bucket_count);
	size_t mask = load_size(&index->mask);
	size_t old;
	uint32_t number;

	if (count > mask)
		mask = mask << 1 | 1;
	atomic_store_explicit(&index->mask, mask, memory_order_relaxed);
	old = count & mask >> 1;
	set_head(index, count, POOL_NONE);
	atomic_store_explicit(&index->bucket_count, count + 1,
			      memory_order_relaxed);
	number = head_of(index, old);
	set_head(index, old, POOL_NONE);
	while (number != POOL_NONE) {
		struct conn *conn = conn_at(ct, number);

		number = conn->next;
		chain(ct, conn);
	}
}

static struct conn *find_hash(const struct conntrack *ct,
			      const struct tuple *key, uint32_t hash)
{
	uint32_t number = head_of(&ct->index, bucket_of(&ct->index, hash));

	while (number != POOL_NONE) {
		struct conn *conn = conn_at(ct, number);

		if (conn->hash == hash && tuple_equal(&conn->tuple, key))
			return conn;
		number = conn->next;
	}
	return NULL;
}

void index_prefetch_bucket(const struct conntrack *ct, uint32_t hash)
{
	__builtin_prefetch(&ct->index.buckets[bucket_of(&ct->index, hash)]);
}

/*
 * The first of the chain, which is mostly the one.  It is not looked into: its
 * number is one of the pool's, and that is enough.
 */
void index_prefetch_conn(const struct conntrack *ct, uint32_t hash)
{
	uint32_t number = head_of(&ct->index, bucket_of(&ct->index, hash));
	const char *memory;

	if (number == POOL_NONE)
		return;
	memory = (const char *)conn_at(ct, number);
	for (size_t i = 0; i < CONN_HOT_LEN; i += LINE)
		__builtin_prefetch(memory + i, 1);
	__builtin_prefetch(memory + CONN_HOT_LEN - 1, 1);
}

static bool is_rekeying(const struct index *index)
{
	return index->moved != SIZE_MAX;
}

struct conn *index_find(const struct conntrack *ct, const struct tuple_key *key)
{
	const struct index *index = &ct->index;
	const struct tuple *tuple = &key->canonical;
	struct conn *conn;

	if (!index->rekeyed)
		return find_hash(ct, tuple, key->hash);
	conn = find_hash(ct, tuple, (uint32_t)tuple_hash(tuple, &index->key));
	if (conn || !is_rekeying(index))
		return conn;
	return find_hash(ct, tuple,
			 (uint32_t)tuple_hash(tuple, &index->old_key));
}

static size_t chain_len(const struct conntrack *ct, uint32_t hash)
{
	uint32_t number = head_of(&ct->index, bucket_of(&ct->index, hash));
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
	index->rekeyed = true;
}

static bool needs_split(const struct conntrack *ct)
{
	size_t count = load_size(&ct->index.bucket_count);

	return ct->count * BUCKETS_PER_CONN >= count &&
	       count < ct->index.capacity;
}

bool index_insert(struct conntrack *ct, struct conn *conn)
{
	struct index *index = &ct->index;

	conn->hash = (uint32_t)tuple_hash(&conn->tuple, &index->key);
	if (chain_len(ct, conn->hash) >= CHAIN_MAX) {
		begin_rekey(index);
		return false;
	}
	for (int i = 0; i < BUCKETS_PER_CONN; i++)
		if (needs_split(ct))
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
	uint32_t number = head_of(&ct->index, bucket);

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
		if (index->moved == load_size(&index->bucket_count))
			index->moved = SIZE_MAX;
	}
}

void conntrack_walk(const struct conntrack *ct, size_t *cursor,
		    void (*visit)(const struct conn *conn, void *arg),
		    void *arg)
{
	uint32_t number;

	if (*cursor >= load_size(&ct->index.bucket_count)) {
		*cursor = SIZE_MAX;
		return;
	}
	number = head_of(&ct->index, (*cursor)++);
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

	if (*cursor >= load_size(&ct->index.bucket_count)) {
		*cursor = SIZE_MAX;
		return;
	}
	number = head_of(&ct->index, (*cursor)++);
	while (number != POOL_NONE) {
		struct conn *conn = conn_at(ct, number);

		number = conn->next;
		if (!keep(conn, arg))
			conntrack_remove(ct, conn);
	}
}
