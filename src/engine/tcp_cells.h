/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cells of TCP's transition table: what to do with a segment of one class,
 * in one state, from one side.  tcp_track.c has the table; the cells are in
 * tcp_handshake.c, tcp_stream.c and tcp_reset.c.
 */
#ifndef ENGINE_TCP_CELLS_H
#define ENGINE_TCP_CELLS_H

#include "engine/conn.h"
#include "engine/proto.h"
#include "engine/tcp_window.h"

/* One segment at hand. */
struct tcp_event {
	struct conn *conn;
	const struct tcp_segment *seg;
	enum direction dir;
	msec_t now;
};

typedef struct track tcp_cell(const struct tcp_event *ev);

/* The cell of the event's state, side and class. */
struct track tcp_dispatch(const struct tcp_event *ev);

static inline struct tcp_peer *event_sender(const struct tcp_event *ev)
{
	return &ev->conn->tcp.peer[ev->dir];
}

static inline struct tcp_peer *event_receiver(const struct tcp_event *ev)
{
	return &ev->conn->tcp.peer[!ev->dir];
}

/* It moves the connection on: the timeout of its new state starts. */
static inline struct track track_restart(enum reason reason)
{
	return (struct track){ reason, TRACK_RESTART };
}

/* The timer stays as it is; so does everything else if the packet is dropped. */
static inline struct track track_keep(enum reason reason)
{
	return (struct track){ reason, TRACK_KEEP };
}

/* An inert pass, as long as there are not too many of them. */
struct track track_inert(const struct tcp_event *ev, enum reason reason);

/* For a segment that the window does not accept. */
struct track track_outside(const struct tcp_event *ev, struct window outside);

/* Begins the record of a peer with its SYN or SYN-ACK. */
void tcp_peer_open(struct tcp_peer *peer, const struct tcp_segment *seg);

/* How well a RST fits: see tcp_reset.c. */
enum rst_fit { RST_EXACT, RST_INEXACT, RST_OUT };
enum rst_fit tcp_rst_fit(const struct tcp_event *ev);

/* Commits a segment with FIN that the window accepted: see tcp_stream.c. */
struct track tcp_accept_fin(const struct tcp_event *ev, enum reason reason);

tcp_cell client_early; /* the client goes on before the SYN-ACK */
tcp_cell syn_sent_syn;
tcp_cell syn_sent_server_syn;
tcp_cell syn_sent_synack;
tcp_cell syn_sent_challenge_ack;
tcp_cell syn_sent_server_fin;
tcp_cell syn_sent_client_rst;
tcp_cell syn_sent_server_rst;

tcp_cell syn_recv_syn;
tcp_cell syn_recv_synack;
tcp_cell syn_recv_client_synack;
tcp_cell syn_recv_third_ack;
tcp_cell syn_recv_third_fin;
tcp_cell syn_recv_server_data;
tcp_cell syn_recv_server_fin;

tcp_cell open_syn; /* a SYN on a connection that is open */
tcp_cell open_client_synack;
tcp_cell open_server_synack;
tcp_cell stream_ack;
tcp_cell stream_fin;
tcp_cell closing_ack;
tcp_cell closing_fin;

tcp_cell time_wait_syn;
tcp_cell time_wait_synack;
tcp_cell time_wait_ack;
tcp_cell time_wait_fin;
tcp_cell time_wait_rst;

tcp_cell any_rst;
tcp_cell closed_syn;
tcp_cell closed_rst;
tcp_cell closed_other;

#endif
