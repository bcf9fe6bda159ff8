/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three-way handshake: SYN_SENT and SYN_RECV.  That of a simultaneous open
 * is in tcp_simul.c.
 *
 * A SYN takes one sequence number.  The SYN-ACK must acknowledge exactly the
 * client's SYN (ISN + 1, and up to as many octets more as the SYN carried),
 * the third segment exactly the SYN-ACK: who wants to fake a connection must
 * guess 32 bits, not a window.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

static void read_options(struct tcp_peer *peer, const struct tcp_segment *seg)
{
	if (seg->has_wscale) {
		peer->facts |= PEER_WSCALE;
		peer->wscale = seg->wscale;
	}
	if (seg->has_sack_ok)
		peer->facts |= PEER_SACK_OK;
	if (seg->has_md5_ao)
		peer->facts |= PEER_MD5_AO;
	tcp_note_timestamp(peer, seg);
}

void tcp_peer_open(struct tcp_peer *peer, const struct tcp_segment *seg)
{
	*peer = (struct tcp_peer){
		.isn = seg->seq,
		.end = tcp_segment_end(seg),
		.maxwin = tcp_window_size(peer, seg),
		.facts = PEER_SYN_SEEN,
	};
	peer->maxend = peer->end;
	read_options(peer, seg);
}

bool tcp_acks_syn(const struct tcp_peer *peer, const struct tcp_segment *seg)
{
	return seg->flags & TCP_ACK &&
	       seq_between(seg->ack, peer->isn + 1, peer->end);
}

void tcp_server_open(struct tcp_peer *client, struct tcp_peer *server,
		     const struct tcp_segment *seg)
{
	tcp_peer_open(server, seg);
	server->maxack = seg->ack;
	server->sack_right = seg->ack;
	/* So that data which comes with or right after the SYN-ACK fits. */
	server->maxend = server->end + client->maxwin;
	/* What went with the SYN was granted by nobody, and may be left. */
	if (client->end - seg->ack > server->maxwin)
		server->maxwin = client->end - seg->ack;
	client->maxend = seg->ack + server->maxwin;
	client->maxack = seg->seq;
	client->sack_right = seg->seq;
	client->facts |= PEER_SYN_ACKED;
	tcp_settle_scaling(client, server);
}

/*
 * SYN cookies, or another server behind a load balancer, or one that was
 * restarted.  The client may have taken the SYN-ACK of before, and says so with
 * its ACK.
 */
struct track tcp_server_again(const struct tcp_event *ev)
{
	struct tcp_peer *server = event_sender(ev);
	uint32_t former_isn = server->isn;

	tcp_server_open(event_receiver(ev), server, ev->seg);
	server->facts |= PEER_FORMER;
	server->former_isn = former_isn;
	return track_restart(REASON_SYNACK_NEW_ISN);
}

static void return_to_former(struct tcp_peer *client, struct tcp_peer *server)
{
	server->facts &= (uint16_t)~PEER_FORMER;
	server->isn = server->former_isn;
	server->end = server->isn + 1;
	server->maxend = server->end + client->maxwin;
	client->maxack = server->isn;
	client->sack_right = server->isn;
}

void tcp_choose_synack(const struct tcp_event *ev)
{
	struct tcp_peer *server = event_receiver(ev);
	bool is_open = server->facts & PEER_FORMER &&
		       !(server->facts & PEER_SYN_ACKED);

	if (is_open && ev->seg->ack == server->former_isn + 1)
		return_to_former(event_sender(ev), server);
}

bool tcp_takes_back(const struct tcp_event *ev)
{
	const struct tcp_peer *server = event_sender(ev);

	if (!(server->facts & PEER_FORMER) || server->facts & PEER_SYN_ACKED)
		return false;
	return ev->seg->seq == server->former_isn + 1 ||
	       ev->seg->seq == server->isn + 1;
}

struct track tcp_take_back(const struct tcp_event *ev)
{
	struct tcp_peer *server = event_sender(ev);
	struct track track = track_inert(ev, REASON_RST_INEXACT);

