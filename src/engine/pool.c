/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slabs that are in no shard form a stack, linked by number.
 *
 * Its head is one word of 64 bits that is replaced as a whole: the number of
 * the first slab, and a tag that counts up, without which a slab that was
 * taken and returned meanwhile would pass for unchanged (the ABA problem).
 */
#include "engine/pool.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "engine/conn.h"

/* One that is not full for each of this many shards, without fragmentation. */
enum { SPARE_SLABS = 64 };

struct pool {
	struct conn *conns;
	struct conn *own;        /* the same, if they are its own */
	_Atomic uint32_t *reach; /* see pool_create_in(); NULL: nobody asks */
	struct slab *slabs;
	size_t size;
	_Atomic uint64_t head;   /* tag << 32 | number, written by all shards */
	_Atomic size_t admitted; /* connections, written by all shards */
};

static uint32_t head_slab(uint64_t head)
{
	return (uint32_t)head;
}

/* The head after @head, with @slab in front. */
static uint64_t head_next(uint64_t head, uint32_t slab)
{
	return ((head >> 32) + 1) << 32 | slab;
}

static uint32_t slab_count(size_t max_conns)
{
	return (uint32_t)(max_conns / POOL_SLAB_LEN) + SPARE_SLABS;
}

size_t pool_conns_len(size_t max_conns)
{
	return (size_t)slab_count(max_conns) * POOL_SLAB_LEN;
}

struct pool *pool_create_in(size_t max_conns, struct conn *conns,
			    _Atomic uint32_t *reach)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	uint32_t count = slab_count(max_conns);

	if (!pool)
		return NULL;
	pool->slabs = calloc(count, sizeof(struct slab));
	if (!pool->slabs) {
		pool_destroy(pool);
		return NULL;
	}
	pool->conns = conns;
	pool->reach = reach;
	pool->size = max_conns;
	for (uint32_t i = 0; i < count; i++)
		atomic_init(&pool->slabs[i].below,
			    i + 1 < count ? i + 1 : POOL_NONE);
	atomic_init(&pool->head, 0);
	atomic_init(&pool->admitted, 0);
	return pool;
}

struct pool *pool_create(size_t max_conns)
{
	struct pool *pool;
	/* Untouched memory costs nothing: calloc() maps it when it is used. */
	struct conn *conns =
		calloc(pool_conns_len(max_conns), sizeof(struct conn));

	if (!conns)
		return NULL;
	pool = pool_create_in(max_conns, conns, NULL);
	if (pool)
		pool->own = conns;
	else
		free(conns);
	return pool;
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	free(pool->own);
	free(pool->slabs);
	free(pool);
}

size_t pool_size(const struct pool *pool)
{
	return pool->size;
}

size_t pool_used(const struct pool *pool)
{
	size_t admitted =
		atomic_load_explicit(&pool->admitted, memory_order_relaxed);

	/* One that is being refused is counted for a moment. */
	return admitted < pool->size ? admitted : pool->size;
}

bool pool_admit(struct pool *pool)
{
	size_t admitted = atomic_load(&pool->admitted);

	/* Whoever is refused writes nothing that others could stumble over. */
	while (admitted < pool->size)
		if (atomic_compare_exchange_weak(&pool->admitted, &admitted,
						 admitted + 1))
			return true;
	return false;
}

void pool_dismiss(struct pool *pool)
{
	atomic_fetch_sub(&pool->admitted, 1);
}

/* Never less than what is used, whenever all threads end. */
static void note_reach(_Atomic uint32_t *reach, uint32_t slab)
{
	uint32_t end = (slab + 1) * POOL_SLAB_LEN;
	uint32_t before = atomic_load_explicit(reach, memory_order_relaxed);

	while (before < end &&
	       !atomic_compare_exchange_weak(reach, &before, end))
		;
}

uint32_t pool_take(struct pool *pool)
{
	uint64_t head = atomic_load(&pool->head);
	uint32_t below;

	do {
		if (head_slab(head) == POOL_NONE)
			return POOL_NONE;
		below = atomic_load(&pool->slabs[head_slab(head)].below);
	} while (!atomic_compare_exchange_weak(&pool->head, &head,
					       head_next(head, below)));
	if (pool->reach)
		note_reach(pool->reach, head_slab(head));
	return head_slab(head);
}

void pool_return(struct pool *pool, uint32_t slab)
{
	uint64_t head = atomic_load(&pool->head);

	do {
		atomic_store(&pool->slabs[slab].below, head_slab(head));
	} while (!atomic_compare_exchange_weak(&pool->head, &head,
					       head_next(head, slab)));
}

struct slab *pool_slab(const struct pool *pool, uint32_t slab)
{
	return &pool->slabs[slab];
}

struct conn *pool_conn(const struct pool *pool, uint32_t index)
{
	return &pool->conns[index];
}
