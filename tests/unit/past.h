/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that can be killed: an engine whose connections outlive it.
 */
#ifndef UNIT_PAST_H
#define UNIT_PAST_H

#include "engine/conntrack_image.h"
#include "engine/engine.h"
#include "engine/restore.h"
#include "unit/build.h"

#define PAST_BOOT "2c1f6f0e-0000-4000-8000-000000000001"

struct life {
	void *memory; /* of its image */
	size_t len;
	struct conntrack_image *image;
	struct pool *pool;
	struct halfopen *halfopen;
	struct sources *sources;
	struct ruleset *rules; /* owned */
	struct engine *eng;
	msec_t now;
	int64_t wall;
};

/* Owns @rules.  Ends the test when memory does. */
void life_start(struct life *life, struct ruleset *rules, msec_t now);
/* What is left is the memory of its image. */
void life_kill(struct life *life);
/* That, too. */
void life_forget(struct life *life);

struct verdict life_send(struct life *life, const struct build *b);

/* The image as it would be in a file; to be freed. */
char *life_save(const struct life *life, size_t *len);

/* Reads an image for @life; NULL: *@fault says why. */
struct restore *life_open(const struct life *life, const void *memory,
			  size_t len, enum restore_fault *fault);

struct life_counts {
	size_t restored;
	size_t skipped;
	size_t refused; /* by the engine */
};

/* Takes over what another one left, which must be readable. */
struct life_counts life_inherit(struct life *life, const void *memory,
				size_t len);

/* Its connections, at most @max. */
size_t life_list(const struct life *life, struct conn_info *list, size_t max);

#endif
