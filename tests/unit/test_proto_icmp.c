/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP and ICMPv6: queries and their replies, and all the types that nobody
 * needs.  Errors and neighbour discovery have tests of their own.
 */
#include "engine/proto.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

enum { ECHO4 = 8, ECHO6 = 128, REPLY4 = 0, REPLY6 = 129, STAMP = 13 };

static struct build message(uint8_t version, uint8_t type, uint16_t id)
{
	struct build b = frame_draft(version, IPPROTO_ICMP);

	b.icmp.type = type;
	b.icmp.rest = (uint32_t)id << 16 | 1;
	return b;
}

/* What the other end sends. */
static struct build backwards(struct build b)
{
	const char *src = b.ip.src;

	b.ip.src = b.ip.dst;
	b.ip.dst = src;
	return b;
}

/*
 * What the parser makes of each type, code 0.  What is in neither list is an
 * error message, which has a test of its own, or is nothing that we let pass.
 */
static const struct {
	uint8_t version;
	uint8_t type;
	bool is_reply;
} queries[] = {
	{ 4, ECHO4, false }, { 4, REPLY4, true }, { 4, STAMP, false },
	{ 4, 14, true },     { 6, ECHO6, false }, { 6, REPLY6, true },
};

static const uint8_t neighbours[] = { 130, 131, 132, 133, 134, 135,
				      136, 137, 143, 151, 152, 153 };
static const uint8_t errors4[] = { 3, 11, 12 };
static const uint8_t errors6[] = { 1, 2, 3, 4 };

static bool is_query(uint8_t version, uint8_t type)
{
	for (int i = 0; i < COUNT(queries); i++)
		if (queries[i].version == version && queries[i].type == type)
			return true;
	return false;
}

static bool is_neighbour(uint8_t version, uint8_t type)
{
	return version == 6 && memchr(neighbours, type, sizeof(neighbours));
}

static bool is_error(uint8_t version, uint8_t type)
{
	return version == 4 ? memchr(errors4, type, sizeof(errors4))
			    : memchr(errors6, type, sizeof(errors6));
}

/* All 256 types of both families. */
START_TEST(types_that_nobody_needs_are_refused)
{
	uint8_t version = _i < 256 ? 4 : 6;
	uint8_t type = (uint8_t)_i;
	struct build b = message(version, type, 7);
	struct packet pkt;

	if (is_query(version, type))
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	else if (is_error(version, type))
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_ICMP_INNER_BAD);
	else if (is_neighbour(version, type))
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_ND_HOPLIMIT);
	else
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_ICMP_TYPE);
}
END_TEST

START_TEST(queries_and_replies_are_told_apart)
{
	struct build b = message(queries[_i].version, queries[_i].type, 7);
	struct packet pkt;

	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert_uint_eq(pkt.icmp.type, queries[_i].type);
	ck_assert(pkt.icmp.is_reply == queries[_i].is_reply);
	ck_assert(!pkt.icmp.is_error && !pkt.icmp.is_neighbour);
	ck_assert(!pkt.has_ports);
}
END_TEST

START_TEST(queries_and_replies_have_code_0)
{
	struct build b = message(queries[_i].version, queries[_i].type, 7);
	struct packet pkt;

	b.icmp.code = 1;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_ICMP_TYPE);
	b.icmp.code = 255;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_ICMP_TYPE);
}
END_TEST

START_TEST(a_header_has_eight_octets)
{
	struct build b = message(4, ECHO4, 7);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	for (frame.len = 20; frame.len < 28; frame.len++)
		ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	b.ip.len = 27;
	frame = frame_build(&b);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_HEADER);
}
END_TEST

