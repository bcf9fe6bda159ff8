/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP (RFC 768) and UDP-Lite (RFC 3828): their headers, and the pseudo-state
 * that filters keep for them.
 *
 * UDP has no connections.  We call it replied once both sides have spoken, and
 * a stream once they still speak 2 s after the first packet, so that a
 * question with its answer never counts as one.
 */
#include "engine/proto.h"

#include <assert.h>
#include <netinet/in.h>

#include "engine/checksum.h"
#include "engine/conn.h"

enum { UDP_HEADER_LEN = 8, UDP_STREAM_AGE = 2000 /* ms */ };

enum udp_state { UDP_UNREPLIED, UDP_REPLIED, UDP_STREAM, UDP_STATE_COUNT };

/* clang-format off */
static const struct {
	const char *name;
	enum timeout timeout;
} states[UDP_STATE_COUNT] = {
	[UDP_UNREPLIED] = { "unreplied", TIMEOUT_UDP_UNREPLIED },
	[UDP_REPLIED] = { "replied", TIMEOUT_UDP_REPLIED },
	[UDP_STREAM] = { "stream", TIMEOUT_UDP_STREAM },
};

/* By the age of the connection: young, or old enough for a stream. */
static const uint8_t transitions[UDP_STATE_COUNT][DIR_COUNT][2] = {
	[UDP_UNREPLIED] = {
		[DIR_ORIGINAL] = { UDP_UNREPLIED, UDP_UNREPLIED },
		[DIR_REPLY]    = { UDP_REPLIED,   UDP_REPLIED },
	},
	[UDP_REPLIED] = {
		[DIR_ORIGINAL] = { UDP_REPLIED,   UDP_STREAM },
		[DIR_REPLY]    = { UDP_REPLIED,   UDP_STREAM },
	},
	[UDP_STREAM] = {
		[DIR_ORIGINAL] = { UDP_STREAM,    UDP_STREAM },
		[DIR_REPLY]    = { UDP_STREAM,    UDP_STREAM },
	},
};
/* clang-format on */

/*
 * Zero means none.  IPv6 does not allow that (RFC 8200 section 8.1), but for
 * the ports of tunnels whose insides have checksums (RFC 6935).
 */
static bool lacks_checksum(const uint8_t *hdr)
{
	return load_be16(hdr + 6) == 0;
}

static void read_ports(struct packet *pkt, const uint8_t *hdr)
{
	pkt->tuple.sport = load_be16(hdr);
	pkt->tuple.dport = load_be16(hdr + 2);
	pkt->has_ports = true;
}

static enum reason udp_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, UDP_HEADER_LEN);
	struct transport datagram = *l4;

	if (!hdr)
		return transport_too_short(l4, UDP_HEADER_LEN);
	read_ports(pkt, hdr);
	datagram.len = load_be16(hdr + 4);
	/* Super-packets of more than 64 KiB (RFC 2675 has 0 for that). */
	if (datagram.len == 0 && l4->len > UINT16_MAX)
		datagram.len = l4->len;
	/* Octets behind the datagram are no fault of its own. */
	if (datagram.len < UDP_HEADER_LEN || datagram.len > l4->len)
		return REASON_BAD_HEADER;
	if (pkt->tuple.dport == 0)
		return REASON_PORT_ZERO;
	if (lacks_checksum(hdr)) {
		if (pkt->tuple.ipversion == 6)
			pkt->unusual |= PACKET_NO_CHECKSUM;
		return REASON_NONE;
	}
	return checksum_is_bad(pkt, &datagram) ? REASON_BAD_CHECKSUM
					       : REASON_NONE;
}

/*
 * RFC 3828 section 3.1: UDP-Lite says how much its checksum covers, 0 being
 * all of it; the header always is, and there is always a checksum.
 */
static enum reason udplite_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, UDP_HEADER_LEN);
	uint32_t covered;

	if (!hdr)
		return transport_too_short(l4, UDP_HEADER_LEN);
	read_ports(pkt, hdr);
	covered = load_be16(hdr + 4);
	if (covered == 0)
		covered = l4->len;
	if (covered < UDP_HEADER_LEN || covered > l4->len)
		return REASON_BAD_HEADER;
	if (pkt->tuple.dport == 0)
		return REASON_PORT_ZERO;
	if (lacks_checksum(hdr))
		return REASON_BAD_CHECKSUM;
	return checksum_part_is_bad(pkt, l4, covered) ? REASON_BAD_CHECKSUM
						      : REASON_NONE;
}

static enum reason udp_parse_quoted(struct quoted *quoted, struct reader *r)
{
	const uint8_t *hdr = reader_take(r, UDP_HEADER_LEN);

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	quoted->tuple.sport = load_be16(hdr);
	quoted->tuple.dport = load_be16(hdr + 2);
	quoted->no_checksum = quoted->tuple.ipproto == IPPROTO_UDP &&
			      quoted->tuple.ipversion == 6 &&
			      lacks_checksum(hdr);
	return REASON_NONE;
}

static void udp_open(struct conn *conn, const struct packet *pkt)
{
	(void)pkt;
	conn->state = UDP_UNREPLIED;
}

static struct track udp_track(struct conn *conn, const struct packet *pkt,
			      const struct track_input *in)
{
	bool is_old = in->now - conn->created >= UDP_STREAM_AGE;

	(void)pkt;
	assert(conn->state < UDP_STATE_COUNT);
	conn->state = transitions[conn->state][in->dir][is_old];
	conn->assured = conn->state == UDP_STREAM;
	return (struct track){ REASON_ESTABLISHED, TRACK_RESTART };
}

static enum timeout udp_timeout(const struct conn *conn)
{
	return states[conn->state].timeout;
}

static bool udp_is_sound(const struct conn *conn)
{
	return conn->state < UDP_STATE_COUNT;
}

static const char *udp_state_name(const struct conn *conn)
{
	return states[conn->state].name;
}

const struct proto proto_udp = {
	.first = TIMEOUT_UDP_UNREPLIED,
	.has_ports = true,
	.parse = udp_parse,
	.parse_quoted = udp_parse_quoted,
	.opens = proto_always_opens,
	.open = udp_open,
	.asks = proto_never_asks,
	.track = udp_track,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = proto_recall_ports,
	.is_sound = udp_is_sound,
	.timeout = udp_timeout,
	.state_name = udp_state_name,
};

const struct proto proto_udplite = {
	.first = TIMEOUT_UDP_UNREPLIED,
	.has_ports = true,
	.parse = udplite_parse,
	.parse_quoted = udp_parse_quoted,
	.opens = proto_always_opens,
	.open = udp_open,
	.asks = proto_never_asks,
	.track = udp_track,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = proto_recall_ports,
	.is_sound = udp_is_sound,
	.timeout = udp_timeout,
	.state_name = udp_state_name,
};
