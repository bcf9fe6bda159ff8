/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP errors: they pass if they can be about a packet that we let through,
 * and change nothing.
 */
#include "engine/proto.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

enum { UNREACHABLE4 = 3, UNREACHABLE6 = 1, TOO_BIG6 = 2 };

static const char *const router[] = { "203.0.113.1", "2001:db8:ffff::1" };
static const uint8_t families[] = { 4, 6 };

/* An error about a packet, and the parts that can be wrong. */
struct error {
	struct build inner;
	uint8_t quoted[256];
	size_t quoted_len;
	struct build outer;
};

static size_t ip_len(const struct build *b)
{
	return b->ip.version == 4 ? 20 : 40;
}

/* About @inner, quoting @octets behind its IP header. */
static struct error error_about(const struct build *inner, size_t octets)
{
	uint8_t version = inner->ip.version;
	struct error error = { .inner = *inner };
	uint8_t packet[512];
	size_t len = build_packet(inner, packet, sizeof(packet));

	error.quoted_len = ip_len(inner) + octets;
	ck_assert_uint_le(error.quoted_len, len);
	memcpy(error.quoted, packet, error.quoted_len);
	error.outer = frame_draft(version, IPPROTO_ICMP);
	error.outer.ip.src = router[version == 6];
	error.outer.ip.dst = inner->ip.src;
	error.outer.icmp.type = version == 4 ? UNREACHABLE4 : UNREACHABLE6;
	return error;
}

static struct verdict send_error(struct rig *rig, struct error *error)
{
	error->outer.payload = error->quoted;
	error->outer.payload_len = error->quoted_len;
	return rig_send(rig, &error->outer);
}

static struct build question(uint8_t version, uint8_t ipproto)
{
	/* To SCTP an INIT, to the others nothing in particular. */
	static const uint8_t payload[20] = { 1, 0, 0, 20, 1, 2, 3, 4 };
	struct build b = frame_draft(version, ipproto);

	b.tcp.flags = TCP_SYN;
	b.tcp.seq = 0xfffffff8;
	b.key = ipproto == IPPROTO_SCTP ? 0 : 0xfffffff8;
	b.icmp.type = version == 4 ? 8 : 128;
	b.icmp.rest = 0x00070001;
	b.payload = payload;
	b.payload_len = sizeof(payload);
	return b;
}

/* A connection, and an error about the packet that opened it. */
static struct error start(struct rig *rig, uint8_t version, uint8_t ipproto)
{
	struct build b = question(version, ipproto);

	rig_start(rig, 64);
	ck_assert_int_eq(rig_send(rig, &b).reason, REASON_NEW);
	return error_about(&b, 8);
}

static const struct {
	const char *what;
	uint8_t ipproto;
} protocols[] = {
	{ "TCP", IPPROTO_TCP },
	{ "UDP", IPPROTO_UDP },
	{ "UDP-Lite", IPPROTO_UDPLITE },
	{ "a query", IPPROTO_ICMP },
	{ "SCTP", IPPROTO_SCTP },
	{ "DCCP", IPPROTO_DCCP },
	{ "GRE", IPPROTO_GRE },
	{ "ESP", IPPROTO_ESP },
	{ "AH", IPPROTO_AH },
	{ "a protocol we do not know", 253 },
};

/* Eight octets of the transport are all that RFC 792 promises. */
START_TEST(an_error_about_a_packet_passes)
{
	for (int i = 0; i < COUNT(families); i++) {
		struct rig rig;
		struct error error =
			start(&rig, families[i], protocols[_i].ipproto);
		struct verdict verdict = send_error(&rig, &error);

		ck_assert_msg(verdict.reason == REASON_RELATED, "%s, IPv%u: %s",
			      protocols[_i].what, families[i],
			      reason_info[verdict.reason].name);
		ck_assert_uint_eq(verdict.conn.id, 1);
		ck_assert(verdict.conn.reply);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(an_error_changes_nothing)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_TCP);
	struct conn_info before;
	struct conn_info after;

	ck_assert(rig_find(&rig, 1, &before));
	rig.now += 5000;
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_RELATED);
	ck_assert(rig_find(&rig, 1, &after));
	ck_assert(rig_same(&after, &before));
	rig_stop(&rig);
}
END_TEST

START_TEST(an_error_opens_nothing)
{
	struct build b = question(families[_i], IPPROTO_UDP);
	struct error error = error_about(&b, 8);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, 64);
	verdict = send_error(&rig, &error);
	ck_assert_int_eq(verdict.reason, REASON_ICMP_UNRELATED);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(an_error_about_an_expired_connection_is_unrelated)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_UDP);

	rig.now += timeout_info[TIMEOUT_UDP_UNREPLIED].value;
	ck_assert_int_eq(send_error(&rig, &error).reason,
			 REASON_ICMP_UNRELATED);
	rig_stop(&rig);
}
END_TEST

