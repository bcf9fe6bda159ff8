/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that have gone on while we did not see them: a queue overran or
 * failed open, and their segments passed all the same.
 *
 * A segment beyond the windows is then no proof of a fault; but it may be
 * forged.  So it passes without effect and is remembered: it leads.  When the
 * other side's next one fits it, in both its numbers, the two have shown where
 * the connection is now, and the windows go on from there.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

enum { LEAD_LIFE = 60000 /* ms */, NEAR_MIN = 1 << 20 };

/* Neither side sends further ahead of the other than a window. */
static uint32_t tolerance(const struct tcp_conn *tcp)
{
	uint32_t a = 2 * tcp->peer[DIR_ORIGINAL].maxwin;
	uint32_t b = 2 * tcp->peer[DIR_REPLY].maxwin;
	uint32_t most = a < b ? b : a;

	return most < NEAR_MIN ? NEAR_MIN : most;
}

static bool is_near(const struct tcp_conn *tcp, uint32_t a, uint32_t b)
{
	uint32_t most = tolerance(tcp);

	return seq_between(a, b - most, b + most);
}

/* It goes on from segments that we have not seen. */
static bool is_ahead(const struct tcp_event *ev)
{
	const struct tcp_peer *sender = event_sender(ev);
	enum tcp_class class = tcp_class(ev->seg->flags);

	if (class != TCP_CLASS_ACK && class != TCP_CLASS_FIN)
		return false;
	if (seq_after(ev->seg->sack_right, event_receiver(ev)->end))
		return true;
	return !(sender->facts & PEER_FIN_SEEN) &&
	       seq_after(ev->seg->seq, sender->maxend);
}

/* Whether the other side's segment that leads fits this one. */
static bool is_confirmed(const struct tcp_event *ev)
{
	const struct tcp_conn *tcp = &ev->conn->tcp;
	const struct tcp_pending *lead = &tcp->pending;

	return lead->leads && lead->dir != (ev->dir == DIR_REPLY) &&
	       (uint32_t)ev->in->now - lead->since < LEAD_LIFE &&
	       is_near(tcp, ev->seg->ack, lead->isn) &&
	       is_near(tcp, ev->seg->seq, lead->answer);
}

static void remember(const struct tcp_event *ev)
{
	ev->conn->tcp.pending = (struct tcp_pending){
		.isn = tcp_segment_end(ev->seg),
		.answer = ev->seg->ack,
		.since = (uint32_t)ev->in->now,
		.leads = true,
		.dir = ev->dir == DIR_REPLY,
	};
}

/* What both segments say, and no less than that was granted for them. */
static void go_on_from(const struct tcp_event *ev)
{
	struct tcp_conn *tcp = &ev->conn->tcp;
	struct tcp_peer *sender = event_sender(ev);
	struct tcp_peer *receiver = event_receiver(ev);

	receiver->end = seq_max(tcp->pending.isn, ev->seg->sack_right);
	receiver->maxend = receiver->end;
	receiver->maxack = tcp->pending.answer;
	receiver->sack_right = tcp->pending.answer;
	sender->end = tcp_segment_end(ev->seg);
	sender->maxend =
		seq_max(sender->end, tcp->pending.answer + receiver->maxwin);
	sender->maxack = ev->seg->ack;
	sender->sack_right = ev->seg->sack_right;
	/* It may be the end of the handshake that we have not seen. */
	sender->facts |= PEER_SYN_ACKED;
	receiver->facts |= PEER_SYN_ACKED;
	tcp->pending = (struct tcp_pending){ 0 };
}

/* Both sides have spoken. */
static bool may_go_on(const struct tcp_conn *tcp)
{
	return tcp_is_open(tcp) || tcp_state(tcp) == TCP_STATE_SYN_RECV;
}

bool tcp_catches_up(const struct tcp_event *ev, struct track *track)
{
	const struct conn before = *ev->conn;

	if (!ev->conn->lossy || !may_go_on(&ev->conn->tcp) || !is_ahead(ev) ||
	    ev->conn->tcp.pending.exists)
		return false;
	if (is_confirmed(ev)) {
		go_on_from(ev);
		*track = tcp_dispatch(ev);
		if (reason_info[track->reason].kind == REASON_ACCEPTS) {
			ev->conn->assured = true;
			return true;
		}
		*ev->conn = before;
	}
	*track = track_inert(ev, REASON_CATCH_UP);
	if (track->reason == REASON_CATCH_UP)
		remember(ev);
	return true;
}
