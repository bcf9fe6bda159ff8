/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Index, memory and expiry of connections.
 *
 * Index: linear hashing (Litwin, 1980).  The buckets are reserved for the
 * whole pool but touched only as the table grows: an insert that makes it
 * fuller than one connection a bucket splits one bucket, the next in turn.  So
 * a shard may grow to the whole pool, nothing is ever rehashed at once, and
 * memory follows the number of connections.
 *
 * Memory: slabs from the pool.  A slab whose connections are all free goes
 * back, unless it is the only one with room.
 *
 * Expiry: one queue a timeout class, in the order of the time when a
 * connection was last put at its end.  A refresh only stores the new deadline.
 * The sweep looks at the head of a queue once an eighth of the shortest
 * timeout of its class has passed, and puts it at the end again if it lives.
 * So connections are removed at most that much late, which nobody sees, since
 * a lookup tests the deadline.
 *
 * A connection costs at most 240 octets, its bucket 4 to 8, its share of the
 * slab less than 1: at most 256.
 */
#include "engine/conntrack.h"

#include <assert.h>
#include <stdlib.h>

enum {
	BUCKETS_MIN = 64,
	SWEEPS_PER_TIMEOUT = 8,
};

struct queue {
	uint32_t head;
	uint32_t tail;
	uint32_t interval; /* ms between looks at a connection */
};

struct conntrack {
	struct pool *pool;
	struct hash_key key;
	uint32_t *buckets;   /* first connection, or POOL_NONE */
	size_t capacity;     /* of .buckets, a power of two */
	size_t bucket_count; /* in use: mask / 2 < bucket_count <= mask + 1 */
	size_t mask;
	size_t count;
	uint32_t slabs; /* those with room, first of a list */
	struct queue queues[TIMEOUT_COUNT];
	uint64_t last_id;
	uint64_t id_step;
};

static uint32_t conn_index(const struct conntrack *ct, const struct conn *conn)
{
	return (uint32_t)(conn - pool_conn(ct->pool, 0));
}

/* Index. */

static uint32_t *bucket_of(const struct conntrack *ct, uint32_t hash)
{
	size_t i = hash & ct->mask;

	if (i >= ct->bucket_count)
		i &= ct->mask >> 1;
	return &ct->buckets[i];
}

static void chain(struct conntrack *ct, struct conn *conn)
{
	uint32_t *bucket = bucket_of(ct, conn->hash);

	conn->next = *bucket;
	*bucket = conn_index(ct, conn);
}

static void unchain(struct conntrack *ct, const struct conn *conn)
{
	uint32_t index = conn_index(ct, conn);
	uint32_t *link = bucket_of(ct, conn->hash);

	while (*link != index)
		link = &pool_conn(ct->pool, *link)->next;
	*link = conn->next;
}

/* The bucket that grows next gives a part of its chain to the new one. */
static void split_bucket(struct conntrack *ct)
{
	uint32_t *old;
	uint32_t index;

	if (ct->bucket_count > ct->mask)
		ct->mask = ct->mask << 1 | 1;
	old = &ct->buckets[ct->bucket_count & ct->mask >> 1];
	ct->buckets[ct->bucket_count] = POOL_NONE;
	ct->bucket_count++;
	index = *old;
	*old = POOL_NONE;
	while (index != POOL_NONE) {
		struct conn *conn = pool_conn(ct->pool, index);

		index = conn->next;
		chain(ct, conn);
	}
}

/* Memory. */

static void list_slab(struct conntrack *ct, uint32_t number)
{
	struct slab *slab = pool_slab(ct->pool, number);

	slab->prev = POOL_NONE;
	slab->next = ct->slabs;
	if (ct->slabs != POOL_NONE)
		pool_slab(ct->pool, ct->slabs)->prev = number;
	ct->slabs = number;
}

static void unlist_slab(struct conntrack *ct, const struct slab *slab)
{
	if (slab->prev != POOL_NONE)
		pool_slab(ct->pool, slab->prev)->next = slab->next;
	else
		ct->slabs = slab->next;
	if (slab->next != POOL_NONE)
		pool_slab(ct->pool, slab->next)->prev = slab->prev;
}

static bool take_slab(struct conntrack *ct)
{
	uint32_t number = pool_take(ct->pool);
	uint32_t first = number * POOL_SLAB_LEN;
	struct slab *slab;

	if (number == POOL_NONE)
		return false;
	slab = pool_slab(ct->pool, number);
	slab->used = 0;
	slab->free = POOL_NONE;
	for (uint32_t i = POOL_SLAB_LEN; i-- > 0;) {
		uint32_t index = first + i;

		pool_conn(ct->pool, index)->next = slab->free;
		slab->free = index;
	}
	list_slab(ct, number);
	return true;
}

