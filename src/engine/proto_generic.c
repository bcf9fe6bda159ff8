/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols we do not know: tracked by their addresses alone.
 *
 * They have no ports here, and a rule that names a port never matches them: a
 * protocol must not pass by a rule that was meant for another (CVE-2014-8160).
 */
#include "engine/proto.h"

#include <assert.h>

#include "engine/conn.h"

enum generic_state { GENERIC_UNREPLIED, GENERIC_REPLIED, GENERIC_STATE_COUNT };

/* clang-format off */
static const struct {
	const char *name;
	enum timeout timeout;
} states[GENERIC_STATE_COUNT] = {
	[GENERIC_UNREPLIED] = { "unreplied", TIMEOUT_OTHER_UNREPLIED },
	[GENERIC_REPLIED] = { "replied", TIMEOUT_OTHER_REPLIED },
};

static const uint8_t transitions[GENERIC_STATE_COUNT][DIR_COUNT] = {
	[GENERIC_UNREPLIED] = {
		[DIR_ORIGINAL] = GENERIC_UNREPLIED,
		[DIR_REPLY]    = GENERIC_REPLIED,
	},
	[GENERIC_REPLIED] = {
		[DIR_ORIGINAL] = GENERIC_REPLIED,
		[DIR_REPLY]    = GENERIC_REPLIED,
	},
};
/* clang-format on */

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

static enum reason generic_opens(const struct packet *pkt,
				 const struct track_input *in)
{
	(void)in;
	(void)pkt;
	return REASON_NEW;
}

static void generic_open(struct conn *conn, const struct packet *pkt)
{
	(void)pkt;
	conn->state = GENERIC_UNREPLIED;
}

static struct track generic_track(struct conn *conn, const struct packet *pkt,
				  const struct track_input *in)
{
	(void)pkt;
	assert(conn->state < GENERIC_STATE_COUNT);
	conn->state = transitions[conn->state][in->dir];
	return (struct track){ REASON_ESTABLISHED, TRACK_RESTART };
}

static enum timeout generic_timeout(const struct conn *conn)
{
	return states[conn->state].timeout;
}

static const char *generic_state_name(const struct conn *conn)
{
	return states[conn->state].name;
}

bool proto_never_asks(const struct conn *conn, const struct packet *pkt,
		      enum direction dir)
{
	(void)conn;
	(void)pkt;
	(void)dir;
	return false;
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

static void generic_recall(const struct conn *conn, struct packet *pkt)
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

const struct proto proto_generic = {
	.first = TIMEOUT_OTHER_UNREPLIED,
	.parse = generic_parse,
	.parse_quoted = generic_parse_quoted,
	.opens = generic_opens,
	.open = generic_open,
	.asks = proto_never_asks,
	.track = generic_track,
	.relates = proto_always_relates,
	.forget_rules = proto_has_no_rules,
	.recall = generic_recall,
	.timeout = generic_timeout,
	.state_name = generic_state_name,
};
