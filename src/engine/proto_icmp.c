/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP (RFC 792) and ICMPv6 (RFC 4443): the types, and queries with their
 * replies.
 *
 * A query has an identifier where others have ports.  The asking end gets the
 * identifier as its port and the answering end the type of the query, so that
 * a reply is the query's tuple reversed, while a query of the other side with
 * the same identifier is another connection:
 *
 *	request  asker:id -> answerer:type
 *	reply    answerer:type -> asker:id
 */
#include <string.h>

#include "engine/checksum.h"
#include "engine/conn.h"
#include "engine/icmp.h"

/* Type, code and checksum: all that some messages between neighbours have. */
enum { ICMP_COMMON_LEN = 4 };

enum icmp_kind {
	ICMP_OTHER,
	ICMP_QUERY,
	ICMP_REPLY,
	ICMP_ERROR,
	ICMP_MTU_ERROR, /* carries the MTU, if the code is that */
	ICMP_NEIGHBOUR, /* stays on the link: icmp_neighbour.c */
};

/*
 * What is not listed is refused: source quench (RFC 6633) and the redirect of
 * IPv4, which has no place beyond its link, are among that.
 */
/* clang-format off */
static const struct icmp_type {
	enum icmp_kind kind;
	uint8_t version;
	uint8_t type;
	uint8_t pair; /* of a reply: the type of its query */
} types[] = {
	{ ICMP_REPLY, 4, 0, 8 },       { ICMP_MTU_ERROR, 4, 3, 0 },
	{ ICMP_QUERY, 4, 8, 0 },       { ICMP_ERROR, 4, 11, 0 },
	{ ICMP_ERROR, 4, 12, 0 },      { ICMP_QUERY, 4, 13, 0 },
	{ ICMP_REPLY, 4, 14, 13 },     { ICMP_ERROR, 6, 1, 0 },
	{ ICMP_MTU_ERROR, 6, 2, 0 },   { ICMP_ERROR, 6, 3, 0 },
	{ ICMP_ERROR, 6, 4, 0 },       { ICMP_QUERY, 6, 128, 0 },
	{ ICMP_REPLY, 6, 129, 128 },   { ICMP_NEIGHBOUR, 6, 130, 0 },
	{ ICMP_NEIGHBOUR, 6, 131, 0 }, { ICMP_NEIGHBOUR, 6, 132, 0 },
	{ ICMP_NEIGHBOUR, 6, 133, 0 }, { ICMP_NEIGHBOUR, 6, 134, 0 },
	{ ICMP_NEIGHBOUR, 6, 135, 0 }, { ICMP_NEIGHBOUR, 6, 136, 0 },
	{ ICMP_NEIGHBOUR, 6, 137, 0 }, { ICMP_NEIGHBOUR, 6, 143, 0 },
	{ ICMP_NEIGHBOUR, 6, 151, 0 }, { ICMP_NEIGHBOUR, 6, 152, 0 },
	{ ICMP_NEIGHBOUR, 6, 153, 0 },
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

static enum reason parse_query(struct packet *pkt, const struct icmp_type *type,
			       const uint8_t *hdr)
{
	uint16_t id = load_be16(hdr + 4);

	pkt->icmp.is_reply = type->kind == ICMP_REPLY;
	if (pkt->icmp.is_reply)
		set_reply_tuple(&pkt->tuple, type->pair, id);
	else
		set_query_tuple(&pkt->tuple, type->type, id);
	return pkt->icmp.code ? REASON_ICMP_TYPE : REASON_NONE;
}

static enum reason parse_by_kind(struct packet *pkt,
				 const struct icmp_type *type,
				 const struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, ICMP_HEADER_LEN);

	switch (type->kind) {
	case ICMP_QUERY:
	case ICMP_REPLY:
		return parse_query(pkt, type, hdr);
	case ICMP_ERROR:
		return icmp_parse_error(pkt, &r);
	case ICMP_MTU_ERROR:
		return icmp_parse_mtu_error(pkt, hdr, &r);
	case ICMP_NEIGHBOUR:
		pkt->icmp.is_neighbour = true;
		return icmp_check_neighbour(pkt, l4);
	case ICMP_OTHER:
		break;
	}
	return REASON_ICMP_TYPE;
}

static uint32_t header_len(const struct icmp_type *type)
{
	return type->kind == ICMP_NEIGHBOUR ? ICMP_COMMON_LEN : ICMP_HEADER_LEN;
}

static enum reason icmp_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, ICMP_COMMON_LEN);
	const struct icmp_type *type;
	uint32_t len;

	if (!hdr)
		return transport_too_short(l4, ICMP_COMMON_LEN);
	pkt->icmp.type = hdr[0];
	pkt->icmp.code = hdr[1];
	type = find_type(pkt->tuple.ipversion, hdr[0]);
	len = header_len(type);
	if (!reader_take(&r, len - ICMP_COMMON_LEN))
		return transport_too_short(l4, len);
	if (has_bad_checksum(pkt, l4))
		return REASON_BAD_CHECKSUM;
	return parse_by_kind(pkt, type, l4);
}

/* Whatever we let pass of them: RFC 792; RFC 4443 sections 2.1 and 2.4 (e). */
static bool is_error(uint8_t version, uint8_t type)
{
	enum { INFORMATIONAL = 128, REDIRECT = 137 };
	static const uint8_t errors[] = { 3, 4, 5, 11, 12 };

	if (version == 6)
		return type < INFORMATIONAL || type == REDIRECT;
	return memchr(errors, type, sizeof(errors)) != NULL;
}

/* An error about a query or a reply; never about an error (RFC 1122 3.2.2). */
static enum reason icmp_parse_quoted(struct quoted *quoted, struct reader *r)
{
	const uint8_t *hdr = reader_take(r, ICMP_HEADER_LEN);
	uint8_t version = quoted->tuple.ipversion;
	const struct icmp_type *type;

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	if (is_error(version, hdr[0]))
		return REASON_ICMP_NESTED;
	type = find_type(version, hdr[0]);
	if (type->kind == ICMP_QUERY)
		set_query_tuple(&quoted->tuple, type->type, load_be16(hdr + 4));
	else if (type->kind == ICMP_REPLY)
		set_reply_tuple(&quoted->tuple, type->pair, load_be16(hdr + 4));
	return REASON_NONE;
}

static enum reason icmp_opens(const struct packet *pkt,
			      const struct track_input *in)
{
	(void)in;
	return pkt->icmp.is_reply ? REASON_ORPHAN_ICMP : REASON_NEW;
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

/* The tuple already says that queries go one way and replies the other. */
const struct proto proto_icmp = {
	.first = TIMEOUT_ICMP,
	.parse = icmp_parse,
	.parse_quoted = icmp_parse_quoted,
	.opens = icmp_opens,
	.open = proto_open_unreplied,
	.asks = proto_never_asks,
	.track = proto_track_reply,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = icmp_recall,
	.is_sound = proto_reply_is_sound,
	.timeout = icmp_timeout,
	.state_name = proto_reply_name,
};
