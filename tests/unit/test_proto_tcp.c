/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP's header and options, and what no correct sender sends.
 */
#include "engine/proto.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "unit/frame.h"
#include "unit/run.h"

enum {
	F = TCP_FIN,
	S = TCP_SYN,
	R = TCP_RST,
	P = TCP_PSH,
	A = TCP_ACK,
	U = TCP_URG,
};

static struct build segment(uint8_t flags)
{
	struct build b = frame_draft(4, IPPROTO_TCP);

	b.tcp.flags = flags;
	return b;
}

START_TEST(fields_are_read)
{
	struct build b = segment(A | P);
	struct packet pkt;

	b.tcp.seq = 0xfedcba98;
	b.tcp.ack = 0x80000001;
	b.tcp.window = 0xabcd;
	b.payload_len = 77;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert_uint_eq(pkt.tcp.seq, 0xfedcba98);
	ck_assert_uint_eq(pkt.tcp.ack, 0x80000001);
	ck_assert_uint_eq(pkt.tcp.window, 0xabcd);
	ck_assert_uint_eq(pkt.tcp.flags, A | P);
	ck_assert_uint_eq(pkt.tcp.len, 77);
	ck_assert_uint_eq(pkt.tcp.sack_right, 0x80000001);
	ck_assert(!pkt.tcp.has_wscale && !pkt.tcp.has_sack_ok &&
		  !pkt.tcp.has_ts && !pkt.tcp.has_md5_ao);
}
END_TEST

/*
 * The list: all combinations of the six classic flags that are legal, each
 * with and without PSH, an ACK and a FIN also with and without URG.  A SYN with
 * URG is for the settings to judge.
 */
static const uint8_t legal[] = {
	S,     S | P,     S | U, S | U | P, S | A,     S | A | P,
	R,     R | P,     R | A, R | A | P, A,         A | P,
	A | U, A | U | P, F | A, F | A | P, F | A | U, F | A | U | P,
};

static bool is_legal(uint8_t flags)
{
	return memchr(legal, flags, sizeof(legal));
}

START_TEST(eighteen_combinations_of_flags_are_legal)
{
	uint8_t flags = (uint8_t)_i;
	struct build b = segment(flags);
	struct packet pkt;
	enum reason reason = frame_read(&b, &pkt);

	ck_assert_msg(reason != REASON_NONE ||
			      pkt.unusual == ((flags & (S | U)) == (S | U)
						      ? PACKET_SYN_URG
						      : 0),
		      "flags %#x: %#x", flags, pkt.unusual);
	if (is_legal(flags))
		ck_assert_msg(reason == REASON_NONE, "flags %#x: %s", flags,
			      reason_info[reason].name);
	else if ((flags & ~P) == F)
		ck_assert_msg(reason == REASON_FIN_NO_ACK, "flags %#x: %s",
			      flags, reason_info[reason].name);
	else
		ck_assert_msg(reason == REASON_ILLEGAL_FLAGS, "flags %#x: %s",
			      flags, reason_info[reason].name);
}
END_TEST

/* RFC 3168, RFC 9768, and RFC 9293 section 3.1 for the rest. */
static const struct {
	const char *what;
	uint8_t flags;
	uint8_t reserved;
} congestion[] = {
	{ "a SYN that offers ECN", S | BUILD_ECE | BUILD_CWR, 0 },
	{ "a SYN-ACK that accepts ECN", S | A | BUILD_ECE, 0 },
	{ "a SYN that offers accurate ECN", S | BUILD_ECE | BUILD_CWR, 1 },
	{ "data with all the bits", A | P | BUILD_ECE | BUILD_CWR, 15 },
	{ "a FIN with reserved bits", F | A, 14 },
	{ "a RST with AE", R, 1 },
};

START_TEST(other_bits_of_the_header_do_not_matter)
{
	struct build b = segment(congestion[_i].flags);
	struct packet pkt;

	b.tcp.reserved = congestion[_i].reserved;
	ck_assert_msg(frame_read(&b, &pkt) == REASON_NONE, "%s",
		      congestion[_i].what);
	ck_assert_msg(pkt.tcp.flags == (congestion[_i].flags & 0x3f), "%s",
		      congestion[_i].what);
}
END_TEST

