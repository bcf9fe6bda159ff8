/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of SCTP associations (RFC 9260 section 4), as it looks from
 * between the ends:
 *
 *	INIT >  < INIT-ACK  COOKIE-ECHO >  < COOKIE-ACK    established
 *	SHUTDOWN >  < SHUTDOWN-ACK  SHUTDOWN-COMPLETE >    closed
 *
 * Tags.  Packets of a direction carry the tag that their receiver chose, by
 * INIT or INIT-ACK (section 8.5).  An ABORT or SHUTDOWN-COMPLETE of an end that
 * knows of no association has the T bit and the tag of the packet that it
 * answers, which is that of the other direction (section 8.5.1).  What has the
 * wrong tag is dropped, for its receiver would drop it.
 *
 * Second paths.  An association may have several pairs of addresses; each is a
 * connection here, and none knows of the others.  A pair that no INIT was seen
 * on begins with a HEARTBEAT, if the rules allow it, and is open once that is
 * acknowledged: netfilter does the same.  That is all: the addresses in INIT
 * and ASCONF are not read, the end of one pair is not that of the others, and
 * when the association is restarted on one pair, the others are dropped until
 * they have expired and begin again.
 */
#include "engine/sctp_track.h"

#include <assert.h>

/* clang-format off */
static const struct {
	const char *name;
	enum timeout timeout;
} states[SCTP_STATE_COUNT] = {
	[SCTP_STATE_COOKIE_WAIT] = { "COOKIE_WAIT", TIMEOUT_SCTP_COOKIE_WAIT },
	[SCTP_STATE_COOKIE_ECHOED] = { "COOKIE_ECHOED",
				       TIMEOUT_SCTP_COOKIE_ECHOED },
	[SCTP_STATE_ESTABLISHED] = { "ESTABLISHED", TIMEOUT_SCTP_ESTABLISHED },
	[SCTP_STATE_SHUTDOWN_SENT] = { "SHUTDOWN_SENT", TIMEOUT_SCTP_SHUTDOWN },
	[SCTP_STATE_SHUTDOWN_RECD] = { "SHUTDOWN_RECD", TIMEOUT_SCTP_SHUTDOWN },
	[SCTP_STATE_SHUTDOWN_ACK_SENT] = { "SHUTDOWN_ACK_SENT",
					   TIMEOUT_SCTP_SHUTDOWN },
	[SCTP_STATE_CLOSED] = { "CLOSED", TIMEOUT_SCTP_CLOSED },
	[SCTP_STATE_HEARTBEAT_SENT] = { "HEARTBEAT_SENT",
					TIMEOUT_SCTP_HEARTBEAT_SENT },
};

/* What is in a cell: the state that follows, its timeout starting, or this. */
enum {
	KEEP = SCTP_STATE_COUNT, /* it passes, and state and timer stay */
	DRAIN,                   /* it passes without effect */
	DROP,
	CE = SCTP_STATE_COOKIE_ECHOED,
	ES = SCTP_STATE_ESTABLISHED,
	SS = SCTP_STATE_SHUTDOWN_SENT,
	SR = SCTP_STATE_SHUTDOWN_RECD,
	SA = SCTP_STATE_SHUTDOWN_ACK_SENT,
	CL = SCTP_STATE_CLOSED,
};

/*
 * Columns, in the order of enum sctp_class; INIT has a function of its own, and
 * an INIT-ACK that passes only leaves its offer:
 *	-, INIT-ACK, COOKIE-ECHO, COOKIE-ACK,
 *	DATA, ERROR, HEARTBEAT, HEARTBEAT-ACK,
 *	SHUTDOWN, SHUTDOWN-ACK, SHUTDOWN-COMPLETE, ABORT
 */
