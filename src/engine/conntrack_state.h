/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the connection table share: conntrack.c (the table),
 * conntrack_index.c (finding), conntrack_memory.c (slabs) and conntrack_queue.c
 * (timeout classes).
 */
#ifndef ENGINE_CONNTRACK_STATE_H
#define ENGINE_CONNTRACK_STATE_H

#include "engine/conn.h"
#include "engine/conntrack.h"

struct queue {
	uint32_t head;
	uint32_t tail;
	uint32_t interval; /* ms between looks at a connection */
};

/* What is atomic is read by those who fetch ahead, without a lock. */
struct index {
	_Atomic uint32_t *buckets;   /* first connection, or POOL_NONE */
	size_t capacity;             /* of .buckets, a power of two */
	_Atomic size_t bucket_count; /* in use: mask / 2 < it <= mask + 1 */
	_Atomic size_t mask;
	struct hash_key first_key; /* by which keys of tuples are made */
	bool rekeyed;              /* .key is another one */
	struct hash_key key;
	/* While connections are moved to .key; SIZE_MAX: all of them are. */
	struct hash_key old_key;
	size_t moved; /* buckets before this one hold none of .old_key */
};

struct conntrack {
	struct pool *pool;
	struct conn *conns;        /* all of the pool, by number */
	struct halfopen *halfopen; /* NULL: not counted */
	void (*removed)(const struct conn *conn, void *arg); /* or NULL */
	void *arg;
	struct index index;
	size_t count;
	uint32_t *touched;     /* see struct conntrack_params */
	uint32_t touched_here; /* if nobody asks */
	uint32_t slabs;        /* those with room, first of a list */
	struct queue queues[TIMEOUT_COUNT];
	size_t swept_first; /* which of them, at the next sweep */
	uint64_t last_id;
	uint64_t id_step;
};

static inline uint32_t conn_number(const struct conntrack *ct,
				   const struct conn *conn)
{
	return (uint32_t)(conn - ct->conns);
}

static inline struct conn *conn_at(const struct conntrack *ct, uint32_t number)
{
	return &ct->conns[number];
}

/* false: no memory. */
bool index_init(struct conntrack *ct, const struct hash_key *key);
void index_fini(struct conntrack *ct);
/* Whatever its time says; NULL: it is not there. */
struct conn *index_find(const struct conntrack *ct,
			const struct tuple_key *key);
void index_prefetch_bucket(const struct conntrack *ct, uint32_t hash);
void index_prefetch_conn(const struct conntrack *ct, uint32_t hash);
/* false: the chain is as long as no honest traffic makes it. */
bool index_insert(struct conntrack *ct, struct conn *conn);
void index_remove(struct conntrack *ct, const struct conn *conn);
/* Moves the connections of up to @budget buckets to the new key. */
void index_rekey(struct conntrack *ct, size_t budget);

struct conn *memory_take(struct conntrack *ct); /* all zero; NULL: full */
void memory_release(struct conntrack *ct, struct conn *conn);

/* TIMEOUT_COUNT stands for no class at all. */
void queue_init(struct conntrack *ct);
void queue_set_class(struct conntrack *ct, struct conn *conn,
		     enum timeout timeout, msec_t now);
void queue_note_life(struct conntrack *ct, enum timeout timeout, msec_t life);

#endif
