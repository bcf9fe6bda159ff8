/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data and the close: ESTABLISHED, FIN_WAIT, HALF_CLOSED, CLOSING, TIME_WAIT.
 *
 * Each direction closes on its own.  A FIN takes one sequence number, fin_seq,
 * and is acknowledged when an ACK covers it, not when some ACK follows it.
 *
 * Whoever can hit a window can send a FIN, and a FIN that we believed while
 * the receiver does not would make us drop what the sender sends next.  So:
 *
 *  1. A FIN counts at once if nothing is missing before it (seq <= S.end), the
 *     sender has not been seen beyond it (fin_seq + 1 >= S.end; an ACK that
 *     follows a lost FIN stands right behind it), and the receiver has not
 *     acknowledged what would be data there (fin_seq >= D.maxack).
 *  2. A FIN beyond a hole is tentative.  It counts when the receiver
 *     acknowledges it (ack >= fin_seq + 1).  Data of the sender that covers
 *     fin_seq shows that it was none.
 *  3. A FIN before what the sender has already sent is taken for an ACK.
 *
 * After its FIN counts, the sender's acknowledgements and retransmissions pass;
 * an octet at or behind fin_seq does not.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

/* Equal for a segment and its retransmission, and hardly for others. */
static uint16_t segment_mark(const struct tcp_event *ev)
{
	const struct tcp_segment *seg = ev->seg;
	uint32_t mark = (uint32_t)ev->dir + 1;

	mark = mark * 31 + seg->seq;
	mark = mark * 31 + seg->ack;
	mark = mark * 31 + seg->len;
	mark = mark * 31 + seg->window;
	return (uint16_t)(mark ^ mark >> 16);
}

/* Rules 1 and 3: whether the sender has sent data where its FIN would be. */
static bool is_data_at(const struct tcp_event *ev, uint32_t fin_seq)
{
	return seq_before(fin_seq + 1, event_sender(ev)->end) ||
	       (!ev->conn->lossy &&
		seq_before(fin_seq, event_receiver(ev)->maxack));
}

static uint32_t fin_seq_of(const struct tcp_segment *seg)
{
	return seg->seq + seg->len;
}

static bool sends_beyond_fin(const struct tcp_peer *sender,
			     const struct tcp_segment *seg)
{
	return seg->len && seq_after(seg->seq + seg->len, sender->fin_seq);
}

/* Rule 2: the receiver's acknowledgement confirms the sender's FIN. */
static void settle_fins(const struct tcp_event *ev)
{
	struct tcp_peer *acked = event_receiver(ev);
	uint32_t facts = PEER_FIN_TENTATIVE | PEER_FIN_SEEN;

	if (!(acked->facts & facts) ||
	    !seq_after(event_sender(ev)->maxack, acked->fin_seq))
		return;
	acked->facts &= (uint16_t)~PEER_FIN_TENTATIVE;
	acked->facts |= PEER_FIN_SEEN | PEER_FIN_ACKED;
}

/* So that a segment that comes again and again is noticed. */
static void count_repeats(const struct tcp_event *ev)
{
	struct tcp_conn *tcp = &ev->conn->tcp;
	uint16_t mark = segment_mark(ev);

	if (tcp->last != mark)
		tcp->repeats = 0;
	else if (tcp->repeats < UINT8_MAX)
		tcp->repeats++;
	tcp->last = mark;
}

void tcp_commit(const struct tcp_event *ev)
{
	struct tcp_peer *sender = event_sender(ev);

	tcp_window_commit(ev->conn, ev->seg, ev->dir);
	count_repeats(ev);
	if (sender->facts & PEER_FIN_TENTATIVE &&
	    sends_beyond_fin(sender, ev->seg))
		sender->facts &= (uint16_t)~PEER_FIN_TENTATIVE;
	settle_fins(ev);
}

/* Rule 3. */
static struct track accept_without_fin(const struct tcp_event *ev)
{
	struct tcp_segment seg = *ev->seg;
	struct tcp_event without = *ev;

	seg.flags &= (uint8_t)~TCP_FIN;
	without.seg = &seg;
	tcp_commit(&without);
	return track_restart(REASON_ESTABLISHED);
}

struct track tcp_accept_fin(const struct tcp_event *ev, enum reason reason)
{
	struct tcp_peer *sender = event_sender(ev);
	uint32_t fin_seq = fin_seq_of(ev->seg);
	bool has_hole = seq_after(ev->seg->seq, sender->end);

	if (is_data_at(ev, fin_seq))
		return accept_without_fin(ev);
	tcp_commit(ev);
	sender->fin_seq = fin_seq;
	sender->facts &= (uint16_t)~PEER_FORMER;
	if (has_hole) {
		sender->facts |= PEER_FIN_TENTATIVE;
		return track_restart(REASON_FIN_TENTATIVE);
	}
	sender->facts &= (uint16_t)~PEER_FIN_TENTATIVE;
	sender->facts |= PEER_FIN_SEEN;
	return track_restart(reason);
}

struct track open_syn(const struct tcp_event *ev)
{
	if (ev->seg->seq == event_sender(ev)->isn)
		return track_keep(REASON_DUP_OLD_SYN);
	return tcp_request(ev);
}

/* What was to answer it was lost behind us, and it comes again. */
struct track open_synack(const struct tcp_event *ev)
{
	bool has_sent_it = ev->dir == DIR_REPLY || ev->conn->tcp.simultaneous;

