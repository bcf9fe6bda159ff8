/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What packets in words leave open, so that they make conversations: ports and
 * the numbers of TCP.  After "S" the words "SA" and "A" are what the other side
 * and the first one say next.
 *
 * - A source port that is left out: of a TCP segment with SYN alone, and of
 *   what has no conversation yet, the next free one from DIALOGUE_PORT on; else
 *   that of the last conversation between the two ends.  A destination port
 *   that is left out is that of the conversation, or DIALOGUE_SERVICE.
 * - A sequence number that is left out is the one behind all that its sender
 *   has sent; a SYN begins at the first one.  An acknowledgement that is left
 *   out is of all that the other side has sent.
 * - Only what passes the firewall was sent: who speaks again after a drop says
 *   the same again.
 */
#ifndef POLICY_DIALOGUE_H
#define POLICY_DIALOGUE_H

#include "engine/tuple.h"
#include "policy/expression.h"

enum {
	DIALOGUE_MAX = 64, /* conversations that are remembered */
	DIALOGUE_PORT = 40000,
	DIALOGUE_PORTS = 20000, /* then from the first one on again */
	DIALOGUE_SERVICE = 80,
};

struct dialogue_peer {
	bool has_spoken;
	uint32_t isn;
	uint32_t next;   /* behind all that it has sent */
	uint32_t latest; /* number of its last segment */
};

struct conversation {
	struct tuple tuple; /* as in the first packet */
	struct dialogue_peer peer[DIR_COUNT];
};

/* All zero: nothing was said yet. */
struct dialogue {
	struct conversation list[DIALOGUE_MAX]; /* the oldest is forgotten */
	size_t count;                           /* of all that there were */
	uint32_t ports;                         /* that were chosen */
};

/* A packet whose ports and numbers are chosen. */
struct utterance {
	struct tuple tuple;
	uint8_t flags; /* of TCP, with the two numbers */
	uint32_t seq;
	uint32_t ack;
	uint32_t len;
};

/* What @expr says of a packet with these flags of TCP. */
struct utterance dialogue_next(struct dialogue *dialogue,
			       const struct expression *expr, uint8_t flags);

/*
 * The packet of that flow that was sent last, for an error that quotes it; or
 * one that nobody sent.
 */
struct utterance dialogue_last(struct dialogue *dialogue,
			       const struct expression_flow *flow);

/* It has passed. */
void dialogue_note(struct dialogue *dialogue, const struct utterance *said);

/* The conversations are over; the ports that were chosen are not again. */
void dialogue_forget(struct dialogue *dialogue);

#endif