/* What was never sent: the answers' direction has sent nothing. */
START_TEST(an_error_about_the_other_direction_is_not_in_flight)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_TCP);
	struct build back = error.inner;

	back.ip.src = error.inner.ip.dst;
	back.ip.dst = error.inner.ip.src;
	back.sport = error.inner.dport;
	back.dport = error.inner.sport;
	error = error_about(&back, 8);
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_ICMP_SEQ);
	rig_stop(&rig);
}
END_TEST

START_TEST(only_the_segment_in_flight_counts)
{
	static const uint32_t off[] = { 1, 0xffffffff, 0x80000000, 1000 };
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_TCP);

	for (int i = 0; i < COUNT(off); i++) {
		struct build other = error.inner;
		struct error forged;

		other.tcp.seq += off[i];
		forged = error_about(&other, 8);
		ck_assert_msg(send_error(&rig, &forged).reason ==
				      REASON_ICMP_SEQ,
			      "%u off", off[i]);
	}
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_RELATED);
	rig_stop(&rig);
}
END_TEST

START_TEST(an_error_goes_to_who_sent_the_packet)
{
	static const char *const others[] = { "192.0.2.11", "2001:db8:1::11" };
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_UDP);

	error.outer.ip.dst = others[_i];
	ck_assert_int_eq(send_error(&rig, &error).reason,
			 REASON_ICMP_OUTER_DST);
	rig_stop(&rig);
}
END_TEST

/* Each octet short of what is needed; with it, it passes. */
START_TEST(a_quotation_has_the_headers_and_eight_octets)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_UDP);
	size_t enough = error.quoted_len;

	for (error.quoted_len = 0; error.quoted_len < enough;
	     error.quoted_len++)
		ck_assert_msg(send_error(&rig, &error).reason ==
				      REASON_ICMP_INNER_BAD,
			      "%zu octets", error.quoted_len);
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_RELATED);
	rig_stop(&rig);
}
END_TEST

/* RFC 4884: behind the quotation there may be more. */
START_TEST(what_follows_the_quotation_does_not_matter)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_UDP);

	memset(error.quoted + error.quoted_len, 0x20, 100);
	error.quoted_len += 100;
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_RELATED);
	rig_stop(&rig);
}
END_TEST

/* One octet of the quoted IP header, and what that makes of it. */
static const struct {
	const char *what;
	uint8_t version;
	size_t at;
	uint8_t value;
	enum reason reason;
} damages[] = {
	/* clang-format off */
	{ "another version", 4, 0, 0x65, REASON_ICMP_INNER_BAD },
	{ "no version", 4, 0, 0x05, REASON_ICMP_INNER_BAD },
	{ "a header of four words", 4, 0, 0x44, REASON_ICMP_INNER_BAD },
	{ "a header beyond the quotation", 4, 0, 0x4f, REASON_ICMP_INNER_BAD },
	{ "a length below the header", 4, 3, 19, REASON_ICMP_INNER_BAD },
	{ "a length below what is quoted", 4, 3, 27, REASON_ICMP_INNER_BAD },
	{ "a length of what is quoted", 4, 3, 28, REASON_RELATED },
	{ "the first fragment", 4, 6, 0x20, REASON_RELATED },
	{ "a later fragment", 4, 7, 1, REASON_ICMP_INNER_BAD },
	{ "another source", 4, 15, 99, REASON_ICMP_OUTER_DST },
	{ "another destination", 4, 19, 99, REASON_ICMP_UNRELATED },
	{ "another protocol", 4, 9, IPPROTO_TCP, REASON_ICMP_UNRELATED },
	{ "another version, IPv6", 6, 0, 0x45, REASON_ICMP_INNER_BAD },
	{ "another source, IPv6", 6, 23, 99, REASON_ICMP_OUTER_DST },
	{ "another destination, IPv6", 6, 39, 99, REASON_ICMP_UNRELATED },
	{ "no transport, IPv6", 6, 6, IPPROTO_NONE, REASON_ICMP_UNRELATED },
	{ "an extension without end, IPv6", 6, 6, IPPROTO_DSTOPTS,
	  REASON_ICMP_INNER_BAD },
	/* clang-format on */
};

START_TEST(a_damaged_quotation_does_not_pass)
{
	struct rig rig;
	struct error error = start(&rig, damages[_i].version, IPPROTO_UDP);
	struct verdict verdict;

	error.quoted[damages[_i].at] = damages[_i].value;
	verdict = send_error(&rig, &error);
	ck_assert_msg(verdict.reason == damages[_i].reason, "%s: %s",
		      damages[_i].what, reason_info[verdict.reason].name);
	rig_stop(&rig);
}
END_TEST