static const uint8_t cells[SCTP_STATE_COUNT][DIR_COUNT][SCTP_CLASS_COUNT] = {
	[SCTP_STATE_COOKIE_WAIT] = {
		[DIR_ORIGINAL] = { DROP, DROP, CE, DROP,
				   DROP, DROP, DROP, DROP,
				   DROP, DROP, DROP, CL },
		[DIR_REPLY]    = { DROP, KEEP, DROP, DROP,
				   DROP, DROP, DROP, DROP,
				   DROP, DROP, DROP, CL },
	},
	/*
	 * Whoever was asked took the cookie if it says anything of an open
	 * association: its COOKIE-ACK may come later, or never have been seen.
	 */
	[SCTP_STATE_COOKIE_ECHOED] = {
		[DIR_ORIGINAL] = { DROP, DROP, CE, DROP,
				   KEEP, KEEP, KEEP, KEEP,
				   DROP, DROP, DROP, CL },
		[DIR_REPLY]    = { DROP, KEEP, DROP, ES,
				   ES, KEEP, ES, ES,
				   SR, DROP, DROP, CL },
	},
	[SCTP_STATE_ESTABLISHED] = {
		[DIR_ORIGINAL] = { DROP, DROP, ES, ES,
				   ES, ES, ES, ES,
				   SS, DROP, DROP, CL },
		[DIR_REPLY]    = { DROP, DROP, ES, ES,
				   ES, ES, ES, ES,
				   SR, DROP, DROP, CL },
	},
	/* Section 9.2: what was sent before is still delivered; and both sides
	 * may shut down at once, and then acknowledge each other. */
	[SCTP_STATE_SHUTDOWN_SENT] = {
		[DIR_ORIGINAL] = { DROP, DROP, DROP, DROP,
				   SS, SS, SS, SS,
				   SS, SA, DROP, CL },
		[DIR_REPLY]    = { DROP, DROP, DROP, DROP,
				   SS, SS, SS, SS,
				   SS, SA, DROP, CL },
	},
	[SCTP_STATE_SHUTDOWN_RECD] = {
		[DIR_ORIGINAL] = { DROP, DROP, DROP, DROP,
				   SR, SR, SR, SR,
				   SR, SA, DROP, CL },
		[DIR_REPLY]    = { DROP, DROP, DROP, DROP,
				   SR, SR, SR, SR,
				   SR, SA, DROP, CL },
	},
	[SCTP_STATE_SHUTDOWN_ACK_SENT] = {
		[DIR_ORIGINAL] = { DROP, DROP, DROP, DROP,
				   KEEP, KEEP, KEEP, KEEP,
				   SA, SA, CL, CL },
		[DIR_REPLY]    = { DROP, DROP, DROP, DROP,
				   KEEP, KEEP, KEEP, KEEP,
				   SA, SA, CL, CL },
	},
	/* Who does not know of the end yet is told so by an ABORT, or by a
	 * SHUTDOWN-COMPLETE: that takes a packet that gets there. */
	[SCTP_STATE_CLOSED] = {
		[DIR_ORIGINAL] = { DROP, DROP, DROP, DROP,
				   DRAIN, DRAIN, DRAIN, DRAIN,
				   DRAIN, DRAIN, DRAIN, DRAIN },
		[DIR_REPLY]    = { DROP, DROP, DROP, DROP,
				   DRAIN, DRAIN, DRAIN, DRAIN,
				   DRAIN, DRAIN, DRAIN, DRAIN },
	},
	[SCTP_STATE_HEARTBEAT_SENT] = {
		[DIR_ORIGINAL] = { DROP, DROP, DROP, DROP,
				   DROP, DROP, KEEP, KEEP,
				   DROP, DROP, DROP, CL },
		[DIR_REPLY]    = { DROP, DROP, DROP, DROP,
				   DROP, DROP, KEEP, ES,
				   DROP, DROP, DROP, CL },
	},
};
/* clang-format on */

static struct track keep(enum reason reason)
{
	return (struct track){ reason, TRACK_KEEP };
}

static bool has(const struct sctp_packet *packet, enum sctp_class class)
{
	return packet->chunks & sctp_bit(class);
}

void sctp_offers_add(struct sctp_offers *offers, uint32_t tag)
{
	if (!offers->first)
		offers->first = tag;
	else if (offers->first != tag)
		offers->last = tag;
}

bool sctp_offers_contain(const struct sctp_offers *offers, uint32_t tag)
{
	return tag && (tag == offers->first || tag == offers->last);
}

