/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From words to octets: the only place beside wire.h that knows the order of
 * octets on the wire, since here they are written.
 */
#include "policy/compose.h"

#include <netinet/in.h>
#include <string.h>

#include "engine/checksum.h"
#include "engine/crc32c.h"

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	HOP_LIMIT = 64,
	TCP_LEN = 20,
	UDP_LEN = 8,
	ICMP_LEN = 8,
	ICMP_QUOTES = 8, /* octets of the transport, at least */
	ECHO = 8,
	ECHO_IPV6 = 128,
	ECHO_ID = 1,
	SCTP_LEN = 12,
	INIT_LEN = 20,
	GRE_LEN = 4,
	ESP_LEN = 8,
	AH_LEN = 12,
	DCCP_LEN = 12,
	WINDOW = 65535,
};

static void store_be16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void store_be32(uint8_t *p, uint32_t value)
{
	store_be16(p, value >> 16);
	store_be16(p + 2, value);
}

static void store_le32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

/* One layer of a packet: what stands at @p, of that tuple. */
struct layer {
	const struct expression *expr;
	const struct utterance *said;
	uint8_t *p;
};

static void put_ports(const struct layer *l)
{
	store_be16(l->p, l->said->tuple.sport);
	store_be16(l->p + 2, l->said->tuple.dport);
}

static size_t put_tcp(const struct layer *l)
{
	put_ports(l);
	store_be32(l->p + 4, l->said->seq);
	store_be32(l->p + 8, l->said->ack);
	l->p[12] = TCP_LEN / 4 << 4;
	l->p[13] = l->said->flags;
	store_be16(l->p + 14, WINDOW);
	return TCP_LEN;
}

/* UDP-Lite has what is covered in place of the length: all of it. */
static size_t put_udp(const struct layer *l)
{
	put_ports(l);
	store_be16(l->p + 4, UDP_LEN + l->said->len);
	return UDP_LEN;
}

/* A packet with an INIT alone: RFC 9260 section 3.3.2. */
static size_t put_sctp(const struct layer *l)
{
	uint8_t *init = l->p + SCTP_LEN;

	put_ports(l);
	init[0] = 1;
	store_be16(init + 2, INIT_LEN);
	store_be32(init + 4, 1); /* tag */
	store_be32(init + 8, WINDOW);
	store_be16(init + 12, 1); /* streams, both ways */
	store_be16(init + 14, 1);
	store_be32(init + 16, 1); /* TSN */
	return SCTP_LEN + INIT_LEN;
}

static size_t put_gre(const struct layer *l)
{
	store_be16(l->p + 2, l->said->tuple.ipversion == 4 ? 0x0800 : 0x86dd);
	return GRE_LEN;
}

static size_t put_esp(const struct layer *l)
{
	store_be32(l->p, 1);
	store_be32(l->p + 4, 1);
	return ESP_LEN;
}

static size_t put_ah(const struct layer *l)
{
	l->p[0] = IPPROTO_NONE;
	l->p[1] = AH_LEN / 4 - 2;
	store_be32(l->p + 4, 1);
	store_be32(l->p + 8, 1);
	return AH_LEN;
}

static size_t put_dccp(const struct layer *l)
{
	put_ports(l);
	l->p[4] = DCCP_LEN / 4;
	return DCCP_LEN;
}

/* Where the Internet checksum stands; 0: it has none. */
static const struct transport_form {
	uint8_t ipproto;
	size_t checksum_at;
	size_t (*put)(const struct layer *l);
} transports[] = {
	{ IPPROTO_TCP, 16, put_tcp },    { IPPROTO_UDP, 6, put_udp },
	{ IPPROTO_UDPLITE, 6, put_udp }, { IPPROTO_SCTP, 0, put_sctp },
	{ IPPROTO_GRE, 0, put_gre },     { IPPROTO_ESP, 0, put_esp },
	{ IPPROTO_AH, 0, put_ah },       { IPPROTO_DCCP, 6, put_dccp },
};

static const struct transport_form *find_transport(uint8_t ipproto)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (transports[i].ipproto == ipproto)
			return &transports[i];
	return NULL;
}

static size_t ip_header_len(const struct tuple *tuple)
{
	return tuple->ipversion == 4 ? IPV4_LEN : IPV6_LEN;
}

