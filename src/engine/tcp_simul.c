/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simultaneous open (RFC 9293 section 3.5, figure 8).
 *
 * The second SYN is a request, as any SYN on a known tuple is: see
 * tcp_pending.c.  Whoever could forge it would otherwise disturb a handshake.
 * Each side answers the other's SYN, with a SYN-ACK that repeats its own SYN
 * or, as BSD does it, with a plain ACK.  The first of these, which only an
 * endpoint that has got both SYNs can send, shows that they have crossed, and
 * leads to SYN_RECV; the handshake is complete when both SYNs are acknowledged,
 * exactly.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

struct track syn_sent_server_syn(const struct tcp_event *ev)
{
	if (!ev->in->tcp->simultaneous_open)
		return track_keep(REASON_SERVER_SYN);
	return tcp_request(ev);
}

/* What goes with a SYN is granted by nobody, and may be left. */
static void allow_data_of_syn(struct tcp_peer *receiver,
			      const struct tcp_peer *sender)
{
	uint32_t len = sender->end - sender->isn - 1;

	if (receiver->maxwin < len)
		receiver->maxwin = len;
}

/* What each side's SYN says of the window is in force. */
static void open_second(struct tcp_peer *first, struct tcp_peer *second,
			const struct tcp_segment *syn)
{
	tcp_peer_open(second, syn);
	allow_data_of_syn(first, second);
	allow_data_of_syn(second, first);
	second->maxend = second->end + first->maxwin;
	second->maxack = first->isn;
	second->sack_right = first->isn;
	first->maxend = seq_max(first->maxend, first->end + second->maxwin);
	first->maxack = second->isn;
	first->sack_right = second->isn;
	tcp_settle_scaling(first, second);
}

struct track tcp_simul_open(const struct tcp_event *ev,
			    const struct tcp_segment *syn)
{
	struct tcp_conn *tcp = &ev->conn->tcp;

	open_second(&tcp->peer[DIR_ORIGINAL], &tcp->peer[DIR_REPLY], syn);
	tcp->simultaneous = true;
	tcp->challenged = false;
	tcp->pending = (struct tcp_pending){ 0 };
	return ev->seg->flags & TCP_FIN ? simul_fin(ev) : simul_ack(ev);
}

struct track simul_syn(const struct tcp_event *ev)
{
	if (ev->seg->seq != event_sender(ev)->isn)
		return tcp_request(ev);
	return track_await(REASON_DUP_SYN);
}

/*
 * A SYN-ACK repeats the sender's own SYN; a segment without SYN comes after it.
 * The window is checked like that of any segment.
 */
static struct window check_numbers(const struct tcp_event *ev)
{
	const struct tcp_peer *sender = event_sender(ev);
	bool is_placed = ev->seg->flags & TCP_SYN
				 ? ev->seg->seq == sender->isn
				 : seq_after(ev->seg->seq, sender->isn);

	if (!is_placed || !tcp_acks_syn(event_receiver(ev), ev->seg))
		return (struct window){ WINDOW_DROP, REASON_SIMUL_BAD };
	return event_window(ev);
}

static struct window check_answer(const struct tcp_event *ev)
{
	const struct tcp_conn before = ev->conn->tcp;
	struct window window;

	tcp_choose_synack(ev);
	window = check_numbers(ev);
	if (window.result != WINDOW_ACCEPT)
		ev->conn->tcp = before;
	return window;
}

/* Its SYN was an old one, or forged; this answers the other side's. */
static bool answers_anew(const struct tcp_event *ev)
{
	return ev->seg->flags & TCP_SYN &&
	       ev->seg->seq != event_sender(ev)->isn &&
	       tcp_acks_syn(event_receiver(ev), ev->seg);
}

struct track simul_ack(const struct tcp_event *ev)
{
	struct window window;

	if (answers_anew(ev))
		return tcp_server_again(ev);
	window = check_answer(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	tcp_commit(ev);
	ev->conn->assured = tcp_is_open(&ev->conn->tcp);
	return track_restart(ev->conn->assured ? REASON_THIRD_ACK
					       : REASON_SIMUL_ACK);
}

/* Who has answered the other's SYN may close at once (RFC 9293 3.10.4). */
struct track simul_fin(const struct tcp_event *ev)
{
	struct window window = check_answer(ev);
	struct track track;

	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	track = tcp_accept_fin(ev, REASON_FIN);
	ev->conn->assured = tcp_is_open(&ev->conn->tcp);
	return track;
}

static bool refuses(const struct tcp_event *ev)
{
	const struct tcp_peer *sender = event_sender(ev);
	const struct tcp_peer *receiver = event_receiver(ev);
	bool is_acked = sender->facts & PEER_SYN_ACKED &&
			ev->seg->seq == receiver->maxack;

	if (ev->seg->flags & TCP_ACK)
		return tcp_acks_syn(receiver, ev->seg);
	return is_acked || ev->seg->seq == sender->end;
}

struct track simul_rst(const struct tcp_event *ev)
{
	if (refuses(ev))
		return tcp_reset(ev, REASON_REFUSED);
	return track_keep(REASON_RST_BAD_ACK);
}