START_TEST(other_bits_of_the_header_make_nothing_legal)
{
	struct build b = segment(S | F | BUILD_ECE | BUILD_CWR);
	struct packet pkt;

	b.tcp.reserved = 15;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_ILLEGAL_FLAGS);
}
END_TEST

START_TEST(an_urgent_pointer_without_urg_is_nobodys_business)
{
	struct build b = segment(A);
	struct packet pkt;

	b.tcp.urgent = 0xffff;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
}
END_TEST

/* Data offset in words, for each length of the segment in words. */
START_TEST(data_begins_within_the_segment)
{
	struct build b = segment(A);
	struct packet pkt;

	for (int words = 5; words <= 15; words++) {
		bool fits = _i >= 5 && _i <= words;
		enum reason reason;

		b.tcp.data_offset = _i ? _i : BUILD_ZERO;
		b.payload_len = (size_t)(words - 5) * 4;
		reason = frame_read(&b, &pkt);
		ck_assert_msg(reason ==
				      (fits ? REASON_NONE : REASON_BAD_HEADER),
			      "offset %d of %d words: %s", _i, words,
			      reason_info[reason].name);
		if (fits)
			ck_assert_uint_eq(pkt.tcp.len,
					  (uint32_t)(words - _i) * 4);
	}
}
END_TEST

static const struct {
	const char *what;
	uint8_t version;
	const char *src;
	uint16_t sport;
	const char *dst;
	uint16_t dport;
	enum reason reason;
} ends[] = {
	/* clang-format off */
	{ "no source port", 4, "192.0.2.1", 0, "192.0.2.2", 80,
	  REASON_PORT_ZERO },
	{ "no destination port", 4, "192.0.2.1", 80, "192.0.2.2", 0,
	  REASON_PORT_ZERO },
	{ "one host speaks to itself", 4, "192.0.2.1", 80, "192.0.2.1", 81,
	  REASON_NONE },
	{ "both ends are one", 4, "192.0.2.1", 80, "192.0.2.1", 80,
	  REASON_LAND },
	{ "both ends are one, IPv6", 6, "2001:db8::1", 80, "2001:db8::1", 80,
	  REASON_LAND },
	{ "to a group", 4, "192.0.2.1", 80, "224.0.0.1", 80, REASON_BAD_ADDR },
	{ "to a group, IPv6", 6, "2001:db8::1", 80, "ff02::1", 80,
	  REASON_BAD_ADDR },
	{ "to all hosts", 4, "192.0.2.1", 80, "255.255.255.255", 80,
	  REASON_BAD_ADDR },
	{ "from no address", 4, "0.0.0.0", 80, "192.0.2.2", 80,
	  REASON_BAD_ADDR },
	{ "from no address, IPv6", 6, "::", 80, "2001:db8::2", 80,
	  REASON_BAD_ADDR },
	/* clang-format on */
};

START_TEST(impossible_ends_are_refused)
{
	struct build b = frame_draft(ends[_i].version, IPPROTO_TCP);
	struct packet pkt;
	enum reason reason;

	b.ip.src = ends[_i].src;
	b.ip.dst = ends[_i].dst;
	b.sport = ends[_i].sport;
	b.dport = ends[_i].dport;
	b.tcp.flags = S;
	reason = frame_read(&b, &pkt);
	ck_assert_msg(reason == ends[_i].reason, "%s: %s", ends[_i].what,
		      reason_info[reason].name);
}
END_TEST

