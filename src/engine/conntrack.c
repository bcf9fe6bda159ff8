/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of connections: identity, life and number.
 *
 * A connection costs at most 240 octets, its two buckets 8, its share of the
 * slab less than 1: at most 256.
 */
#include "engine/conntrack.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/conntrack_state.h"

struct conntrack *conntrack_create(const struct conntrack_params *params)
{
	struct conntrack *ct = calloc(1, sizeof(*ct));

	if (!ct)
		return NULL;
	ct->pool = params->pool;
	ct->conns = pool_conn(params->pool, 0);
	ct->halfopen = params->halfopen;
	ct->removed = params->removed;
	ct->arg = params->arg;
	ct->touched = params->touched ? params->touched : &ct->touched_here;
	ct->slabs = POOL_NONE;
	ct->last_id = params->number + 1;
	ct->id_step = params->count;
	queue_init(ct);
	if (index_init(ct, &params->key))
		return ct;
	free(ct);
	return NULL;
}

void conntrack_destroy(struct conntrack *ct)
{
	if (!ct)
		return;
	for (size_t i = 0; i < TIMEOUT_COUNT; i++)
		while (ct->queues[i].head != POOL_NONE)
			conntrack_remove(ct, conn_at(ct, ct->queues[i].head));
	if (ct->slabs != POOL_NONE)
		pool_return(ct->pool, ct->slabs);
	index_fini(ct);
	free(ct);
}

size_t conntrack_count(const struct conntrack *ct)
{
	return ct->count;
}

void conntrack_make_key(const struct conntrack *ct, const struct tuple *tuple,
			struct tuple_key *key)
{
	key->swapped = tuple_make_canonical(tuple, &key->canonical);
	key->hash = (uint32_t)tuple_hash(&key->canonical, &ct->index.first_key);
	index_prefetch_bucket(ct, key->hash);
}

void conntrack_fetch(const struct conntrack *ct, const struct tuple_key *key)
{
	index_prefetch_conn(ct, key->hash);
}

struct conn *conntrack_find_key(struct conntrack *ct,
				const struct tuple_key *key, msec_t now,
				enum direction *dir)
{
	struct conn *conn = index_find(ct, key);

	if (!conn)
		return NULL;
	if (conn->expires <= now) {
		conntrack_remove(ct, conn);
		return NULL;
	}
	*ct->touched = conn_number(ct, conn);
	*dir = key->swapped == conn->swapped ? DIR_ORIGINAL : DIR_REPLY;
	return conn;
}

struct conn *conntrack_find(struct conntrack *ct, const struct tuple *tuple,
			    msec_t now, enum direction *dir)
{
	struct tuple_key key;

	conntrack_make_key(ct, tuple, &key);
	return conntrack_find_key(ct, &key, now, dir);
}

static void identify(struct conntrack *ct, struct conn *conn, msec_t now)
{
	conn->created = now;
	conn->id = ct->last_id & CONN_ID_MAX;
	ct->last_id += ct->id_step;
}

enum conntrack_error conntrack_insert(struct conntrack *ct,
				      const struct tuple *tuple, msec_t now,
				      struct conn **inserted)
{
	struct conn *conn = memory_take(ct);
	bool swapped;

	if (!conn)
		return CONNTRACK_FULL;
	*ct->touched = conn_number(ct, conn);
	conn->tuple = tuple_canonical(tuple, &swapped);
	conn->swapped = swapped;
	conn->timeout = TIMEOUT_COUNT & 0x1f;
	if (!index_insert(ct, conn)) {
		memory_release(ct, conn);
		return CONNTRACK_CHAIN;
	}
	ct->count++;
	identify(ct, conn, now);
	*inserted = conn;
	return CONNTRACK_OK;
}

void conntrack_refresh(struct conntrack *ct, struct conn *conn,
		       enum timeout timeout, msec_t now, msec_t expires)
{
	conn->expires = expires;
	if (conn->timeout == timeout)
		return;
	queue_note_life(ct, timeout, expires - now);
	queue_set_class(ct, conn, timeout, now);
}

void conntrack_renew(struct conntrack *ct, struct conn *conn, bool reversed,
		     msec_t now)
{
	queue_set_class(ct, conn, TIMEOUT_COUNT, now);
	conn->swapped ^= reversed;
	conn->budget = (struct budget){ 0 };
	for (size_t i = 0; i < DIR_COUNT; i++) {
		conn->packets[i] = 0;
		conn->bytes[i] = 0;
	}
	identify(ct, conn, now);
}

enum conntrack_error conntrack_adopt(struct conntrack *ct,
				     const struct conn *record, msec_t life,
				     msec_t now)
{
	struct tuple tuple = conn_original_tuple(record);
	struct conn *conn = NULL;
	enum conntrack_error error = conntrack_insert(ct, &tuple, now, &conn);
	struct conn links;

	if (error != CONNTRACK_OK)
		return error;
	links = *conn;
	*conn = *record;
	conn->hash = links.hash;
	conn->next = links.next;
	conn->timeout = links.timeout;
	conntrack_refresh(ct, conn, record->timeout, now, now + life);
	conn->expires = record->expires;
	conn->class_since = record->class_since;
	return CONNTRACK_OK;
}

void conntrack_skip_ids(struct conntrack *ct, uint64_t id)
{
	if (ct->last_id <= id)
		ct->last_id +=
			((id - ct->last_id) / ct->id_step + 1) * ct->id_step;
}

void conntrack_remove(struct conntrack *ct, struct conn *conn)
{
	assert(ct->count > 0);
	if (ct->removed)
		ct->removed(conn, ct->arg);
	index_remove(ct, conn);
	queue_set_class(ct, conn, TIMEOUT_COUNT, 0);
	memory_release(ct, conn);
	ct->count--;
}

struct tuple conn_original_tuple(const struct conn *conn)
{
	return conn->swapped ? tuple_reverse(&conn->tuple) : conn->tuple;
}
