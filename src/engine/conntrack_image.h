/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connections of all shards in memory that outlives the process, with what
 * their numbers mean, so that the next process can take them over: restore.h.
 *
 * It is the memory that the connections live in.  Nothing is copied while
 * packets are judged, and a process that is killed leaves all that it knew.
 */
#ifndef ENGINE_CONNTRACK_IMAGE_H
#define ENGINE_CONNTRACK_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/siphash.h"
#include "engine/timeout.h"

struct conn;
struct conntrack_image;
struct meanings;
struct ruleset;

enum {
	CONNTRACK_IMAGE_SHARDS_MAX = 64,
	CONNTRACK_IMAGE_BOOT_LEN = 40, /* of the name of a boot, with NUL */
};

struct conntrack_image_params {
	size_t max_conns;
	uint32_t shards;
	struct hash_key key; /* by which engine_shard() chooses one */
	/* Monotonic time is the same for all processes of one boot. */
	char boot[CONNTRACK_IMAGE_BOOT_LEN];
	/* Of images of one table the one with the largest is the last. */
	uint64_t serial;
};

/* Octets of an image for that many connections; most are never touched. */
size_t conntrack_image_len(size_t max_conns);

/*
 * Makes @memory, which is all zero, conntrack_image_len() octets long and
 * aligned to a page, one without connections.  It is not owned.  NULL: no
 * memory.
 */
struct conntrack_image *
conntrack_image_create(void *memory,
		       const struct conntrack_image_params *params);
void conntrack_image_destroy(struct conntrack_image *image);

/* For pool_create_in(), and for the engine of each shard. */
struct conn *conntrack_image_conns(const struct conntrack_image *image);
_Atomic uint32_t *conntrack_image_reach(const struct conntrack_image *image);
struct meanings *conntrack_image_meanings(const struct conntrack_image *image,
					  uint32_t shard);
uint32_t *conntrack_image_touched(const struct conntrack_image *image,
				  uint32_t shard);

/* No connection is in the middle of a change, nor will be. */
void conntrack_image_rest(struct conntrack_image *image);

/*
 * What the numbers of rules mean in connections of that epoch, of which there
 * must be none while this is called.
 */
void conntrack_image_name_rules(struct conntrack_image *image, bool epoch,
				const struct ruleset *rules);

/* Where a saved image goes; false: that has failed. */
struct conntrack_image_sink {
	bool (*write)(const void *octets, size_t len, void *arg);
	void *arg;
};

/*
 * Writes the connections that live, in the same form without the gaps.  Nobody
 * may change them meanwhile.  @wall: Unix time in ms when the clock was 0.
 */
bool conntrack_image_save(const struct conntrack_image *image, msec_t now,
			  int64_t wall,
			  const struct conntrack_image_sink *sink);

#endif