static struct conn *allocate(struct conntrack *ct)
{
	struct slab *slab;
	struct conn *conn;

	if (!pool_admit(ct->pool))
		return NULL;
	if (ct->slabs == POOL_NONE && !take_slab(ct)) {
		pool_dismiss(ct->pool);
		return NULL;
	}
	slab = pool_slab(ct->pool, ct->slabs);
	conn = pool_conn(ct->pool, slab->free);
	slab->free = conn->next;
	slab->used++;
	if (slab->free == POOL_NONE)
		unlist_slab(ct, slab);
	*conn = (struct conn){ 0 };
	return conn;
}

static void release(struct conntrack *ct, struct conn *conn)
{
	uint32_t index = conn_index(ct, conn);
	uint32_t number = index / POOL_SLAB_LEN;
	struct slab *slab = pool_slab(ct->pool, number);

	if (slab->free == POOL_NONE)
		list_slab(ct, number);
	conn->next = slab->free;
	slab->free = index;
	slab->used--;
	pool_dismiss(ct->pool);
	if (slab->used || (slab->prev == POOL_NONE && slab->next == POOL_NONE))
		return;
	unlist_slab(ct, slab);
	pool_return(ct->pool, number);
}

/* Expiry queues. */

static void enqueue(struct conntrack *ct, struct conn *conn, msec_t now)
{
	struct queue *queue = &ct->queues[conn->timeout];
	uint32_t index = conn_index(ct, conn);

	conn->queued = (uint32_t)now;
	conn->queue_prev = queue->tail;
	conn->queue_next = POOL_NONE;
	if (queue->tail != POOL_NONE)
		pool_conn(ct->pool, queue->tail)->queue_next = index;
	else
		queue->head = index;
	queue->tail = index;
}

static void dequeue(struct conntrack *ct, const struct conn *conn)
{
	struct queue *queue = &ct->queues[conn->timeout];

	if (conn->queue_prev != POOL_NONE)
		pool_conn(ct->pool, conn->queue_prev)->queue_next =
			conn->queue_next;
	else
		queue->head = conn->queue_next;
	if (conn->queue_next != POOL_NONE)
		pool_conn(ct->pool, conn->queue_next)->queue_prev =
			conn->queue_prev;
	else
		queue->tail = conn->queue_prev;
}

/* The shortest life of the class decides how often to look at it. */
static void note_life(struct queue *queue, msec_t life)
{
	msec_t interval = life / SWEEPS_PER_TIMEOUT;

	if (interval < queue->interval)
		queue->interval = (uint32_t)interval;
}

static size_t sweep_queue(struct conntrack *ct, const struct queue *queue,
			  msec_t now, size_t *budget)
{
	size_t removed = 0;

	while (queue->head != POOL_NONE && *budget > 0) {
		struct conn *conn = pool_conn(ct->pool, queue->head);

		if ((uint32_t)now - conn->queued < queue->interval)
			break;
		(*budget)--;
		if (conn->expires <= now) {
			conntrack_remove(ct, conn);
			removed++;
		} else {
			dequeue(ct, conn);
			enqueue(ct, conn, now);
		}
	}
	return removed;
}

static void identify(struct conntrack *ct, struct conn *conn, msec_t now)
{
	conn->created = now;
	conn->id = ct->last_id;
	ct->last_id += ct->id_step;
}

/* Exported. */

struct conntrack *conntrack_create(struct pool *pool,
				   const struct hash_key *key, uint32_t number,
				   uint32_t count)
{
	struct conntrack *ct = calloc(1, sizeof(*ct));

	if (!ct)
		return NULL;
	ct->capacity = BUCKETS_MIN;
	while (ct->capacity < pool_size(pool))
		ct->capacity *= 2;
	ct->buckets = calloc(ct->capacity, sizeof(ct->buckets[0]));
	if (!ct->buckets) {
		free(ct);
		return NULL;
	}
	ct->pool = pool;
	ct->key = *key;
	ct->bucket_count = BUCKETS_MIN;
	ct->mask = BUCKETS_MIN - 1;
	ct->slabs = POOL_NONE;
	ct->last_id = number + 1;
	ct->id_step = count;
	for (size_t i = 0; i < BUCKETS_MIN; i++)
		ct->buckets[i] = POOL_NONE;
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		ct->queues[i] =
			(struct queue){ POOL_NONE, POOL_NONE, UINT32_MAX / 2 };
	return ct;
}

