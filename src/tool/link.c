/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link layer headers, as the list of link-layer header types of tcpdump.org
 * describes them.
 *
 * A decoder takes its header from the front of the packet and says what comes
 * next.  Lengths that are written in link headers only ever shorten what is
 * left, as they are what parts a packet from the padding behind it.
 */
#include "tool/link.h"

#include <pcap/dlt.h>

enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_VLAN = 0x8100,  /* IEEE 802.1Q */
	ETHERTYPE_QINQ = 0x88a8,  /* IEEE 802.1ad */
	ETHERTYPE_QINQ1 = 0x9100, /* before that was a standard */
	ETHERTYPE_PPPOE = 0x8864, /* RFC 2516, the session stage */
	TAGS_MAX = 8,             /* two are usual; a frame has room for many */

	PPP_IPV4 = 0x0021, /* RFC 1332 */
	PPP_IPV6 = 0x0057, /* RFC 5072 */

	/* Address families of the systems that write them into captures. */
	FAMILY_INET = 2,
	FAMILY_INET6_LINUX = 10,
	FAMILY_INET6_BSD = 24, /* NetBSD, OpenBSD */
	FAMILY_INET6_FREEBSD = 28,
	FAMILY_INET6_DARWIN = 30,
};

/* DLT_RAW has the value that OpenBSD gave it, in captures made there. */
enum { DLT_RAW_OPENBSD = 14, LINKTYPE_RAW = 101 };

static const uint8_t *take(struct link_packet *pkt, uint32_t len)
{
	const uint8_t *taken = reader_take(&pkt->copy, len);

	if (taken)
		pkt->len -= len;
	return taken;
}

static enum link_result found(struct link_packet *pkt, uint8_t version)
{
	pkt->version = version;
	return LINK_IP;
}

/* The header says that the packet is no longer than that. */
static void shorten(struct link_packet *pkt, uint32_t len)
{
	if (pkt->len > len)
		pkt->len = len;
	if (reader_left(&pkt->copy) > len)
		pkt->copy.end = pkt->copy.pos + len;
}

/* RFC 1661 section 2; the protocol is one octet if that is odd (6.5). */
static enum link_result decode_ppp_protocol(struct link_packet *pkt)
{
	const uint8_t *octet = take(pkt, 1);
	uint16_t protocol;

	if (!octet)
		return LINK_SHORT;
	protocol = *octet;
	if (!(protocol & 1)) {
		octet = take(pkt, 1);
		if (!octet)
			return LINK_SHORT;
		protocol = (uint16_t)(protocol << 8 | *octet);
	}
	switch (protocol) {
	case PPP_IPV4:
		return found(pkt, 4);
	case PPP_IPV6:
		return found(pkt, 6);
	default:
		return LINK_NOT_IP;
	}
}

/*
 * RFC 1662 section 3.1: the address, always 0xff, and the control octet may
 * have been left out.  No protocol begins with 0xff (RFC 1661 section 2).
 */
static enum link_result decode_ppp(struct link_packet *pkt)
{
	if (reader_left(&pkt->copy) > 0 && *pkt->copy.pos == 0xff) {
		const uint8_t *hdr = take(pkt, 2);

		if (!hdr)
			return LINK_SHORT;
		if (load_be16(hdr) != 0xff03)
			return LINK_NOT_IP;
	}
	return decode_ppp_protocol(pkt);
}

static enum link_result decode_ppp_with_dir(struct link_packet *pkt)
{
	return take(pkt, 1) ? decode_ppp(pkt) : LINK_SHORT;
}

/*
 * RFC 2516 section 4: version and type 1, code 0, session, and the length of
 * what follows, a protocol of two octets at least.
 */
static enum link_result decode_pppoe(struct link_packet *pkt)
{
	const uint8_t *hdr = take(pkt, 6);

	if (!hdr)
		return LINK_SHORT;
	if (load_be16(hdr) != 0x1100 || load_be16(hdr + 4) < 2)
		return LINK_NOT_IP;
	shorten(pkt, load_be16(hdr + 4));
	return decode_ppp_protocol(pkt);
}

/* @ethertype, perhaps of a tag that another one follows. */
static enum link_result decode_ethertype(struct link_packet *pkt,
					 uint16_t ethertype)
{
	for (int tags = 0; tags <= TAGS_MAX; tags++) {
		const uint8_t *tag;

		switch (ethertype) {
		case ETHERTYPE_IPV4:
			return found(pkt, 4);
		case ETHERTYPE_IPV6:
			return found(pkt, 6);
		case ETHERTYPE_PPPOE:
			return decode_pppoe(pkt);
		case ETHERTYPE_VLAN:
		case ETHERTYPE_QINQ:
		case ETHERTYPE_QINQ1:
			tag = take(pkt, 4);
			if (!tag)
				return LINK_SHORT;
			ethertype = load_be16(tag + 2);
			break;
		default:
			return LINK_NOT_IP;
		}
	}
	return LINK_NOT_IP;
}

