/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRE: its header, and what tells tunnels apart.
 */
#include "engine/proto.h"

#include <netinet/in.h>

#include "unit/rig.h"
#include "unit/run.h"

enum { PPTP = 0x880b, IPV4_TYPE = 0x0800 };

static const uint8_t families[] = { 4, 6 };

static struct build tunnel(uint8_t version, uint16_t flags, uint32_t key)
{
	struct build b = frame_draft(version, IPPROTO_GRE);

	b.gre_flags = flags;
	b.gre_protocol = flags & BUILD_GRE_PPTP ? PPTP : IPV4_TYPE;
	b.key = key;
	b.payload_len = 16;
	return b;
}

static struct build backwards(struct build b)
{
	const char *src = b.ip.src;

	b.ip.src = b.ip.dst;
	b.ip.dst = src;
	return b;
}

static const struct {
	const char *what;
	uint16_t flags;
	uint16_t protocol;
	enum reason reason;
} headers[] = {
	/* clang-format off */
	{ "plain", 0, IPV4_TYPE, REASON_NONE },
	{ "with a checksum", 0x8000, IPV4_TYPE, REASON_NONE },
	{ "with a key", 0x2000, IPV4_TYPE, REASON_NONE },
	{ "with a number", 0x1000, IPV4_TYPE, REASON_NONE },
	{ "with all of them", 0xb000, IPV4_TYPE, REASON_NONE },
	{ "with a source route", 0x4000, IPV4_TYPE, REASON_BAD_HEADER },
	{ "of any protocol", 0, 0xffff, REASON_NONE },
	{ "PPTP", 0x2001, PPTP, REASON_NONE },
	{ "PPTP with a number", 0x3001, PPTP, REASON_NONE },
	{ "PPTP with both numbers", 0x3081, PPTP, REASON_NONE },
	{ "PPTP of something else", 0x2001, IPV4_TYPE, REASON_BAD_HEADER },
	{ "PPTP without a key", 0x0001, PPTP, REASON_BAD_HEADER },
	{ "PPTP with a checksum", 0xa001, PPTP, REASON_BAD_HEADER },
	{ "PPTP with a source route", 0x6001, PPTP, REASON_BAD_HEADER },
	{ "version 2", 0x0002, IPV4_TYPE, REASON_BAD_HEADER },
	{ "version 3", 0x2003, PPTP, REASON_BAD_HEADER },
	{ "version 7", 0x0007, IPV4_TYPE, REASON_BAD_HEADER },
	/* clang-format on */
};

START_TEST(headers_are_of_the_versions_we_know)
{
	struct build b = tunnel(4, 0, 0);
	struct packet pkt;
	enum reason reason;

	b.gre_flags = headers[_i].flags;
	b.gre_protocol = headers[_i].protocol;
	reason = frame_read(&b, &pkt);
	ck_assert_msg(reason == headers[_i].reason, "%s: %s", headers[_i].what,
		      reason_info[reason].name);
	ck_assert(!pkt.has_ports);
}
END_TEST

/* A header that is cut at any octet, for each length that it can have. */
START_TEST(a_cut_header_is_told_from_a_cut_copy)
{
	struct build b = tunnel(4, 0, 0);
	struct frame frame;
	struct packet pkt;
	size_t len;

	if (headers[_i].reason != REASON_NONE)
		return;
	b.gre_flags = headers[_i].flags;
	b.gre_protocol = headers[_i].protocol;
	b.payload_len = 0;
	frame = frame_build(&b);
	len = frame.len;
	for (frame.len = 20; frame.len < len; frame.len++)
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_SHORT_COPY,
			      "%s, %zu octets copied", headers[_i].what,
			      frame.len);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	frame.meta.verify_checksum = false;
	for (frame.len = 20; frame.len < len; frame.len++) {
		frame.octets[3] = (uint8_t)frame.len;
		frame.meta.len = (uint32_t)frame.len;
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_BAD_HEADER,
			      "%s, %zu octets", headers[_i].what, frame.len);
	}
}
END_TEST

/* RFC 2637 section 4.1: the upper half of its key is the payload's length. */
START_TEST(the_payload_of_pptp_lies_within_the_packet)
{
	struct build b = tunnel(4, BUILD_GRE_PPTP | BUILD_GRE_KEY, 0);
	struct packet pkt;

	b.key = 16U << 16 | 7;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	b.key = 17U << 16 | 7;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_BAD_HEADER);
	b.key = 0xffffU << 16 | 7;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_BAD_HEADER);
}
END_TEST