/* What an option list tells; -1: nothing. */
static const struct {
	const char *what;
	uint8_t flags;
	size_t len;
	uint8_t octets[40];
	int wscale;
	bool sack_ok;
	int64_t timestamp;
	bool is_signed;
} options[] = {
	/* clang-format off */
	{ "none", S, 0, { 0 }, -1, false, -1, false },
	{ "MSS alone", S, 4, { 2, 4, 5, 180 }, -1, false, -1, false },
	{ "as Linux sends them", S, 20, { 2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 1, 0,
	  0, 0, 0, 0, 1, 3, 3, 7 }, 7, true, 256, false },
	{ "in a SYN-ACK", S | A, 3, { 3, 3, 9 }, 9, false, -1, false },
	{ "a scale of 0", S, 3, { 3, 3, 0 }, 0, false, -1, false },
	{ "the largest scale", S, 3, { 3, 3, 14 }, 14, false, -1, false },
	{ "a scale too large", S, 3, { 3, 3, 15 }, 14, false, -1, false },
	{ "a scale much too large", S, 3, { 3, 3, 255 }, 14, false, -1, false },
	{ "a scale without SYN", A, 3, { 3, 3, 7 }, -1, false, -1, false },
	{ "SACK permitted without SYN", A, 2, { 4, 2 }, -1, false, -1, false },
	{ "a timestamp", A, 12, { 1, 1, 8, 10, 255, 255, 255, 255, 0, 0, 0, 0 },
	  -1, false, 0xffffffff, false },
	{ "MD5", S, 18, { 19, 18 }, -1, false, -1, true },
	{ "authentication", S, 16, { 29, 16 }, -1, false, -1, true },
	{ "MD5 in data", A, 18, { 19, 18 }, -1, false, -1, true },
	{ "forty NOPs", S, 40, { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	  1 }, -1, false, -1, false },
	{ "an unknown one as long as can be", S, 40, { 254, 40 }, -1, false, -1,
	  false },
	{ "an unknown one is passed over", S, 7, { 254, 4, 3, 3, 3, 3, 5 }, 5,
	  false, -1, false },
	{ "behind the end", S, 4, { 0, 3, 3, 7 }, -1, false, -1, false },
	{ "said twice: the last", S, 6, { 3, 3, 2, 3, 3, 4 }, 4, false, -1,
	  false },

	/* What is malformed ends the list; what came before counts. */
	{ "length 0", S, 5, { 4, 2, 3, 0, 7 }, -1, true, -1, false },
	{ "length 1", S, 5, { 4, 2, 3, 1, 7 }, -1, true, -1, false },
	{ "no room for the length", S, 4, { 4, 2, 1, 3 }, -1, true, -1, false },
	{ "longer than the list", S, 4, { 4, 2, 3, 3 }, -1, true, -1, false },
	{ "much longer than the list", S, 4, { 4, 2, 3, 255 }, -1, true, -1,
	  false },
	{ "a scale of no octets", S, 4, { 3, 2, 4, 2 }, -1, true, -1, false },
	{ "a scale of two octets", S, 4, { 3, 4, 7, 7 }, -1, false, -1, false },
	{ "SACK permitted, with an octet", S, 4, { 4, 3, 1, 1 }, -1, false, -1,
	  false },
	{ "a short timestamp", A, 8, { 8, 8, 1, 2, 3, 4, 5, 6 }, -1, false, -1,
	  false },
	{ "a long timestamp", A, 12, { 8, 12, 1, 2, 3, 4 }, -1, false, -1,
	  false },
	/* clang-format on */
};

START_TEST(options_are_read_as_far_as_they_are_sound)
{
	struct build b = segment(options[_i].flags);
	struct packet pkt;

	build_bytes(&b.tcp.options, options[_i].octets, options[_i].len);
	ck_assert_msg(frame_read(&b, &pkt) == REASON_NONE, "%s",
		      options[_i].what);
	ck_assert_msg(pkt.tcp.has_wscale == (options[_i].wscale >= 0), "%s",
		      options[_i].what);
	if (pkt.tcp.has_wscale)
		ck_assert_msg(pkt.tcp.wscale == options[_i].wscale, "%s: %u",
			      options[_i].what, pkt.tcp.wscale);
	ck_assert_msg(pkt.tcp.has_sack_ok == options[_i].sack_ok, "%s",
		      options[_i].what);
	ck_assert_msg(pkt.tcp.has_ts == (options[_i].timestamp >= 0), "%s",
		      options[_i].what);
	if (pkt.tcp.has_ts)
		ck_assert_msg(pkt.tcp.ts_val == options[_i].timestamp, "%s",
			      options[_i].what);
	ck_assert_msg(pkt.tcp.has_md5_ao == options[_i].is_signed, "%s",
		      options[_i].what);
}
END_TEST