	if (track.reason != REASON_RST_INEXACT)
		return track;
	if (ev->seg->seq == server->former_isn + 1)
		server->facts &= (uint16_t)~PEER_FORMER;
	else
		return_to_former(event_receiver(ev), server);
	return track;
}

void tcp_settle_scaling(struct tcp_peer *client, struct tcp_peer *server)
{
	if (client->facts & server->facts & PEER_WSCALE)
		return;
	client->wscale = 0;
	server->wscale = 0;
}

struct track client_early(const struct tcp_event *ev)
{
	(void)ev;
	return track_keep(REASON_CLIENT_BEFORE_SYNACK);
}

/*
 * A retransmission may have lost its data or its options on the way; the
 * SYN-ACK will tell which of them the server answers.
 */
static void merge_syn(struct tcp_peer *client, const struct tcp_segment *seg)
{
	client->end = seq_max(client->end, tcp_segment_end(seg));
	client->maxend = seq_max(client->maxend, client->end);
	read_options(client, seg);
}

/* One of two may be an old SYN that was late, or a forged one. */
struct track syn_sent_syn(const struct tcp_event *ev)
{
	struct tcp_peer *client = event_sender(ev);

	if (ev->seg->seq != client->isn)
		return tcp_request(ev);
	merge_syn(client, ev->seg);
	return track_await(REASON_DUP_SYN);
}

struct track syn_sent_synack(const struct tcp_event *ev)
{
	struct tcp_conn *tcp = &ev->conn->tcp;
	struct tcp_peer *server = event_sender(ev);
	struct tcp_peer *client = event_receiver(ev);

	if (!tcp_acks_syn(client, ev->seg))
		return track_keep(REASON_SYNACK_BAD_ACK);
	tcp_server_open(client, server, ev->seg);
	tcp->challenged = false;
	return track_restart(REASON_SYNACK);
}

/*
 * RFC 5961 section 4: a server that remembers an older connection of these
 * ports answers the SYN with an ACK; the client answers with a RST that takes
 * its number from that ACK, and sends its SYN again.
 */
struct track syn_sent_challenge_ack(const struct tcp_event *ev)
{
	struct tcp_conn *tcp = &ev->conn->tcp;

	if (ev->seg->len)
		return track_keep(REASON_DATA_BEFORE_SYNACK);
	if (!track_take_inert(ev, BUDGET_CHALLENGE))
		return track_keep(REASON_INERT_FLOOD);
	tcp->challenged = true;
	event_sender(ev)->maxack = ev->seg->ack;
	return track_keep(REASON_CHALLENGE_ACK);
}

struct track syn_sent_server_fin(const struct tcp_event *ev)
{
	(void)ev;
	return track_keep(REASON_DATA_BEFORE_SYNACK);
}

struct track syn_sent_client_rst(const struct tcp_event *ev)
{
	const struct tcp_conn *tcp = &ev->conn->tcp;
	const struct tcp_peer *client = event_sender(ev);

	if (ev->seg->seq == client->isn || ev->seg->seq == client->end)
		return tcp_reset(ev, REASON_CLIENT_ABORT);
	if (tcp->challenged && ev->seg->seq == event_receiver(ev)->maxack)
		return track_inert(ev, REASON_RST_TO_CHALLENGE);
	return track_keep(REASON_RST_BAD_SEQ);
}

/* RFC 9293 section 3.10.7.3: only a RST that acknowledges the SYN counts. */
struct track syn_sent_server_rst(const struct tcp_event *ev)
{
	if (!tcp_acks_syn(event_receiver(ev), ev->seg))
		return track_keep(REASON_RST_BAD_ACK);
	return tcp_reset(ev, REASON_REFUSED);
}

struct track syn_recv_syn(const struct tcp_event *ev)
{
	if (ev->conn->tcp.simultaneous)
		return simul_syn(ev);
	if (ev->seg->seq != event_sender(ev)->isn)
		return tcp_request(ev);
	return ev->dir == DIR_REPLY ? track_keep(REASON_SERVER_SYN)
				    : track_await(REASON_DUP_SYN);
}

struct track syn_recv_synack(const struct tcp_event *ev)
{
	const struct tcp_peer *server = event_sender(ev);
	const struct tcp_peer *client = event_receiver(ev);

