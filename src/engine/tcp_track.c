/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TCP state machine: the state that the facts amount to, and a table of
 * what to do with each class of segment in each state from each side.
 */
#include "engine/tcp_track.h"

#include <assert.h>

#include "engine/seq.h"
#include "engine/tcp_cells.h"

/* clang-format off */
static const struct {
	const char *name;
	enum timeout timeout;
} states[TCP_STATE_COUNT] = {
	[TCP_STATE_SYN_SENT] = { "SYN_SENT", TIMEOUT_TCP_SYN_SENT },
	[TCP_STATE_SYN_RECV] = { "SYN_RECV", TIMEOUT_TCP_SYN_RECV },
	[TCP_STATE_ESTABLISHED] = { "ESTABLISHED", TIMEOUT_TCP_ESTABLISHED },
	[TCP_STATE_FIN_WAIT] = { "FIN_WAIT", TIMEOUT_TCP_FIN_WAIT },
	[TCP_STATE_HALF_CLOSED] = { "HALF_CLOSED", TIMEOUT_TCP_HALF_CLOSED },
	[TCP_STATE_CLOSING] = { "CLOSING", TIMEOUT_TCP_CLOSING },
	[TCP_STATE_TIME_WAIT] = { "TIME_WAIT", TIMEOUT_TCP_TIME_WAIT },
	[TCP_STATE_CLOSED] = { "CLOSED", TIMEOUT_TCP_CLOSED },
	[TCP_STATE_PICKED_UP] = { "PICKED_UP", TIMEOUT_TCP_PICKED_UP },
};

/*
 * Columns, in the order of enum tcp_class:
 *	SYN, SYN-ACK, ACK (with or without data), FIN, RST
 */
static tcp_cell *const cells[TCP_STATE_COUNT][DIR_COUNT][TCP_CLASS_COUNT] = {
	[TCP_STATE_SYN_SENT] = {
		[DIR_ORIGINAL] = { syn_sent_syn, client_early, client_early,
				   client_early, syn_sent_client_rst },
		[DIR_REPLY] = { syn_sent_server_syn, syn_sent_synack,
				syn_sent_challenge_ack, syn_sent_server_fin,
				syn_sent_server_rst },
	},
	[TCP_STATE_SYN_RECV] = {
		[DIR_ORIGINAL] = { syn_recv_syn, syn_recv_client_synack,
				   syn_recv_third_ack, syn_recv_third_fin,
				   syn_recv_rst },
		[DIR_REPLY] = { syn_recv_syn, syn_recv_synack,
				syn_recv_server_data, syn_recv_server_fin,
				syn_recv_rst },
	},
	[TCP_STATE_ESTABLISHED] = {
		[DIR_ORIGINAL] = { open_syn, open_synack, stream_ack,
				   stream_fin, any_rst },
		[DIR_REPLY] = { open_syn, open_synack, stream_ack,
				stream_fin, any_rst },
	},
	[TCP_STATE_FIN_WAIT] = {
		[DIR_ORIGINAL] = { open_syn, open_synack, closing_ack,
				   closing_fin, any_rst },
		[DIR_REPLY] = { open_syn, open_synack, closing_ack,
				closing_fin, any_rst },
	},
	[TCP_STATE_HALF_CLOSED] = {
		[DIR_ORIGINAL] = { open_syn, open_synack, closing_ack,
				   closing_fin, any_rst },
		[DIR_REPLY] = { open_syn, open_synack, closing_ack,
				closing_fin, any_rst },
	},
	[TCP_STATE_CLOSING] = {
		[DIR_ORIGINAL] = { open_syn, open_synack, closing_ack,
				   closing_fin, any_rst },
		[DIR_REPLY] = { open_syn, open_synack, closing_ack,
				closing_fin, any_rst },
	},
	[TCP_STATE_TIME_WAIT] = {
		[DIR_ORIGINAL] = { time_wait_syn, time_wait_synack,
				   time_wait_ack, time_wait_fin,
				   time_wait_rst },
		[DIR_REPLY] = { time_wait_syn, time_wait_synack,
				time_wait_ack, time_wait_fin, time_wait_rst },
	},
	[TCP_STATE_CLOSED] = {
		[DIR_ORIGINAL] = { closed_syn, closed_other, closed_other,
				   closed_other, closed_rst },
		[DIR_REPLY] = { closed_syn, closed_other, closed_other,
				closed_other, closed_rst },
	},
	[TCP_STATE_PICKED_UP] = {
		[DIR_ORIGINAL] = { picked_up_syn, picked_up_synack,
				   picked_up_ack, picked_up_fin,
				   picked_up_rst },
		[DIR_REPLY] = { picked_up_syn, picked_up_synack,
				picked_up_ack, picked_up_fin, picked_up_rst },
	},
};
/* clang-format on */

