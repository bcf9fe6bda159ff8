/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of an SCTP association (RFC 9260).
 *
 * Each end chooses a tag, which all packets to it carry: the INIT says that of
 * the one end, the INIT-ACK that of the other.  Who does not see the packets
 * has to guess 32 bits, so a packet with the right tag is believed.
 */
#ifndef ENGINE_SCTP_H
#define ENGINE_SCTP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/tuple.h"

/* The names of netfilter.  "Sent" and "received" are the originator's. */
enum sctp_state {
	SCTP_STATE_COOKIE_WAIT,   /* an INIT; its cookie has not come back */
	SCTP_STATE_COOKIE_ECHOED, /* the cookie, not acknowledged */
	SCTP_STATE_ESTABLISHED,   /* the handshake is complete */
	SCTP_STATE_SHUTDOWN_SENT, /* SHUTDOWN of the originator */
	SCTP_STATE_SHUTDOWN_RECD, /* SHUTDOWN of the responder */
	SCTP_STATE_SHUTDOWN_ACK_SENT,
	SCTP_STATE_CLOSED,         /* by SHUTDOWN-COMPLETE or ABORT */
	SCTP_STATE_HEARTBEAT_SENT, /* a second path, no answer */
	SCTP_STATE_COUNT
};

/*
 * What a chunk is, in the order in which the chunks of one packet are looked
 * at: those that must be first, and at last the one that ends all.
 */
enum sctp_class {
	SCTP_CLASS_INIT, /* alone in its packet, as the next one is */
	SCTP_CLASS_INIT_ACK,
	SCTP_CLASS_COOKIE_ECHO, /* first in its packet, as the next one is */
	SCTP_CLASS_COOKIE_ACK,
	SCTP_CLASS_DATA, /* and all that has no class of its own */
	SCTP_CLASS_ERROR,
	SCTP_CLASS_HEARTBEAT,
	SCTP_CLASS_HEARTBEAT_ACK,
	SCTP_CLASS_SHUTDOWN,
	SCTP_CLASS_SHUTDOWN_ACK,
	SCTP_CLASS_SHUTDOWN_COMPLETE, /* alone in its packet */
	SCTP_CLASS_ABORT,
	SCTP_CLASS_COUNT
};

static inline uint16_t sctp_bit(enum sctp_class class)
{
	return (uint16_t)(1U << class);
}

/*
 * The tags that INIT-ACKs offered, the first and the last: a server makes
 * another one for each INIT, and the client takes the one that comes first.
 */
struct sctp_offers {
	uint32_t first; /* 0: none */
	uint32_t last;  /* 0: not more than one */
};

/*
 * A handshake on an association that is not over: perhaps its sender was
 * restarted, perhaps both ends called each other at once, perhaps it is forged.
 */
struct sctp_request {
	uint32_t tag; /* of the INIT; 0: no request */
	struct sctp_offers offers;
	uint32_t echoed; /* the offer that came back with a cookie; 0: none */
	uint32_t rule;   /* that allows it */
	uint32_t since;  /* low 32 bits of the time in ms */
	uint8_t dir;     /* enum direction: whose request it is */
};

struct sctp_conn {
	uint32_t tags[DIR_COUNT]; /* of packets that way; 0: not known */
	struct sctp_offers offers;
	struct sctp_request request;
	uint8_t state; /* enum sctp_state */
};

#endif