/* Until the handshake is over the client may take any of the offers. */
static bool is_offered(const struct sctp_conn *sctp, enum direction dir,
		       uint32_t tag)
{
	return !sctp_is_open(sctp) && dir == DIR_ORIGINAL &&
	       sctp_offers_contain(&sctp->offers, tag);
}

/* On a second path the tag of the answers is what the first one has. */
static bool introduces_tag(const struct sctp_conn *sctp,
			   const struct sctp_packet *packet)
{
	const uint16_t heartbeats = sctp_bit(SCTP_CLASS_HEARTBEAT) |
				    sctp_bit(SCTP_CLASS_HEARTBEAT_ACK);

	return sctp->state == SCTP_STATE_HEARTBEAT_SENT &&
	       !(packet->chunks & ~heartbeats);
}

bool sctp_has_tag(const struct sctp_event *ev)
{
	const struct sctp_conn *sctp = &ev->conn->sctp;
	const struct sctp_packet *packet = ev->packet;
	enum direction dir = ev->in->dir;

	if (packet->reflected)
		return packet->tag == sctp->tags[!dir] &&
		       (packet->chunks == sctp_bit(SCTP_CLASS_ABORT) ||
			has(packet, SCTP_CLASS_SHUTDOWN_COMPLETE));
	if (packet->tag == sctp->tags[dir] ||
	    is_offered(sctp, dir, packet->tag))
		return true;
	return dir == DIR_REPLY && introduces_tag(sctp, packet);
}

struct track sctp_inert(const struct sctp_event *ev, enum reason reason)
{
	if (!budget_take(&ev->conn->budget, BUDGET_INERT, ev->in->now))
		return keep(REASON_INERT_FLOOD);
	return keep(reason);
}

/* Whether the INIT is the one that its sender's tag is known from. */
static bool is_own_init(const struct sctp_conn *sctp,
			const struct sctp_packet *packet, enum direction dir)
{
	return packet->init_tag == sctp->tags[!dir];
}

static struct track take_init(const struct sctp_event *ev)
{
	const struct sctp_conn *sctp = &ev->conn->sctp;

	if (sctp->state == SCTP_STATE_CLOSED)
		return (struct track){ REASON_REUSE, TRACK_REPLACE };
	if (!is_own_init(sctp, ev->packet, ev->in->dir))
		return sctp_request(ev);
	/* A client whose cookie came too late asks again (section 5.2.6). */
	return keep(sctp_is_open(sctp) ? REASON_SCTP_STATE : REASON_DUP_INIT);
}

/* The first one prolongs the handshake, and no other. */
static struct track take_init_ack(const struct sctp_event *ev)
{
	struct sctp_conn *sctp = &ev->conn->sctp;
	bool is_first = !sctp->offers.first;

	if (cells[sctp->state][ev->in->dir][SCTP_CLASS_INIT_ACK] == DROP)
		return keep(REASON_SCTP_STATE);
	sctp_offers_add(&sctp->offers, ev->packet->init_tag);
	return (struct track){ REASON_ESTABLISHED,
			       is_first ? TRACK_RESTART : TRACK_KEEP };
}

/* The tags that the packet settles, if it passes. */
static void learn_tags(struct sctp_conn *sctp, const struct sctp_event *ev)
{
	if (is_offered(sctp, ev->in->dir, ev->packet->tag) &&
	    has(ev->packet, SCTP_CLASS_COOKIE_ECHO))
		sctp->tags[DIR_ORIGINAL] = ev->packet->tag;
	if (sctp->state == SCTP_STATE_HEARTBEAT_SENT &&
	    ev->in->dir == DIR_REPLY &&
	    has(ev->packet, SCTP_CLASS_HEARTBEAT_ACK))
		sctp->tags[DIR_REPLY] = ev->packet->tag;
}

static struct track commit(const struct sctp_event *ev,
			   const struct sctp_conn *next,
			   enum track_effect effect)
{
	ev->conn->sctp = *next;
	if (next->state == SCTP_STATE_ESTABLISHED)
		ev->conn->assured = true;
	return (struct track){ has(ev->packet, SCTP_CLASS_ABORT)
				       ? REASON_ABORT
				       : REASON_ESTABLISHED,
			       effect };
}