const struct tcp_settings tcp_settings_default = {
	.pickup = TCP_PICKUP_STRICT,
	.pickup_grace = 30000,
	.syn_data = TCP_SYN_DATA_ALLOW,
	.simultaneous_open = true,
};

enum tcp_state tcp_state(const struct tcp_conn *tcp)
{
	unsigned int client = tcp->peer[DIR_ORIGINAL].facts;
	unsigned int server = tcp->peer[DIR_REPLY].facts;

	if (tcp->reset)
		return TCP_STATE_CLOSED;
	if (tcp->one_sided)
		return TCP_STATE_PICKED_UP;
	if (!(server & PEER_SYN_SEEN))
		return TCP_STATE_SYN_SENT;
	if (client & server & PEER_FIN_SEEN)
		return client & server & PEER_FIN_ACKED ? TCP_STATE_TIME_WAIT
							: TCP_STATE_CLOSING;
	if ((client | server) & PEER_FIN_SEEN)
		return (client | server) & PEER_FIN_ACKED
			       ? TCP_STATE_HALF_CLOSED
			       : TCP_STATE_FIN_WAIT;
	if (!(client & server & PEER_SYN_ACKED))
		return TCP_STATE_SYN_RECV;
	return TCP_STATE_ESTABLISHED;
}

const char *tcp_state_name(enum tcp_state state)
{
	return states[state].name;
}

bool track_take_inert(const struct tcp_event *ev, enum budget_kind kind)
{
	struct budget *budget = &ev->conn->budget;
	const struct budget before = *budget;

	if (budget_take(budget, kind, ev->in->now) &&
	    budget_take(budget, BUDGET_INERT, ev->in->now))
		return true;
	*budget = before;
	return false;
}

struct track track_inert(const struct tcp_event *ev, enum reason reason)
{
	if (!budget_take(&ev->conn->budget, BUDGET_INERT, ev->in->now))
		return track_keep(REASON_INERT_FLOOD);
	return track_keep(reason);
}

/*
 * Data beyond the window is not believed, but what follows it may acknowledge
 * it, so its end is noted; and its FIN, as one that is perhaps none.
 */
static void note_overshoot(const struct tcp_event *ev)
{
	struct tcp_peer *sender = event_sender(ev);

	if (ev->seg->flags & TCP_FIN && !(sender->facts & PEER_FIN_SEEN)) {
		sender->facts |= PEER_FIN_TENTATIVE;
		sender->facts &= (uint16_t)~PEER_FORMER;
		sender->fin_seq = ev->seg->seq + ev->seg->len;
	}
	sender->end = seq_max(sender->end, tcp_segment_end(ev->seg));
}

struct window event_window(const struct tcp_event *ev)
{
	return tcp_window_check(ev->conn, ev->seg, ev->dir);
}

/* Faults of the window, as against those of a handshake or a close. */
static bool is_of_window(enum reason reason)
{
	return reason == REASON_SEQ_HIGH || reason == REASON_SEQ_OLD ||
	       reason == REASON_ACK_UNSEEN || reason == REASON_ACK_OLD;
}

struct track track_outside(const struct tcp_event *ev, struct window outside)
{
	struct track track;

	if (outside.result != WINDOW_INERT && tcp_catches_up(ev, &track))
		return track;
	if (ev->conn->tracking == TRACKING_LIBERAL &&
	    (outside.result != WINDOW_DROP || is_of_window(outside.reason)))
		return track_keep(REASON_LIBERAL);
	if (outside.result == WINDOW_DROP)
		return track_keep(outside.reason);
	track = track_inert(ev, outside.reason);
	if (outside.result == WINDOW_OVER && track.reason == outside.reason)
		note_overshoot(ev);
	return track;
}

void tcp_track_open(struct conn *conn, const struct packet *pkt)
{
	conn->tcp = (struct tcp_conn){ 0 };
	if (pkt->tcp.flags & TCP_SYN)
		tcp_peer_open(&conn->tcp.peer[DIR_ORIGINAL], &pkt->tcp);
	else
		tcp_pickup_open(conn, &pkt->tcp);
}

/* The SYN that opened it may still come again. */
static bool expects_syn_again(const struct conn *conn)
{
	enum tcp_state state = tcp_state(&conn->tcp);

	return state != TCP_STATE_TIME_WAIT && state != TCP_STATE_CLOSED &&
	       state != TCP_STATE_PICKED_UP;
}

/*
 * A SYN is a request for a new connection, whatever the table says of its
 * tuple, unless it is the very SYN that opened this one.
 */
bool tcp_track_asks(const struct conn *conn, const struct packet *pkt,
		    enum direction dir)
{
	const struct tcp_peer *sender = &conn->tcp.peer[dir];
	bool is_again = expects_syn_again(conn) &&
			sender->facts & PEER_SYN_SEEN &&
			sender->isn == pkt->tcp.seq;

