/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From octets to struct packet: lengths, copies, addresses.
 */
#include "engine/packet.h"

#include <assert.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "unit/frame.h"
#include "unit/run.h"

static const uint8_t families[] = { 4, 6 };

static void set_name(char name[PACKET_IFNAME_LEN], const char *text)
{
	(void)snprintf(name, PACKET_IFNAME_LEN, "%s", text);
}

START_TEST(what_is_known_of_the_packet_stays_with_it)
{
	struct build b = frame_draft(families[_i], IPPROTO_TCP);
	struct frame frame;
	struct packet pkt;

	b.tcp.flags = TCP_SYN;
	b.ip.hop_limit = 33;
	b.ip.tos = 46 << 2 | 3;
	frame = frame_build(&b);
	frame.meta.hook = HOOK_INPUT;
	frame.meta.uid = 1000;
	frame.meta.gid = 100;
	frame.meta.has_owner = true;
	frame.meta.mark = 0x80000001;
	set_name(frame.meta.indev, "fifteen-letters");
	set_name(frame.meta.outdev, "");
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	ck_assert_int_eq(pkt.hook, HOOK_INPUT);
	ck_assert_uint_eq(pkt.mark, 0x80000001);
	ck_assert_str_eq(pkt.indev, "fifteen-letters");
	ck_assert_str_eq(pkt.outdev, "");
	ck_assert_uint_eq(pkt.hop_limit, 33);
	ck_assert_uint_eq(pkt.dscp, 46);
	ck_assert(pkt.has_owner);
	ck_assert_uint_eq(pkt.uid, 1000);
	ck_assert_uint_eq(pkt.gid, 100);
	ck_assert_uint_eq(pkt.len, frame.len);
	ck_assert(pkt.has_ports);
	ck_assert_uint_eq(pkt.tuple.sport, 40000);
	ck_assert_uint_eq(pkt.tuple.dport, 80);
	ck_assert_uint_eq(pkt.tuple.ipversion, families[_i]);
	ck_assert_uint_eq(pkt.tuple.ipproto, IPPROTO_TCP);
}
END_TEST

/* A length that the IP header claims, and what is at hand. */
static const struct {
	const char *what;
	uint8_t version;
	bool gso;
	int claimed;       /* in the header; 0: the right one */
	uint32_t real_len; /* 0: as built */
	enum reason reason;
	uint32_t payload; /* if there is no reason against it */
} lengths[] = {
	/* clang-format off */
	{ "as it is", 4, false, 0, 0, REASON_NONE, 10 },
	{ "as it is, IPv6", 6, false, 0, 0, REASON_NONE, 10 },
	{ "padded", 4, false, 40, 0, REASON_NONE, 0 },
	{ "padded, IPv6", 6, false, 20, 0, REASON_NONE, 0 },
	{ "padded behind payload", 4, false, 47, 0, REASON_NONE, 7 },
	{ "more than there is", 4, false, 51, 0, REASON_BAD_HEADER, 0 },
	{ "more, IPv6", 6, false, 31, 0, REASON_BAD_HEADER, 0 },
	{ "most that can be said", 4, false, 65535, 0, REASON_BAD_HEADER, 0 },
	{ "less than the header", 4, false, 19, 0, REASON_BAD_HEADER, 0 },
	{ "the header alone", 4, false, 20, 0, REASON_BAD_HEADER, 0 },
	{ "a cut TCP header", 4, false, 39, 0, REASON_BAD_HEADER, 0 },
	{ "a cut TCP header, IPv6", 6, false, 19, 0, REASON_BAD_HEADER, 0 },
	{ "zero", 4, false, BUILD_ZERO, 0, REASON_BAD_HEADER, 0 },
	{ "zero, IPv6: a jumbogram", 6, false, BUILD_ZERO, 0, REASON_BAD_HEADER,
	  0 },
	{ "a super-packet", 4, true, 64040, 64040, REASON_NONE, 64000 },
	{ "a super-packet beyond its field", 4, true, BUILD_ZERO, 120040,
	  REASON_NONE, 120000 },
	{ "a super-packet beyond its field, IPv6", 6, true, BUILD_ZERO, 120060,
	  REASON_NONE, 120000 },
	{ "no super-packet claims to be larger", 4, true, 64041, 64040,
	  REASON_BAD_HEADER, 0 },
	/* clang-format on */
};

