/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ends that speak TCP through an engine, each segment held against what
 * must be true of every verdict on it.
 */
#ifndef UNIT_TALK_H
#define UNIT_TALK_H

#include "unit/rig.h"

/* A segment.  Numbers are relative to the ISNs of sender and receiver. */
struct step {
	enum direction dir;
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	uint16_t len;
};

struct talk {
	struct rig rig;
	uint8_t version;
	uint16_t port; /* of the client: another one is another connection */
	uint32_t isns[DIR_COUNT];
	bool picks_up;      /* as set by talk_pick_up() */
	bool has_asked;     /* for the next connection while one was there */
	struct step last;   /* segment that was sent */
	const char *before; /* the state before it; NULL: no connection */
	bool is_reversed;   /* that connection was opened by the server */
};

void talk_start(struct talk *talk, uint8_t version);
void talk_stop(struct talk *talk);

/* From now on, connections may be picked up in the middle. */
void talk_pick_up(struct talk *talk);
/* From now on, connections are tracked like this. */
void talk_track(struct talk *talk, enum tracking tracking);

/*
 * Sends the segment.  Beside what rig_check_verdict() says, it is checked that
 *
 *  - dropped, it has left the connection byte for byte as it was;
 *  - inert, it has left the state and the timer as they were;
 *  - a state never changes without a new timer;
 *  - no other connection has come or gone, unless a SYN was accepted, or an
 *    ACK by which one may be picked up.
 */
struct verdict talk_say(struct talk *talk, const struct step *step);

#endif