void conntrack_destroy(struct conntrack *ct)
{
	if (!ct)
		return;
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		while (ct->queues[i].head != POOL_NONE)
			conntrack_remove(ct, pool_conn(ct->pool,
						       ct->queues[i].head));
	if (ct->slabs != POOL_NONE)
		pool_return(ct->pool, ct->slabs);
	free(ct->buckets);
	free(ct);
}

size_t conntrack_count(const struct conntrack *ct)
{
	return ct->count;
}

struct conn *conntrack_find(struct conntrack *ct, const struct tuple *tuple,
			    msec_t now, enum direction *dir)
{
	bool swapped;
	struct tuple key = tuple_canonical(tuple, &swapped);
	uint32_t hash = (uint32_t)tuple_hash(&key, &ct->key);
	uint32_t index = *bucket_of(ct, hash);

	while (index != POOL_NONE) {
		struct conn *conn = pool_conn(ct->pool, index);

		index = conn->next;
		if (conn->hash != hash || !tuple_equal(&conn->tuple, &key))
			continue;
		if (conn->expires <= now) {
			conntrack_remove(ct, conn);
			return NULL;
		}
		*dir = swapped == conn->swapped ? DIR_ORIGINAL : DIR_REPLY;
		return conn;
	}
	return NULL;
}

struct conn *conntrack_insert(struct conntrack *ct, const struct tuple *tuple,
			      msec_t now)
{
	struct conn *conn = allocate(ct);

	if (!conn)
		return NULL;
	conn->tuple = tuple_canonical(tuple, &conn->swapped);
	conn->hash = (uint32_t)tuple_hash(&conn->tuple, &ct->key);
	conn->timeout = TIMEOUT_COUNT;
	identify(ct, conn, now);
	ct->count++;
	if (ct->count > ct->bucket_count && ct->bucket_count < ct->capacity)
		split_bucket(ct);
	chain(ct, conn);
	return conn;
}

void conntrack_refresh(struct conntrack *ct, struct conn *conn,
		       enum timeout timeout, msec_t now, msec_t expires)
{
	conn->expires = expires;
	note_life(&ct->queues[timeout], expires - now);
	if (conn->timeout == timeout)
		return;
	if (conn->timeout < TIMEOUT_COUNT)
		dequeue(ct, conn);
	conn->timeout = (uint8_t)timeout;
	conn->class_since = (uint32_t)now;
	enqueue(ct, conn, now);
}

void conntrack_renew(struct conntrack *ct, struct conn *conn, bool reversed,
		     msec_t now)
{
	if (conn->timeout < TIMEOUT_COUNT)
		dequeue(ct, conn);
	conn->timeout = TIMEOUT_COUNT;
	conn->swapped ^= reversed;
	conn->assured = false;
	conn->lossy = false;
	conn->budget = (struct budget){ 0 };
	for (size_t i = 0; i < DIR_COUNT; i++) {
		conn->packets[i] = 0;
		conn->bytes[i] = 0;
	}
	identify(ct, conn, now);
}

void conntrack_remove(struct conntrack *ct, struct conn *conn)
{
	assert(ct->count > 0);
	unchain(ct, conn);
	if (conn->timeout < TIMEOUT_COUNT)
		dequeue(ct, conn);
	release(ct, conn);
	ct->count--;
}

size_t conntrack_expire(struct conntrack *ct, msec_t now, size_t budget)
{
	size_t removed = 0;

	for (size_t i = 0; i < TIMEOUT_COUNT && budget > 0; i++)
		removed += sweep_queue(ct, &ct->queues[i], now, &budget);
	return removed;
}

void conntrack_walk(const struct conntrack *ct, size_t *cursor,
		    void (*visit)(const struct conn *conn, void *arg),
		    void *arg)
{
	uint32_t index;

	if (*cursor >= ct->bucket_count) {
		*cursor = SIZE_MAX;
		return;
	}
	index = ct->buckets[(*cursor)++];
	while (index != POOL_NONE) {
		const struct conn *conn = pool_conn(ct->pool, index);

		visit(conn, arg);
		index = conn->next;
	}
}

struct tuple conn_original_tuple(const struct conn *conn)
{
	return conn->swapped ? tuple_reverse(&conn->tuple) : conn->tuple;
}
