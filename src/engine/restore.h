/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading what a process that has ended left behind: see conntrack_image.h.
 *
 * Nothing in it is believed.  Whatever its octets are, what comes out are
 * connections that the trackers can work with.
 */
#ifndef ENGINE_RESTORE_H
#define ENGINE_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/conn.h"
#include "engine/marks.h"
#include "engine/packet.h"

struct restore;
struct ruleset;

enum restore_fault {
	RESTORE_OK,
	RESTORE_SHORT,   /* it ends too early */
	RESTORE_FOREIGN, /* it is something else */
	RESTORE_VERSION, /* of another version of this program */
	RESTORE_DAMAGED, /* its checksums, or its parts, are not right */
	RESTORE_FUTURE,  /* saved later than now: one of two clocks is wrong */
	RESTORE_MEMORY,  /* there is none to read it */
	RESTORE_FAULT_COUNT
};

/* What is wrong with an image, as the end of a sentence. */
extern const char *const restore_fault_text[RESTORE_FAULT_COUNT];

struct restore_params {
	const void *memory; /* must stay as long as it is read */
	size_t len;
	const struct ruleset *rules; /* in force now */
	const char *boot;            /* and the others: of now, too */
	msec_t now;
	int64_t wall;
};

/* NULL: *@fault says why. */
struct restore *restore_open(const struct restore_params *params,
			     enum restore_fault *fault);
void restore_close(struct restore *restore);

/* See struct conntrack_image_params; 0 if it was saved. */
uint64_t restore_serial(const struct restore *restore);

/* A connection, with what its numbers mean. */
struct restored {
	struct conn conn; /* .rule is a number in the rules in force */
	char indev[PACKET_IFNAME_LEN];
	char outdev[PACKET_IFNAME_LEN];
	struct marking mark;
};

enum restore_step {
	RESTORE_CONN,
	RESTORE_SKIPPED, /* one that cannot be, of which nothing is known */
	RESTORE_END
};

/* The next one; those whose time is over are passed over. */
enum restore_step restore_next(struct restore *restore,
			       struct restored *restored);

#endif
