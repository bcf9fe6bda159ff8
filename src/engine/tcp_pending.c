/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SYN on a connection that is not over.
 *
 * Perhaps its sender was restarted and knows nothing of the connection; perhaps
 * the SYN is an old one that was late, or forged.  Only the endpoints can tell,
 * so the SYN passes, if the rules allow a new connection, and is remembered
 * beside the old one, which goes on as if nothing had been asked.  Then
 *
 *  (a) a SYN-ACK that acknowledges it passes, and is remembered with it: old
 *      SYNs are answered too, and SYN-ACKs may be late as well;
 *  (b) an ACK that completes this handshake begins the new connection, in the
 *      place of the old one; if SYN-ACKs with several numbers have passed,
 *      it tells which of them the client has taken;
 *  (c) a RST of either side that belongs to it passes;
 *  (d) all else is judged by the old connection: the challenge ACK of RFC 5961
 *      section 4 fits, and so does the RST that answers it;
 *  (e) if nothing of that comes, it is forgotten after a while;
 *  (f) in SYN_SENT, an answer of either side to the other's SYN shows that
 *      the two have crossed: see tcp_simul.c.
 *
 * There is one request at a time, and a second in between those that pass, for
 * each makes the other side send an ACK; a second also behind the SYN-ACK.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

enum {
	REQUEST_LIFE = 10000, /* ms, without an answer */
	ANSWER_LIFE = 60000,  /* ms, as long as a handshake may take */
	ANSWER_HOLD = 1000,   /* ms in which no other SYN can displace it */
};

static bool is_live(const struct tcp_pending *pending, msec_t now)
{
	uint32_t life = pending->is_answered ? ANSWER_LIFE : REQUEST_LIFE;

	return pending->exists && (uint32_t)now - pending->since < life;
}

static struct tcp_offer offer_of(const struct tcp_segment *seg)
{
	return (struct tcp_offer){
		.wscale = seg->wscale & 0xfU,
		.has_wscale = seg->has_wscale,
		.has_sack_ok = seg->has_sack_ok,
		.has_md5_ao = seg->has_md5_ao,
	};
}

/*
 * The segment again that made the offer, as far as it matters.  Its timestamp
 * is not known any more; the next segment has a newer one.
 */
static struct tcp_segment segment_of(struct tcp_offer offer)
{
	return (struct tcp_segment){
		.flags = TCP_SYN,
		.wscale = offer.wscale,
		.has_wscale = offer.has_wscale,
		.has_sack_ok = offer.has_sack_ok,
		.has_md5_ao = offer.has_md5_ao,
	};
}

static struct tcp_segment syn_of(const struct tcp_pending *pending)
{
	struct tcp_segment syn = segment_of(pending->offer);

	syn.seq = pending->isn;
	syn.len = pending->len;
	syn.window = pending->window;
	return syn;
}

static struct tcp_segment synack_of(const struct tcp_pending *pending)
{
	struct tcp_segment synack = segment_of(pending->answer_offer);

	synack.flags |= TCP_ACK;
	synack.seq = pending->answer;
	synack.ack = pending->isn + 1 + (pending->is_taken ? pending->len : 0);
	synack.window = pending->answer_window;
	return synack;
}

/* An inert pass; but what is under way shall not lose its connection. */
static struct track pass(const struct tcp_event *ev, enum reason reason)
{
	struct track track = track_inert(ev, reason);

	return track.reason == reason ? track_await(reason) : track;
}

/* It may have lost its data or its options on the way. */
static void merge(struct tcp_pending *pending, const struct tcp_segment *syn)
{
	const struct tcp_offer offer = offer_of(syn);

	if (syn->len > pending->len) {
		pending->len =
			syn->len < UINT16_MAX ? (uint16_t)syn->len : UINT16_MAX;
		pending->is_taken = false;
	}
	if (offer.has_wscale) {
		pending->offer.has_wscale = true;
		pending->offer.wscale = offer.wscale;
	}
	pending->offer.has_sack_ok |= offer.has_sack_ok;
	pending->offer.has_md5_ao |= offer.has_md5_ao;
}

