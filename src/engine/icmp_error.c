/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors: what they quote, and whether they can be about it.  The engine
 * then looks for the connection, and its tracker for the packet (see
 * decide_error()).  In this order:
 *
 *  1. the headers that are quoted are complete, with 8 octets of what follows
 *     them: more is not promised (RFC 792), and what comes behind the quotation
 *     does not matter (RFC 4884);
 *  2. they are of the error's own family, and not of a later fragment, which
 *     has no transport header;
 *  3. the quoted packet is no error itself (RFC 1122 section 3.2.2);
 *  4. the error goes to who sent that packet.  It may come from anybody: any
 *     router on the way can have sent it;
 *  5. its MTU is one that a link can have.
 */
#include "engine/icmp.h"

#include "engine/ip.h"

enum {
	QUOTED_LEN_MIN = 8, /* octets of the quoted packet's transport */
	IPV4_MTU_MIN = 68,
	IPV6_MTU_MIN = 1280,
	MTU_MAX = UINT16_MAX,
	FRAGMENTATION_NEEDED = 4, /* code of IPv4's "unreachable" */
};

/* Its length, if it has one that the field can hold. */
static bool is_too_short(const struct ip_header *ip)
{
	return ip->len && ip->len < ip->header_len + QUOTED_LEN_MIN;
}

enum reason icmp_parse_error(struct packet *pkt, struct reader *r)
{
	struct quoted *quoted = &pkt->icmp.quoted;
	enum reason reason;
	struct ip_header ip;

	if (ip_parse(&ip, &quoted->tuple, r) != REASON_NONE ||
	    reader_left(r) < QUOTED_LEN_MIN)
		return REASON_ICMP_INNER_BAD;
	if (ip.version != pkt->tuple.ipversion || ip.fragment_offset ||
	    is_too_short(&ip))
		return REASON_ICMP_INNER_BAD;
	quoted->tuple.ipproto = ip.ipproto;
	quoted->tuple.ipversion = ip.version;
	reason = proto_find(ip.ipproto)->parse_quoted(quoted, r);
	if (reason != REASON_NONE)
		return reason;
	/* Who did not send it has no need to hear of its end. */
	if (!addr_equal(&quoted->tuple.src, &pkt->tuple.dst))
		return REASON_ICMP_OUTER_DST;
	/* Only now is there a connection that it may be about. */
	pkt->icmp.is_error = true;
	if (quoted->no_checksum)
		pkt->unusual |= PACKET_QUOTES_NO_CHECKSUM;
	return REASON_NONE;
}

static void set_mtu(struct packet *pkt, const uint8_t *hdr)
{
	struct quoted *quoted = &pkt->icmp.quoted;

	if (pkt->tuple.ipversion == 6) {
		quoted->has_mtu = true;
		quoted->mtu = load_be32(hdr + 4);
	} else if (pkt->icmp.code == FRAGMENTATION_NEEDED) {
		quoted->has_mtu = true;
		quoted->mtu = load_be16(hdr + 6);
	}
}

/* RFC 1191: routers of old say 0.  RFC 8201: less than 1280 is ignored. */
static bool is_impossible_mtu(const struct packet *pkt)
{
	const struct quoted *quoted = &pkt->icmp.quoted;

	if (!quoted->has_mtu)
		return false;
	if (pkt->tuple.ipversion == 6)
		return quoted->mtu < IPV6_MTU_MIN || quoted->mtu > MTU_MAX;
	return quoted->mtu != 0 && quoted->mtu < IPV4_MTU_MIN;
}

enum reason icmp_parse_mtu_error(struct packet *pkt, const uint8_t *hdr,
				 struct reader *r)
{
	enum reason reason = icmp_parse_error(pkt, r);

	if (reason != REASON_NONE)
		return reason;
	set_mtu(pkt, hdr);
	return is_impossible_mtu(pkt) ? REASON_ICMP_MTU : REASON_NONE;
}