	return tcp_class(pkt->tcp.flags) == TCP_CLASS_SYN && !is_again;
}

struct track tcp_dispatch(const struct tcp_event *ev)
{
	enum tcp_class class = tcp_class(ev->seg->flags);
	enum tcp_state state = tcp_state(&ev->conn->tcp);
	struct track track;

	assert(class != TCP_CLASS_ILLEGAL);
	if (tcp_request_takes(ev, &track))
		return track;
	return cells[state][ev->dir][class](ev);
}

/* A SYN whose payload the administrator does not want (RFC 7413). */
static bool has_unwanted_data(const struct tcp_segment *seg,
			      const struct tcp_settings *settings)
{
	if (seg->len == 0 || settings->syn_data == TCP_SYN_DATA_ALLOW)
		return false;
	return settings->syn_data == TCP_SYN_DATA_DENY || !seg->has_tfo;
}

struct track tcp_track(struct conn *conn, const struct packet *pkt,
		       const struct track_input *in)
{
	const struct tcp_event event = { conn, &pkt->tcp, in->dir, in };

	if (tcp_class(pkt->tcp.flags) == TCP_CLASS_SYN &&
	    has_unwanted_data(&pkt->tcp, in->tcp))
		return track_keep(REASON_SYN_DATA);
	if (conn->tracking == TRACKING_SLOPPY)
		return tcp_sloppy(&event);
	return tcp_dispatch(&event);
}

enum reason tcp_track_opens(const struct packet *pkt,
			    const struct track_input *in)
{
	static const enum reason reasons[TCP_CLASS_COUNT] = {
		[TCP_CLASS_SYN] = REASON_NEW,
		[TCP_CLASS_SYNACK] = REASON_ORPHAN_SYNACK,
		[TCP_CLASS_ACK] = REASON_ORPHAN_ACK,
		[TCP_CLASS_FIN] = REASON_ORPHAN_FIN,
		[TCP_CLASS_RST] = REASON_ORPHAN_RST,
	};
	enum tcp_class class = tcp_class(pkt->tcp.flags);

	if (class == TCP_CLASS_ACK && in->picks_up)
		return REASON_PICKUP;
	if (class == TCP_CLASS_SYN && has_unwanted_data(&pkt->tcp, in->tcp))
		return REASON_SYN_DATA;
	return reasons[class];
}

/*
 * RFC 5927 section 4.1: an ICMP error counts only if the segment that it
 * quotes is in flight, or it could be forged blindly.
 */
enum reason tcp_track_relates(const struct conn *conn,
			      const struct quoted *quoted, enum direction dir)
{
	const struct tcp_peer *sender = &conn->tcp.peer[dir];
	const struct tcp_peer *receiver = &conn->tcp.peer[!dir];
	bool is_in_flight;

	if (receiver->facts & PEER_SYN_SEEN)
		is_in_flight =
			seq_between(quoted->seq, receiver->maxack, sender->end);
	else
		is_in_flight = sender->facts & PEER_SYN_SEEN &&
			       quoted->seq == sender->isn;
	return is_in_flight ? REASON_RELATED : REASON_ICMP_SEQ;
}

/* A request was allowed by the rules of before. */
void tcp_track_forget_rules(struct conn *conn)
{
	conn->tcp.pending = (struct tcp_pending){ 0 };
}

/* Data that nobody acknowledges, or a sender that has to wait. */
static bool is_stalled(const struct tcp_conn *tcp)
{
	enum { REPEATS_MAX = 3 };
	const struct tcp_peer *a = &tcp->peer[DIR_ORIGINAL];
	const struct tcp_peer *b = &tcp->peer[DIR_REPLY];

	return seq_after(a->end, b->maxack) || seq_after(b->end, a->maxack) ||
	       (a->facts | b->facts) & PEER_NO_WINDOW ||
	       tcp->repeats >= REPEATS_MAX;
}

enum timeout tcp_track_timeout(const struct conn *conn)
{
	enum tcp_state state = tcp_state(&conn->tcp);

	/* A live sender repeats itself at least every two minutes (RFC 6298),
	 * so one that is silent for longer is dead. */
	if (state == TCP_STATE_ESTABLISHED &&
	    conn->tracking != TRACKING_SLOPPY && is_stalled(&conn->tcp))
		return TIMEOUT_TCP_UNACKNOWLEDGED;
	/* A FIN must not prolong a handshake that nobody completes. */
	if (!conn->assured &&
	    (state == TCP_STATE_FIN_WAIT || state == TCP_STATE_HALF_CLOSED))
		return TIMEOUT_TCP_SYN_RECV;
	return states[state].timeout;
}

const char *tcp_track_state_name(const struct conn *conn)
{
	return tcp_state_name(tcp_state(&conn->tcp));
}
