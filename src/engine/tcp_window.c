/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The four bounds, after G. van Rooij, "Real Stateful TCP Packet Filtering in
 * IP Filter", 2001, with SACK, and with tolerance that has an end.
 *
 * S is the segment's sender and D its receiver, end = seq + len + SYN + FIN,
 * sack the highest number acknowledged by ack or SACK.
 *
 *   (I)   seq  <= S.maxend                     not beyond what D granted
 *   (II)  end  >= S.end - D.maxwin             not before D's window
 *   (III) sack <= D.end                        only what was sent, or, if we
 *                                              may have missed some (lossy),
 *                                              <= D.maxend
 *   (IV)  ack  >= S.maxack - max(S.maxwin, 66000)         RFC 5961 section 5
 *
 * A segment need only touch the window, for GRO merges segments and stacks
 * overlap them.  What lies just outside passes without effect: an endpoint
 * answers it with the ACK that keeps the other side going.
 *
 *   over I by at most min(D.maxwin, 64 KiB)        overshoot
 *   under II or IV by at most max(2 D.maxwin, 1 MiB)  old-data, old-ack
 */
#include "engine/tcp_window.h"

#include "engine/seq.h"

enum {
	ACK_SLACK_MIN = 66000,
	OLD_MIN = 1 << 20,
	OVER_MAX = 1 << 16,
	WINDOW_MAX = 1 << 30, /* RFC 7323 section 2.3 */
};

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t old_tolerance(const struct tcp_peer *receiver)
{
	return max_u32(2 * receiver->maxwin, OLD_MIN);
}

static uint32_t ack_slack(const struct tcp_peer *sender)
{
	return max_u32(sender->maxwin, ACK_SLACK_MIN);
}

/* Broken stacks send RST|ACK with ack 0, and mean no ACK. */
static bool has_ack(const struct tcp_segment *seg)
{
	if (seg->flags & TCP_RST && seg->ack == 0)
		return false;
	return seg->flags & TCP_ACK;
}

/* Edges beyond ack count only if the other side permitted SACK. */
static uint32_t highest_ack(const struct tcp_peer *receiver,
			    const struct tcp_segment *seg)
{
	return receiver->facts & PEER_SACK_OK ? seg->sack_right : seg->ack;
}

/* What we did not see may have been sent, as far as it was granted. */
static bool acks_unseen(const struct conn *conn,
			const struct tcp_peer *receiver,
			const struct tcp_segment *seg)
{
	uint32_t sent = conn->lossy ? seq_max(receiver->end, receiver->maxend)
				    : receiver->end;

	return has_ack(seg) && seq_after(highest_ack(receiver, seg), sent);
}

static bool acks_old(const struct tcp_peer *sender,
		     const struct tcp_segment *seg)
{
	return has_ack(seg) &&
	       seq_before(seg->ack, sender->maxack - ack_slack(sender));
}

static bool starts_before_window(const struct tcp_peer *sender,
				 const struct tcp_peer *receiver,
				 const struct tcp_segment *seg)
{
	return seq_before(tcp_segment_end(seg), sender->end - receiver->maxwin);
}

static struct window overshoot(const struct tcp_peer *sender,
			       const struct tcp_peer *receiver,
			       const struct tcp_segment *seg)
{
	uint32_t over = tcp_segment_end(seg) - sender->maxend;

	if (acks_old(sender, seg) || over > min_u32(receiver->maxwin, OVER_MAX))
		return (struct window){ WINDOW_DROP, REASON_SEQ_HIGH };
	return (struct window){ WINDOW_OVER, REASON_OVERSHOOT };
}

struct window tcp_window_check(const struct conn *conn,
			       const struct tcp_segment *seg,
			       enum direction dir)
{
	const struct tcp_peer *sender = &conn->tcp.peer[dir];
	const struct tcp_peer *receiver = &conn->tcp.peer[!dir];
	uint32_t old = old_tolerance(receiver);

