/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for all connections, reserved once and shared by all shards.
 *
 * Shards take and return slabs of POOL_SLAB_LEN connections, so the limit is
 * global: one shard alone may fill the whole table.  Several threads touch it
 * at once; it is lock-free.
 */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct pool;

enum { POOL_SLAB_LEN = 64 };

/* In place of the number of a slab, or of a connection in the pool. */
#define POOL_NONE UINT32_MAX

/* What the shard that has taken a slab keeps with it; links are numbers. */
struct slab {
	_Atomic uint32_t below; /* the pool's: the next one in its stack */
	uint32_t prev;          /* among the shard's slabs with room */
	uint32_t next;
	uint32_t free; /* first free connection */
	uint32_t used; /* how many are not free */
};

/*
 * For @max_conns connections, 1 to 2^28.  The limit is exact; the memory has
 * some slabs more, since a shard may keep slabs that are not full.  NULL: no
 * memory.
 */
struct pool *pool_create(size_t max_conns);
/*
 * The same in the memory of @conns: pool_conns_len() connections, all zero,
 * that outlive the pool.  *@reach becomes how many of them, from the first one
 * on, were ever in use.
 */
struct pool *pool_create_in(size_t max_conns, struct conn *conns,
			    _Atomic uint32_t *reach);
void pool_destroy(struct pool *pool);

size_t pool_conns_len(size_t max_conns);

size_t pool_size(const struct pool *pool); /* connections, as asked for */

size_t pool_used(const struct pool *pool); /* connections, now */

/* Counts one more connection; false: the limit is reached. */
bool pool_admit(struct pool *pool);
void pool_dismiss(struct pool *pool); /* counts one less */

uint32_t pool_take(struct pool *pool); /* a slab, or POOL_NONE: all in use */
void pool_return(struct pool *pool, uint32_t slab);
struct slab *pool_slab(const struct pool *pool, uint32_t slab);

/* The connection of that number; slab s holds s * POOL_SLAB_LEN and on. */
struct conn *pool_conn(const struct pool *pool, uint32_t index);

#endif
