/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that are met in the middle, after a start without a table.
 *
 * Nobody has seen their handshake: window scaling is not known, so the largest
 * is presumed, and what the windows refuse passes without effect for the rest
 * of the connection's life.  Until the other side answers it is PICKED_UP, and
 * lives as long as a SYN.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

enum { WSCALE_PRESUMED = 14, /* RFC 7323 section 2.3 */ };

/* All that a segment says of the other side: what it has sent at least. */
static void presume_receiver(struct tcp_peer *receiver,
			     const struct tcp_peer *sender,
			     const struct tcp_segment *seg)
{
	*receiver = (struct tcp_peer){
		.isn = seg->ack - 1,
		.end = seg->sack_right,
		.maxend = seg->ack + sender->maxwin,
		.maxack = seg->seq,
		.maxwin = sender->maxwin,
		.sack_right = seg->seq,
		.facts = PEER_SYN_SEEN | PEER_SYN_ACKED | PEER_SACK_OK,
		.wscale = WSCALE_PRESUMED,
	};
}

void tcp_pickup_open(struct conn *conn, const struct tcp_segment *seg)
{
	struct tcp_peer *sender = &conn->tcp.peer[DIR_ORIGINAL];

	*sender = (struct tcp_peer){
		.isn = seg->seq - 1,
		.end = tcp_segment_end(seg),
		.maxack = seg->ack,
		.sack_right = seg->sack_right,
		.facts = PEER_SYN_SEEN | PEER_SYN_ACKED | PEER_SACK_OK,
		.wscale = WSCALE_PRESUMED,
	};
	sender->maxwin = tcp_window_size(sender, seg);
	sender->maxend = sender->end + sender->maxwin;
	presume_receiver(&conn->tcp.peer[DIR_REPLY], sender, seg);
	conn->tcp.one_sided = true;
	conn->tracking = TRACKING_LIBERAL;
	conn->lossy = true;
}

struct track picked_up_syn(const struct tcp_event *ev)
{
	return tcp_request(ev);
}

struct track picked_up_synack(const struct tcp_event *ev)
{
	(void)ev;
	return track_keep(REASON_SYNACK_UNEXPECTED);
}

/* More of the same side: what it sends and grants is learnt. */
static void widen(const struct tcp_event *ev)
{
	struct tcp_peer *sender = event_sender(ev);

	tcp_window_commit(ev->conn, ev->seg, ev->dir);
	sender->maxend = seq_max(sender->maxend, sender->end + sender->maxwin);
}

struct track picked_up_ack(const struct tcp_event *ev)
{
	struct window window;

	if (ev->dir == DIR_ORIGINAL) {
		widen(ev);
		return track_keep(REASON_PICKUP);
	}
	window = event_window(ev);
	if (window.result != WINDOW_ACCEPT)
		return track_keep(window.result == WINDOW_DROP
					  ? window.reason
					  : REASON_ACK_UNSEEN);
	tcp_commit(ev);
	ev->conn->tcp.one_sided = false;
	ev->conn->assured = true;
	return track_restart(REASON_PICKED_UP);
}

/* Neither of these is believed before both sides were seen. */
struct track picked_up_fin(const struct tcp_event *ev)
{
	return track_inert(ev, REASON_FIN_EARLY);
}

struct track picked_up_rst(const struct tcp_event *ev)
{
	return track_inert(ev, REASON_RST_PICKUP);
}
