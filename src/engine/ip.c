/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv4 header (RFC 791) and the IPv6 header with its extension headers
 * (RFC 8200).
 *
 * The walk over extension headers is bounded, for no correct sender needs
 * more: at most EXT_COUNT_MAX headers and EXT_LEN_MAX octets, hop-by-hop
 * options only in front, no routing header of type 0 (RFC 5095), at most one
 * fragment header (several were a way round filters, CVE-2023-4809).
 */
#include "engine/ip.h"

#include <netinet/in.h>

enum {
	IPV4_HEADER_LEN = 20,
	IPV6_HEADER_LEN = 40,
	EXT_COUNT_MAX = 8,
	EXT_LEN_MAX = 256,
	ROUTING_TYPE_0 = 0,
};

static enum reason parse_ipv4(struct ip_header *ip, struct tuple *tuple,
			      struct reader *r)
{
	const uint8_t *hdr = reader_take(r, IPV4_HEADER_LEN);
	uint16_t fragment;

	if (!hdr)
		return REASON_SHORT_COPY;
	ip->version = 4;
	ip->dscp = hdr[1] >> 2;
	ip->len = load_be16(hdr + 2);
	ip->hop_limit = hdr[8];
	ip->ipproto = hdr[9];
	tuple->src = addr_from_ipv4(hdr + 12);
	tuple->dst = addr_from_ipv4(hdr + 16);
	fragment = load_be16(hdr + 6);
	ip->more_fragments = fragment & 0x2000;
	ip->fragment_offset = fragment & 0x1fff;
	ip->header_len = (hdr[0] & 0x0fU) * 4;
	if (ip->header_len < IPV4_HEADER_LEN)
		return REASON_BAD_HEADER;
	if (!reader_take(r, ip->header_len - IPV4_HEADER_LEN))
		return REASON_SHORT_COPY;
	return REASON_NONE;
}

static bool is_extension(uint8_t ipproto)
{
	return ipproto == IPPROTO_HOPOPTS || ipproto == IPPROTO_ROUTING ||
	       ipproto == IPPROTO_FRAGMENT || ipproto == IPPROTO_DSTOPTS;
}

/* What is forbidden of the extension header at @hdr, of type @type. */
static enum reason check_extension(struct ip_header *ip, const uint8_t *hdr,
				   uint8_t type, bool *fragment_seen)
{
	if (type == IPPROTO_HOPOPTS && ip->header_len != IPV6_HEADER_LEN)
		return REASON_EXT_HEADER;
	if (type == IPPROTO_ROUTING && hdr[2] == ROUTING_TYPE_0)
		return REASON_EXT_HEADER;
	if (type == IPPROTO_ROUTING && hdr[3])
		ip->is_routed = true;
	if (type != IPPROTO_FRAGMENT)
		return REASON_NONE;
	if (*fragment_seen)
		return REASON_EXT_HEADER;
	*fragment_seen = true;
	ip->fragment_offset = load_be16(hdr + 2) >> 3;
	ip->more_fragments = hdr[3] & 1;
	return REASON_NONE;
}

static enum reason walk_extensions(struct ip_header *ip, struct reader *r)
{
	bool fragment_seen = false;

	for (int i = 0; is_extension(ip->ipproto); i++) {
		const uint8_t *hdr = reader_take(r, 8);
		uint8_t type = ip->ipproto;
		enum reason reason;
		uint32_t len;

		if (i == EXT_COUNT_MAX)
			return REASON_EXT_HEADER;
		if (!hdr)
			return REASON_SHORT_COPY;
		len = type == IPPROTO_FRAGMENT ? 8 : (hdr[1] + 1U) * 8;
		reason = check_extension(ip, hdr, type, &fragment_seen);
		if (reason != REASON_NONE)
			return reason;
		ip->ipproto = hdr[0];
		ip->header_len += len;
		if (ip->header_len > IPV6_HEADER_LEN + EXT_LEN_MAX)
			return REASON_EXT_HEADER;
		/* Only the first fragment has more headers (RFC 7112). */
		if (ip->fragment_offset)
			return REASON_NONE;
		if (!reader_take(r, len - 8))
			return REASON_SHORT_COPY;
	}
	return REASON_NONE;
}

static enum reason parse_ipv6(struct ip_header *ip, struct tuple *tuple,
			      struct reader *r)
{
	const uint8_t *hdr = reader_take(r, IPV6_HEADER_LEN);
	uint32_t payload;

	if (!hdr)
		return REASON_SHORT_COPY;
	ip->version = 6;
	ip->dscp = (load_be16(hdr) >> 6) & 0x3f;
	payload = load_be16(hdr + 4);
	ip->len = payload ? payload + IPV6_HEADER_LEN : 0;
	ip->ipproto = hdr[6];
	ip->hop_limit = hdr[7];
	tuple->src = addr_from_ipv6(hdr + 8);
	tuple->dst = addr_from_ipv6(hdr + 24);
	ip->header_len = IPV6_HEADER_LEN;
	return walk_extensions(ip, r);
}

enum reason ip_parse(struct ip_header *ip, struct tuple *tuple,
		     struct reader *r)
{
	*ip = (struct ip_header){ 0 };
	if (!reader_left(r))
		return REASON_SHORT_COPY;
	switch (r->pos[0] >> 4) {
	case 4:
		return parse_ipv4(ip, tuple, r);
	case 6:
		return parse_ipv6(ip, tuple, r);
	default:
		return REASON_BAD_HEADER;
	}
}

bool ip_is_fragment(const struct ip_header *ip)
{
	return ip->more_fragments || ip->fragment_offset;
}