/* Two packets of the same hosts: whether they are of one tunnel. */
static const struct {
	const char *what;
	uint16_t flags;
	uint32_t key;
	bool goes_back;
	uint16_t then_flags;
	uint32_t then_key;
	bool same;
} pairs[] = {
	/* clang-format off */
	{ "again", 0, 0, false, 0, 0, true },
	{ "the other way", 0, 0, true, 0, 0, true },
	{ "with a number now", 0, 0, false, 0x1000, 0, true },
	{ "with a key now", 0, 0, false, 0x2000, 0, false },
	{ "without a key now", 0x2000, 0, true, 0, 0, false },
	{ "one key", 0x2000, 0x10002, false, 0x2000, 0x10002, true },
	{ "one key, the other way", 0x2000, 0x10002, true, 0x2000, 0x10002,
	  true },
	{ "one key behind a checksum", 0x2000, 0x10002, true, 0xa000, 0x10002,
	  true },
	{ "another key", 0x2000, 0x10002, false, 0x2000, 0x10003, false },
	{ "the key's halves exchanged", 0x2000, 0x10002, false, 0x2000, 0x20001,
	  false },
	{ "and the other way", 0x2000, 0x10002, true, 0x2000, 0x20001, false },
	{ "another upper half", 0x2000, 0x10002, true, 0x2000, 0x30002, false },
	{ "a call", 0x2001, 7, false, 0x2001, 7, true },
	{ "a call with a length", 0x2001, 7, false, 0x2001, 0x100007, true },
	{ "another call", 0x2001, 7, false, 0x2001, 8, false },
	{ "a key like a call", 0x2001, 7, false, 0x2000, 7, false },
	/* clang-format on */
};

START_TEST(tunnels_are_told_apart)
{
	for (int i = 0; i < COUNT(families); i++) {
		struct build first =
			tunnel(families[i], pairs[_i].flags, pairs[_i].key);
		struct build then = tunnel(families[i], pairs[_i].then_flags,
					   pairs[_i].then_key);
		struct verdict verdict;
		struct rig rig;
		uint64_t id;

		/* Whichever of the ends is the larger one. */
		for (int swapped = 0; swapped < 2; swapped++) {
			rig_start(&rig, 64);
			first = backwards(first);
			id = rig_send(&rig, &first).conn.id;
			then.ip.src = first.ip.src;
			then.ip.dst = first.ip.dst;
			if (pairs[_i].goes_back)
				then = backwards(then);
			verdict = rig_send(&rig, &then);
			ck_assert_msg((verdict.conn.id == id) == pairs[_i].same,
				      "%s, IPv%u", pairs[_i].what, families[i]);
			if (pairs[_i].same)
				ck_assert(verdict.conn.reply ==
					  pairs[_i].goes_back);
			rig_stop(&rig);
		}
	}
}
END_TEST

START_TEST(both_ways_make_it_live_longer)
{
	struct build to = tunnel(families[_i], BUILD_GRE_KEY, 0x80000001);
	struct build back = backwards(to);
	struct conn_info conn;
	struct rig rig;

	rig_start(&rig, 64);
	ck_assert_str_eq(rig_send(&rig, &to).conn.state, "unreplied");
	ck_assert(rig_find(&rig, 1, &conn));
	ck_assert_int_eq(conn.expires - rig.now, 30000);
	ck_assert_str_eq(rig_send(&rig, &back).conn.state, "replied");
	ck_assert(rig_find(&rig, 1, &conn));
	ck_assert_int_eq(conn.expires - rig.now, 180000);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_gre");

	tcase_add_loop_test(tc, headers_are_of_the_versions_we_know, 0,
			    COUNT(headers));
	tcase_add_loop_test(tc, a_cut_header_is_told_from_a_cut_copy, 0,
			    COUNT(headers));
	tcase_add_test(tc, the_payload_of_pptp_lies_within_the_packet);
	tcase_add_loop_test(tc, tunnels_are_told_apart, 0, COUNT(pairs));
	tcase_add_loop_test(tc, both_ways_make_it_live_longer, 0,
			    COUNT(families));
	return run_tests(tc, "proto_gre");
}
