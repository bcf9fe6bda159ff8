/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second opinion on TCP: what each end has said, kept in a simple way, and
 * what follows from it for a segment that the engine has let pass.
 *
 * Nothing that an end could not have meant may move a connection towards its
 * end:
 *
 *  1. A handshake goes on only by segments that acknowledge exactly.
 *  2. A RST ends a connection only with the number that its receiver expects.
 *  3. A FIN counts only with nothing missing before it, or acknowledged; and it
 *     is acknowledged only by a number that covers it.
 *  4. What has an effect lies in the windows.
 *  5. A connection is replaced only after its end, by a SYN that is none of its
 *     own (RFC 6191), or by a whole handshake that has passed beside it.
 *
 * It knows nothing of the engine but the verdicts.  What is wrong ends the
 * program.
 */
#ifndef FUZZ_LEDGER_H
#define FUZZ_LEDGER_H

#include "engine/packet.h"
#include "engine/timeout.h"
#include "engine/verdict.h"

/* One end, as far as its segments passed. */
struct ledger_end {
	bool has_sent;
	uint32_t isn;
	uint32_t end;    /* behind the last octet that it sent */
	uint32_t ack;    /* highest number that it acknowledged */
	uint32_t edge;   /* right edge of what it may send */
	uint32_t maxwin; /* largest window that it granted */
	uint32_t sack;  /* highest number that it acknowledged, SACK included */
	bool has_acked; /* the other end's SYN */
	bool has_fin;   /* a FIN that counts */
	bool may_have_fin; /* a FIN that does not count yet */
	uint32_t fin;      /* its number */
	bool has_former; /* a SYN-ACK of before, which may be the one that counts */
	uint32_t former; /* its number */
	bool offers_scaling;
	uint8_t shift;
	bool permits_sack;
	bool has_clock;
	uint32_t clock; /* its newest timestamp */
};

/* A SYN that passed beside the connection, and the SYN-ACK that answers it. */
struct ledger_request {
	bool is_there;
	int side;
	msec_t since;
	struct tcp_segment syn;
	bool is_answered;
	bool is_several; /* SYN-ACKs with different numbers */
	struct tcp_segment synack;
	uint32_t early;  /* octets that have followed the SYN-ACK */
	bool is_widened; /* .synack.window is that of an ACK behind it */
};

struct ledger {
	struct ledger_end ends[2];
	msec_t since;     /* when it was opened */
	bool is_reliable; /* we have seen it all: 1 to 5 must be true */
	bool is_lossy;    /* perhaps not all: what is acknowledged may be new */
	bool is_blind;    /* not even requests are known */
	bool is_crossed;  /* both have opened it */
	const char *state; /* the engine's; NULL: no connection */
	struct ledger_request request;
};

/* A segment from .ends[@side], and what the engine did with it. */
struct ledger_entry {
	int side;
	const struct tcp_segment *seg;
	const struct verdict *verdict;
	msec_t now;
	bool is_full; /* it is tracked in full */
};

void ledger_enter(struct ledger *ledger, const struct ledger_entry *entry);

/* Something has passed that is not entered. */
void ledger_lose(struct ledger *ledger);

/* The engine was told that something may have passed unseen until now. */
void ledger_note_loss(struct ledger *ledger, msec_t now);

/* Whether a segment of .ends[@side] with that number may be in flight. */
bool ledger_in_flight(const struct ledger *ledger, int side, uint32_t seq);

#endif
