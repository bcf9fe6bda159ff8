/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One tracked connection.  It belongs to its conntrack; engine and trackers
 * have it on loan while they judge one packet.
 */
#ifndef ENGINE_CONN_H
#define ENGINE_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/budget.h"
#include "engine/sctp.h"
#include "engine/tcp.h"
#include "engine/timeout.h"
#include "engine/tuple.h"

enum tracking {
	TRACKING_FULL,
	TRACKING_LIBERAL, /* what the windows refuse passes without effect */
	TRACKING_SLOPPY,  /* one direction may go another way: no windows */
	TRACKING_NONE,    /* no connection is made; in no connection */
	TRACKING_COUNT
};

/*
 * What each packet of an established connection touches comes first, and is
 * asked for ahead of it (conntrack_fetch()):
 *
 *	  0  tuple, hash, next               to find it
 *	 48  class, rule, life, age, id      to judge and to describe it
 *	 80  packets and octets
 *	112  both peers of TCP, and the bits of what else it knows
 *	192  a request that is pending; the queue; budgets
 */
struct conn {
	struct tuple tuple; /* canonical */

	/* conntrack's: links are numbers in the pool. */
	uint32_t hash;
	uint32_t next;       /* in the bucket, or in the slab's free list */
	uint8_t timeout : 5; /* enum timeout: which queue it is in */
	uint8_t shrunk  : 3; /* how much its life is: see timeout_shrink() */
	uint8_t indev;       /* of its first packet: see ifnames.h */
	uint8_t outdev;
	uint8_t hook     : 2; /* enum hook, of its first packet */
	uint8_t tracking : 2; /* enum tracking, as the rule says */
	bool swapped     : 1; /* the canonical source is the responder */
	bool assured     : 1; /* both ends have proven that they are there */
	bool lossy       : 1; /* perhaps we did not see all of its packets */
	bool epoch       : 1; /* of the rules that .rule is a number in */
	uint32_t rule;        /* that let it in, or RULE_NONE */
	msec_t expires;       /* from then on it is invisible */
	msec_t created;
	uint64_t id      : 51;
	uint64_t counted : 1;        /* among those of its source */
	uint64_t mark    : 12;       /* of its packets: see marks.h */
	uint64_t packets[DIR_COUNT]; /* accepted ones */
	uint64_t bytes[DIR_COUNT];

	union {
		struct tcp_conn tcp;
		struct sctp_conn sctp;
		uint8_t state; /* of the trackers with a handful of states */
	};

	uint32_t queue_prev;
	uint32_t queue_next;
	uint32_t queued;      /* when it was last put at the end, low 32 bits */
	uint32_t class_since; /* when it entered its class, low 32 bits */
	struct budget budget;
};

/* So much of it is hot. */
enum { CONN_HOT_LEN = 192 };

/* A million a second reach it after seventy years. */
#define CONN_ID_MAX (((uint64_t)1 << 51) - 1)

static_assert(offsetof(struct conn, packets) == 80, "see the picture");
static_assert(offsetof(struct conn, tcp.pending.isn) == CONN_HOT_LEN,
	      "what is hot has grown");
static_assert(TIMEOUT_COUNT < 1 << 5, "struct conn has no room");

/* With its share of the index and the slabs at most 256 (see conntrack.c). */
static_assert(sizeof(struct conn) <= 240, "struct conn has grown");

#endif
