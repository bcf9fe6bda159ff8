/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): queries with their replies, errors
 * about connections, and neighbour discovery.
 *
 * A query has an identifier where others have ports.  The asking end gets the
 * identifier as its port and the answering end the type of the query, so that
 * a reply is the query's tuple reversed, while a query of the other side with
 * the same identifier is another connection:
 *
 *	request  asker:id -> answerer:type
 *	reply    answerer:type -> asker:id
 */
#include "engine/proto.h"

#include <netinet/in.h>

#include "engine/checksum.h"
#include "engine/conn.h"
#include "engine/ip.h"

enum {
	ICMP_HEADER_LEN = 8,
	QUOTED_LEN_MIN = 8, /* octets of the quoted packet's transport */
	IPV4_MTU_MIN = 68,
	IPV6_MTU_MIN = 1280,
	MTU_MAX = UINT16_MAX,
	LINK_LOCAL_HOPS = 1,
	NEIGHBOUR_HOPS = 255, /* no router can have passed it on */
};

enum icmp_kind {
	ICMP_OTHER,
	ICMP_QUERY,
	ICMP_REPLY,
	ICMP_ERROR,
	ICMP_MTU_ERROR, /* carries the MTU, if the code is that */
	ICMP_ON_LINK,   /* neighbour discovery, RFC 4861 */
	ICMP_LISTENER,  /* multicast listener discovery, RFC 3810 */
};

/* clang-format off */
static const struct icmp_type {
	enum icmp_kind kind;
	uint8_t version;
	uint8_t type;
	uint8_t pair; /* of a reply: the type of its query */
} types[] = {
	{ ICMP_REPLY, 4, 0, 8 },      { ICMP_MTU_ERROR, 4, 3, 0 },
	{ ICMP_QUERY, 4, 8, 0 },      { ICMP_ERROR, 4, 11, 0 },
	{ ICMP_ERROR, 4, 12, 0 },     { ICMP_QUERY, 4, 13, 0 },
	{ ICMP_REPLY, 4, 14, 13 },    { ICMP_ERROR, 6, 1, 0 },
	{ ICMP_MTU_ERROR, 6, 2, 0 },  { ICMP_ERROR, 6, 3, 0 },
	{ ICMP_ERROR, 6, 4, 0 },      { ICMP_QUERY, 6, 128, 0 },
	{ ICMP_REPLY, 6, 129, 128 },  { ICMP_LISTENER, 6, 130, 0 },
	{ ICMP_LISTENER, 6, 131, 0 }, { ICMP_LISTENER, 6, 132, 0 },
	{ ICMP_ON_LINK, 6, 133, 0 },  { ICMP_ON_LINK, 6, 134, 0 },
	{ ICMP_ON_LINK, 6, 135, 0 },  { ICMP_ON_LINK, 6, 136, 0 },
	{ ICMP_LISTENER, 6, 143, 0 },
};
/* clang-format on */

static const struct icmp_type other = { ICMP_OTHER, 0, 0, 0 };

static const struct icmp_type *find_type(uint8_t version, uint8_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].version == version && types[i].type == type)
			return &types[i];
	return &other;
}

/* The port of the answering end: never equal to that of the asking one. */
static uint16_t answerer_port(uint8_t query, uint16_t id)
{
	return id == query ? UINT16_MAX : query;
}

static void set_query_tuple(struct tuple *tuple, uint8_t query, uint16_t id)
{
	tuple->sport = id;
	tuple->dport = answerer_port(query, id);
}

static void set_reply_tuple(struct tuple *tuple, uint8_t query, uint16_t id)
{
	tuple->sport = answerer_port(query, id);
	tuple->dport = id;
}

/* As much of the quoted packet's transport as we need to know it again. */
static enum reason parse_inner(struct quoted *quoted, struct reader *r)
{
	struct reader ahead = *r;

	if (!reader_take(&ahead, QUOTED_LEN_MIN))
		return REASON_ICMP_INNER_BAD;
	return proto_find(quoted->tuple.ipproto)->parse_quoted(quoted, r);
}

static enum reason parse_quoted_packet(struct packet *pkt, struct reader *r)
{
	struct quoted *quoted = &pkt->icmp.quoted;
	struct ip_header ip;

	if (ip_parse(&ip, r) != REASON_NONE)
		return REASON_ICMP_INNER_BAD;
	if (ip.version != pkt->tuple.ipversion || ip.fragment_offset)
		return REASON_ICMP_INNER_BAD;
	if (ip.len && ip.len < ip.header_len)
		return REASON_ICMP_INNER_BAD;
	/* Who did not send it has no need to hear of its end. */
	if (!addr_equal(&ip.src, &pkt->tuple.dst))
		return REASON_ICMP_OUTER_DST;
	quoted->tuple.src = ip.src;
	quoted->tuple.dst = ip.dst;
	quoted->tuple.ipproto = ip.ipproto;
	quoted->tuple.ipversion = ip.version;
	return parse_inner(quoted, r);
}