START_TEST(payload_is_counted_by_the_headers)
{
	struct build b = frame_draft(lengths[_i].version, IPPROTO_TCP);
	struct frame frame;
	struct packet pkt;
	enum reason reason;

	b.ip.len = lengths[_i].claimed;
	b.tcp.flags = TCP_ACK;
	b.payload_len = 10;
	frame = frame_build(&b);
	frame.meta.gso = lengths[_i].gso;
	/* The checksum is that of the octets as built. */
	frame.meta.verify_checksum = false;
	if (lengths[_i].real_len)
		frame.meta.len = lengths[_i].real_len;
	reason = frame_parse(&frame, &pkt);
	ck_assert_msg(reason == lengths[_i].reason, "%s: %s", lengths[_i].what,
		      reason_info[reason].name);
	if (reason == REASON_NONE)
		ck_assert_msg(pkt.tcp.len == lengths[_i].payload, "%s: %u",
			      lengths[_i].what, pkt.tcp.len);
}
END_TEST

/* The longest headers that TCP can have. */
static struct frame make_long(uint8_t version, size_t *headers)
{
	struct build b = frame_draft(version, IPPROTO_TCP);

	b.tcp.flags = TCP_ACK;
	b.tcp.options.len = 40;
	b.payload_len = 100;
	*headers = (version == 4 ? 20 : 40) + 60;
	return frame_build(&b);
}

START_TEST(a_copy_cut_in_the_headers_is_short)
{
	size_t headers;
	struct frame frame = make_long(families[_i], &headers);
	struct packet pkt;

	for (frame.len = 0; frame.len < headers; frame.len++)
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_SHORT_COPY,
			      "%zu octets", frame.len);
}
END_TEST

START_TEST(a_copy_cut_in_the_payload_is_enough)
{
	size_t headers;
	struct frame frame = make_long(families[_i], &headers);
	struct packet pkt;
	size_t whole = frame.len;

	for (frame.len = headers; frame.len <= whole; frame.len++) {
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE,
			      "%zu octets", frame.len);
		ck_assert_uint_eq(pkt.tcp.len, 100);
	}
}
END_TEST

/* Not the copy ends too early, but the packet. */
START_TEST(a_packet_cut_anywhere_is_bad)
{
	size_t headers;
	struct frame frame = make_long(families[_i], &headers);
	struct packet pkt;
	size_t whole = frame.len;

	for (frame.len = 0; frame.len < whole; frame.len++) {
		frame.meta.len = (uint32_t)frame.len;
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_BAD_HEADER,
			      "%zu octets", frame.len);
	}
}
END_TEST

START_TEST(octets_behind_the_packet_are_not_looked_at)
{
	struct build b = frame_draft(families[_i], IPPROTO_TCP);
	struct frame frame;
	struct packet pkt;

	b.tcp.flags = TCP_ACK;
	b.payload_len = 10;
	frame = frame_build(&b);
	memset(frame.octets + frame.len, 0xff, 30);
	frame.len += 30;
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	ck_assert_uint_eq(pkt.tcp.len, 10);
	ck_assert_uint_eq(pkt.len, frame.len - 30);
}
END_TEST