	if (ev->conn->tcp.simultaneous)
		return simul_ack(ev);
	if (!tcp_acks_syn(client, ev->seg))
		return track_keep(REASON_SYNACK_BAD);
	if (ev->seg->seq == server->isn)
		return track_await(REASON_DUP_SYNACK);
	return tcp_server_again(ev);
}

/* The server's SYN has crossed the client's, and was not remembered. */
static bool answers_server(const struct tcp_event *ev)
{
	return ev->in->tcp->simultaneous_open &&
	       ev->seg->seq == event_sender(ev)->isn &&
	       tcp_acks_syn(event_receiver(ev), ev->seg);
}

struct track syn_recv_client_synack(const struct tcp_event *ev)
{
	struct track track;

	if (!ev->conn->tcp.simultaneous && !answers_server(ev))
		return track_keep(REASON_SYNACK_BAD);
	track = simul_ack(ev);
	if (reason_info[track.reason].kind == REASON_ACCEPTS)
		ev->conn->tcp.simultaneous = true;
	return track;
}

static struct window check_numbers(const struct tcp_event *ev)
{
	const struct tcp_peer *client = event_sender(ev);
	const struct tcp_peer *server = event_receiver(ev);
	uint32_t sent = ev->conn->lossy ? seq_max(server->end, server->maxend)
					: server->end;

	if (!seq_between(ev->seg->ack, server->isn + 1, sent) ||
	    !seq_after(ev->seg->seq, client->isn))
		return (struct window){ WINDOW_DROP, REASON_THIRD_ACK_BAD };
	return event_window(ev);
}

/* Whether the segment completes the handshake. */
static struct window check_third(const struct tcp_event *ev)
{
	const struct tcp_conn before = ev->conn->tcp;
	struct window window;

	tcp_choose_synack(ev);
	window = check_numbers(ev);
	if (window.result != WINDOW_ACCEPT)
		ev->conn->tcp = before;
	return window;
}

struct track syn_recv_third_ack(const struct tcp_event *ev)
{
	struct window window;

	if (ev->conn->tcp.simultaneous)
		return simul_ack(ev);
	window = check_third(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	tcp_commit(ev);
	ev->conn->assured = true;
	return track_restart(REASON_THIRD_ACK);
}

struct track syn_recv_third_fin(const struct tcp_event *ev)
{
	struct window window;

	if (ev->conn->tcp.simultaneous)
		return simul_fin(ev);
	window = check_third(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	ev->conn->assured = true;
	return tcp_accept_fin(ev, REASON_FIN);
}

struct track syn_recv_server_data(const struct tcp_event *ev)
{
	struct window window;

	if (ev->conn->tcp.simultaneous)
		return simul_ack(ev);
	window = event_window(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	tcp_commit(ev);
	/* It may acknowledge a FIN that overstepped the window. */
	if (tcp_state(&ev->conn->tcp) != TCP_STATE_SYN_RECV)
		return track_restart(REASON_CLOSE_PROGRESS);
	return track_keep(REASON_EARLY_DATA);
}

struct track syn_recv_server_fin(const struct tcp_event *ev)
{
	struct window window;

	if (ev->conn->tcp.simultaneous)
		return simul_fin(ev);
	window = event_window(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	return tcp_accept_fin(ev, REASON_SERVER_EARLY_FIN);
}

/*
 * A client that has not got the SYN-ACK believes a RST by what it acknowledges,
 * whatever its number is (RFC 9293 section 3.10.7.3).
 */
static bool refuses_syn(const struct tcp_event *ev)
{
	return ev->dir == DIR_REPLY && tcp_rst_fit(ev) == RST_OUT &&
	       tcp_acks_syn(event_receiver(ev), ev->seg);
}

struct track syn_recv_rst(const struct tcp_event *ev)
{
	if (tcp_takes_back(ev))
		return tcp_take_back(ev);
	if (ev->conn->tcp.simultaneous)
		return simul_rst(ev);
	if (refuses_syn(ev))
		return track_inert(ev, REASON_RST_INEXACT);
	return any_rst(ev);
}
