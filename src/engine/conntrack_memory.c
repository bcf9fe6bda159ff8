/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for connections: slabs from the pool.  A slab whose connections are
 * all free goes back, unless it is the only one with room.
 *
 * A connection that is free expires at 0, so that who looks at the memory alone
 * takes it for one that is over.
 */
#include "engine/conntrack_state.h"

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
		conn_at(ct, first + i)->next = slab->free;
		slab->free = first + i;
	}
	list_slab(ct, number);
	return true;
}

struct conn *memory_take(struct conntrack *ct)
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
	conn = conn_at(ct, slab->free);
	slab->free = conn->next;
	slab->used++;
	if (slab->free == POOL_NONE)
		unlist_slab(ct, slab);
	*conn = (struct conn){ 0 };
	return conn;
}

void memory_release(struct conntrack *ct, struct conn *conn)
{
	uint32_t index = conn_number(ct, conn);
	uint32_t number = index / POOL_SLAB_LEN;
	struct slab *slab = pool_slab(ct->pool, number);

	if (slab->free == POOL_NONE)
		list_slab(ct, number);
	conn->expires = 0;
	conn->next = slab->free;
	slab->free = index;
	slab->used--;
	pool_dismiss(ct->pool);
	if (slab->used || (slab->prev == POOL_NONE && slab->next == POOL_NONE))
		return;
	unlist_slab(ct, slab);
	pool_return(ct->pool, number);
}
