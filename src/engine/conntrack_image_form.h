/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an image is laid out, in the octet order of the machine:
 *
 *	header
 *	touched      a number for each shard, a cache line each
 *	meanings   struct meanings for each shard
 *	rules        names by number, each with its NUL, for each epoch
 *	connections  struct conn
 *
 * Where each part begins the header says.  In the memory of a live table each
 * has room for the most that it may become; a saved one has no gaps, and a
 * checksum over all of it.
 */
#ifndef ENGINE_CONNTRACK_IMAGE_FORM_H
#define ENGINE_CONNTRACK_IMAGE_FORM_H

#include "engine/conn.h"
#include "engine/conntrack_image.h"
#include "engine/meanings.h"

/* To be raised when the same octets mean something else than before. */
enum { CONNTRACK_IMAGE_VERSION = 1 };

enum {
	IMAGE_PAGE = 4096,
	IMAGE_TOUCHED_LEN = 64,     /* a shard */
	IMAGE_RULES_LEN = 16 << 20, /* an epoch; untouched but for the names */
	IMAGE_EPOCHS = 2,
};

static const char image_magic[16] = "statewall conns";

struct image_part {
	uint64_t start; /* from the start of the header */
	uint64_t len;
};

/* Names of rules.  What does not fit is not there: .count is 0 then. */
struct image_rules {
	_Atomic uint32_t count;
	uint32_t len;
};

struct image_header {
	char magic[16];
	uint32_t version;
	uint32_t layout; /* image_layout() */
	uint64_t serial;
	char boot[CONNTRACK_IMAGE_BOOT_LEN];
	struct hash_key key;
	uint32_t shards;
	uint32_t is_saved;
	msec_t saved; /* when; 0 in a live one */
	int64_t wall; /* Unix time in ms when the clock was 0; 0 in a live one */
	struct image_part touched;
	struct image_part meanings;
	struct image_part rules[IMAGE_EPOCHS];
	struct image_part conns;
	uint32_t body;     /* checksum of all that follows, if saved */
	uint32_t checksum; /* of what comes before */

	/* What changes as long as the table lives. */
	struct image_rules names[IMAGE_EPOCHS];
	_Atomic uint32_t reach; /* connections that were ever in use */
};

/* What must be the same for connections to mean the same. */
uint32_t image_layout(void);
uint32_t image_checksum(const struct image_header *header);
/* What the checksum of the body begins with: the rest of the header. */
uint32_t image_body_checksum(const struct image_header *header);

#endif