static const struct {
	const char *what;
	uint32_t ack;
	size_t count;
	uint32_t edges[4][2];
	uint32_t right; /* the highest edge */
} sacks[] = {
	{ "one block", 1000, 1, { { 2000, 3000 } }, 3000 },
	{ "several, the highest in front",
	  1000,
	  3,
	  { { 6000, 7000 }, { 2000, 3000 }, { 4000, 5000 } },
	  7000 },
	{ "several, the highest at the end",
	  1000,
	  4,
	  { { 2000, 2100 }, { 2200, 2300 }, { 2400, 2500 }, { 2600, 2700 } },
	  2700 },
	{ "D-SACK: a block before the acknowledgement (RFC 2883)",
	  5000,
	  1,
	  { { 1000, 2000 } },
	  5000 },
	{ "a block with its edges exchanged",
	  1000,
	  1,
	  { { 3000, 2000 } },
	  1000 },
	{ "an empty block", 1000, 1, { { 2000, 2000 } }, 1000 },
	{ "across the wrap",
	  0xffffff00,
	  2,
	  { { 0xffffff80, 0x10 }, { 0xffffff40, 0xffffff60 } },
	  0x10 },
};

START_TEST(the_highest_edge_of_sack_is_found)
{
	struct build b = segment(A);
	struct packet pkt;
	uint8_t head[2] = { 5, (uint8_t)(2 + 8 * sacks[_i].count) };

	b.tcp.ack = sacks[_i].ack;
	build_bytes(&b.tcp.options, head, sizeof(head));
	for (size_t i = 0; i < sacks[_i].count; i++)
		for (int j = 0; j < 2; j++) {
			uint32_t edge = htonl(sacks[_i].edges[i][j]);

			build_bytes(&b.tcp.options, &edge, sizeof(edge));
		}
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert_msg(pkt.tcp.sack_right == sacks[_i].right, "%s: %u",
		      sacks[_i].what, pkt.tcp.sack_right);
}
END_TEST

/* Blocks are of 8 octets; what is left of the option is none. */
START_TEST(half_a_block_of_sack_is_none)
{
	static const uint8_t option[] = { 5, 14, 0, 0, 0, 2, 0, 0,
					  0, 3,  0, 0, 0, 9, 1, 1 };
	struct build b = segment(A);
	struct packet pkt;

	b.tcp.ack = 1;
	build_bytes(&b.tcp.options, option, sizeof(option));
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert_uint_eq(pkt.tcp.sack_right, 3);
}
END_TEST

/* In front, and at the end of the list. */
static const uint8_t places[] = { 0, 1, 37, 38, 39 };
static const uint8_t sizes[] = { 0, 1, 2, 3, 10, 39, 40, 41, 255 };

START_TEST(no_option_is_read_beyond_the_list)
{
	struct build b = segment(S);
	struct packet pkt;
	uint8_t at = places[_i / COUNT(sizes)];

	b.tcp.options.len = 40;
	for (int kind = 0; kind < 256; kind++) {
		memset(b.tcp.options.bytes, 1, 40);
		b.tcp.options.bytes[at] = (uint8_t)kind;
		if (at < 39)
			b.tcp.options.bytes[at + 1] = sizes[_i % COUNT(sizes)];
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_tcp");

	tcase_add_test(tc, fields_are_read);
	tcase_add_loop_test(tc, eighteen_combinations_of_flags_are_legal, 0,
			    64);
	tcase_add_loop_test(tc, other_bits_of_the_header_do_not_matter, 0,
			    COUNT(congestion));
	tcase_add_test(tc, other_bits_of_the_header_make_nothing_legal);
	tcase_add_test(tc, an_urgent_pointer_without_urg_is_nobodys_business);
	tcase_add_loop_test(tc, data_begins_within_the_segment, 0, 16);
	tcase_add_loop_test(tc, impossible_ends_are_refused, 0, COUNT(ends));
	tcase_add_loop_test(tc, options_are_read_as_far_as_they_are_sound, 0,
			    COUNT(options));
	tcase_add_loop_test(tc, the_highest_edge_of_sack_is_found, 0,
			    COUNT(sacks));
	tcase_add_test(tc, half_a_block_of_sack_is_none);
	tcase_add_loop_test(tc, no_option_is_read_beyond_the_list, 0,
			    COUNT(places) * COUNT(sizes));
	return run_tests(tc, "proto_tcp");
}