	if (has_sent_it && ev->seg->seq == event_sender(ev)->isn &&
	    tcp_acks_syn(event_receiver(ev), ev->seg))
		return track_keep(REASON_DUP_SYNACK);
	return track_keep(REASON_SYNACK_UNEXPECTED);
}

struct track stream_ack(const struct tcp_event *ev)
{
	struct window window = event_window(ev);

	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	tcp_commit(ev);
	return track_restart(REASON_ESTABLISHED);
}

struct track stream_fin(const struct tcp_event *ev)
{
	struct window window = event_window(ev);

	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	return tcp_accept_fin(ev, REASON_FIN);
}

/* The server's early FIN leaves the handshake to be completed. */
static bool fails_handshake(const struct tcp_event *ev)
{
	const struct tcp_peer *receiver = event_receiver(ev);

	return !(receiver->facts & PEER_SYN_ACKED) &&
	       !seq_between(ev->seg->ack, receiver->isn + 1, receiver->end);
}

/* REASON_NONE: the segment respects its sender's own FIN. */
static enum reason fin_fault(const struct tcp_event *ev)
{
	const struct tcp_peer *sender = event_sender(ev);

	if (!(sender->facts & PEER_FIN_SEEN))
		return REASON_NONE;
	if (sends_beyond_fin(sender, ev->seg))
		return REASON_DATA_AFTER_FIN;
	if (seq_after(ev->seg->seq, sender->fin_seq + 1))
		return REASON_SEQ_HIGH;
	return REASON_NONE;
}

/* Old keep-alives put one octet of garbage there (RFC 9293 3.8.4). */
static bool is_keep_alive_octet(const struct tcp_event *ev)
{
	return ev->seg->len == 1 && ev->seg->seq == event_sender(ev)->fin_seq;
}

/* What both kinds of segments go through; result ACCEPT: not committed yet. */
static struct window check_closing(const struct tcp_event *ev)
{
	enum reason fault = fin_fault(ev);

	if (fault == REASON_DATA_AFTER_FIN && is_keep_alive_octet(ev))
		return (struct window){ WINDOW_INERT, REASON_KEEP_ALIVE };
	if (fault != REASON_NONE)
		return (struct window){ WINDOW_DROP, fault };
	if (fails_handshake(ev))
		return (struct window){ WINDOW_DROP, REASON_THIRD_ACK_BAD };
	return event_window(ev);
}

static void complete_handshake(const struct tcp_event *ev)
{
	if (tcp_is_open(&ev->conn->tcp))
		ev->conn->assured = true;
}

struct track closing_ack(const struct tcp_event *ev)
{
	struct window window = check_closing(ev);

	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	tcp_commit(ev);
	complete_handshake(ev);
	return track_restart(REASON_CLOSE_PROGRESS);
}

static bool is_same_fin(const struct tcp_event *ev)
{
	return fin_seq_of(ev->seg) == event_sender(ev)->fin_seq;
}

struct track closing_fin(const struct tcp_event *ev)
{
	bool is_again = event_sender(ev)->facts & PEER_FIN_SEEN;
	struct track track = track_restart(REASON_DUP_FIN);
	struct window window;

	if (is_again && !is_same_fin(ev))
		return track_keep(REASON_FIN_MOVED);
	window = check_closing(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	if (is_again)
		tcp_commit(ev);
	else
		track = tcp_accept_fin(ev, REASON_FIN);
	complete_handshake(ev);
	return track;
}

/* RFC 6191 section 2, RFC 1122 section 4.2.2.13. */
static bool may_reuse(const struct tcp_peer *old, const struct tcp_segment *syn)
{
	bool is_later = seq_after(syn->seq, old->end);

	/* A SYN that the other's has crossed has offered them as well. */
	if (!(old->facts & PEER_TS))
		return is_later || (syn->has_ts && syn->seq != old->isn);
	if (!syn->has_ts)
		return is_later;
	return seq_after(syn->ts_val, old->ts_last) ||
	       (syn->ts_val == old->ts_last && is_later);
}

struct track time_wait_syn(const struct tcp_event *ev)
{
	if (!tcp_request_stands(ev) && may_reuse(event_sender(ev), ev->seg))
		return (struct track){ REASON_REUSE, TRACK_REPLACE };
	return open_syn(ev);
}

/* Whoever answers the SYN again has forgotten what came of it. */
struct track time_wait_synack(const struct tcp_event *ev)
{
	if (ev->dir == DIR_REPLY && ev->seg->seq != event_sender(ev)->isn &&
	    ev->seg->ack == event_receiver(ev)->isn + 1)
		return tcp_answer_again(ev);
	return track_keep(REASON_AFTER_CLOSE);
}

struct track time_wait_ack(const struct tcp_event *ev)
{
	struct window window;

	if (fin_fault(ev) != REASON_NONE)
		return track_keep(REASON_AFTER_CLOSE);
	window = event_window(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	return track_keep(REASON_DUP_LAST_ACK);
}

/* The acknowledgement of the last FIN was lost. */
struct track time_wait_fin(const struct tcp_event *ev)
{
	struct window window;

	if (!is_same_fin(ev))
		return track_keep(REASON_AFTER_CLOSE);
	window = event_window(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_outside(ev, window);
	return track_restart(REASON_LAST_ACK_LOST);
}

/* RFC 1337: a RST does not end TIME_WAIT. */
struct track time_wait_rst(const struct tcp_event *ev)
{
	if (tcp_rst_fit(ev) == RST_EXACT)
		return track_keep(REASON_RST_IN_TW);
	return track_keep(REASON_AFTER_CLOSE);
}