static bool is_same(const struct tcp_pending *pending,
		    const struct tcp_event *ev)
{
	return pending->exists && pending->dir == (ev->dir == DIR_REPLY) &&
	       pending->isn == ev->seg->seq;
}

static void remember(const struct tcp_event *ev)
{
	const struct tcp_segment *syn = ev->seg;
	const struct tcp_pending before = ev->conn->tcp.pending;
	const struct tcp_segment earlier = syn_of(&before);

	ev->conn->tcp.pending = (struct tcp_pending){
		.isn = syn->seq,
		.rule = ev->in->rule,
		.since = (uint32_t)ev->in->now,
		.len = syn->len < UINT16_MAX ? (uint16_t)syn->len : UINT16_MAX,
		.window = syn->window,
		.offer = offer_of(syn),
		.exists = true,
		.dir = ev->dir == DIR_REPLY,
	};
	if (is_same(&before, ev))
		merge(&ev->conn->tcp.pending, &earlier);
}

/* The very SYN that has asked. */
static bool is_again(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;

	return is_live(pending, ev->in->now) && is_same(pending, ev);
}

/* It may be this one that is answered. */
static struct track repeat(const struct tcp_event *ev)
{
	struct track track = pass(ev, REASON_PENDING_SYN);

	if (track.reason == REASON_PENDING_SYN) {
		ev->conn->tcp.pending.since = (uint32_t)ev->in->now;
		merge(&ev->conn->tcp.pending, ev->seg);
	}
	return track;
}

struct track tcp_request(const struct tcp_event *ev)
{
	if (is_again(ev))
		return repeat(ev);
	if (!track_take_inert(ev, BUDGET_REQUEST))
		return track_keep(REASON_PENDING_LIMIT);
	remember(ev);
	return track_await(REASON_PENDING_SYN);
}

/* @number continues the SYN, or the part of its data that was taken. */
static bool follows_syn(const struct tcp_pending *pending, uint32_t number)
{
	return seq_between(number, pending->isn + 1,
			   pending->isn + 1 + pending->len);
}

/* @number is behind the SYN-ACK's, as far as @window allows. */
static bool follows_answer(const struct tcp_pending *pending, uint32_t number,
			   uint32_t window)
{
	return pending->is_answered &&
	       seq_between(number, pending->answer + 1,
			   pending->answer + 1 + window);
}

/* What the server grants; scaled only behind its SYN-ACK, if both scale. */
static uint32_t answer_size(const struct tcp_pending *pending)
{
	uint8_t shift = 0;

	if (pending->is_widened && pending->offer.has_wscale &&
	    pending->answer_offer.has_wscale)
		shift = pending->answer_offer.wscale;
	return (uint32_t)pending->answer_window << shift;
}

/* Data need not wait for the handshake (RFC 7413). */
static void note_early_data(const struct tcp_event *ev)
{
	struct tcp_pending *pending = &ev->conn->tcp.pending;
	uint32_t early = tcp_segment_end(ev->seg) - pending->answer - 1;

	if (early > pending->early)
		pending->early =
			early < UINT16_MAX ? (uint16_t)early : UINT16_MAX;
}

static void note_early_window(const struct tcp_event *ev)
{
	struct tcp_pending *pending = &ev->conn->tcp.pending;
	struct tcp_pending wider = *pending;

	wider.answer_window = ev->seg->window;
	wider.is_widened = true;
	if (answer_size(&wider) > answer_size(pending))
		*pending = wider;
}

/* (a) */
static struct track note_answer(const struct tcp_event *ev)
{
	struct tcp_pending *pending = &ev->conn->tcp.pending;
	struct track track = pass(ev, REASON_PENDING_SYNACK);