/* A packet after a first one; id 0: the first one's. */
static const struct {
	const char *what;
	uint8_t version;
	uint8_t first;
	uint16_t id;
	bool from_other_end;
	uint8_t then;
	uint16_t then_id;
	enum reason reason;
	bool same; /* connection */
} pairs[] = {
	/* clang-format off */
	{ "the reply", 4, ECHO4, 7, true, REPLY4, 7, REASON_ESTABLISHED, true },
	{ "the reply, IPv6", 6, ECHO6, 7, true, REPLY6, 7, REASON_ESTABLISHED,
	  true },
	{ "the reply to a timestamp", 4, STAMP, 7, true, 14, 7,
	  REASON_ESTABLISHED, true },
	{ "the query again", 4, ECHO4, 7, false, ECHO4, 7, REASON_ESTABLISHED,
	  true },
	{ "a reply of another identifier", 4, ECHO4, 7, true, REPLY4, 8,
	  REASON_ORPHAN_ICMP, false },
	{ "a reply to another query", 4, STAMP, 7, true, REPLY4, 7,
	  REASON_ORPHAN_ICMP, false },
	{ "a reply by who asked", 4, ECHO4, 7, false, REPLY4, 7,
	  REASON_ORPHAN_ICMP, false },
	{ "the other end asks too", 4, ECHO4, 7, true, ECHO4, 7, REASON_NEW,
	  false },
	{ "another query of that identifier", 4, ECHO4, 7, false, STAMP, 7,
	  REASON_NEW, false },
	{ "an identifier that is the type", 4, ECHO4, ECHO4, true, REPLY4,
	  ECHO4, REASON_ESTABLISHED, true },
	{ "that, and the other end asks", 4, ECHO4, ECHO4, true, ECHO4, ECHO4,
	  REASON_NEW, false },
	{ "the largest identifier", 6, ECHO6, 65535, true, REPLY6, 65535,
	  REASON_ESTABLISHED, true },
	{ "the smallest identifier", 6, ECHO6, 0, true, REPLY6, 0,
	  REASON_ESTABLISHED, true },
	/* clang-format on */
};

START_TEST(a_reply_belongs_to_its_query)
{
	struct build first =
		message(pairs[_i].version, pairs[_i].first, pairs[_i].id);
	struct build then =
		message(pairs[_i].version, pairs[_i].then, pairs[_i].then_id);
	struct verdict verdict;
	struct rig rig;
	uint64_t id;

	rig_start(&rig, 64);
	verdict = rig_send(&rig, &first);
	ck_assert_int_eq(verdict.reason, REASON_NEW);
	id = verdict.conn.id;
	if (pairs[_i].from_other_end)
		then = backwards(then);
	verdict = rig_send(&rig, &then);
	ck_assert_msg(verdict.reason == pairs[_i].reason, "%s: %s",
		      pairs[_i].what, reason_info[verdict.reason].name);
	ck_assert_msg((verdict.conn.id == id) == pairs[_i].same, "%s",
		      pairs[_i].what);
	if (pairs[_i].same)
		ck_assert(verdict.conn.reply == pairs[_i].from_other_end);
	rig_stop(&rig);
}
END_TEST

/* A reply may come twice, and as long as there are questions. */
START_TEST(one_connection_serves_all_of_a_ping)
{
	struct build query = message(6, ECHO6, 9);
	struct build reply = backwards(message(6, REPLY6, 9));
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, 64);
	for (int i = 0; i < 100; i++) {
		verdict = rig_send(&rig, &query);
		ck_assert_uint_eq(verdict.conn.id, 1);
		for (int twice = 0; twice < 2; twice++) {
			verdict = rig_send(&rig, &reply);
			ck_assert_int_eq(verdict.reason, REASON_ESTABLISHED);
			ck_assert_str_eq(verdict.conn.state, "replied");
		}
		rig.now += 1000;
	}
	rig_stop(&rig);
}
END_TEST

START_TEST(replies_without_a_query_are_orphans)
{
	struct build b = message(queries[_i].version, queries[_i].type, 7);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, 64);
	verdict = rig_send(&rig, &b);
	ck_assert_int_eq(verdict.reason, queries[_i].is_reply
						 ? REASON_ORPHAN_ICMP
						 : REASON_NEW);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, !queries[_i].is_reply);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_icmp");

	tcase_add_loop_test(tc, types_that_nobody_needs_are_refused, 0, 512);
	tcase_add_loop_test(tc, queries_and_replies_are_told_apart, 0,
			    COUNT(queries));
	tcase_add_loop_test(tc, queries_and_replies_have_code_0, 0,
			    COUNT(queries));
	tcase_add_test(tc, a_header_has_eight_octets);
	tcase_add_loop_test(tc, a_reply_belongs_to_its_query, 0, COUNT(pairs));
	tcase_add_test(tc, one_connection_serves_all_of_a_ping);
	tcase_add_loop_test(tc, replies_without_a_query_are_orphans, 0,
			    COUNT(queries));
	return run_tests(tc, "proto_icmp");
}