/* RFC 1122 section 3.2.2: never about an error. */
START_TEST(an_error_about_an_error_does_not_pass)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_ICMP);
	struct build inner = error.inner;

	inner.icmp.type = error.outer.icmp.type;
	error = error_about(&inner, 8);
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_ICMP_NESTED);
	rig_stop(&rig);
}
END_TEST

/* All types of errors, also of those that do not pass themselves. */
static const struct {
	const char *what;
	uint8_t version;
	uint8_t type;
} nested[] = {
	{ "unreachable", 4, 3 },
	{ "source quench", 4, 4 },
	{ "redirect", 4, 5 },
	{ "time exceeded", 4, 11 },
	{ "parameter problem", 4, 12 },
	{ "unreachable, IPv6", 6, 1 },
	{ "too big", 6, 2 },
	{ "time exceeded, IPv6", 6, 3 },
	{ "parameter problem, IPv6", 6, 4 },
	{ "an error to come", 6, 100 },
	{ "the last error", 6, 127 },
	{ "redirect, IPv6", 6, 137 },
};

START_TEST(no_type_of_error_is_quoted)
{
	struct rig rig;
	struct error error = start(&rig, nested[_i].version, IPPROTO_ICMP);
	struct build inner = error.inner;

	inner.icmp.type = nested[_i].type;
	error = error_about(&inner, 8);
	ck_assert_msg(send_error(&rig, &error).reason == REASON_ICMP_NESTED,
		      "%s", nested[_i].what);
	rig_stop(&rig);
}
END_TEST

/* Each fault and the ones that are looked at later. */
START_TEST(what_is_wrong_first_is_the_reason)
{
	struct rig rig;
	struct error error = start(&rig, 4, IPPROTO_ICMP);
	struct build inner = error.inner;

	inner.icmp.type = 3;
	error = error_about(&inner, 8);
	error.outer.ip.dst = "192.0.2.99";
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_ICMP_NESTED);
	error.quoted[7] = 1;
	ck_assert_int_eq(send_error(&rig, &error).reason,
			 REASON_ICMP_INNER_BAD);
	error.outer.bad_checksum = true;
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_BAD_CHECKSUM);
	error.outer.ip.src = "224.0.0.1";
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_BAD_ADDR);
	rig_stop(&rig);
}
END_TEST

/* An error about the reply goes to who answered. */
START_TEST(an_error_about_a_reply_passes)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_ICMP);
	struct build reply = error.inner;
	struct verdict verdict;

	reply.ip.src = error.inner.ip.dst;
	reply.ip.dst = error.inner.ip.src;
	reply.icmp.type = families[_i] == 4 ? 0 : 129;
	error = error_about(&reply, 8);
	verdict = send_error(&rig, &error);
	ck_assert_int_eq(verdict.reason, REASON_RELATED);
	ck_assert(!verdict.conn.reply);
	rig_stop(&rig);
}
END_TEST

static const struct {
	const char *what;
	uint8_t version;
	uint8_t type;
	uint8_t code;
	uint32_t rest;
	enum reason reason;
} mtus[] = {
	/* clang-format off */
	{ "none: routers of old", 4, 3, 4, 0, REASON_RELATED },
	{ "below what IPv4 has", 4, 3, 4, 67, REASON_ICMP_MTU },
	{ "the least of IPv4", 4, 3, 4, 68, REASON_RELATED },
	{ "ordinary", 4, 3, 4, 1400, REASON_RELATED },
	{ "the largest of IPv4", 4, 3, 4, 65535, REASON_RELATED },
	{ "the unused half is not looked at", 4, 3, 4, 0xffff0000 | 1400,
	  REASON_RELATED },
	{ "another code has none", 4, 3, 1, 1, REASON_RELATED },
	{ "another type has none", 4, 11, 4, 1, REASON_RELATED },
	{ "none, IPv6", 6, 2, 0, 0, REASON_ICMP_MTU },
	{ "below what IPv6 has", 6, 2, 0, 1279, REASON_ICMP_MTU },
	{ "the least of IPv6", 6, 2, 0, 1280, REASON_RELATED },
	{ "the largest of IPv6", 6, 2, 0, 65535, REASON_RELATED },
	{ "larger than a packet", 6, 2, 0, 65536, REASON_ICMP_MTU },
	{ "much larger than a packet", 6, 2, 0, 0xffffffff, REASON_ICMP_MTU },
	{ "another type has none, IPv6", 6, 1, 4, 1, REASON_RELATED },
	/* clang-format on */
};

