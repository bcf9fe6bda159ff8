/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From bytes to struct packet: the IP layer and what can be said of addresses.
 *
 * Lengths come from the headers and are held against the true length of the
 * packet.  The copy only limits what can be read: Ethernet padding behind the
 * packet is not payload, and a copy cut short is not a short packet.
 */
#include "engine/packet.h"

#include <netinet/in.h>
#include <string.h>

#include "engine/checksum.h"
#include "engine/ip.h"
#include "engine/proto.h"

const char *const hook_names[HOOK_COUNT] = {
	[HOOK_INPUT] = "input",
	[HOOK_FORWARD] = "forward",
	[HOOK_OUTPUT] = "output",
};

/*
 * Part by part, and not with *pkt = { 0 }: to clear so much at once, compilers
 * take an instruction that is slow to begin.
 */
static void set_meta(struct packet *pkt, const struct packet_meta *meta)
{
	pkt->tuple = (struct tuple){ 0 };
	memset(&pkt->icmp, 0, sizeof(pkt->icmp));
	pkt->hook = meta->hook;
	pkt->len = meta->len;
	pkt->mark = meta->mark;
	pkt->uid = meta->uid;
	pkt->gid = meta->gid;
	pkt->has_owner = meta->has_owner;
	pkt->dscp = 0;
	pkt->hop_limit = 0;
	pkt->has_ports = false;
	pkt->unusual = 0;
	memcpy(pkt->indev, meta->indev, sizeof(pkt->indev));
	memcpy(pkt->outdev, meta->outdev, sizeof(pkt->outdev));
}

static void set_header(struct packet *pkt, const struct ip_header *ip)
{
	pkt->tuple.ipversion = ip->version;
	pkt->tuple.ipproto = ip->ipproto;
	pkt->hop_limit = ip->hop_limit;
	pkt->dscp = ip->dscp;
	pkt->len = ip->len;
}

/* The length field against the headers and against the truth. */
static enum reason check_len(struct ip_header *ip,
			     const struct packet_meta *meta)
{
	/* BIG TCP: a super-packet of more than 64 KiB says 0. */
	if (ip->len == 0 && meta->gso)
		ip->len = meta->len;
	if (ip->version == 6 && ip->len == 0)
		ip->len = ip->header_len;
	if (ip->len < ip->header_len || ip->len > meta->len)
		return REASON_BAD_HEADER;
	return REASON_NONE;
}

static bool came_from_outside(const struct packet *pkt)
{
	return pkt->indev[0] && strcmp(pkt->indev, "lo") != 0;
}

/* RFC 1122 section 3.2.1.3, RFC 4291 section 2. */
static enum reason check_addresses(const struct packet *pkt)
{
	const struct addr *src = &pkt->tuple.src;
	const struct addr *dst = &pkt->tuple.dst;

	if (addr_is_multicast(src) || addr_is_broadcast(src))
		return REASON_BAD_ADDR;
	if (addr_is_unspecified(dst))
		return REASON_BAD_ADDR;
	if (came_from_outside(pkt) &&
	    (addr_is_loopback(src) || addr_is_loopback(dst)))
		return REASON_BAD_ADDR;
	return REASON_NONE;
}

/* ICMP belongs to IPv4 and ICMPv6 to IPv6. */
static bool is_foreign(const struct ip_header *ip)
{
	return ip->ipproto ==
	       (ip->version == 4 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

static enum reason parse_transport(struct packet *pkt,
				   const struct ip_header *ip, struct reader *r,
				   bool verify)
{
	struct transport l4 = { .copy = *r, .len = ip->len - ip->header_len };

	if (reader_left(&l4.copy) >= l4.len) {
		l4.copy.end = l4.copy.pos + l4.len;
		l4.verify = verify;
	}
	return proto_find(ip->ipproto)->parse(pkt, &l4);
}

static bool has_bad_checksum(const struct ip_header *ip, const void *data)
{
	return ip->version == 4 &&
	       checksum_fold(checksum_add(0, data, ip->header_len)) != 0xffff;
}

enum reason packet_parse(struct packet *pkt, const struct packet_meta *meta,
			 const void *data, size_t len)
{
	size_t copied = len < meta->len ? len : meta->len;
	struct reader r = { data, (const uint8_t *)data + copied };
	bool verify = meta->verify_checksum && !meta->gso;
	struct ip_header ip;
	enum reason reason;

	set_meta(pkt, meta);
	reason = ip_parse(&ip, &pkt->tuple, &r);
	if (reason == REASON_SHORT_COPY && copied == meta->len)
		reason = REASON_BAD_HEADER;
	if (reason == REASON_NONE)
		reason = check_len(&ip, meta);
	if (ip.version)
		set_header(pkt, &ip);
	if (reason == REASON_NONE)
		reason = check_addresses(pkt);
	if (reason != REASON_NONE)
		return reason;
	if (verify && has_bad_checksum(&ip, data))
		return REASON_BAD_CHECKSUM;
	if (ip_is_fragment(&ip))
		return REASON_FRAGMENT;
	if (is_foreign(&ip))
		return REASON_BAD_HEADER;
	/* The last destination is in the pseudo-header (RFC 8200 8.1). */
	return parse_transport(pkt, &ip, &r, verify && !ip.is_routed);
}

const struct tuple *packet_subject(const struct packet *pkt)
{
	bool is_icmp = pkt->tuple.ipproto == IPPROTO_ICMP ||
		       pkt->tuple.ipproto == IPPROTO_ICMPV6;

	return is_icmp && pkt->icmp.is_error ? &pkt->icmp.quoted.tuple
					     : &pkt->tuple;
}
