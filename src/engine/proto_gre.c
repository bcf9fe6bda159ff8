/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRE: the header of version 0 (RFC 2784 and RFC 2890) and of version 1, which
 * PPTP uses (RFC 2637).  What is inside is not looked at.
 *
 * A tunnel is known by its ends and by its key, if it has one; of version 1 the
 * key is the call.  The tuple has the halves of the key where others have
 * ports: the upper one at the smaller end, so that both directions have one
 * tuple, and in .kind which of these sorts of tunnel it is.
 *
 * Each end of PPTP numbers the calls that it receives.  Which two numbers
 * belong together is said in a connection that we do not read, so the two
 * directions of a call are two connections, and each needs its rule.
 */
#include "engine/proto.h"

#include "engine/conn.h"

enum {
	GRE_HEADER_LEN = 4,
	GRE_WORD_LEN = 4, /* of each field that may follow */
	PPTP_PROTOCOL = 0x880b,
};

/* The first two octets. */
enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACK = 0x0080, /* version 1 */
	GRE_VERSION = 0x0007,
};

/* What .kind of a tuple says. */
enum gre_kind { GRE_PLAIN, GRE_KEYED, GRE_CALL };

struct gre_header {
	uint16_t flags;
	uint16_t protocol; /* EtherType of what is inside */
};

static struct gre_header read_header(const uint8_t *hdr)
{
	return (struct gre_header){ load_be16(hdr), load_be16(hdr + 2) };
}

static bool is_pptp(const struct gre_header *gre)
{
	return (gre->flags & GRE_VERSION) == 1;
}

/* RFC 2784 section 2.2: bits of RFC 1701 that we do not know. */
static bool is_possible(const struct gre_header *gre)
{
	if (is_pptp(gre))
		return gre->protocol == PPTP_PROTOCOL && gre->flags & GRE_KEY &&
		       !(gre->flags & (GRE_CHECKSUM | GRE_ROUTING));
	return !(gre->flags & (GRE_VERSION | GRE_ROUTING));
}

static uint32_t header_len(const struct gre_header *gre)
{
	uint32_t len = GRE_HEADER_LEN;

	if (gre->flags & GRE_CHECKSUM)
		len += GRE_WORD_LEN;
	if (gre->flags & GRE_KEY)
		len += GRE_WORD_LEN;
	if (gre->flags & GRE_SEQUENCE)
		len += GRE_WORD_LEN;
	if (is_pptp(gre) && gre->flags & GRE_ACK)
		len += GRE_WORD_LEN;
	return len;
}

/* Only the checksum may stand before the key. */
static uint32_t key_at(const struct gre_header *gre)
{
	return gre->flags & GRE_CHECKSUM ? GRE_HEADER_LEN + GRE_WORD_LEN
					 : GRE_HEADER_LEN;
}

static void set_key(struct tuple *tuple, enum gre_kind kind, uint32_t key)
{
	uint16_t upper = (uint16_t)(key >> 16);
	uint16_t lower = (uint16_t)key;
	bool is_larger = addr_compare(&tuple->src, &tuple->dst) > 0;

	tuple->sport = is_larger ? lower : upper;
	tuple->dport = is_larger ? upper : lower;
	tuple->kind = (uint16_t)kind;
}

/* @hdr has the key, if the flags say that there is one. */
static void set_tunnel(struct tuple *tuple, const struct gre_header *gre,
		       const uint8_t *hdr)
{
	if (!(gre->flags & GRE_KEY))
		set_key(tuple, GRE_PLAIN, 0);
	else if (is_pptp(gre))
		/* The upper half is a length. */
		set_key(tuple, GRE_CALL, load_be16(hdr + key_at(gre) + 2));
	else
		set_key(tuple, GRE_KEYED, load_be32(hdr + key_at(gre)));
}

static enum reason gre_parse(struct packet *pkt, struct transport *l4)
{
	struct reader r = l4->copy;
	const uint8_t *hdr = reader_take(&r, GRE_HEADER_LEN);
	struct gre_header gre;
	uint32_t len;

	if (!hdr)
		return transport_too_short(l4, GRE_HEADER_LEN);
	gre = read_header(hdr);
	if (!is_possible(&gre))
		return REASON_BAD_HEADER;
	len = header_len(&gre);
	if (!reader_take(&r, len - GRE_HEADER_LEN))
		return transport_too_short(l4, len);
	if (is_pptp(&gre) && load_be16(hdr + key_at(&gre)) > l4->len - len)
		return REASON_BAD_HEADER;
	set_tunnel(&pkt->tuple, &gre, hdr);
	return REASON_NONE;
}

static enum reason gre_parse_quoted(struct quoted *quoted, struct reader *r)
{
	const uint8_t *hdr = reader_take(r, GRE_HEADER_LEN);
	struct gre_header gre;

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	gre = read_header(hdr);
	if (!is_possible(&gre))
		return REASON_ICMP_INNER_BAD;
	/* Behind a checksum the key may be more than what is quoted. */
	if (gre.flags & GRE_KEY && !reader_take(r, key_at(&gre)))
		return REASON_ICMP_INNER_BAD;
	set_tunnel(&quoted->tuple, &gre, hdr);
	return REASON_NONE;
}

static enum timeout gre_timeout(const struct conn *conn)
{
	return conn->state ? TIMEOUT_GRE_REPLIED : TIMEOUT_GRE_UNREPLIED;
}

const struct proto proto_gre = {
	.first = TIMEOUT_GRE_UNREPLIED,
	.parse = gre_parse,
	.parse_quoted = gre_parse_quoted,
	.opens = proto_always_opens,
	.open = proto_open_unreplied,
	.asks = proto_never_asks,
	.track = proto_track_reply,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = proto_recall_nothing,
	.is_sound = proto_reply_is_sound,
	.timeout = gre_timeout,
	.state_name = proto_reply_name,
};