static bool is_icmp(const struct tuple *tuple)
{
	return tuple->ipproto == IPPROTO_ICMP ||
	       tuple->ipproto == IPPROTO_ICMPV6;
}

static uint16_t complement(uint32_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}

struct header {
	const struct tuple *tuple;
	size_t len; /* of all that is behind it */
	uint8_t dscp;
	uint8_t hop_limit;
};

static void put_ipv4(const struct header *ip, uint8_t *p)
{
	p[0] = 0x45;
	p[1] = (uint8_t)(ip->dscp << 2);
	store_be16(p + 2, (uint32_t)(IPV4_LEN + ip->len));
	p[8] = ip->hop_limit;
	p[9] = ip->tuple->ipproto;
	memcpy(p + 12, ip->tuple->src.bytes + 12, 4);
	memcpy(p + 16, ip->tuple->dst.bytes + 12, 4);
	store_be16(p + 10, complement(checksum_add(0, p, IPV4_LEN)));
}

static void put_ipv6(const struct header *ip, uint8_t *p)
{
	p[0] = (uint8_t)(0x60 | ip->dscp >> 2);
	p[1] = (uint8_t)(ip->dscp << 6);
	store_be16(p + 4, (uint32_t)ip->len);
	p[6] = ip->tuple->ipproto;
	p[7] = ip->hop_limit;
	memcpy(p + 8, ip->tuple->src.bytes, 16);
	memcpy(p + 24, ip->tuple->dst.bytes, 16);
}

static void put_header(const struct header *ip, uint8_t *p)
{
	if (ip->tuple->ipversion == 4)
		put_ipv4(ip, p);
	else
		put_ipv6(ip, p);
}

static void put_checksum(const struct tuple *tuple, uint8_t *p, size_t len,
			 size_t at)
{
	uint32_t sum = 0;
	uint16_t checksum;

	if (tuple->ipproto != IPPROTO_ICMP)
		sum = checksum_pseudo_header(tuple, (uint32_t)len);
	checksum = complement(checksum_add(sum, p, len));
	/* RFC 768: 0 would say that there is none. */
	store_be16(p + at, checksum ? checksum : 0xffff);
}

/* What stands behind the IP header, at @l->p; returns its length. */
static size_t put_transport(const struct layer *l)
{
	const struct tuple *tuple = &l->said->tuple;
	const struct transport_form *form = find_transport(tuple->ipproto);
	size_t len = (form ? form->put(l) : 0) + l->said->len;

	if (form && form->checksum_at)
		put_checksum(tuple, l->p, len, form->checksum_at);
	if (tuple->ipproto == IPPROTO_SCTP)
		store_le32(l->p + 8, crc32c_add(0, l->p, len));
	return len;
}

/* An echo request: an error is about no other message. */
static size_t put_echo(const struct tuple *tuple, uint8_t *p)
{
	p[0] = tuple->ipproto == IPPROTO_ICMP ? ECHO : ECHO_IPV6;
	store_be16(p + 4, ECHO_ID);
	store_be16(p + 6, 1);
	put_checksum(tuple, p, ICMP_LEN, 2);
	return ICMP_LEN;
}

/* The IP header, and at least the 8 octets behind it that must be there. */
static size_t put_quoted(struct utterance quoted, uint8_t *p)
{
	size_t head = ip_header_len(&quoted.tuple);
	const struct layer l = { .said = &quoted, .p = p + head };
	struct header ip = { .tuple = &quoted.tuple, .hop_limit = HOP_LIMIT };

	quoted.len = ICMP_QUOTES;
	ip.len = is_icmp(&quoted.tuple) ? put_echo(&quoted.tuple, l.p)
					: put_transport(&l);
	put_header(&ip, p);
	return head + ip.len;
}

/* Of what neighbours say (icmp_neighbour.c); others have HOP_LIMIT. */
/* clang-format off */
static const struct neighbour_form {
	uint8_t type;
	uint8_t len;
	uint8_t hops;
	bool has_targets; /* addresses behind the first 8 octets */
} neighbours[] = {
	{ 130, 24, 1, false },  { 131, 24, 1, false },  { 132, 24, 1, false },
	{ 133, 8, 255, false }, { 134, 16, 255, false },
	{ 135, 24, 255, true }, { 136, 24, 255, true }, { 137, 40, 255, true },
	{ 143, 8, 1, false },   { 151, 8, 1, false },   { 152, 4, 1, false },
	{ 153, 4, 1, false },
};
/* clang-format on */

