/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP: the header and its options (RFC 9293 section 3.1), and what makes a
 * segment impossible before any connection is looked at.
 */
#include "engine/proto.h"

#include "engine/checksum.h"
#include "engine/conn.h"
#include "engine/seq.h"
#include "engine/tcp_track.h"

enum {
	TCP_HEADER_LEN = 20,
	TCP_QUOTED_LEN = 8, /* ports and sequence number */
	WSCALE_MAX = 14,    /* RFC 7323 section 2.3 */
};

enum tcp_option {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_WSCALE = 3,
	OPTION_SACK_OK = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMP = 8,
	OPTION_MD5 = 19,
	OPTION_AO = 29,
	OPTION_TFO = 34,         /* RFC 7413 */
	OPTION_EXPERIMENT = 254, /* with ... */
	EXPERIMENT_TFO = 0xf989, /* ... this, RFC 7413 section 4.1.1 */
};

/* The highest right edge of blocks that are in order (RFC 2018). */
static void parse_sack(struct tcp_segment *seg, const uint8_t *data, size_t len)
{
	for (; len >= 8; len -= 8, data += 8) {
		uint32_t left = load_be32(data);
		uint32_t right = load_be32(data + 4);

		if (seq_before(left, right))
			seg->sack_right = seq_max(seg->sack_right, right);
	}
}

/* A cookie of TCP Fast Open, or the request for one, which is empty. */
static bool is_cookie(uint8_t kind, const uint8_t *data, size_t len)
{
	if (kind == OPTION_EXPERIMENT)
		return len >= 2 && load_be16(data) == EXPERIMENT_TFO;
	return kind == OPTION_TFO;
}

static void parse_option(struct tcp_segment *seg, uint8_t kind,
			 const uint8_t *data, size_t len)
{
	bool is_syn = seg->flags & TCP_SYN;

	if (kind == OPTION_WSCALE && len == 1 && is_syn) {
		seg->has_wscale = true;
		seg->wscale = data[0] < WSCALE_MAX ? data[0] : WSCALE_MAX;
	} else if (kind == OPTION_SACK_OK && len == 0 && is_syn) {
		seg->has_sack_ok = true;
	} else if (kind == OPTION_SACK) {
		parse_sack(seg, data, len);
	} else if (kind == OPTION_TIMESTAMP && len == 8) {
		seg->has_ts = true;
		seg->ts_val = load_be32(data);
	} else if (kind == OPTION_MD5 || kind == OPTION_AO) {
		seg->has_md5_ao = true;
	} else if (is_cookie(kind, data, len)) {
		seg->has_tfo = true;
	}
}

/* A malformed option ends the list; what came before it counts. */
static void parse_options(struct tcp_segment *seg, struct reader r)
{
	const uint8_t *kind;
	const uint8_t *len;
	const uint8_t *data;

	while ((kind = reader_take(&r, 1)) && *kind != OPTION_END) {
		if (*kind == OPTION_NOP)
			continue;
		len = reader_take(&r, 1);
		if (!len || *len < 2)
			return;
		data = reader_take(&r, *len - 2U);
		if (!data)
			return;
		parse_option(seg, *kind, data, *len - 2U);
	}
}

static enum reason check_structure(const struct packet *pkt)
{
	const struct tuple *tuple = &pkt->tuple;

	if (tuple->sport == 0 || tuple->dport == 0)
		return REASON_PORT_ZERO;
	if (tuple->sport == tuple->dport &&
	    addr_equal(&tuple->src, &tuple->dst))
		return REASON_LAND;
	/* RFC 1122 section 4.2.3.10: TCP has one receiver. */
	if (addr_is_multicast(&tuple->dst) || addr_is_broadcast(&tuple->dst) ||
	    addr_is_unspecified(&tuple->src))
		return REASON_BAD_ADDR;
	return tcp_flags_fault(pkt->tcp.flags);
}

static void read_header(struct packet *pkt, const uint8_t *hdr)
{
	struct tcp_segment *seg = &pkt->tcp;

	pkt->tuple.sport = load_be16(hdr);
	pkt->tuple.dport = load_be16(hdr + 2);
	pkt->has_ports = true;
	seg->seq = load_be32(hdr + 4);
	seg->ack = load_be32(hdr + 8);
	seg->sack_right = seg->ack;
	seg->flags = hdr[13] & 0x3f;
	seg->window = load_be16(hdr + 14);
	if ((seg->flags & (TCP_SYN | TCP_URG)) == (TCP_SYN | TCP_URG))
		pkt->unusual |= PACKET_SYN_URG;
}

static enum reason tcp_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, TCP_HEADER_LEN);
	const uint8_t *options;
	uint32_t header_len;
	enum reason reason;

	if (!hdr)
		return transport_too_short(l4, TCP_HEADER_LEN);
	read_header(pkt, hdr);
	header_len = (hdr[12] >> 4) * 4U;
	if (header_len < TCP_HEADER_LEN || header_len > l4->len)
		return REASON_BAD_HEADER;
	options = reader_take(&r, header_len - TCP_HEADER_LEN);
	if (!options)
		return REASON_SHORT_COPY;
	pkt->tcp.len = l4->len - header_len;
	parse_options(&pkt->tcp, (struct reader){ options, r.pos });
	reason = check_structure(pkt);
	if (reason != REASON_NONE)
		return reason;
	return checksum_is_bad(pkt, l4) ? REASON_BAD_CHECKSUM : REASON_NONE;
}

static enum reason tcp_parse_quoted(struct quoted *quoted, struct reader *r)
{
	const uint8_t *hdr = reader_take(r, TCP_QUOTED_LEN);

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	quoted->tuple.sport = load_be16(hdr);
	quoted->tuple.dport = load_be16(hdr + 2);
	quoted->seq = load_be32(hdr + 4);
	return REASON_NONE;
}

static void tcp_recall(const struct conn *conn, struct packet *pkt)
{
	(void)conn;
	pkt->has_ports = true;
	pkt->tcp.flags = TCP_SYN;
}

static bool tcp_is_sound(const struct conn *conn)
{
	const struct tcp_peer *peer = conn->tcp.peer;

	return peer[DIR_ORIGINAL].wscale <= WSCALE_MAX &&
	       peer[DIR_REPLY].wscale <= WSCALE_MAX &&
	       peer[DIR_ORIGINAL].facts & PEER_SYN_SEEN;
}

const struct proto proto_tcp = {
	.first = TIMEOUT_TCP_SYN_SENT,
	.has_ports = true,
	.parse = tcp_parse,
	.parse_quoted = tcp_parse_quoted,
	.opens = tcp_track_opens,
	.open = tcp_track_open,
	.asks = tcp_track_asks,
	.track = tcp_track,
	.relates = tcp_track_relates,
	.forget_rules = tcp_track_forget_rules,
	.recall = tcp_recall,
	.is_sound = tcp_is_sound,
	.timeout = tcp_track_timeout,
	.state_name = tcp_track_state_name,
};