	if (track.reason != REASON_PENDING_SYNACK)
		return track;
	if (pending->is_answered && pending->answer != ev->seg->seq) {
		pending->is_several = true;
		pending->is_widened = false;
		pending->early = 0;
	}
	pending->answer = ev->seg->seq;
	pending->is_taken = ev->seg->ack == pending->isn + 1 + pending->len;
	pending->answer_offer = offer_of(ev->seg);
	if (!pending->is_widened)
		pending->answer_window = ev->seg->window;
	pending->is_answered = true;
	pending->since = (uint32_t)ev->in->now;
	note_early_data(ev);
	return track;
}

/* It is as if the SYN had come again: the client refuses the answer. */
struct track tcp_answer_again(const struct tcp_event *ev)
{
	struct tcp_pending *pending = &ev->conn->tcp.pending;

	if (is_live(pending, ev->in->now))
		return track_keep(REASON_AFTER_CLOSE);
	*pending = (struct tcp_pending){
		.isn = event_receiver(ev)->isn,
		.rule = ev->conn->rule,
		.since = (uint32_t)ev->in->now,
		.exists = true,
		.dir = ev->dir == DIR_ORIGINAL,
	};
	return note_answer(ev);
}

static struct track pass_early(const struct tcp_event *ev)
{
	struct track track = track_inert(ev, REASON_PENDING_SYNACK);

	if (track.reason == REASON_PENDING_SYNACK) {
		note_early_data(ev);
		note_early_window(ev);
	}
	return track;
}

/* (c) */
static struct track note_refusal(const struct tcp_event *ev)
{
	struct track track = track_inert(ev, REASON_REFUSED_REUSE);

	if (track.reason == REASON_REFUSED_REUSE)
		ev->conn->tcp.pending.is_refused = true;
	return track;
}

/* A segment of the side that was asked. */
static bool take_answer(const struct tcp_event *ev, struct track *track)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;
	enum tcp_class class = tcp_class(ev->seg->flags);
	bool acks_syn =
		ev->seg->flags & TCP_ACK && follows_syn(pending, ev->seg->ack);

	if (class == TCP_CLASS_SYNACK && acks_syn)
		*track = note_answer(ev);
	else if (class == TCP_CLASS_RST &&
		 (acks_syn || follows_answer(pending, ev->seg->seq, 0)))
		*track = note_refusal(ev);
	else if ((class == TCP_CLASS_ACK || class == TCP_CLASS_FIN) &&
		 acks_syn &&
		 follows_answer(pending, ev->seg->seq, pending->window))
		*track = pass_early(ev);
	else
		return false;
	return true;
}

/* The new connection has the old one's place: its records, and its first rule. */
static void begin(const struct tcp_event *ev, const struct tcp_conn *fresh)
{
	ev->conn->rule = ev->conn->tcp.pending.rule;
	ev->conn->tcp = *fresh;
	ev->conn->tracking = TRACKING_FULL;
	ev->conn->assured = false;
	ev->conn->lossy = false;
}

static bool acks_answer(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;

	return follows_answer(pending, ev->seg->sack_right, pending->window);
}

/* Data may come before the ACK, and completes the handshake as well. */
static bool completes(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;
	enum tcp_class class = tcp_class(ev->seg->flags);

	if (class != TCP_CLASS_ACK && class != TCP_CLASS_FIN)
		return false;
	if (!pending->is_several)
		return acks_answer(ev);
	return seq_between(ev->seg->seq, pending->isn + 1,
			   pending->isn + 1 + pending->len +
				   answer_size(pending));
}

static void open_both(struct tcp_conn *fresh, const struct tcp_pending *pending,
		      uint32_t answer)
{
	const struct tcp_segment syn = syn_of(pending);
	struct tcp_segment synack = synack_of(pending);
	struct tcp_peer *client = &fresh->peer[DIR_ORIGINAL];
	struct tcp_peer *server = &fresh->peer[DIR_REPLY];

	synack.seq = answer;
	tcp_peer_open(client, &syn);
	tcp_server_open(client, server, &synack);
	server->end += pending->early;
	if (server->maxwin < answer_size(pending))
		server->maxwin = answer_size(pending);
	client->maxend =
		seq_max(client->maxend, synack.ack + answer_size(pending));
}