/* NULL: it is no such message. */
static const struct neighbour_form *find_neighbour(const struct tuple *tuple,
						   uint8_t type)
{
	for (size_t i = 0; tuple->ipproto == IPPROTO_ICMPV6 &&
			   i < sizeof(neighbours) / sizeof(neighbours[0]);
	     i++)
		if (neighbours[i].type == type)
			return &neighbours[i];
	return NULL;
}

static bool is_error(const struct tuple *tuple, uint8_t type)
{
	static const uint8_t errors[] = { 3, 4, 5, 11, 12 };

	if (tuple->ipproto == IPPROTO_ICMPV6)
		return type < 128;
	return memchr(errors, type, sizeof(errors)) != NULL;
}

/* "Fragmentation needed" and "packet too big" say an MTU. */
static void put_mtu(const struct expression *expr, uint8_t *p)
{
	enum { MTU = 1280, TOO_BIG = 2, UNREACHABLE = 3, NEEDED = 4 };
	bool is_ipv6 = expr->flow.ipproto == IPPROTO_ICMPV6;

	if (is_ipv6 ? expr->icmp_type == TOO_BIG
		    : expr->icmp_type == UNREACHABLE &&
			      expr->icmp_code == NEEDED)
		store_be32(p + 4, MTU);
}

static size_t put_icmp_body(const struct layer *l,
			    const struct utterance *quoted)
{
	const struct tuple *tuple = &l->said->tuple;
	const struct neighbour_form *form =
		find_neighbour(tuple, l->expr->icmp_type);

	if (form) {
		for (size_t at = 8; at + 16 <= form->len && form->has_targets;
		     at += 16)
			memcpy(l->p + at, tuple->dst.bytes, 16);
		return form->len;
	}
	if (is_error(tuple, l->expr->icmp_type)) {
		put_mtu(l->expr, l->p);
		return ICMP_LEN + put_quoted(*quoted, l->p + ICMP_LEN);
	}
	store_be16(l->p + 4, ECHO_ID);
	store_be16(l->p + 6, 1);
	return ICMP_LEN;
}

/* What the receiver of the error may have sent, and did not. */
static struct utterance unsaid(const struct tuple *error)
{
	struct utterance said = { .tuple = tuple_reverse(error) };

	said.tuple.ipproto = IPPROTO_UDP;
	said.tuple.sport = DIALOGUE_PORT;
	said.tuple.dport = DIALOGUE_SERVICE;
	return said;
}

static size_t put_icmp(const struct layer *l, const struct utterance *quoted)
{
	const struct utterance other = unsaid(&l->said->tuple);
	size_t len;

	l->p[0] = l->expr->icmp_type;
	l->p[1] = l->expr->icmp_code;
	len = put_icmp_body(l, quoted ? quoted : &other);
	put_checksum(&l->said->tuple, l->p, len, 2);
	return len;
}

static void set_meta(const struct expression *expr,
		     const struct passage *passage, struct composed *packet)
{
	packet->meta = (struct packet_meta){
		.hook = passage->hook,
		.len = (uint32_t)packet->len,
		.mark = expr->mark,
		.uid = expr->uid,
		.gid = expr->gid,
		.has_owner = expr->has_owner,
		.verify_checksum = true,
	};
	memcpy(packet->meta.indev, passage->indev, sizeof(passage->indev));
	memcpy(packet->meta.outdev, passage->outdev, sizeof(passage->outdev));
}

void compose(const struct expression *expr, const struct utterance *said,
	     const struct utterance *quoted, const struct passage *passage,
	     struct composed *packet)
{
	const struct neighbour_form *form =
		find_neighbour(&said->tuple, expr->icmp_type);
	size_t head = ip_header_len(&said->tuple);
	const struct layer l = { expr, said, packet->octets + head };
	struct header ip = {
		.tuple = &said->tuple,
		.dscp = expr->dscp,
		.hop_limit = form ? form->hops : HOP_LIMIT,
	};

	*packet = (struct composed){ 0 };
	ip.len = is_icmp(&said->tuple) ? put_icmp(&l, quoted)
				       : put_transport(&l);
	put_header(&ip, packet->octets);
	packet->len = head + ip.len;
	set_meta(expr, passage, packet);
}
