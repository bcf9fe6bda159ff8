/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checksums of whole packets: each bit counts, and what cannot or need not be
 * verified is not.  build.c computes them a second time.
 */
#include "engine/checksum.h"

#include <netinet/in.h>

#include "unit/frame.h"
#include "unit/run.h"

static const struct {
	const char *what;
	uint8_t version;
	uint8_t ipproto;
} kinds[] = {
	{ "TCP", 4, IPPROTO_TCP },
	{ "TCP, IPv6", 6, IPPROTO_TCP },
	{ "UDP", 4, IPPROTO_UDP },
	{ "UDP, IPv6", 6, IPPROTO_UDP },
	{ "ICMP", 4, IPPROTO_ICMP },
	{ "ICMPv6", 6, IPPROTO_ICMP },
	{ "UDP-Lite", 4, IPPROTO_UDPLITE },
	{ "UDP-Lite, IPv6", 6, IPPROTO_UDPLITE },
};

static const uint8_t payload[] = { 0x00, 0xff, 0x80, 0x01, 0x7f, 0xfe, 0x10 };

static struct build make(int kind)
{
	struct build b = frame_draft(kinds[kind].version, kinds[kind].ipproto);

	b.tcp.flags = TCP_ACK;
	b.tcp.seq = 0xfffefdfc;
	b.icmp.type = b.ip.version == 4 ? 8 : 128;
	b.icmp.rest = 0x00070001;
	b.payload = payload;
	b.payload_len = sizeof(payload);
	return b;
}

static size_t header_len(const struct build *b)
{
	return b->ip.version == 4 ? 20 : 40;
}

START_TEST(the_right_checksum_is_right)
{
	struct build b = make(_i);
	struct packet pkt;

	for (b.payload_len = 0; b.payload_len <= sizeof(payload);
	     b.payload_len++)
		ck_assert_msg(frame_read(&b, &pkt) == REASON_NONE,
			      "%s, %zu octets", kinds[_i].what, b.payload_len);
}
END_TEST

START_TEST(the_wrong_checksum_is_wrong)
{
	struct build b = make(_i);
	struct packet pkt;

	b.bad_checksum = true;
	ck_assert_msg(frame_read(&b, &pkt) == REASON_BAD_CHECKSUM, "%s",
		      kinds[_i].what);
}
END_TEST

START_TEST(each_bit_counts)
{
	struct build b = make(_i);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	for (size_t bit = 8 * header_len(&b); bit < 8 * frame.len; bit++) {
		frame.octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(frame_parse(&frame, &pkt) != REASON_NONE,
			      "%s, bit %zu", kinds[_i].what, bit);
		frame.octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
}
END_TEST

/*
 * The pseudo-header.  One less in an IPv4 address and one more in the
 * identification leaves the IP header's own checksum right.  ICMP for IPv4
 * has no pseudo-header.
 */
START_TEST(addresses_are_under_the_checksum)
{
	struct build b = make(_i);
	struct frame frame = frame_build(&b);
	bool has_none = b.ip.ipproto == IPPROTO_ICMP;
	struct packet pkt;

	frame.octets[header_len(&b) - 1]--;
	if (b.ip.version == 4)
		frame.octets[5]++;
	ck_assert_msg(frame_parse(&frame, &pkt) ==
			      (has_none ? REASON_NONE : REASON_BAD_CHECKSUM),
		      "%s", kinds[_i].what);
}
END_TEST

START_TEST(the_ipv4_header_has_its_own)
{
	struct build b = make(0);
	struct packet pkt;

	b.ip.options.len = _i ? 40 : 0;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	b.ip.checksum = 0x1234;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_BAD_CHECKSUM);
}
END_TEST

START_TEST(padding_is_not_under_the_checksum)
{
	struct build b = make(_i);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	for (int i = 0; i < 6; i++) {
		frame.octets[frame.len++] = 0xa5;
		frame.meta.len++;
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE,
			      "%s, %d octets", kinds[_i].what, i + 1);
	}
}
END_TEST

START_TEST(what_somebody_has_verified_is_not_verified_again)
{
	struct build b = make(_i);
	struct frame frame;
	struct packet pkt;

	b.bad_checksum = true;
	b.ip.checksum = 0x1234;
	frame = frame_build(&b);
	frame.meta.verify_checksum = false;
	ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE, "%s",
		      kinds[_i].what);
}
END_TEST

