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
	const struct track_input *in;
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

/* Whether both SYNs are acknowledged. */
static inline bool tcp_is_open(const struct tcp_conn *tcp)
{
	return tcp->peer[DIR_ORIGINAL].facts & tcp->peer[DIR_REPLY].facts &
	       PEER_SYN_ACKED;
}

/* It moves the connection on: the timeout of its new state starts. */
static inline struct track track_restart(enum reason reason)
{
	return (struct track){ reason, TRACK_RESTART };
}

/* What begins a handshake is sent again; that alone must not prolong it. */
static inline struct track track_await(enum reason reason)
{
	return (struct track){ reason, TRACK_AWAIT };
}

/* The timer stays as it is; so does everything else if the packet is dropped. */
static inline struct track track_keep(enum reason reason)
{
	return (struct track){ reason, TRACK_KEEP };
}

/*
 * Takes an inert pass, and one of @kind, from the budget of the second: both or,
 * if one of them is spent, nothing.
 */
bool track_take_inert(const struct tcp_event *ev, enum budget_kind kind);

/* An inert pass, as long as there are not too many of them. */
struct track track_inert(const struct tcp_event *ev, enum reason reason);

/* How the segment fits the windows of its connection. */
struct window event_window(const struct tcp_event *ev);

/* For a segment that the window does not accept. */
struct track track_outside(const struct tcp_event *ev, struct window outside);

/* Begins the record of a peer with its SYN or SYN-ACK. */
void tcp_peer_open(struct tcp_peer *peer, const struct tcp_segment *seg);

/* Both SYNs are known now: a SYN-ACK, @seg, answers @client's. */
void tcp_server_open(struct tcp_peer *client, struct tcp_peer *server,
		     const struct tcp_segment *seg);

/* A SYN-ACK with another number. */
struct track tcp_server_again(const struct tcp_event *ev);

/*
 * If there were several: a segment of the client chooses the one that it
 * acknowledges; a RST of the server takes one of them back.
 */
void tcp_choose_synack(const struct tcp_event *ev);
bool tcp_takes_back(const struct tcp_event *ev);
struct track tcp_take_back(const struct tcp_event *ev);

/* The event shows that the second SYN has crossed the first one. */
struct track tcp_simul_open(const struct tcp_event *ev,
			    const struct tcp_segment *syn);

/* RFC 7323 section 2.2: scaling is in force only if both SYNs offered it. */
void tcp_settle_scaling(struct tcp_peer *client, struct tcp_peer *server);

/* Whether the segment acknowledges the peer's SYN, and data with it at most. */
bool tcp_acks_syn(const struct tcp_peer *peer, const struct tcp_segment *seg);

/* Commits a segment that the window accepted, without a FIN of its own. */
void tcp_commit(const struct tcp_event *ev);

/* Ends the connection by a RST. */
struct track tcp_reset(const struct tcp_event *ev, enum reason reason);

/* How well a RST fits: see tcp_reset.c. */
enum rst_fit { RST_EXACT, RST_INEXACT, RST_OUT };
enum rst_fit tcp_rst_fit(const struct tcp_event *ev);

/* Commits a segment with FIN that the window accepted: see tcp_stream.c. */
struct track tcp_accept_fin(const struct tcp_event *ev, enum reason reason);

/*
 * Requests for a new connection: see tcp_pending.c.  Those that set @track do
 * so if they are true: the segment belongs to one.
 */
struct track tcp_request(const struct tcp_event *ev);
/* A SYN-ACK answers the SYN of a connection that is over. */
struct track tcp_answer_again(const struct tcp_event *ev);
/* The other side has made one, and waits. */
bool tcp_request_stands(const struct tcp_event *ev);
bool tcp_request_takes(const struct tcp_event *ev, struct track *track);

/* Segments behind others that passed unseen: see tcp_catch_up.c. */
bool tcp_catches_up(const struct tcp_event *ev, struct track *track);

/* Connections that are met in the middle: see tcp_pickup.c. */
void tcp_pickup_open(struct conn *conn, const struct tcp_segment *seg);

/* Connections of rules that say so: see tcp_sloppy.c. */
tcp_cell tcp_sloppy;

tcp_cell client_early; /* the client goes on before the SYN-ACK */
tcp_cell syn_sent_syn;
tcp_cell syn_sent_server_syn;
tcp_cell syn_sent_synack;
tcp_cell syn_sent_challenge_ack;
tcp_cell syn_sent_server_fin;
tcp_cell syn_sent_client_rst;
tcp_cell syn_sent_server_rst;

tcp_cell simul_syn; /* SYN_RECV of a simultaneous open */
tcp_cell simul_ack;
tcp_cell simul_fin;
tcp_cell simul_rst;

tcp_cell syn_recv_syn;
tcp_cell syn_recv_synack;
tcp_cell syn_recv_client_synack;
tcp_cell syn_recv_third_ack;
tcp_cell syn_recv_third_fin;
tcp_cell syn_recv_server_data;
tcp_cell syn_recv_server_fin;
tcp_cell syn_recv_rst;

tcp_cell open_syn; /* a SYN on a connection that is open */
tcp_cell open_synack;
tcp_cell stream_ack;
tcp_cell stream_fin;
tcp_cell closing_ack;
tcp_cell closing_fin;

tcp_cell time_wait_syn;
tcp_cell time_wait_synack;
tcp_cell time_wait_ack;
tcp_cell time_wait_fin;
tcp_cell time_wait_rst;

tcp_cell picked_up_syn;
tcp_cell picked_up_synack;
tcp_cell picked_up_ack;
tcp_cell picked_up_fin;
tcp_cell picked_up_rst;

tcp_cell any_rst;
tcp_cell closed_syn;
tcp_cell closed_rst;
tcp_cell closed_other;

#endif