static const struct {
	const char *what;
	uint8_t version;
	const char *src;
	const char *dst;
	const char *indev;
	enum hook hook;
	enum reason reason;
} addresses[] = {
	/* clang-format off */
	{ "ordinary", 4, "192.0.2.1", "192.0.2.2", "eth0", HOOK_FORWARD,
	  REASON_NONE },
	{ "to all hosts", 4, "192.0.2.1", "255.255.255.255", "eth0", HOOK_INPUT,
	  REASON_NONE },
	{ "to a group", 4, "192.0.2.1", "224.0.0.251", "eth0", HOOK_INPUT,
	  REASON_NONE },
	{ "from who has no address yet", 4, "0.0.0.0", "255.255.255.255",
	  "eth0", HOOK_INPUT, REASON_NONE },
	{ "from all hosts", 4, "255.255.255.255", "192.0.2.1", "eth0",
	  HOOK_INPUT, REASON_BAD_ADDR },
	{ "from a group", 4, "224.0.0.1", "192.0.2.1", "eth0", HOOK_INPUT,
	  REASON_BAD_ADDR },
	{ "to no address", 4, "192.0.2.1", "0.0.0.0", "eth0", HOOK_INPUT,
	  REASON_BAD_ADDR },
	{ "from loopback, by a cable", 4, "127.0.0.1", "192.0.2.1", "eth0",
	  HOOK_INPUT, REASON_BAD_ADDR },
	{ "to loopback, by a cable", 4, "192.0.2.1", "127.1.2.3", "eth0",
	  HOOK_INPUT, REASON_BAD_ADDR },
	{ "loopback", 4, "127.0.0.1", "127.0.0.2", "lo", HOOK_INPUT,
	  REASON_NONE },
	{ "loopback, on its way out", 4, "127.0.0.1", "127.0.0.2", "",
	  HOOK_OUTPUT, REASON_NONE },
	{ "ordinary, IPv6", 6, "2001:db8::1", "2001:db8::2", "eth0",
	  HOOK_FORWARD, REASON_NONE },
	{ "to a group, IPv6", 6, "2001:db8::1", "ff02::fb", "eth0", HOOK_INPUT,
	  REASON_NONE },
	{ "from who has no address yet, IPv6", 6, "::", "ff02::16", "eth0",
	  HOOK_INPUT, REASON_NONE },
	{ "from a group, IPv6", 6, "ff02::1", "2001:db8::1", "eth0", HOOK_INPUT,
	  REASON_BAD_ADDR },
	{ "to no address, IPv6", 6, "2001:db8::1", "::", "eth0", HOOK_INPUT,
	  REASON_BAD_ADDR },
	{ "from loopback, by a cable, IPv6", 6, "::1", "2001:db8::1", "eth0",
	  HOOK_INPUT, REASON_BAD_ADDR },
	{ "to loopback, by a cable, IPv6", 6, "2001:db8::1", "::1", "eth0",
	  HOOK_INPUT, REASON_BAD_ADDR },
	{ "loopback, IPv6", 6, "::1", "::1", "lo", HOOK_INPUT, REASON_NONE },
	{ "from a group of IPv4, in IPv6", 6, "::ffff:224.0.0.1", "2001:db8::1",
	  "eth0", HOOK_INPUT, REASON_BAD_ADDR },
	/* clang-format on */
};

START_TEST(impossible_addresses_are_refused)
{
	struct build b = frame_draft(addresses[_i].version, IPPROTO_UDP);
	struct frame frame;
	struct packet pkt;
	enum reason reason;

	b.ip.src = addresses[_i].src;
	b.ip.dst = addresses[_i].dst;
	frame = frame_build(&b);
	frame.meta.hook = addresses[_i].hook;
	set_name(frame.meta.indev, addresses[_i].indev);
	reason = frame_parse(&frame, &pkt);
	ck_assert_msg(reason == addresses[_i].reason, "%s: %s",
		      addresses[_i].what, reason_info[reason].name);
}
END_TEST

START_TEST(a_fragment_is_refused_whatever_is_in_it)
{
	struct build b = frame_draft(families[_i], IPPROTO_TCP);
	struct packet pkt;

	b.tcp.flags = TCP_SYN | TCP_FIN;
	b.ip.fragment = 0x2000;
	b.ip.ext[0] = (struct build_ext){ IPPROTO_FRAGMENT, 0, 1 };
	b.ip.ext_count = 1;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_FRAGMENT);
}
END_TEST

static const struct {
	const char *what;
	uint8_t version;
	uint8_t ipproto;
} strangers[] = {
	{ "ICMPv6 in IPv4", 4, IPPROTO_ICMPV6 },
	{ "ICMP in IPv6", 6, IPPROTO_ICMP },
};