START_TEST(the_mtu_is_possible)
{
	struct rig rig;
	struct error error = start(&rig, mtus[_i].version, IPPROTO_TCP);
	struct verdict verdict;

	error.outer.icmp.type = mtus[_i].type;
	error.outer.icmp.code = mtus[_i].code;
	error.outer.icmp.rest = mtus[_i].rest;
	verdict = send_error(&rig, &error);
	ck_assert_msg(verdict.reason == mtus[_i].reason, "%s: %s",
		      mtus[_i].what, reason_info[verdict.reason].name);
	rig_stop(&rig);
}
END_TEST

/* Ten a second about one connection; then the next second. */
START_TEST(errors_about_one_connection_are_limited)
{
	struct rig rig;
	struct error error = start(&rig, families[_i], IPPROTO_UDP);
	int passed = 0;

	for (int i = 0; i < 100; i++) {
		struct verdict verdict = send_error(&rig, &error);

		passed += verdict.reason == REASON_RELATED;
		if (verdict.reason != REASON_RELATED)
			ck_assert_int_eq(verdict.reason, REASON_ICMP_RATE);
		rig.now += 9;
	}
	ck_assert_int_eq(passed, 10);
	rig.now += 1000;
	ck_assert_int_eq(send_error(&rig, &error).reason, REASON_RELATED);
	rig_stop(&rig);
}
END_TEST

static enum reason send_error_about(struct rig *rig, const struct build *inner)
{
	struct error error = error_about(inner, 8);

	return send_error(rig, &error).reason;
}

/* A thousand a second about all of them: nine about each of 200. */
START_TEST(errors_in_all_are_limited)
{
	enum { CONNS = 200, EACH = 9, MOST = 1000 };
	struct build b = question(families[_i], IPPROTO_UDP);
	struct rig rig;
	int passed = 0;

	rig_start(&rig, CONNS);
	for (int i = 0; i < CONNS * EACH; i++) {
		enum reason reason;

		b.sport = (uint16_t)(1000 + i % CONNS);
		if (i < CONNS)
			ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
		reason = send_error_about(&rig, &b);
		passed += reason == REASON_RELATED;
		if (reason != REASON_RELATED)
			ck_assert_int_eq(reason, REASON_ICMP_RATE);
	}
	ck_assert_int_eq(passed, MOST);
	rig.now += 1000;
	for (b.sport = 1000; b.sport < 1000 + CONNS; b.sport++)
		ck_assert_int_eq(send_error_about(&rig, &b), REASON_RELATED);
	rig_stop(&rig);
}
END_TEST

START_TEST(the_subject_is_the_connection_that_is_quoted)
{
	struct build b = question(families[_i], IPPROTO_UDP);
	struct error error = error_about(&b, 8);
	struct packet inner;
	struct packet outer;

	ck_assert_int_eq(frame_read(&b, &inner), REASON_NONE);
	error.outer.payload = error.quoted;
	error.outer.payload_len = error.quoted_len;
	ck_assert_int_eq(frame_read(&error.outer, &outer), REASON_NONE);
	ck_assert(outer.icmp.is_error);
	ck_assert(tuple_equal(packet_subject(&outer), &inner.tuple));
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, an_error_about_a_packet_passes, 0,
			    COUNT(protocols));
	tcase_add_loop_test(tc, an_error_changes_nothing, 0, 2);
	tcase_add_loop_test(tc, an_error_opens_nothing, 0, 2);
	tcase_add_loop_test(
		tc, an_error_about_an_expired_connection_is_unrelated, 0, 2);
	tcase_add_loop_test(
		tc, an_error_about_the_other_direction_is_not_in_flight, 0, 2);
	tcase_add_loop_test(tc, only_the_segment_in_flight_counts, 0, 2);
	tcase_add_loop_test(tc, an_error_goes_to_who_sent_the_packet, 0, 2);
	tcase_add_loop_test(tc, a_quotation_has_the_headers_and_eight_octets, 0,
			    2);
	tcase_add_loop_test(tc, what_follows_the_quotation_does_not_matter, 0,
			    2);
	tcase_add_loop_test(tc, a_damaged_quotation_does_not_pass, 0,
			    COUNT(damages));
	tcase_add_loop_test(tc, an_error_about_an_error_does_not_pass, 0, 2);
	tcase_add_loop_test(tc, no_type_of_error_is_quoted, 0, COUNT(nested));
	tcase_add_test(tc, what_is_wrong_first_is_the_reason);
	tcase_add_loop_test(tc, an_error_about_a_reply_passes, 0, 2);
	tcase_add_loop_test(tc, the_mtu_is_possible, 0, COUNT(mtus));
	tcase_add_loop_test(tc, errors_about_one_connection_are_limited, 0, 2);
	tcase_add_loop_test(tc, errors_in_all_are_limited, 0, 2);
	tcase_add_loop_test(tc, the_subject_is_the_connection_that_is_quoted, 0,
			    2);
}

int main(void)
{
	TCase *tc = tcase_create("icmp_error");

	add(tc);
	return run_tests(tc, "icmp_error");
}
