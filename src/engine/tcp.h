/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a TCP connection: facts about each peer, from which the
 * state is derived.  Two peers that move on their own need no state for each
 * pair of their moves, and simultaneous close is no special case.
 *
 * Sequence numbers are as on the wire.  "Sender" and "receiver" are those of
 * the segment at hand: peer[dir] and peer[!dir].
 */
#ifndef ENGINE_TCP_H
#define ENGINE_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/packet.h"
#include "engine/reason.h"
#include "engine/timeout.h"

enum tcp_state {
	TCP_STATE_SYN_SENT,    /* a SYN, no answer */
	TCP_STATE_SYN_RECV,    /* a SYN-ACK, not acknowledged */
	TCP_STATE_ESTABLISHED, /* both SYNs acknowledged, no FIN */
	TCP_STATE_FIN_WAIT,    /* one FIN, not acknowledged */
	TCP_STATE_HALF_CLOSED, /* one FIN, acknowledged */
	TCP_STATE_CLOSING,     /* both FINs, at least one not acknowledged */
	TCP_STATE_TIME_WAIT,   /* both FINs acknowledged */
	TCP_STATE_CLOSED,      /* ended by a RST */
	TCP_STATE_PICKED_UP,   /* met in the middle, from one side so far */
	TCP_STATE_COUNT
};

/* What a segment is, by its flags. */
enum tcp_class {
	TCP_CLASS_SYN,
	TCP_CLASS_SYNACK,
	TCP_CLASS_ACK,
	TCP_CLASS_FIN,
	TCP_CLASS_RST,
	TCP_CLASS_COUNT,
	TCP_CLASS_ILLEGAL
};

/* Facts about a peer. */
enum {
	PEER_SYN_SEEN = 0x001, /* SYN or SYN-ACK */
	PEER_SYN_ACKED = 0x002,
	PEER_FIN_TENTATIVE = 0x004, /* a FIN beyond a hole: perhaps forged */
	PEER_FIN_SEEN = 0x008,
	PEER_FIN_ACKED = 0x010,
	PEER_WSCALE = 0x020,    /* its SYN offered window scaling */
	PEER_SACK_OK = 0x040,   /* its SYN permitted SACK */
	PEER_TS = 0x080,        /* it sends timestamps */
	PEER_MD5_AO = 0x100,    /* its SYN was signed, RFC 2385 or 5925 */
	PEER_NO_WINDOW = 0x200, /* the window it granted last is 0 */
	PEER_FORMER = 0x400,    /* its SYN-ACK had another number before */
};

struct tcp_peer {
	uint32_t isn;
	uint32_t end;    /* highest seq + len sent, SYN and FIN included */
	uint32_t maxend; /* highest right edge the other side granted */
	/* highest ack sent; the other's isn before any; in SYN_SENT that of an
	 * ACK in answer to the SYN, with .challenged */
	uint32_t maxack;
	uint32_t maxwin; /* largest window it advertised, scaled, >= 1 */
	union {
		uint32_t fin_seq;    /* of its FIN, with PEER_FIN_... */
		uint32_t former_isn; /* with PEER_FORMER */
	};
	uint32_t ts_last;    /* its newest timestamp, with PEER_TS */
	uint32_t sack_right; /* highest edge it acknowledged with SACK */
	uint16_t facts;
	uint8_t wscale; /* in force once both SYNs were seen */
};

/* What the options of a SYN or SYN-ACK say, but for the timestamp. */
struct tcp_offer {
	uint8_t wscale   : 4;
	bool has_wscale  : 1;
	bool has_sack_ok : 1;
	bool has_md5_ao  : 1;
};

/*
 * A SYN on a connection that is not over, and the SYN-ACK that answers it: a
 * request for a new one, which changes nothing until the handshake is complete.
 */
struct tcp_pending {
	bool exists      : 1;
	bool leads       : 1; /* it is none, but see tcp_catch_up.c */
	bool is_answered : 1;
	bool is_several  : 1; /* SYN-ACKs, with different numbers */
	bool is_taken    : 1; /* all of the SYN's payload, by the SYN-ACK */
	bool is_widened  : 1; /* by an ACK behind the SYN-ACK: it is scaled */
	bool is_refused  : 1; /* by a RST of either side */
	bool dir         : 1; /* enum direction: whose request it is */
	struct tcp_offer offer;
	struct tcp_offer answer_offer;
	uint32_t isn;
	uint32_t answer; /* number of the SYN-ACK, with .is_answered */
	uint32_t rule;   /* that allows it */
	uint32_t since;  /* low 32 bits of the time in ms */
	uint16_t len;    /* payload of the SYN */
	uint16_t early;  /* octets that have followed the SYN-ACK */
	uint16_t window;
	uint16_t answer_window; /* of the SYN-ACK, or with .is_widened */
};

struct tcp_conn {
	struct tcp_peer peer[DIR_COUNT];
	uint16_t last;         /* mark of the last segment, to know it again */
	uint8_t repeats;       /* how often it came again in a row */
	bool challenged   : 1; /* an ACK answered the SYN: see .maxack */
	bool reset        : 1; /* ended by a RST ... */
	bool reset_by     : 1; /* ... in this direction */
	bool simultaneous : 1; /* opened from both sides */
	bool one_sided    : 1; /* picked up, the other side is silent so far */
	struct tcp_pending
		pending; /* its first bits are asked of each packet */
};

enum tcp_pickup { TCP_PICKUP_STRICT, TCP_PICKUP_GRACE, TCP_PICKUP_LOOSE };
enum tcp_syn_data { TCP_SYN_DATA_ALLOW, TCP_SYN_DATA_TFO, TCP_SYN_DATA_DENY };

/* What administrators decide of TCP. */
struct tcp_settings {
	enum tcp_pickup pickup;
	msec_t pickup_grace; /* how long after the start, with GRACE */
	enum tcp_syn_data syn_data;
	bool simultaneous_open;
	bool syn_urg;        /* a SYN may have URG */
	bool reject_orphans; /* rather than drop what fits no connection */
};

extern const struct tcp_settings tcp_settings_default;

/* Which class the flags make; TCP_CLASS_ILLEGAL for 46 of the 64. */
enum tcp_class tcp_class(uint8_t flags);

/*
 * REASON_NONE, or why a segment with these flags is never legal.  A SYN with
 * URG is, see PACKET_SYN_URG.
 */
enum reason tcp_flags_fault(uint8_t flags);

/* Sequence number behind the segment: payload, SYN and FIN take numbers. */
uint32_t tcp_segment_end(const struct tcp_segment *seg);

/* The state that the facts amount to. */
enum tcp_state tcp_state(const struct tcp_conn *tcp);
const char *tcp_state_name(enum tcp_state state);

#endif