/* The network card will make the checksums of its segments. */
START_TEST(super_packets_have_none)
{
	struct build b = make(_i);
	struct frame frame;
	struct packet pkt;

	b.bad_checksum = true;
	frame = frame_build(&b);
	frame.meta.gso = true;
	ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE, "%s",
		      kinds[_i].what);
}
END_TEST

START_TEST(what_is_not_at_hand_is_not_verified)
{
	struct build b = make(_i);
	struct frame frame;
	struct packet pkt;

	b.bad_checksum = true;
	frame = frame_build(&b);
	frame.len--;
	ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE, "%s",
		      kinds[_i].what);
}
END_TEST

START_TEST(extension_headers_are_not_under_the_checksum)
{
	struct build b = make(_i);
	struct packet pkt;

	b.ip.ext[0] = (struct build_ext){ IPPROTO_DSTOPTS, 2, 0xabcd };
	b.ip.ext_count = 1;
	ck_assert_msg(frame_read(&b, &pkt) == REASON_NONE, "%s",
		      kinds[_i].what);
	b.bad_checksum = true;
	ck_assert_msg(frame_read(&b, &pkt) == REASON_BAD_CHECKSUM, "%s",
		      kinds[_i].what);
}
END_TEST

/* The pseudo-header has the last destination, which is not the next one. */
START_TEST(on_the_way_to_others_there_is_none)
{
	struct build b = make(_i);
	struct packet pkt;

	b.ip.ext[0] = (struct build_ext){ IPPROTO_ROUTING, 2, 0x0400 };
	b.ip.ext_count = 1;
	b.bad_checksum = true;
	ck_assert_msg(frame_read(&b, &pkt) == REASON_BAD_CHECKSUM,
		      "%s, no segment left", kinds[_i].what);
	b.ip.ext[0].word |= 1;
	ck_assert_msg(frame_read(&b, &pkt) == REASON_NONE, "%s, a segment left",
		      kinds[_i].what);
}
END_TEST

/* A sum in parts, odd octets at the end only, is the sum of the whole. */
START_TEST(sums_can_be_added_up)
{
	uint32_t whole = checksum_add(0, payload, sizeof(payload));
	uint32_t part = checksum_add(0, payload, 4);

	part = checksum_add(part, payload + 4, sizeof(payload) - 4);
	ck_assert_uint_eq(checksum_fold(part), checksum_fold(whole));
	/* 00ff + 8001 + 7ffe + 1000 */
	ck_assert_uint_eq(checksum_fold(whole), 0x10ff);
}
END_TEST

START_TEST(a_sum_of_many_ones_does_not_overflow)
{
	static uint8_t ones[UINT16_MAX];

	for (size_t i = 0; i < sizeof(ones); i++)
		ones[i] = 0xff;
	ck_assert_uint_eq(checksum_fold(checksum_add(0, ones, 65534)), 0xffff);
	ck_assert_uint_eq(checksum_fold(checksum_add(0xffff, ones, 65534)),
			  0xffff);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("checksum");

	tcase_add_loop_test(tc, the_right_checksum_is_right, 0, COUNT(kinds));
	tcase_add_loop_test(tc, the_wrong_checksum_is_wrong, 0, COUNT(kinds));
	tcase_add_loop_test(tc, each_bit_counts, 0, COUNT(kinds));
	tcase_add_loop_test(tc, addresses_are_under_the_checksum, 0,
			    COUNT(kinds));
	tcase_add_loop_test(tc, the_ipv4_header_has_its_own, 0, 2);
	tcase_add_loop_test(tc, padding_is_not_under_the_checksum, 0,
			    COUNT(kinds));
	tcase_add_loop_test(tc,
			    what_somebody_has_verified_is_not_verified_again, 0,
			    COUNT(kinds));
	tcase_add_loop_test(tc, super_packets_have_none, 0, COUNT(kinds));
	tcase_add_loop_test(tc, what_is_not_at_hand_is_not_verified, 0,
			    COUNT(kinds));
	/* The kinds of IPv6 have odd numbers. */
	for (int i = 1; i < COUNT(kinds); i += 2) {
		tcase_add_loop_test(
			tc, extension_headers_are_not_under_the_checksum, i,
			i + 1);
		tcase_add_loop_test(tc, on_the_way_to_others_there_is_none, i,
				    i + 1);
	}
	tcase_add_test(tc, sums_can_be_added_up);
	tcase_add_test(tc, a_sum_of_many_ones_does_not_overflow);
	return run_tests(tc, "checksum");
}
