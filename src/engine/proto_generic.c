/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols that we do not follow: tracked by their addresses, and DCCP by its
 * ports too; and what they share with others that have as little to say.
 *
 * They have no ports that a rule could ask for, and a rule that names a port
 * never matches them: a protocol must not pass by a rule that was meant for
 * another (CVE-2014-8160).  That goes for DCCP as well, whose ports only tell
 * its flows apart: it passes if a rule names it, or names no protocol.
 */
#include "engine/proto.h"

#include <assert.h>

#include "engine/conn.h"

enum {
	DCCP_HEADER_LEN = 12, /* of the shortest form, RFC 4340 section 5.1 */
	DCCP_QUOTED_LEN = 4,  /* the ports */
};

enum reply_state { UNREPLIED, REPLIED, REPLY_STATE_COUNT };

static const uint8_t transitions[REPLY_STATE_COUNT][DIR_COUNT] = {
	[UNREPLIED] = { [DIR_ORIGINAL] = UNREPLIED, [DIR_REPLY] = REPLIED },
	[REPLIED] = { [DIR_ORIGINAL] = REPLIED, [DIR_REPLY] = REPLIED },
};

static const char *const names[REPLY_STATE_COUNT] = {
	[UNREPLIED] = "unreplied",
	[REPLIED] = "replied",
};

static const enum timeout timeouts[REPLY_STATE_COUNT] = {
	[UNREPLIED] = TIMEOUT_OTHER_UNREPLIED,
	[REPLIED] = TIMEOUT_OTHER_REPLIED,
};

static enum reason generic_parse(struct packet *pkt, struct transport *l4)
{
	(void)pkt;
	(void)l4;
	return REASON_NONE;
}

static enum reason generic_parse_quoted(struct quoted *quoted, struct reader *r)
{
	(void)quoted;
	(void)r;
	return REASON_NONE;
}

static enum timeout generic_timeout(const struct conn *conn)
{
	return timeouts[conn->state];
}

static void set_ports(struct tuple *tuple, const uint8_t *hdr)
{
	tuple->sport = load_be16(hdr);
	tuple->dport = load_be16(hdr + 2);
}

static enum reason dccp_parse(struct packet *pkt, struct transport *l4)
{
	const uint8_t *hdr = reader_take(&l4->copy, DCCP_HEADER_LEN);

	if (!hdr)
		return transport_too_short(l4, DCCP_HEADER_LEN);
	set_ports(&pkt->tuple, hdr);
	return REASON_NONE;
}

static enum reason dccp_parse_quoted(struct quoted *quoted, struct reader *r)
{
	const uint8_t *hdr = reader_take(r, DCCP_QUOTED_LEN);

	if (!hdr)
		return REASON_ICMP_INNER_BAD;
	set_ports(&quoted->tuple, hdr);
	return REASON_NONE;
}

enum reason proto_always_opens(const struct packet *pkt,
			       const struct track_input *in)
{
	(void)pkt;
	(void)in;
	return REASON_NEW;
}

void proto_open_unreplied(struct conn *conn, const struct packet *pkt)
{
	(void)pkt;
	conn->state = UNREPLIED;
}

bool proto_never_asks(const struct conn *conn, const struct packet *pkt,
		      enum direction dir)
{
	(void)conn;
	(void)pkt;
	(void)dir;
	return false;
}

struct track proto_track_reply(struct conn *conn, const struct packet *pkt,
			       const struct track_input *in)
{
	(void)pkt;
	assert(conn->state < REPLY_STATE_COUNT);
	conn->state = transitions[conn->state][in->dir];
	return (struct track){ REASON_ESTABLISHED, TRACK_RESTART };
}

void proto_has_no_rules(struct conn *conn)
{
	(void)conn;
}

void proto_recall_ports(const struct conn *conn, struct packet *pkt)
{
	(void)conn;
	pkt->has_ports = true;
}

void proto_recall_nothing(const struct conn *conn, struct packet *pkt)
{
	(void)conn;
	(void)pkt;
}

enum reason proto_always_relates(const struct conn *conn,
				 const struct quoted *quoted,
				 enum direction dir)
{
	(void)conn;
	(void)quoted;
	(void)dir;
	return REASON_RELATED;
}

bool proto_reply_is_sound(const struct conn *conn)
{
	return conn->state < REPLY_STATE_COUNT;
}

const char *proto_reply_name(const struct conn *conn)
{
	return names[conn->state];
}

const struct proto proto_dccp = {
	.first = TIMEOUT_OTHER_UNREPLIED,
	.parse = dccp_parse,
	.parse_quoted = dccp_parse_quoted,
	.opens = proto_always_opens,
	.open = proto_open_unreplied,
	.asks = proto_never_asks,
	.track = proto_track_reply,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = proto_recall_nothing,
	.is_sound = proto_reply_is_sound,
	.timeout = generic_timeout,
	.state_name = proto_reply_name,
};

const struct proto proto_generic = {
	.first = TIMEOUT_OTHER_UNREPLIED,
	.parse = generic_parse,
	.parse_quoted = generic_parse_quoted,
	.opens = proto_always_opens,
	.open = proto_open_unreplied,
	.asks = proto_never_asks,
	.track = proto_track_reply,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = proto_recall_nothing,
	.is_sound = proto_reply_is_sound,
	.timeout = generic_timeout,
	.state_name = proto_reply_name,
};
