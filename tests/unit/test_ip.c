/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv4 header with options, the IPv6 header with its chain of extension
 * headers: what is read, where it ends, and what is refused.
 */
#include "engine/ip.h"

#include <netinet/in.h>

#include "unit/frame.h"
#include "unit/run.h"

/* The addresses read last. */
static struct tuple ends;

static enum reason read_ip(const struct build *b, struct ip_header *ip,
			   struct reader *r)
{
	static uint8_t octets[FRAME_LEN];
	size_t len = build_packet(b, octets, sizeof(octets));

	*r = (struct reader){ octets, octets + len };
	return ip_parse(ip, &ends, r);
}

START_TEST(ipv4_fields_are_read)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct ip_header ip;
	struct reader r;
	struct addr src;
	struct addr dst;

	b.ip.hop_limit = 7;
	b.payload_len = 100;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_NONE);
	ck_assert_uint_eq(ip.version, 4);
	ck_assert_uint_eq(ip.len, 128);
	ck_assert_uint_eq(ip.header_len, 20);
	ck_assert_uint_eq(ip.ipproto, IPPROTO_UDP);
	ck_assert_uint_eq(ip.hop_limit, 7);
	ck_assert_uint_eq(reader_left(&r), 108);
	addr_parse(&src, b.ip.src);
	addr_parse(&dst, b.ip.dst);
	ck_assert(addr_equal(&ends.src, &src));
	ck_assert(addr_equal(&ends.dst, &dst));
}
END_TEST

START_TEST(ipv6_fields_are_read)
{
	struct build b = frame_draft(6, IPPROTO_UDP);
	struct ip_header ip;
	struct reader r;
	struct addr src;
	struct addr dst;

	b.ip.hop_limit = 255;
	b.payload_len = 100;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_NONE);
	ck_assert_uint_eq(ip.version, 6);
	ck_assert_uint_eq(ip.len, 148);
	ck_assert_uint_eq(ip.header_len, 40);
	ck_assert_uint_eq(ip.ipproto, IPPROTO_UDP);
	ck_assert_uint_eq(ip.hop_limit, 255);
	ck_assert_uint_eq(reader_left(&r), 108);
	addr_parse(&src, b.ip.src);
	addr_parse(&dst, b.ip.dst);
	ck_assert(addr_equal(&ends.src, &src));
	ck_assert(addr_equal(&ends.dst, &dst));
}
END_TEST

/* Options in words: the reader stands behind them. */
START_TEST(ipv4_options_are_passed_over)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct ip_header ip;
	struct reader r;

	b.ip.options.len = (size_t)_i * 4;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_NONE);
	ck_assert_uint_eq(ip.header_len, 20 + 4 * (unsigned int)_i);
	ck_assert_uint_eq(reader_left(&r), 8);
}
END_TEST

START_TEST(an_ipv4_header_below_five_words_is_refused)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct ip_header ip;
	struct reader r;

	b.ip.ihl = _i ? _i : BUILD_ZERO;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_BAD_HEADER);
}
END_TEST

static const struct {
	const char *what;
	uint16_t fragment;
	bool is_fragment;
} ipv4_fragments[] = {
	{ "none", 0, false },
	{ "do not fragment", 0x4000, false },
	{ "the reserved bit", 0x8000, false },
	{ "the first", 0x2000, true },
	{ "the last", 0x0001, true },
	{ "the last, far behind", 0x1fff, true },
	{ "one between", 0x2001, true },
};

START_TEST(ipv4_fragments_are_known)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct ip_header ip;
	struct reader r;

	b.ip.fragment = ipv4_fragments[_i].fragment;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_NONE);
	ck_assert_msg(ip_is_fragment(&ip) == ipv4_fragments[_i].is_fragment,
		      "%s", ipv4_fragments[_i].what);
	ck_assert_uint_eq(ip.fragment_offset,
			  ipv4_fragments[_i].fragment & 0x1fff);
}
END_TEST

