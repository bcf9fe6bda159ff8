/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a segment fits the windows of its connection.
 */
#ifndef ENGINE_TCP_WINDOW_H
#define ENGINE_TCP_WINDOW_H

#include "engine/conn.h"

enum window_result {
	WINDOW_ACCEPT, /* commit it with tcp_window_commit() */
	WINDOW_INERT,  /* pass it, and learn nothing from it ... */
	WINDOW_OVER,   /* ... but where it ends */
	WINDOW_DROP,
};

struct window {
	enum window_result result;
	enum reason reason; /* REASON_ESTABLISHED if accepted */
};

/* The segment was sent in direction @dir; both SYNs have been seen. */
struct window tcp_window_check(const struct conn *conn,
			       const struct tcp_segment *seg,
			       enum direction dir);

/* Whether the acknowledgement number alone fits: bounds III and IV. */
bool tcp_window_ack_fits(const struct conn *conn, const struct tcp_segment *seg,
			 enum direction dir);

/* Learns from a segment that was accepted. */
void tcp_window_commit(struct conn *conn, const struct tcp_segment *seg,
		       enum direction dir);

/* The window field, scaled; at least 1, for a probe of one octet is legal. */
uint32_t tcp_window_size(const struct tcp_peer *sender,
			 const struct tcp_segment *seg);

/* Remembers the segment's timestamp, unless a newer one is known. */
void tcp_note_timestamp(struct tcp_peer *sender, const struct tcp_segment *seg);

#endif