/* (b).  The peers change their places if the roles have. */
static bool complete(const struct tcp_event *ev, struct track *track)
{
	const struct conn before = *ev->conn;
	const struct tcp_pending *pending = &before.tcp.pending;
	struct tcp_event third = *ev;
	struct tcp_conn fresh = { 0 };

	open_both(&fresh, pending,
		  acks_answer(ev) ? pending->answer : ev->seg->ack - 1);
	begin(ev, &fresh);
	third.dir = DIR_ORIGINAL;
	*track = tcp_dispatch(&third);
	if (reason_info[track->reason].kind != REASON_ACCEPTS) {
		*ev->conn = before;
		return false;
	}
	*track = (struct track){ REASON_RESYNC, ev->dir == DIR_REPLY
							? TRACK_RENEW_REVERSED
							: TRACK_RENEW };
	return true;
}

/* A segment of the side that has asked. */
static bool take_continuation(const struct tcp_event *ev, struct track *track)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;
	enum tcp_class class = tcp_class(ev->seg->flags);

	if (class == TCP_CLASS_RST && follows_syn(pending, ev->seg->seq)) {
		*track = note_refusal(ev);
		return true;
	}
	/* Even where it could replace the old one, if it is answered already,
	 * or comes without the data that may be acknowledged. */
	if (class == TCP_CLASS_SYN && is_again(ev) &&
	    (pending->is_answered || ev->seg->len < pending->len)) {
		*track = repeat(ev);
		return true;
	}
	return completes(ev) && complete(ev, track);
}

/* The client is about to complete the handshake, or to refuse it. */
static bool holds(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;

	return pending->is_answered && !pending->is_refused &&
	       (uint32_t)ev->in->now - pending->since < ANSWER_HOLD;
}

bool tcp_request_stands(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;

	return is_live(pending, ev->in->now) && !pending->is_refused &&
	       pending->dir != (ev->dir == DIR_REPLY);
}

/* It answers the other side's SYN, and belongs to the sender's own. */
static bool crosses(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;
	const struct tcp_peer *client = &ev->conn->tcp.peer[DIR_ORIGINAL];
	uint32_t own = ev->dir == DIR_ORIGINAL ? client->isn : pending->isn;
	bool is_first = ev->seg->flags & TCP_SYN;

	if (!pending->dir || !(ev->seg->flags & TCP_ACK) ||
	    ev->seg->flags & TCP_RST ||
	    tcp_state(&ev->conn->tcp) != TCP_STATE_SYN_SENT ||
	    (is_first ? ev->seg->seq != own : !seq_after(ev->seg->seq, own)))
		return false;
	return ev->dir == DIR_ORIGINAL ? follows_syn(pending, ev->seg->ack)
				       : tcp_acks_syn(client, ev->seg);
}

/* (f) */
static bool cross(const struct tcp_event *ev, struct track *track)
{
	const struct conn before = *ev->conn;
	const struct tcp_segment syn = syn_of(&before.tcp.pending);

	*track = tcp_simul_open(ev, &syn);
	if (reason_info[track->reason].kind == REASON_ACCEPTS)
		return true;
	*ev->conn = before;
	return false;
}

bool tcp_request_takes(const struct tcp_event *ev, struct track *track)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;

	if (!is_live(pending, ev->in->now))
		return false;
	if (crosses(ev) && cross(ev, track))
		return true;
	if (pending->dir == (ev->dir == DIR_REPLY)
		    ? take_continuation(ev, track)
		    : take_answer(ev, track))
		return true;
	if (tcp_class(ev->seg->flags) != TCP_CLASS_SYN || !holds(ev))
		return false;
	*track = track_keep(REASON_PENDING_LIMIT);
	return true;
}
