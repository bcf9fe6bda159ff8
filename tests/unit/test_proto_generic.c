/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols that we do not know: their addresses and their number are all that
 * makes a connection.
 */
#include "engine/proto.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

static struct build make(uint8_t ipproto, bool backwards)
{
	struct build b = frame_draft(4, ipproto);
	const char *src = b.ip.src;

	b.payload_len = 24;
	if (!backwards)
		return b;
	b.ip.src = b.ip.dst;
	b.ip.dst = src;
	return b;
}

static const uint8_t unknown[] = { 0,          2,           4,
				   41,         IPPROTO_GRE, IPPROTO_ESP,
				   IPPROTO_AH, 89,          IPPROTO_SCTP,
				   136,        255 };

START_TEST(any_octets_will_do)
{
	struct build b = make(unknown[_i], false);
	struct packet pkt;

	for (b.payload_len = 0; b.payload_len < 24; b.payload_len++)
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert(!pkt.has_ports);
	ck_assert_uint_eq(pkt.tuple.sport, 0);
	ck_assert_uint_eq(pkt.tuple.dport, 0);
}
END_TEST

/* '>' by the first speaker, '<' by the other one. */
static const struct {
	const char *what;
	const char *said;
	const char *state;
	enum timeout timeout;
} talks[] = {
	/* clang-format off */
	{ "one way", ">", "unreplied", TIMEOUT_OTHER_UNREPLIED },
	{ "one way, often", ">>>>", "unreplied", TIMEOUT_OTHER_UNREPLIED },
	{ "both ways", "><", "replied", TIMEOUT_OTHER_REPLIED },
	{ "both ways, and on", "><>>", "replied", TIMEOUT_OTHER_REPLIED },
	/* clang-format on */
};

START_TEST(both_ends_make_it_replied)
{
	struct verdict verdict = { 0 };
	struct conn_info conn;
	struct rig rig;

	rig_start(&rig, 64);
	for (const char *said = talks[_i].said; *said; said++) {
		struct build b = make(IPPROTO_GRE, *said == '<');

		verdict = rig_send(&rig, &b);
		ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	}
	ck_assert(rig_find(&rig, verdict.conn.id, &conn));
	ck_assert_msg(strcmp(conn.state, talks[_i].state) == 0, "%s: %s",
		      talks[_i].what, conn.state);
	ck_assert_int_eq(conn.expires - rig.now,
			 timeout_info[talks[_i].timeout].value);
	rig_stop(&rig);
}
END_TEST

START_TEST(another_protocol_is_another_connection)
{
	struct build gre = make(IPPROTO_GRE, false);
	struct build esp = make(IPPROTO_ESP, true);
	struct rig rig;
	uint64_t id;

	rig_start(&rig, 64);
	id = rig_send(&rig, &gre).conn.id;
	ck_assert_uint_ne(rig_send(&rig, &esp).conn.id, id);
	rig_stop(&rig);
}
END_TEST

START_TEST(every_protocol_has_someone_to_track_it)
{
	const struct proto *proto = proto_find((uint8_t)_i);

	ck_assert(proto && proto->parse && proto->parse_quoted &&
		  proto->opens && proto->open && proto->asks && proto->track &&
		  proto->relates && proto->timeout && proto->state_name);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_generic");

	tcase_add_loop_test(tc, any_octets_will_do, 0, COUNT(unknown));
	tcase_add_loop_test(tc, both_ends_make_it_replied, 0, COUNT(talks));
	tcase_add_test(tc, another_protocol_is_another_connection);
	tcase_add_loop_test(tc, every_protocol_has_someone_to_track_it, 0, 256);
	return run_tests(tc, "proto_generic");
}
