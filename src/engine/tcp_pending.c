/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SYN on a connection that is not over.
 *
 * Perhaps its sender was restarted and knows nothing of the connection; perhaps
 * the SYN is forged.  Only the other side can tell, so the SYN passes, if the
 * rules allow a new connection, is remembered, and changes nothing.  Then
 *
 *  (a) a SYN-ACK that acknowledges it begins the new connection;
 *  (b) an ACK is judged as ever: the challenge ACK of RFC 5961 section 4 fits;
 *  (c) so is the RST that the challenge provokes: its number is exact;
 *  (d) a RST of the other side that acknowledges it shows that there is
 *      neither the old connection nor a new one;
 *  (e) after ten seconds it is forgotten;
 *  (f) a SYN of the other side crosses it: both open at once.  Only if the old
 *      connection is over, for each of the two may be forged.
 *
 * There is one request at a time, and a second in between those that pass, for
 * each makes the other side send an ACK.
 */
#include "engine/seq.h"
#include "engine/tcp_cells.h"

enum { REQUEST_LIFE = 10000 /* ms */ };

static bool is_live(const struct tcp_pending *pending, msec_t now)
{
	return pending->facts & PEER_SYN_SEEN &&
	       (uint32_t)now - pending->since < REQUEST_LIFE;
}

static uint16_t facts_of(const struct tcp_segment *syn)
{
	unsigned int facts = PEER_SYN_SEEN;

	if (syn->has_wscale)
		facts |= PEER_WSCALE;
	if (syn->has_sack_ok)
		facts |= PEER_SACK_OK;
	if (syn->has_ts)
		facts |= PEER_TS;
	if (syn->has_md5_ao)
		facts |= PEER_MD5_AO;
	return (uint16_t)facts;
}

/* The SYN again, as far as it matters. */
static struct tcp_segment syn_of(const struct tcp_pending *pending)
{
	return (struct tcp_segment){
		.seq = pending->isn,
		.len = pending->len,
		.flags = TCP_SYN,
		.window = pending->window,
		.wscale = pending->wscale,
		.ts_val = pending->ts_val,
		.has_wscale = pending->facts & PEER_WSCALE,
		.has_sack_ok = pending->facts & PEER_SACK_OK,
		.has_ts = pending->facts & PEER_TS,
		.has_md5_ao = pending->facts & PEER_MD5_AO,
	};
}

static void remember(const struct tcp_event *ev)
{
	const struct tcp_segment *syn = ev->seg;

	ev->conn->tcp.pending = (struct tcp_pending){
		.isn = syn->seq,
		.ts_val = syn->ts_val,
		.rule = ev->in->rule,
		.since = (uint32_t)ev->in->now,
		.len = syn->len < UINT16_MAX ? (uint16_t)syn->len : UINT16_MAX,
		.window = syn->window,
		.facts = facts_of(syn),
		.wscale = syn->wscale,
		.dir = (uint8_t)ev->dir,
	};
}

struct track tcp_request(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;
	bool is_again = is_live(pending, ev->in->now) &&
			pending->dir == ev->dir && pending->isn == ev->seg->seq;

	if (is_again)
		return track_inert(ev, REASON_PENDING_SYN);
	if (!track_take_inert(ev, BUDGET_REQUEST))
		return track_keep(REASON_PENDING_LIMIT);
	remember(ev);
	return track_keep(REASON_PENDING_SYN);
}

/* Whether the segment is from the side that was asked, about the request. */
static bool is_about(const struct tcp_event *ev)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;

	return is_live(pending, ev->in->now) && pending->dir != ev->dir &&
	       ev->seg->flags & TCP_ACK &&
	       seq_between(ev->seg->ack, pending->isn + 1,
			   pending->isn + 1 + pending->len);
}

/* The new connection has its place, and its first rule. */
static struct track begin(const struct tcp_event *ev,
			  const struct tcp_conn *fresh, enum reason reason)
{
	ev->conn->rule = ev->conn->tcp.pending.rule;
	ev->conn->tcp = *fresh;
	return (struct track){ reason, TRACK_RENEW };
}

/* (a).  The peers change their places if the roles have. */
bool tcp_request_answered(const struct tcp_event *ev, struct track *track)
{
	const struct tcp_segment syn = syn_of(&ev->conn->tcp.pending);
	struct tcp_conn fresh = { 0 };

	if (!is_about(ev))
		return false;
	tcp_peer_open(&fresh.peer[DIR_ORIGINAL], &syn);
	tcp_server_open(&fresh.peer[DIR_ORIGINAL], &fresh.peer[DIR_REPLY],
			ev->seg);
	*track = begin(ev, &fresh, REASON_RESYNC);
	return true;
}

/* (f) */
bool tcp_request_crossed(const struct tcp_event *ev, struct track *track)
{
	const struct tcp_pending *pending = &ev->conn->tcp.pending;
	const struct tcp_segment syn = syn_of(pending);
	struct tcp_conn fresh = { .simultaneous = true };

	if (!ev->in->tcp->simultaneous_open || pending->dir == ev->dir ||
	    !is_live(pending, ev->in->now))
		return false;
	tcp_peer_open(&fresh.peer[DIR_ORIGINAL], &syn);
	tcp_simul_open(&fresh.peer[DIR_ORIGINAL], &fresh.peer[DIR_REPLY],
		       ev->seg);
	*track = begin(ev, &fresh, REASON_SIMUL_OPEN);
	return true;
}

/* (d) */
bool tcp_request_refused(const struct tcp_event *ev, struct track *track)
{
	if (!is_about(ev))
		return false;
	*track = tcp_reset(ev, REASON_REFUSED_REUSE);
	return true;
}
