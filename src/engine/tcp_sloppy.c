/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections of which one direction may go another way: the rule that let
 * them in says tracking = "sloppy".
 *
 * Sequence numbers are not looked at.  What is seen of a side moves that side;
 * a side that is never seen is presumed to have done what the other's segments
 * are an answer to.  Only a SYN still opens a connection.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

static void presume_handshake(struct tcp_conn *tcp)
{
	tcp->peer[DIR_ORIGINAL].facts |= PEER_SYN_SEEN | PEER_SYN_ACKED;
	tcp->peer[DIR_REPLY].facts |= PEER_SYN_SEEN | PEER_SYN_ACKED;
}

/* What comes after the sender's FIN presumes that it was acknowledged. */
static void presume_fin_acked(const struct tcp_event *ev)
{
	struct tcp_peer *sender = event_sender(ev);
	struct tcp_peer *receiver = event_receiver(ev);

	if (receiver->facts & PEER_FIN_SEEN)
		receiver->facts |= PEER_FIN_ACKED;
	if (sender->facts & PEER_FIN_SEEN && !ev->conn->packets[!ev->dir])
		sender->facts |= PEER_FIN_ACKED;
}

static struct track sloppy_syn(const struct tcp_event *ev)
{
	struct tcp_peer *sender = event_sender(ev);
	enum tcp_state state = tcp_state(&ev->conn->tcp);

	if (sender->facts & PEER_SYN_SEEN && sender->isn == ev->seg->seq)
		return track_keep(REASON_DUP_SYN);
	if (state == TCP_STATE_TIME_WAIT || state == TCP_STATE_CLOSED)
		return (struct track){ REASON_REUSE, TRACK_REPLACE };
	if (state == TCP_STATE_SYN_SENT && ev->dir == DIR_ORIGINAL) {
		tcp_peer_open(sender, ev->seg);
		return track_restart(REASON_SYN_RESTART);
	}
	return track_inert(ev, REASON_PENDING_SYN);
}

static struct track sloppy_synack(const struct tcp_event *ev)
{
	struct tcp_peer *sender = event_sender(ev);

	if (ev->dir == DIR_ORIGINAL)
		return track_keep(REASON_SYNACK_BAD);
	if (sender->facts & PEER_SYN_SEEN)
		return track_keep(REASON_DUP_SYNACK);
	tcp_peer_open(sender, ev->seg);
	event_receiver(ev)->facts |= PEER_SYN_ACKED;
	return track_restart(REASON_SYNACK);
}

static struct track sloppy_ack(const struct tcp_event *ev)
{
	struct tcp_conn *tcp = &ev->conn->tcp;
	bool was_over = tcp_state(tcp) == TCP_STATE_TIME_WAIT;

	tcp->reset = false;
	presume_handshake(tcp);
	ev->conn->assured = true;
	presume_fin_acked(ev);
	if (ev->seg->flags & TCP_FIN) {
		event_sender(ev)->facts |= PEER_FIN_SEEN;
		return track_restart(REASON_FIN);
	}
	if (was_over)
		return track_keep(REASON_DUP_LAST_ACK);
	return track_restart(REASON_ESTABLISHED);
}

struct track tcp_sloppy(const struct tcp_event *ev)
{
	switch (tcp_class(ev->seg->flags)) {
	case TCP_CLASS_SYN:
		return sloppy_syn(ev);
	case TCP_CLASS_SYNACK:
		return sloppy_synack(ev);
	case TCP_CLASS_RST:
		return tcp_reset(ev, REASON_RESET);
	case TCP_CLASS_ACK:
	case TCP_CLASS_FIN:
		return sloppy_ack(ev);
	case TCP_CLASS_COUNT:
	case TCP_CLASS_ILLEGAL:
		break;
	}
	return track_keep(REASON_INTERNAL);
}