/* Extension headers, by letters. */
static const struct {
	char letter;
	struct build_ext ext;
} headers[] = {
	{ 'h', { IPPROTO_HOPOPTS, 0, 0 } },
	{ 'd', { IPPROTO_DSTOPTS, 0, 0 } },
	{ 'D', { IPPROTO_DSTOPTS, 31, 0 } }, /* 256 octets */
	{ 'r', { IPPROTO_ROUTING, 2, 0x0200 } },
	{ '0', { IPPROTO_ROUTING, 2, 0x0000 } },  /* type 0 */
	{ '1', { IPPROTO_ROUTING, 2, 0x0001 } },  /* type 0, a segment left */
	{ 'a', { IPPROTO_FRAGMENT, 0, 0x0000 } }, /* all of the packet */
	{ 'f', { IPPROTO_FRAGMENT, 0, 0x0001 } }, /* the first of several */
	{ 'm', { IPPROTO_FRAGMENT, 0, 0x0009 } }, /* one in the middle */
	{ 'l', { IPPROTO_FRAGMENT, 0, 0x0008 } }, /* the last */
	{ 'x', { IPPROTO_FRAGMENT, 0, 0x0006 } }, /* reserved bits set */
};

static void add_headers(struct build_ip *ip, const char *letters)
{
	for (; *letters; letters++)
		for (int i = 0; i < COUNT(headers); i++)
			if (headers[i].letter == *letters)
				ip->ext[ip->ext_count++] = headers[i].ext;
}

/* clang-format off */
static const struct {
	const char *what;
	const char *chain;
	enum reason reason;
	uint32_t header_len; /* if there is no reason against it */
	bool is_fragment;
} chains[] = {
	{ "none", "", REASON_NONE, 40, false },
	{ "hop-by-hop options", "h", REASON_NONE, 48, false },
	{ "destination options", "d", REASON_NONE, 48, false },
	{ "as RFC 8200 4.1 orders them", "hdrd", REASON_NONE, 88, false },
	{ "as many octets as allowed", "D", REASON_NONE, 296, false },
	{ "more octets than allowed", "Dd", REASON_EXT_HEADER, 0, false },
	{ "as many headers as allowed", "dddddddd", REASON_NONE, 104, false },
	{ "one header more", "ddddddddd", REASON_EXT_HEADER, 0, false },
	{ "hop-by-hop behind another", "dh", REASON_EXT_HEADER, 0, false },
	{ "hop-by-hop twice", "hh", REASON_EXT_HEADER, 0, false },
	{ "routing type 0", "1", REASON_EXT_HEADER, 0, false },
	{ "routing type 0, used up", "0", REASON_EXT_HEADER, 0, false },
	{ "an atomic fragment is whole", "a", REASON_NONE, 48, false },
	{ "the first fragment", "f", REASON_NONE, 48, true },
	{ "a fragment in the middle", "m", REASON_NONE, 48, true },
	{ "the last fragment", "l", REASON_NONE, 48, true },
	{ "reserved bits mean nothing", "x", REASON_NONE, 48, false },
	{ "two atomic fragments", "aa", REASON_EXT_HEADER, 0, false },
	{ "two, first and atomic", "fa", REASON_EXT_HEADER, 0, false },
	{ "two, one between them", "fda", REASON_EXT_HEADER, 0, false },
};
/* clang-format on */

START_TEST(chains_are_walked_within_bounds)
{
	struct build b = frame_draft(6, IPPROTO_UDP);
	struct ip_header ip;
	struct reader r;
	enum reason reason;

	add_headers(&b.ip, chains[_i].chain);
	reason = read_ip(&b, &ip, &r);
	ck_assert_msg(reason == chains[_i].reason, "%s: %s", chains[_i].what,
		      reason_info[reason].name);
	if (reason != REASON_NONE)
		return;
	ck_assert_msg(ip.header_len == chains[_i].header_len, "%s: %u octets",
		      chains[_i].what, ip.header_len);
	ck_assert_msg(ip_is_fragment(&ip) == chains[_i].is_fragment, "%s",
		      chains[_i].what);
	ck_assert_msg(ip.ipproto == IPPROTO_UDP, "%s", chains[_i].what);
	ck_assert_msg(reader_left(&r) == 8, "%s", chains[_i].what);
}
END_TEST

/*
 * Octets of a later fragment look like anything.  Its header says UDP next,
 * and the walk ends there whatever follows.
 */
