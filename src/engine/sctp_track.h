/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tracker of SCTP: proto_sctp.c reads the packets and publishes it.
 * sctp_track.c has the states, sctp_request.c handshakes on associations that
 * are not over.
 */
#ifndef ENGINE_SCTP_TRACK_H
#define ENGINE_SCTP_TRACK_H

#include "engine/conn.h"
#include "engine/proto.h"

/* One packet at hand. */
struct sctp_event {
	struct conn *conn;
	const struct sctp_packet *packet;
	const struct track_input *in;
};

/* Whether the handshake is over, or there never was one. */
static inline bool sctp_is_open(const struct sctp_conn *sctp)
{
	return sctp->state != SCTP_STATE_COOKIE_WAIT &&
	       sctp->state != SCTP_STATE_COOKIE_ECHOED;
}

void sctp_offers_add(struct sctp_offers *offers, uint32_t tag);
bool sctp_offers_contain(const struct sctp_offers *offers, uint32_t tag);

/* Whether the packet has the tag that the association knows for its way. */
bool sctp_has_tag(const struct sctp_event *ev);

/* It passes without effect, as long as there are not too many of them. */
struct track sctp_inert(const struct sctp_event *ev, enum reason reason);

/* An INIT on an association that is not over, which the rules allow. */
struct track sctp_request(const struct sctp_event *ev);

/* true: the packet belongs to such a request, and @track is set. */
bool sctp_request_takes(const struct sctp_event *ev, struct track *track);

/* Whether the request's INIT has this tag. */
bool sctp_request_has_tag(const struct sctp_conn *sctp, enum direction dir,
			  uint32_t tag);

/* What struct proto wants. */
enum reason sctp_track_opens(const struct packet *pkt,
			     const struct track_input *in);
void sctp_track_open(struct conn *conn, const struct packet *pkt);
bool sctp_track_asks(const struct conn *conn, const struct packet *pkt,
		     enum direction dir);
struct track sctp_track(struct conn *conn, const struct packet *pkt,
			const struct track_input *in);
enum reason sctp_track_relates(const struct conn *conn,
			       const struct quoted *quoted, enum direction dir);
void sctp_track_forget_rules(struct conn *conn);
bool sctp_track_is_sound(const struct conn *conn);
enum timeout sctp_track_timeout(const struct conn *conn);
const char *sctp_track_state_name(const struct conn *conn);

#endif