/* All chunks of a packet fit the state, one after the other, or it is dropped. */
static struct track follow(const struct sctp_event *ev)
{
	enum track_effect effect = TRACK_KEEP;
	struct sctp_conn next = ev->conn->sctp;

	learn_tags(&next, ev);
	for (unsigned int i = 0; i < SCTP_CLASS_COUNT; i++) {
		uint8_t cell = cells[next.state][ev->in->dir][i];

		if (!has(ev->packet, (enum sctp_class)i))
			continue;
		if (cell == DROP)
			return keep(REASON_SCTP_STATE);
		if (cell == DRAIN)
			return sctp_inert(ev, REASON_DRAIN);
		if (cell < SCTP_STATE_COUNT) {
			next.state = cell;
			effect = TRACK_RESTART;
		}
	}
	return commit(ev, &next, effect);
}

struct track sctp_track(struct conn *conn, const struct packet *pkt,
			const struct track_input *in)
{
	const struct sctp_event ev = { conn, &pkt->sctp, in };
	struct track track;

	assert(conn->sctp.state < SCTP_STATE_COUNT);
	if (has(&pkt->sctp, SCTP_CLASS_INIT))
		return take_init(&ev);
	if (sctp_request_takes(&ev, &track))
		return track;
	if (!sctp_has_tag(&ev))
		return keep(REASON_SCTP_TAG);
	if (has(&pkt->sctp, SCTP_CLASS_INIT_ACK))
		return take_init_ack(&ev);
	return follow(&ev);
}

enum reason sctp_track_opens(const struct packet *pkt,
			     const struct track_input *in)
{
	uint16_t chunks = pkt->sctp.chunks;

	(void)in;
	return chunks == sctp_bit(SCTP_CLASS_INIT) ||
			       chunks == sctp_bit(SCTP_CLASS_HEARTBEAT)
		       ? REASON_NEW
		       : REASON_ORPHAN_SCTP;
}

void sctp_track_open(struct conn *conn, const struct packet *pkt)
{
	conn->sctp = (struct sctp_conn){ 0 };
	if (has(&pkt->sctp, SCTP_CLASS_INIT)) {
		conn->sctp.state = SCTP_STATE_COOKIE_WAIT;
		conn->sctp.tags[DIR_REPLY] = pkt->sctp.init_tag;
	} else {
		conn->sctp.state = SCTP_STATE_HEARTBEAT_SENT;
		conn->sctp.tags[DIR_ORIGINAL] = pkt->sctp.tag;
	}
}

bool sctp_track_asks(const struct conn *conn, const struct packet *pkt,
		     enum direction dir)
{
	return has(&pkt->sctp, SCTP_CLASS_INIT) &&
	       (conn->sctp.state == SCTP_STATE_CLOSED ||
		!is_own_init(&conn->sctp, &pkt->sctp, dir));
}

/*
 * RFC 9260 section 10: the quoted packet has the tag of its direction, or is an
 * INIT that was seen; of one that is not quoted as far as its own tag no more
 * can be said than that there was one.
 */
enum reason sctp_track_relates(const struct conn *conn,
			       const struct quoted *quoted, enum direction dir)
{
	const struct sctp_conn *sctp = &conn->sctp;
	bool is_known;

	if (quoted->seq)
		is_known = quoted->seq == sctp->tags[dir] ||
			   is_offered(sctp, dir, quoted->seq);
	else if (quoted->init_tag)
		is_known = quoted->init_tag == sctp->tags[!dir] ||
			   sctp_request_has_tag(sctp, dir, quoted->init_tag);
	else
		is_known = sctp->state == SCTP_STATE_COOKIE_WAIT &&
			   dir == DIR_ORIGINAL;
	return is_known ? REASON_RELATED : REASON_ICMP_SEQ;
}

/* A request was allowed by the rules of before. */
void sctp_track_forget_rules(struct conn *conn)
{
	conn->sctp.request = (struct sctp_request){ 0 };
}

bool sctp_track_is_sound(const struct conn *conn)
{
	return conn->sctp.state < SCTP_STATE_COUNT;
}

enum timeout sctp_track_timeout(const struct conn *conn)
{
	return states[conn->sctp.state].timeout;
}

const char *sctp_track_state_name(const struct conn *conn)
{
	return states[conn->sctp.state].name;
}
