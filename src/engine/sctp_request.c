/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handshake of SCTP on an association that is not over.
 *
 * Perhaps one end was restarted and knows nothing of the association (RFC 9260
 * section 5.2.2); perhaps both call each other at once (section 5.2.1); perhaps
 * the INIT is forged.  An end answers every INIT and forgets it: only a cookie
 * that it accepts makes a difference to it.  So, unlike TCP's SYN-ACK, the
 * answer to an INIT shows nothing.  The whole handshake passes beside the
 * association, without effect, if the rules allow its INIT:
 *
 *  (a) the INIT is remembered, and the tags that INIT-ACKs offer;
 *  (b) a COOKIE-ECHO with one of them, and what may refuse it, passes;
 *  (c) the COOKIE-ACK for that begins the new association.  If both ends called,
 *      the tags are those of the association already, and it is no new one;
 *  (d) after ten seconds it is forgotten.
 *
 * There is one request at a time, and a second in between those that pass.
 */
#include "engine/sctp_track.h"

enum { REQUEST_LIFE = 10000 /* ms */ };

static bool is_live(const struct sctp_request *request, msec_t now)
{
	return request->tag && (uint32_t)now - request->since < REQUEST_LIFE;
}

static bool has_any(const struct sctp_event *ev, uint16_t chunks)
{
	return ev->packet->chunks & chunks;
}

/* (a) */
struct track sctp_request(const struct sctp_event *ev)
{
	struct sctp_request *request = &ev->conn->sctp.request;
	struct budget *budget = &ev->conn->budget;
	const struct budget before = *budget;

	if (is_live(request, ev->in->now) && request->dir == ev->in->dir &&
	    request->tag == ev->packet->init_tag)
		return sctp_inert(ev, REASON_PENDING_INIT);
	if (!budget_take(budget, BUDGET_REQUEST, ev->in->now) ||
	    !budget_take(budget, BUDGET_INERT, ev->in->now)) {
		*budget = before;
		return (struct track){ REASON_PENDING_LIMIT, TRACK_KEEP };
	}
	*request = (struct sctp_request){
		.tag = ev->packet->init_tag,
		.rule = ev->in->rule,
		.since = (uint32_t)ev->in->now,
		.dir = (uint8_t)ev->in->dir,
	};
	return (struct track){ REASON_PENDING_INIT, TRACK_KEEP };
}

bool sctp_request_has_tag(const struct sctp_conn *sctp, enum direction dir,
			  uint32_t tag)
{
	return sctp->request.tag == tag && sctp->request.dir == dir;
}

/* From who sent the INIT: the cookie, or that it gives up. */
static bool take_from_asker(const struct sctp_event *ev, struct track *track)
{
	struct sctp_request *request = &ev->conn->sctp.request;

	if (ev->packet->reflected ||
	    !sctp_offers_contain(&request->offers, ev->packet->tag))
		return false;
	if (has_any(ev, sctp_bit(SCTP_CLASS_COOKIE_ECHO))) {
		*track = sctp_inert(ev, REASON_PENDING_INIT);
		if (track->reason == REASON_PENDING_INIT)
			request->echoed = ev->packet->tag;
		return true;
	}
	if (!has_any(ev, sctp_bit(SCTP_CLASS_ABORT)) || sctp_has_tag(ev))
		return false;
	*track = sctp_inert(ev, REASON_PENDING_INIT);
	return true;
}

/* Whether both ends called, and the association has these tags already. */
static bool is_collision(const struct sctp_conn *sctp)
{
	const struct sctp_request *request = &sctp->request;
	uint32_t tags[DIR_COUNT];

	tags[request->dir] = request->echoed;
	tags[!request->dir] = request->tag;
	if (tags[DIR_REPLY] != sctp->tags[DIR_REPLY])
		return false;
	return tags[DIR_ORIGINAL] == sctp->tags[DIR_ORIGINAL] ||
	       (sctp->state == SCTP_STATE_COOKIE_WAIT &&
		sctp_offers_contain(&sctp->offers, tags[DIR_ORIGINAL]));
}

/* The handshake of the other side is complete before the first one is. */
static struct track complete_collision(const struct sctp_event *ev)
{
	struct sctp_conn *sctp = &ev->conn->sctp;
	const struct sctp_request request = sctp->request;

	sctp->tags[request.dir] = request.echoed;
	sctp->tags[!request.dir] = request.tag;
	sctp->request = (struct sctp_request){ 0 };
	sctp->state = SCTP_STATE_ESTABLISHED;
	ev->conn->assured = true;
	return (struct track){ REASON_ESTABLISHED, TRACK_RESTART };
}

static struct track begin_anew(const struct sctp_event *ev)
{
	const struct sctp_request request = ev->conn->sctp.request;

	ev->conn->sctp = (struct sctp_conn){
		.tags = { [DIR_ORIGINAL] = request.echoed,
			  [DIR_REPLY] = request.tag },
		.state = SCTP_STATE_ESTABLISHED,
	};
	ev->conn->rule = request.rule;
	ev->conn->assured = true;
	return (struct track){ REASON_RESTART, request.dir == DIR_REPLY
						       ? TRACK_RENEW_REVERSED
						       : TRACK_RENEW };
}

/* (c); false: it says nothing new. */
static bool take_acceptance(const struct sctp_event *ev, struct track *track)
{
	const struct sctp_conn *sctp = &ev->conn->sctp;

	if (!sctp->request.echoed)
		return false;
	if (!is_collision(sctp))
		*track = begin_anew(ev);
	else if (sctp_is_open(sctp))
		return false;
	else
		*track = complete_collision(ev);
	return true;
}

/* From who was asked: an offer, that it takes the cookie, or that it refuses. */
static bool take_from_asked(const struct sctp_event *ev, struct track *track)
{
	struct sctp_request *request = &ev->conn->sctp.request;
	const uint16_t refusals =
		sctp_bit(SCTP_CLASS_ABORT) | sctp_bit(SCTP_CLASS_ERROR);

	if (ev->packet->reflected || ev->packet->tag != request->tag)
		return false;
	if (has_any(ev, sctp_bit(SCTP_CLASS_COOKIE_ACK)))
		return take_acceptance(ev, track);
	if (has_any(ev, sctp_bit(SCTP_CLASS_INIT_ACK))) {
		*track = sctp_inert(ev, REASON_PENDING_INIT);
		if (track->reason == REASON_PENDING_INIT)
			sctp_offers_add(&request->offers, ev->packet->init_tag);
		return true;
	}
	if (!has_any(ev, refusals) || sctp_has_tag(ev))
		return false;
	*track = sctp_inert(ev, REASON_PENDING_INIT);
	return true;
}

bool sctp_request_takes(const struct sctp_event *ev, struct track *track)
{
	const struct sctp_request *request = &ev->conn->sctp.request;

	if (!is_live(request, ev->in->now))
		return false;
	return request->dir == ev->in->dir ? take_from_asker(ev, track)
					   : take_from_asked(ev, track);
}