	/* (III) first: the answer to such an ACK would be traffic we made. */
	if (acks_unseen(conn, receiver, seg))
		return (struct window){ WINDOW_DROP, REASON_ACK_UNSEEN };
	/* (I) */
	if (seq_after(seg->seq, sender->maxend))
		return overshoot(sender, receiver, seg);
	/* (II) */
	if (starts_before_window(sender, receiver, seg)) {
		if (sender->end - tcp_segment_end(seg) > old)
			return (struct window){ WINDOW_DROP, REASON_SEQ_OLD };
		return (struct window){ WINDOW_INERT, REASON_OLD_DATA };
	}
	/* (IV) */
	if (acks_old(sender, seg)) {
		if (sender->maxack - seg->ack > old)
			return (struct window){ WINDOW_DROP, REASON_ACK_OLD };
		return (struct window){ WINDOW_INERT, REASON_OLD_ACK };
	}
	return (struct window){ WINDOW_ACCEPT, REASON_ESTABLISHED };
}

bool tcp_window_ack_fits(const struct conn *conn, const struct tcp_segment *seg,
			 enum direction dir)
{
	return !acks_unseen(conn, &conn->tcp.peer[!dir], seg) &&
	       !acks_old(&conn->tcp.peer[dir], seg);
}

uint32_t tcp_window_size(const struct tcp_peer *sender,
			 const struct tcp_segment *seg)
{
	/* RFC 7323 section 2.2: the window of a SYN is never scaled. */
	unsigned int shift = seg->flags & TCP_SYN ? 0 : sender->wscale;

	return max_u32((uint32_t)seg->window << shift, 1);
}

void tcp_note_timestamp(struct tcp_peer *sender, const struct tcp_segment *seg)
{
	bool is_newer = !(sender->facts & PEER_TS) ||
			seq_after(seg->ts_val, sender->ts_last);

	if (!seg->has_ts || !is_newer)
		return;
	sender->facts |= PEER_TS;
	sender->ts_last = seg->ts_val;
}

/* What the acknowledgement tells of the receiver's data. */
static void commit_ack(struct tcp_peer *sender, struct tcp_peer *receiver,
		       const struct tcp_segment *seg)
{
	uint32_t edge = seg->ack + tcp_window_size(sender, seg);

	sender->maxack = seq_max(sender->maxack, seg->ack);
	/* The right edge is never taken back (RFC 9293 section 3.8.6). */
	receiver->maxend = seq_max(receiver->maxend, edge);
	if (seq_after(seg->ack, receiver->isn))
		receiver->facts |= PEER_SYN_ACKED;
	if (receiver->facts & PEER_SACK_OK)
		sender->sack_right =
			seq_max(sender->sack_right, seg->sack_right);
	if (seg->window)
		sender->facts &= (uint16_t)~PEER_NO_WINDOW;
	else
		sender->facts |= PEER_NO_WINDOW;
}

void tcp_window_commit(struct conn *conn, const struct tcp_segment *seg,
		       enum direction dir)
{
	struct tcp_peer *sender = &conn->tcp.peer[dir];
	struct tcp_peer *receiver = &conn->tcp.peer[!dir];
	uint32_t end = tcp_segment_end(seg);

	sender->maxwin = max_u32(sender->maxwin, tcp_window_size(sender, seg));
	/* The receiver evidently takes more than it said. */
	if (seq_after(end, sender->maxend))
		receiver->maxwin = min_u32(
			receiver->maxwin + end - sender->maxend, WINDOW_MAX);
	sender->end = seq_max(sender->end, end);
	if (has_ack(seg))
		commit_ack(sender, receiver, seg);
	/* Only a lossy connection lets more be acknowledged than was seen. */
	if (has_ack(seg))
		receiver->end =
			seq_max(receiver->end, highest_ack(receiver, seg));
	tcp_note_timestamp(sender, seg);
}