static enum link_result decode_ethernet(struct link_packet *pkt)
{
	const uint8_t *hdr = take(pkt, 14);

	return hdr ? decode_ethertype(pkt, load_be16(hdr + 12)) : LINK_SHORT;
}

/* LINKTYPE_LINUX_SLL: the ethertype is the last field. */
static enum link_result decode_sll(struct link_packet *pkt)
{
	const uint8_t *hdr = take(pkt, 16);

	return hdr ? decode_ethertype(pkt, load_be16(hdr + 14)) : LINK_SHORT;
}

/* LINKTYPE_LINUX_SLL2: the ethertype is the first field. */
static enum link_result decode_sll2(struct link_packet *pkt)
{
	const uint8_t *hdr = take(pkt, 20);

	return hdr ? decode_ethertype(pkt, load_be16(hdr)) : LINK_SHORT;
}

static enum link_result decode_family(struct link_packet *pkt, uint32_t family)
{
	switch (family) {
	case FAMILY_INET:
		return found(pkt, 4);
	case FAMILY_INET6_LINUX:
	case FAMILY_INET6_BSD:
	case FAMILY_INET6_FREEBSD:
	case FAMILY_INET6_DARWIN:
		return found(pkt, 6);
	default:
		return LINK_NOT_IP;
	}
}

/* The family is in network order. */
static enum link_result decode_loop(struct link_packet *pkt)
{
	const uint8_t *hdr = take(pkt, 4);

	return hdr ? decode_family(pkt, load_be32(hdr)) : LINK_SHORT;
}

/*
 * The family is in the order of the machine that made the capture: all of them
 * are small numbers, so it stands in the octet that is not 0.
 */
static enum link_result decode_null(struct link_packet *pkt)
{
	const uint8_t *hdr = take(pkt, 4);
	uint32_t family;

	if (!hdr)
		return LINK_SHORT;
	family = load_be32(hdr);
	if (hdr[0])
		family = (uint32_t)hdr[3] << 24 | (uint32_t)hdr[2] << 16 |
			 (uint32_t)hdr[1] << 8 | hdr[0];
	return decode_family(pkt, family);
}

static enum link_result decode_raw(struct link_packet *pkt)
{
	return found(pkt, 0);
}

static enum link_result decode_ipv4(struct link_packet *pkt)
{
	return found(pkt, 4);
}

static enum link_result decode_ipv6(struct link_packet *pkt)
{
	return found(pkt, 6);
}

/* clang-format off */
const struct link_type link_types[] = {
	{ DLT_EN10MB, 1, "EN10MB", decode_ethernet },
	{ DLT_RAW, LINKTYPE_RAW, "RAW", decode_raw },
	{ DLT_RAW_OPENBSD, LINKTYPE_RAW, "RAW", decode_raw },
	{ DLT_IPV4, 228, "IPV4", decode_ipv4 },
	{ DLT_IPV6, 229, "IPV6", decode_ipv6 },
	{ DLT_LINUX_SLL, 113, "LINUX_SLL", decode_sll },
	{ DLT_LINUX_SLL2, 276, "LINUX_SLL2", decode_sll2 },
	{ DLT_NULL, 0, "NULL", decode_null },
	{ DLT_LOOP, 108, "LOOP", decode_loop },
	{ DLT_PPP, 9, "PPP", decode_ppp },
	{ DLT_PPP_SERIAL, 50, "PPP_SERIAL", decode_ppp },
	{ DLT_PPP_ETHER, 51, "PPP_ETHER", decode_pppoe },
	{ DLT_PPP_WITH_DIR, 204, "PPP_WITH_DIR", decode_ppp_with_dir },
	{ 0 },
};
/* clang-format on */

const struct link_type *link_type_find(int dlt)
{
	for (const struct link_type *type = link_types; type->name; type++)
		if (type->dlt == dlt)
			return type;
	return NULL;
}

enum link_result link_decode(const struct link_type *type,
			     struct link_packet *pkt, const void *frame,
			     uint32_t captured, uint32_t len)
{
	struct link_packet here = {
		.copy = { frame, (const uint8_t *)frame + captured },
		.len = len,
	};
	enum link_result result = type->decode(&here);

	/* A frame that ends inside its link header holds no packet. */
	if (result == LINK_SHORT && captured >= len)
		return LINK_NOT_IP;
	if (result == LINK_IP)
		*pkt = here;
	return result;
}
