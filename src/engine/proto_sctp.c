/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCTP: the common header and the chunks (RFC 9260 section 3), and what makes a
 * packet impossible before any association is looked at:
 *
 *  - at least one chunk, each as long as its own header, padded to four octets
 *    and inside the packet.  So the walk ends after a quarter of the packet's
 *    octets at most;
 *  - INIT, INIT-ACK and SHUTDOWN-COMPLETE are alone in their packet (section
 *    6.10); COOKIE-ECHO and COOKIE-ACK are first, or behind the chunk that
 *    authenticates them (RFC 4895 section 6.2);
 *  - INIT has the verification tag 0 and nothing else has (section 8.5.1); the
 *    tag that INIT or INIT-ACK chooses is not 0 (sections 3.3.2 and 3.3.3).
 *
 * A checksum of 0 is wrong like any other: RFC 9653 lets two ends agree on it
 * where something below SCTP checks the packet better, which is not IP.
 */
#include <netinet/in.h>

#include "engine/crc32c.h"
#include "engine/sctp_track.h"

enum {
	SCTP_HEADER_LEN = 12,
	SCTP_CHECKSUM_AT = 8,
	SCTP_QUOTED_LEN = 8, /* ports and verification tag */
	CHUNK_HEADER_LEN = 4,
	CHUNK_FLAG_T = 0x01,
	INIT_LEN_MIN = 20, /* with its fixed parameters */
	TYPE_INIT = 1,
	TYPE_AUTH = 15,
};

/* Of the types that have a class of their own. */
static const uint8_t classes[] = {
	SCTP_CLASS_DATA,
	SCTP_CLASS_INIT,
	SCTP_CLASS_INIT_ACK,
	SCTP_CLASS_DATA, /* SACK */
	SCTP_CLASS_HEARTBEAT,
	SCTP_CLASS_HEARTBEAT_ACK,
	SCTP_CLASS_ABORT,
	SCTP_CLASS_SHUTDOWN,
	SCTP_CLASS_SHUTDOWN_ACK,
	SCTP_CLASS_ERROR,
	SCTP_CLASS_COOKIE_ECHO,
	SCTP_CLASS_COOKIE_ACK,
	SCTP_CLASS_DATA, /* ECNE */
	SCTP_CLASS_DATA, /* CWR */
	SCTP_CLASS_SHUTDOWN_COMPLETE,
};

static enum sctp_class class_of(uint8_t type)
{
	return type < sizeof(classes) ? (enum sctp_class)classes[type]
				      : SCTP_CLASS_DATA;
}

/* The chunks of a packet, on the way through them. */
struct walk {
	struct sctp_packet *packet;
	struct reader copy; /* may end before the packet does */
	uint32_t left;      /* octets of the packet */
	unsigned int count; /* of the chunks before this one */
	bool after_auth;    /* and the one before is the first and AUTH */
};

static bool is_alone(enum sctp_class class)
{
	return class == SCTP_CLASS_INIT || class == SCTP_CLASS_INIT_ACK ||
	       class == SCTP_CLASS_SHUTDOWN_COMPLETE;
}

static bool is_first(enum sctp_class class)
{
	return class == SCTP_CLASS_COOKIE_ECHO ||
	       class == SCTP_CLASS_COOKIE_ACK;
}

/* Whether a chunk of the class may follow those before it. */
static bool may_follow(const struct walk *walk, enum sctp_class class)
{
	const uint16_t loners = sctp_bit(SCTP_CLASS_INIT) |
				sctp_bit(SCTP_CLASS_INIT_ACK) |
				sctp_bit(SCTP_CLASS_SHUTDOWN_COMPLETE);

	if (walk->count == 0)
		return true;
	if (is_alone(class) || walk->packet->chunks & loners)
		return false;
	return !is_first(class) || walk->after_auth;
}

/* The tag is the first of the parameters, which the reader is at. */
static enum reason take_init(struct walk *walk, uint32_t len)
{
	struct reader ahead = walk->copy;
	const uint8_t *tag = reader_take(&ahead, 4);

	if (len < INIT_LEN_MIN)
		return REASON_SCTP_CHUNK;
	if (!tag)
		return REASON_SHORT_COPY;
	walk->packet->init_tag = load_be32(tag);
	return walk->packet->init_tag ? REASON_NONE : REASON_SCTP_TAG;
}

/* @hdr: the chunk's, of @len octets in all. */
static enum reason take_chunk(struct walk *walk, const uint8_t *hdr,
			      uint32_t len)
{
	enum sctp_class class = class_of(hdr[0]);

	if (!may_follow(walk, class))
		return REASON_SCTP_CHUNK;
	walk->packet->chunks |= sctp_bit(class);
	if (class == SCTP_CLASS_ABORT || class == SCTP_CLASS_SHUTDOWN_COMPLETE)
		walk->packet->reflected = hdr[1] & CHUNK_FLAG_T;
	walk->after_auth = walk->count == 0 && hdr[0] == TYPE_AUTH;
	walk->count++;
	if (class == SCTP_CLASS_INIT || class == SCTP_CLASS_INIT_ACK)
		return take_init(walk, len);
	return REASON_NONE;
}