START_TEST(icmp_of_the_other_family_is_refused)
{
	struct build b = frame_draft(strangers[_i].version, IPPROTO_UDP);
	struct packet pkt;

	b.ip.ipproto = strangers[_i].ipproto;
	b.icmp.type = 8;
	ck_assert_msg(frame_read(&b, &pkt) == REASON_BAD_HEADER, "%s",
		      strangers[_i].what);
}
END_TEST

/* The log prints it. */
START_TEST(a_refused_packet_shows_whence_and_whither)
{
	struct build b = frame_draft(families[_i], IPPROTO_TCP);
	struct packet pkt;
	struct addr src;

	b.tcp.flags = 0;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_ILLEGAL_FLAGS);
	addr_parse(&src, b.ip.src);
	ck_assert(addr_equal(&pkt.tuple.src, &src));
	ck_assert_uint_eq(pkt.tuple.ipproto, IPPROTO_TCP);
	ck_assert_uint_eq(pkt.tuple.sport, 40000);
	ck_assert_uint_eq(pkt.tuple.dport, 80);
}
END_TEST

START_TEST(a_refused_packet_without_a_header_shows_nothing)
{
	struct frame frame = { .octets = { 0x45 }, .len = 1 };
	struct tuple nothing = { 0 };
	struct packet pkt;

	frame.meta.len = 40;
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	ck_assert(tuple_equal(&pkt.tuple, &nothing));
	ck_assert_uint_eq(pkt.len, 40);
}
END_TEST

START_TEST(a_packet_is_about_its_own_connection)
{
	struct build b = frame_draft(families[_i], IPPROTO_UDP);
	struct packet pkt;

	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert_ptr_eq(packet_subject(&pkt), &pkt.tuple);
}
END_TEST

START_TEST(every_hook_has_a_word)
{
	ck_assert_ptr_nonnull(hook_names[_i]);
}
END_TEST

static const uint8_t protocols[] = { IPPROTO_TCP,  IPPROTO_UDP, IPPROTO_ICMP,
				     IPPROTO_SCTP, IPPROTO_GRE, 99 };

/* The parser clears the packet part by part: here is all that it must clear. */
START_TEST(nothing_is_left_of_the_packet_before)
{
	enum {
		FRONT = offsetof(struct packet, unusual) + 1,
		REST = offsetof(struct packet, icmp)
	};
	struct build b = frame_draft(4, protocols[_i]);
	uint8_t octets[2][sizeof(struct packet)];

	for (int i = 0; i < 2; i++) {
		struct packet pkt;

		memset(&pkt, i ? 0xff : 0, sizeof(pkt));
		(void)frame_read(&b, &pkt);
		memcpy(octets[i], &pkt, sizeof(pkt));
	}
	ck_assert_mem_eq(octets[0], octets[1], FRONT);
	ck_assert_mem_eq(octets[0] + REST, octets[1] + REST,
			 sizeof(struct packet) - REST);
	/* Padding alone is between the two. */
	static_assert(REST - FRONT < sizeof(uint32_t), "clear it, and test it");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("packet");

	tcase_add_loop_test(tc, what_is_known_of_the_packet_stays_with_it, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, payload_is_counted_by_the_headers, 0,
			    COUNT(lengths));
	tcase_add_loop_test(tc, a_copy_cut_in_the_headers_is_short, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, a_copy_cut_in_the_payload_is_enough, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, a_packet_cut_anywhere_is_bad, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, octets_behind_the_packet_are_not_looked_at, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, impossible_addresses_are_refused, 0,
			    COUNT(addresses));
	tcase_add_loop_test(tc, a_fragment_is_refused_whatever_is_in_it, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, icmp_of_the_other_family_is_refused, 0,
			    COUNT(strangers));
	tcase_add_loop_test(tc, a_refused_packet_shows_whence_and_whither, 0,
			    COUNT(families));
	tcase_add_test(tc, a_refused_packet_without_a_header_shows_nothing);
	tcase_add_loop_test(tc, a_packet_is_about_its_own_connection, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, nothing_is_left_of_the_packet_before, 0,
			    COUNT(protocols));
	tcase_add_loop_test(tc, every_hook_has_a_word, 0, HOOK_COUNT);
	return run_tests(tc, "packet");
}
