/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules remember of single sources and destinations: token buckets, and
 * how many connections live.  Shared by all shards, whose threads may call at
 * once; no lock, and no memory but that of the start.
 *
 * An entry belongs to a rule's name and a network.  It has a place in one set
 * of a few, which a keyed hash chooses, and is known by some more bits of it.
 *
 * - Two networks are taken for one with a chance of about one in 2^32 for each
 *   network that shares the set, and nobody can choose them.
 * - A bucket that finds its set full takes the place of the one that is most
 *   nearly full, and whose owner is thereby forgiven what little it took.  A
 *   count that finds its set full is not kept.  So whoever fills the memory,
 *   with ever so many addresses, makes it forget, and nobody is ever refused
 *   for what others did.
 */
#ifndef ENGINE_SOURCES_H
#define ENGINE_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/rate.h"
#include "engine/siphash.h"

struct sources;

/*
 * For @max_nodes sources at a time, each counted once for every rule that
 * counts it.  NULL: no memory.
 */
struct sources *sources_create(size_t max_nodes, const struct hash_key *key);
void sources_destroy(struct sources *sources);

/* What is counted for whom. */
enum sources_kind {
	SOURCES_ATTEMPTS, /* taken from the bucket of a limit */
	SOURCES_PROVEN,   /* of these, by whole handshakes */
	SOURCES_CONNS,    /* connections that live */
};

struct sources_key {
	uint64_t rule; /* rule_id() */
	struct prefix network;
	enum sources_kind kind;
};

/* As the functions of rate.h. */
bool sources_take(struct sources *sources, const struct sources_key *key,
		  const struct rate *rate, uint64_t count, msec_t now);
void sources_drain(struct sources *sources, const struct sources_key *key,
		   const struct rate *rate, uint64_t count, msec_t now);
bool sources_lack(struct sources *sources, const struct sources_key *key,
		  const struct rate *rate, uint64_t count, msec_t now);

/* One connection more, unless there are @max already (0: any number). */
bool sources_admit(struct sources *sources, const struct sources_key *key,
		   uint32_t max);
void sources_dismiss(struct sources *sources, const struct sources_key *key);
uint32_t sources_count(const struct sources *sources,
		       const struct sources_key *key);

#endif