/* Leaves the reader at its end if the copy ends within the chunk. */
static void skip(struct walk *walk, uint32_t len)
{
	if (!reader_take(&walk->copy, len - CHUNK_HEADER_LEN))
		walk->copy.pos = walk->copy.end;
	walk->left -= len;
}

static enum reason walk_chunks(struct walk *walk)
{
	do {
		const uint8_t *hdr = reader_take(&walk->copy, CHUNK_HEADER_LEN);
		uint32_t padded;
		enum reason reason;
		uint32_t len;

		if (walk->left < CHUNK_HEADER_LEN)
			return REASON_SCTP_CHUNK;
		if (!hdr)
			return REASON_SHORT_COPY;
		len = load_be16(hdr + 2);
		padded = (len + 3) & ~3U;
		if (len < CHUNK_HEADER_LEN || padded > walk->left)
			return REASON_SCTP_CHUNK;
		reason = take_chunk(walk, hdr, len);
		if (reason != REASON_NONE)
			return reason;
		skip(walk, padded);
	} while (walk->left > 0);
	return REASON_NONE;
}

/* RFC 9260 section 8.4: it has one receiver; and section 3.1. */
static enum reason check_ends(const struct tuple *tuple)
{
	if (tuple->sport == 0 || tuple->dport == 0)
		return REASON_PORT_ZERO;
	if (tuple->sport == tuple->dport &&
	    addr_equal(&tuple->src, &tuple->dst))
		return REASON_LAND;
	if (addr_is_multicast(&tuple->dst) || addr_is_broadcast(&tuple->dst) ||
	    addr_is_unspecified(&tuple->src))
		return REASON_BAD_ADDR;
	return REASON_NONE;
}

/* Computed as if the checksum itself were 0. */
static bool has_bad_checksum(const struct transport *l4)
{
	static const uint8_t zero[4];
	const uint8_t *p = l4->copy.pos;
	uint32_t crc;

	if (!l4->verify)
		return false;
	crc = crc32c_add(0, p, SCTP_CHECKSUM_AT);
	crc = crc32c_add(crc, zero, sizeof(zero));
	crc = crc32c_add(crc, p + SCTP_HEADER_LEN, l4->len - SCTP_HEADER_LEN);
	return crc != load_le32(p + SCTP_CHECKSUM_AT);
}

static enum reason check_packet(const struct packet *pkt)
{
	bool is_init = pkt->sctp.chunks & sctp_bit(SCTP_CLASS_INIT);

	if (is_init != (pkt->sctp.tag == 0))
		return REASON_SCTP_TAG;
	return REASON_NONE;
}

static void read_ports(struct tuple *tuple, const uint8_t *hdr)
{
	tuple->sport = load_be16(hdr);
	tuple->dport = load_be16(hdr + 2);
}

static enum reason sctp_parse(struct packet *pkt, struct transport *l4)
{
	struct walk walk = { .packet = &pkt->sctp, .copy = l4->copy };
	const uint8_t *hdr = reader_take(&walk.copy, SCTP_HEADER_LEN);
	enum reason reason;

	if (!hdr)
		return transport_too_short(l4, SCTP_HEADER_LEN);
	read_ports(&pkt->tuple, hdr);
	pkt->has_ports = true;
	pkt->sctp.tag = load_be32(hdr + 4);
	walk.left = l4->len - SCTP_HEADER_LEN;
	reason = check_ends(&pkt->tuple);
	if (reason == REASON_NONE)
		reason = walk_chunks(&walk);
	if (reason == REASON_NONE)
		reason = check_packet(pkt);
	if (reason != REASON_NONE)
		return reason;
	return has_bad_checksum(l4) ? REASON_BAD_CHECKSUM : REASON_NONE;
}

/* RFC 9260 section 10: an INIT has no tag yet, but the one that it chooses. */
static void read_init_tag(struct quoted *quoted, struct reader *r)
{
	const uint8_t *rest = reader_take(r, 12);

	if (rest && rest[4] == TYPE_INIT)
		quoted->init_tag = load_be32(rest + 8);
}

static enum reason sctp_parse_quoted(struct quoted *quoted, struct reader *r)
{
	const uint8_t *hdr = reader_take(r, SCTP_QUOTED_LEN);

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	read_ports(&quoted->tuple, hdr);
	quoted->seq = load_be32(hdr + 4);
	if (quoted->seq == 0)
		read_init_tag(quoted, r);
	return REASON_NONE;
}

const struct proto proto_sctp = {
	.first = TIMEOUT_SCTP_COOKIE_WAIT,
	.has_ports = true,
	.parse = sctp_parse,
	.parse_quoted = sctp_parse_quoted,
	.opens = sctp_track_opens,
	.open = sctp_track_open,
	.asks = sctp_track_asks,
	.track = sctp_track,
	.relates = sctp_track_relates,
	.forget_rules = sctp_track_forget_rules,
	.recall = proto_recall_ports,
	.is_sound = sctp_track_is_sound,
	.timeout = sctp_track_timeout,
	.state_name = sctp_track_state_name,
};
