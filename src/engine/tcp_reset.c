/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Resets: a RST ends a connection if, and only if, its receiver believes it.
 *
 * RFC 5961 section 3 has the receiver believe only the number it expects next,
 * RCV.NXT, and answer any other in the window with a challenge ACK.  From
 * outside, RCV.NXT may be any of a few numbers, depending on what was lost
 * behind us:
 *
 *  1. what the receiver acknowledged last, D.maxack;
 *  2. what the sender sends next, S.end;
 *  3. the number of the sender's FIN: some stacks reset with it;
 *  4. the right edge of what the receiver acknowledged by SACK.
 *
 * A RST with one of these is exact.  Another one in the window passes and
 * changes nothing: if it is genuine, the challenge ACK that answers it shows
 * us the right number, and the sender's next RST is exact.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

static bool is_exact(const struct tcp_peer *sender,
		     const struct tcp_peer *receiver, uint32_t seq)
{
	if (seq == receiver->maxack || seq == sender->end)
		return true;
	if (sender->facts & PEER_FIN_SEEN && seq == sender->fin_seq)
		return true;
	return sender->facts & PEER_SACK_OK && seq == receiver->sack_right;
}

enum rst_fit tcp_rst_fit(const struct tcp_event *ev)
{
	const struct tcp_peer *sender = event_sender(ev);
	const struct tcp_peer *receiver = event_receiver(ev);

	if (!tcp_window_ack_fits(ev->conn, ev->seg, ev->dir))
		return RST_OUT;
	if (is_exact(sender, receiver, ev->seg->seq))
		return RST_EXACT;
	return seq_between(ev->seg->seq, receiver->maxack, sender->maxend)
		       ? RST_INEXACT
		       : RST_OUT;
}

/* Receivers of a signed connection ignore a RST that is not (RFC 5925 7.6). */
static bool is_unsigned(const struct tcp_event *ev)
{
	return event_sender(ev)->facts & PEER_MD5_AO && !ev->seg->has_md5_ao;
}

struct track tcp_reset(const struct tcp_event *ev, enum reason reason)
{
	struct tcp_conn *tcp = &ev->conn->tcp;

	tcp->reset = true;
	tcp->reset_by = ev->dir == DIR_REPLY;
	return track_restart(reason);
}

struct track any_rst(const struct tcp_event *ev)
{
	if (is_unsigned(ev))
		return track_inert(ev, REASON_RST_IGNORED);
	switch (tcp_rst_fit(ev)) {
	case RST_EXACT:
		return tcp_reset(ev, REASON_RESET);
	case RST_INEXACT:
		return track_inert(ev, REASON_RST_INEXACT);
	case RST_OUT:
		break;
	}
	return track_keep(REASON_RST_OUT);
}

/* Nothing is left that a new connection could disturb. */
struct track closed_syn(const struct tcp_event *ev)
{
	if (tcp_is_open(&ev->conn->tcp) &&
	    ev->seg->seq == event_sender(ev)->isn)
		return track_keep(REASON_DUP_OLD_SYN);
	if (tcp_request_stands(ev))
		return tcp_request(ev);
	return (struct track){ REASON_REUSE, TRACK_REPLACE };
}

/* The same RST that ended a handshake. */
static bool repeats_refusal(const struct tcp_event *ev)
{
	const struct tcp_peer *client = &ev->conn->tcp.peer[DIR_ORIGINAL];

	if (ev->dir != ev->conn->tcp.reset_by)
		return false;
	if (ev->dir == DIR_ORIGINAL)
		return ev->seg->seq == client->isn ||
		       ev->seg->seq == client->end;
	return ev->seg->flags & TCP_ACK &&
	       seq_between(ev->seg->ack, client->isn + 1, client->end);
}

static bool was_answered(const struct tcp_conn *tcp)
{
	return tcp->peer[DIR_REPLY].facts & PEER_SYN_SEEN;
}

struct track closed_rst(const struct tcp_event *ev)
{
	bool is_repeat = was_answered(&ev->conn->tcp)
				 ? tcp_rst_fit(ev) != RST_OUT
				 : repeats_refusal(ev);

	return track_keep(is_repeat ? REASON_RST_REPEAT : REASON_AFTER_RESET);
}

/* The other side may not have seen the RST yet. */
static struct track drain(const struct tcp_event *ev)
{
	switch (event_window(ev).result) {
	case WINDOW_ACCEPT:
	case WINDOW_INERT:
		return track_inert(ev, REASON_DRAIN);
	case WINDOW_OVER:
	case WINDOW_DROP:
		break;
	}
	return track_keep(REASON_AFTER_RESET);
}

/* A SYN-ACK is exact or nothing; all else has to fit the window. */
static bool may_go_on(const struct tcp_event *ev)
{
	if (tcp_class(ev->seg->flags) == TCP_CLASS_SYNACK)
		return !tcp_is_open(&ev->conn->tcp);
	return was_answered(&ev->conn->tcp) &&
	       event_window(ev).result == WINDOW_ACCEPT;
}

/*
 * Whoever goes on after its own RST did not send it, or its peer was right to
 * ignore it.  The facts are as they were before it, and so is the state.
 */
static struct track revive(const struct tcp_event *ev)
{
	struct tcp_conn *tcp = &ev->conn->tcp;
	const struct conn before = *ev->conn;

	if (!may_go_on(ev))
		return track_keep(REASON_AFTER_RESET);
	tcp->reset = false;
	if (reason_info[tcp_dispatch(ev).reason].kind == REASON_ACCEPTS)
		return track_restart(REASON_RST_DISOWNED);
	/* An inert one has taken from the budget. */
	*ev->conn = before;
	return track_keep(REASON_AFTER_RESET);
}

struct track closed_other(const struct tcp_event *ev)
{
	if (ev->dir == ev->conn->tcp.reset_by ||
	    tcp_class(ev->seg->flags) == TCP_CLASS_SYNACK)
		return revive(ev);
	if (!was_answered(&ev->conn->tcp))
		return track_keep(REASON_AFTER_RESET);
	return drain(ev);
}
