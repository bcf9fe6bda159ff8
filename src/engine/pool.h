/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for all connections, reserved once and shared by all shards.
 *
 * Shards take and return slabs of POOL_SLAB_LEN connections, so the limit is
 * global: one shard alone may fill the whole table.  The only thing in the
 * engine that several threads touch at once; it is lock-free.
 */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct conn;
struct pool;

enum { POOL_SLAB_LEN = 64 };

/* A number of a slab, or of a connection in the pool. */
enum { POOL_NONE = UINT32_MAX };

/*
 * Room for @max_conns connections, 1 to 2^28, rounded up to whole slabs for
 * the memory but not for the limit.  NULL: no memory.
 */
struct pool *pool_create(size_t max_conns);
void pool_destroy(struct pool *pool);

size_t pool_size(const struct pool *pool);  /* connections, as asked for */

uint32_t pool_take(struct pool *pool); /* a slab, or POOL_NONE: all in use */
void pool_return(struct pool *pool, uint32_t slab);
/* How many connections the slab holds: the last one may be cut short. */
size_t pool_slab_len(const struct pool *pool, uint32_t slab);

/* The connection of that number; slab s holds s * POOL_SLAB_LEN and on. */
struct conn *pool_conn(const struct pool *pool, uint32_t index);

#endif