static void set_mtu(struct packet *pkt, const uint8_t *hdr)
{
	enum { V4_FRAGMENTATION_NEEDED = 4 };
	struct quoted *quoted = &pkt->icmp.quoted;

	if (pkt->tuple.ipversion == 6) {
		quoted->has_mtu = true;
		quoted->mtu = load_be32(hdr + 4);
	} else if (pkt->icmp.code == V4_FRAGMENTATION_NEEDED) {
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

static enum reason parse_error(struct packet *pkt, const uint8_t *hdr,
			       struct reader *r)
{
	enum reason reason = parse_quoted_packet(pkt, r);

	if (reason != REASON_NONE)
		return reason;
	/* Only now is there a connection that it may be about. */
	pkt->icmp.is_error = true;
	if (find_type(pkt->tuple.ipversion, pkt->icmp.type)->kind ==
	    ICMP_MTU_ERROR)
		set_mtu(pkt, hdr);
	return is_impossible_mtu(pkt) ? REASON_ICMP_MTU : REASON_NONE;
}

static enum reason parse_neighbour(struct packet *pkt, uint8_t hops)
{
	pkt->icmp.is_neighbour = true;
	if (pkt->hop_limit != hops || pkt->icmp.code != 0 ||
	    pkt->hook == HOOK_FORWARD)
		return REASON_ND_HOPLIMIT;
	return REASON_NONE;
}

static bool has_bad_checksum(const struct packet *pkt,
			     const struct transport *l4)
{
	uint32_t sum;

	if (pkt->tuple.ipversion == 6)
		return checksum_is_bad(pkt, l4);
	/* ICMP for IPv4 has no pseudo-header. */
	if (!l4->verify)
		return false;
	sum = checksum_add(0, l4->copy.pos, l4->len);
	return checksum_fold(sum) != 0xffff;
}

static enum reason parse_by_kind(struct packet *pkt, const uint8_t *hdr,
				 struct reader *r)
{
	const struct icmp_type *type =
		find_type(pkt->tuple.ipversion, pkt->icmp.type);
	uint16_t id = load_be16(hdr + 4);

	switch (type->kind) {
	case ICMP_QUERY:
		set_query_tuple(&pkt->tuple, type->type, id);
		return pkt->icmp.code ? REASON_ICMP_TYPE : REASON_NONE;
	case ICMP_REPLY:
		set_reply_tuple(&pkt->tuple, type->pair, id);
		pkt->icmp.is_reply = true;
		return pkt->icmp.code ? REASON_ICMP_TYPE : REASON_NONE;
	case ICMP_ERROR:
	case ICMP_MTU_ERROR:
		return parse_error(pkt, hdr, r);
	case ICMP_ON_LINK:
		return parse_neighbour(pkt, NEIGHBOUR_HOPS);
	case ICMP_LISTENER:
		return parse_neighbour(pkt, LINK_LOCAL_HOPS);
	case ICMP_OTHER:
		break;
	}
	return REASON_ICMP_TYPE;
}

static enum reason icmp_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, ICMP_HEADER_LEN);

	if (!hdr)
		return transport_too_short(l4, ICMP_HEADER_LEN);
	pkt->icmp.type = hdr[0];
	pkt->icmp.code = hdr[1];
	if (has_bad_checksum(pkt, l4))
		return REASON_BAD_CHECKSUM;
	return parse_by_kind(pkt, hdr, &r);
}

/* An error about a query or a reply; never about an error (RFC 1122 3.2.2). */
static enum reason icmp_parse_quoted(struct quoted *quoted, struct reader *r)
{
	const uint8_t *hdr = reader_take(r, ICMP_HEADER_LEN);
	const struct icmp_type *type;
	uint16_t id;

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	type = find_type(quoted->tuple.ipversion, hdr[0]);
	id = load_be16(hdr + 4);
	if (type->kind == ICMP_ERROR || type->kind == ICMP_MTU_ERROR)
		return REASON_ICMP_NESTED;
	if (type->kind == ICMP_QUERY)
		set_query_tuple(&quoted->tuple, type->type, id);
	else if (type->kind == ICMP_REPLY)
		set_reply_tuple(&quoted->tuple, type->pair, id);
	return REASON_NONE;
}

static enum reason icmp_opens(const struct packet *pkt,
			      const struct track_input *in)
{
	(void)in;
	return pkt->icmp.is_reply ? REASON_ORPHAN_ICMP : REASON_NEW;
}

static void icmp_open(struct conn *conn, const struct packet *pkt)
{
	(void)pkt;
	conn->state = false;
}

/* The tuple already says that queries go one way and replies the other. */
static struct track icmp_track(struct conn *conn, const struct packet *pkt,
			       const struct track_input *in)
{
	(void)pkt;
	if (in->dir == DIR_REPLY)
		conn->state = true;
	return (struct track){ REASON_ESTABLISHED, TRACK_RESTART };
}

/* See set_query_tuple(). */
static void icmp_recall(const struct conn *conn, struct packet *pkt)
{
	const struct tuple *tuple = &pkt->tuple;

	(void)conn;
	pkt->icmp.type = (uint8_t)(tuple->dport == UINT16_MAX ? tuple->sport
							      : tuple->dport);
}

static enum timeout icmp_timeout(const struct conn *conn)
{
	(void)conn;
	return TIMEOUT_ICMP;
}

static const char *icmp_state_name(const struct conn *conn)
{
	return conn->state ? "replied" : "unreplied";
}

const struct proto proto_icmp = {
	.first = TIMEOUT_ICMP,
	.parse = icmp_parse,
	.parse_quoted = icmp_parse_quoted,
	.opens = icmp_opens,
	.open = icmp_open,
	.asks = proto_never_asks,
	.track = icmp_track,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = icmp_recall,
	.timeout = icmp_timeout,
	.state_name = icmp_state_name,
};