START_TEST(behind_a_later_fragment_no_header_is_sought)
{
	struct build b = frame_draft(6, IPPROTO_HOPOPTS);
	struct ip_header ip;
	struct reader r;

	add_headers(&b.ip, "l");
	b.payload_len = 4;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_NONE);
	ck_assert_uint_eq(ip.ipproto, IPPROTO_HOPOPTS);
	ck_assert_uint_eq(ip.header_len, 48);
}
END_TEST

/* An extension header that we do not know is a protocol that we do not know. */
static const uint8_t foreign[] = { IPPROTO_ESP, IPPROTO_AH, IPPROTO_NONE, 135,
				   139,         253,        254,          255 };

START_TEST(unknown_next_headers_end_the_walk)
{
	struct build b = frame_draft(6, foreign[_i]);
	struct ip_header ip;
	struct reader r;

	b.payload_len = 16;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_NONE);
	ck_assert_uint_eq(ip.ipproto, foreign[_i]);
	ck_assert_uint_eq(ip.header_len, 40);
	ck_assert_uint_eq(reader_left(&r), ip.len - 40);
}
END_TEST

START_TEST(neither_four_nor_six_is_no_packet)
{
	uint8_t octets[40] = { (uint8_t)(_i << 4 | 5) };
	struct reader r = { octets, octets + sizeof(octets) };
	struct ip_header ip;

	if (_i == 4 || _i == 6)
		return;
	ck_assert_int_eq(ip_parse(&ip, &ends, &r), REASON_BAD_HEADER);
	ck_assert_uint_eq(ip.version, 0);
}
END_TEST

START_TEST(jumbo_length_is_left_to_the_caller)
{
	struct build b = frame_draft(6, IPPROTO_UDP);
	struct ip_header ip;
	struct reader r;

	b.ip.len = BUILD_ZERO;
	ck_assert_int_eq(read_ip(&b, &ip, &r), REASON_NONE);
	ck_assert_uint_eq(ip.len, 0);
}
END_TEST

static struct build long_headers(uint8_t version)
{
	struct build b = frame_draft(version, IPPROTO_UDP);

	if (version == 4)
		b.ip.options.len = 40;
	else
		add_headers(&b.ip, "hardd");
	return b;
}

static void check_truncation(uint8_t version, size_t header_len)
{
	struct build b = long_headers(version);
	uint8_t octets[FRAME_LEN];
	struct ip_header ip;

	ck_assert_uint_ge(build_packet(&b, octets, sizeof(octets)), header_len);
	for (size_t len = 0; len < header_len; len++) {
		struct reader r = { octets, octets + len };

		ck_assert_msg(ip_parse(&ip, &ends, &r) == REASON_SHORT_COPY,
			      "IPv%u, %zu octets", version, len);
	}
	ck_assert_int_eq(
		ip_parse(&ip, &ends,
			 &(struct reader){ octets, octets + header_len }),
		REASON_NONE);
}

START_TEST(each_cut_through_the_headers_is_noticed)
{
	check_truncation(4, 60);
	check_truncation(6, 40 + 8 + 8 + 24 + 8 + 8);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ip");

	tcase_add_test(tc, ipv4_fields_are_read);
	tcase_add_test(tc, ipv6_fields_are_read);
	tcase_add_loop_test(tc, ipv4_options_are_passed_over, 0, 11);
	tcase_add_loop_test(tc, an_ipv4_header_below_five_words_is_refused, 0,
			    5);
	tcase_add_loop_test(tc, ipv4_fragments_are_known, 0,
			    COUNT(ipv4_fragments));
	tcase_add_loop_test(tc, chains_are_walked_within_bounds, 0,
			    COUNT(chains));
	tcase_add_test(tc, behind_a_later_fragment_no_header_is_sought);
	tcase_add_loop_test(tc, unknown_next_headers_end_the_walk, 0,
			    COUNT(foreign));
	tcase_add_loop_test(tc, neither_four_nor_six_is_no_packet, 0, 16);
	tcase_add_test(tc, jumbo_length_is_left_to_the_caller);
	tcase_add_test(tc, each_cut_through_the_headers_is_noticed);
	return run_tests(tc, "ip");
}
