/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of connections of one shard: a container, which knows nothing of
 * protocols, rules or packets.
 */
#ifndef ENGINE_CONNTRACK_H
#define ENGINE_CONNTRACK_H

#include <stddef.h>
#include <stdint.h>

#include "engine/conn.h"
#include "engine/pool.h"
#include "engine/siphash.h"

struct conntrack;
struct halfopen;

/*
 * Ids of connections are @number + 1 + n * @count, so that they differ between
 * the tables of a pool.
 */
struct conntrack_params {
	struct pool *pool;         /* shared, not owned */
	struct halfopen *halfopen; /* shared, not owned; NULL: not counted */
	/* Told of each connection before it is gone; may be NULL. */
	void (*removed)(const struct conn *conn, void *arg);
	void *arg;
	/*
	 * Becomes the number in the pool of each connection before something
	 * in it is changed: if the process ends in the middle of that, others
	 * know which one may be half of what it was, and half of what it was
	 * to be.  NULL: nobody asks.
	 */
	uint32_t *touched;
	struct hash_key key;
	uint32_t number;
	uint32_t count;
};

/* NULL: no memory. */
struct conntrack *conntrack_create(const struct conntrack_params *params);
/* Its connections go back to the pool. */
void conntrack_destroy(struct conntrack *ct);

size_t conntrack_count(const struct conntrack *ct);

/*
 * The live connection of that tuple, in either direction, and which one that
 * is.  One whose time is over is removed and not found.  The result is owned
 * by @ct and valid until it is removed.
 */
struct conn *conntrack_find(struct conntrack *ct, const struct tuple *tuple,
			    msec_t now, enum direction *dir);

/*
 * The same in steps, so that a batch of lookups waits for memory once: make
 * the keys of all, which asks for their buckets; fetch all, which asks for the
 * connections; then find.  The first two change nothing, and any thread may
 * call them while the table is changed.
 */
void conntrack_make_key(const struct conntrack *ct, const struct tuple *tuple,
			struct tuple_key *key);
void conntrack_fetch(const struct conntrack *ct, const struct tuple_key *key);
struct conn *conntrack_find_key(struct conntrack *ct,
				const struct tuple_key *key, msec_t now,
				enum direction *dir);

enum conntrack_error {
	CONNTRACK_OK,
	CONNTRACK_FULL,  /* the pool is empty */
	CONNTRACK_CHAIN, /* too many in one bucket: see conntrack_index.c */
};

/*
 * A new connection whose original direction is @tuple, which must not be in
 * the table; zero but for its identity, and of no timeout class yet: call
 * conntrack_refresh() next.
 */
enum conntrack_error conntrack_insert(struct conntrack *ct,
				      const struct tuple *tuple, msec_t now,
				      struct conn **inserted);

/*
 * It lives until @expires, and is of that class; conn->shrunk is to be set
 * before, and says what its life would be in an empty table.
 */
void conntrack_refresh(struct conntrack *ct, struct conn *conn,
		       enum timeout timeout, msec_t now, msec_t expires);

/*
 * The connection is over, and another one of the same tuple has its place: a
 * new id, nothing counted, no class yet; what its tracker knows of it, and
 * whether it is assured, is there already.  @reversed: what was the reply
 * direction is the original one now.
 */
void conntrack_renew(struct conntrack *ct, struct conn *conn, bool reversed,
		     msec_t now);

void conntrack_remove(struct conntrack *ct, struct conn *conn);

/*
 * Puts in a connection of another table, that of a process that has ended, as
 * it was: @record, whose links mean nothing here.  Its tuple must not be in the
 * table.  @life is what its class gives to a new one.
 */
enum conntrack_error conntrack_adopt(struct conntrack *ct,
				     const struct conn *record, msec_t life,
				     msec_t now);
/* New ids are larger than that. */
void conntrack_skip_ids(struct conntrack *ct, uint64_t id);

/* Looks at no more than @budget connections; returns how many it removed. */
size_t conntrack_expire(struct conntrack *ct, msec_t now, size_t budget);

/* Which connections may be removed to make room. */
struct eviction {
	enum evict last;     /* of the classes up to this one */
	bool half_open;      /* and of these only those that are half open */
	msec_t quiet_min;    /* that did not move for so long */
	const msec_t *lives; /* the timeouts, by which that is known */
};

/*
 * Removes one: of the first class in the order of enum evict that has any, the
 * one that was quiet for the longest time.  false: all that is left must stay.
 */
bool conntrack_evict(struct conntrack *ct, const struct eviction *eviction,
		     msec_t now);

/*
 * Visits the connections of the bucket *@cursor and steps it on; SIZE_MAX after
 * the last one.  Between calls the table may change: a connection that is
 * there all the time is visited at least once.
 */
void conntrack_walk(const struct conntrack *ct, size_t *cursor,
		    void (*visit)(const struct conn *conn, void *arg),
		    void *arg);

/*
 * Like conntrack_walk(), and removes those for which @keep says false after
 * having changed them at will.
 */
void conntrack_sift(struct conntrack *ct, size_t *cursor,
		    bool (*keep)(struct conn *conn, void *arg), void *arg);

/* The tuple in the original direction. */
struct tuple conn_original_tuple(const struct conn *conn);

#endif
