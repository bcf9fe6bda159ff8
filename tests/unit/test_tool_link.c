/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link layers: where the packet is, and that no header is read beyond its end.
 */
#include "tool/link.h"

#include <pcap/dlt.h>
#include <stdbool.h>
#include <string.h>

#include "unit/run.h"

#define OCTETS(text) text, sizeof(text) - 1

#define MACS   "\2\0\0\0\0\1\2\0\0\0\0\2"
#define SLL    "\0\0\0\1\0\6\2\0\0\0\0\2\0\0"
#define SLL2   "\0\0\0\0\0\3\0\1\0\6\2\0\0\0\0\2\0\0"
#define TAG    "\x81\0\0\x64"
#define TAGS_4 TAG TAG TAG TAG
#define IPV4   "\x08\0"
#define IPV6   "\x86\xdd"
#define PPPOE  "\x11\0\0\1\0\x16"

/* The header, and what is behind it. */
static const struct {
	const char *what;
	const char *header;
	size_t len;
	int dlt;
	uint8_t version;
} packets[] = {
	{ "Ethernet, IPv4", OCTETS(MACS IPV4), DLT_EN10MB, 4 },
	{ "Ethernet, IPv6", OCTETS(MACS IPV6), DLT_EN10MB, 6 },
	{ "a tag", OCTETS(MACS TAG IPV4), DLT_EN10MB, 4 },
	{ "a priority tag", OCTETS(MACS "\x81\0\xe0\0" IPV6), DLT_EN10MB, 6 },
	{ "two tags", OCTETS(MACS "\x88\xa8\0\1" TAG IPV4), DLT_EN10MB, 4 },
	{ "two older tags", OCTETS(MACS "\x91\0\0\1" TAG IPV6), DLT_EN10MB, 6 },
	{ "eight tags", OCTETS(MACS TAGS_4 TAGS_4 IPV4), DLT_EN10MB, 4 },
	{ "PPPoE, IPv4", OCTETS(MACS "\x88\x64" PPPOE "\0\x21"), DLT_EN10MB,
	  4 },
	{ "PPPoE, IPv6", OCTETS(MACS "\x88\x64" PPPOE "\0\x57"), DLT_EN10MB,
	  6 },
	{ "PPPoE in a tag", OCTETS(MACS TAG "\x88\x64" PPPOE "\0\x21"),
	  DLT_EN10MB, 4 },
	{ "raw", OCTETS(""), DLT_RAW, 0 },
	{ "raw, as OpenBSD numbers it", OCTETS(""), 14, 0 },
	{ "IPv4 alone", OCTETS(""), DLT_IPV4, 4 },
	{ "IPv6 alone", OCTETS(""), DLT_IPV6, 6 },
	{ "cooked, IPv4", OCTETS(SLL IPV4), DLT_LINUX_SLL, 4 },
	{ "cooked, IPv6", OCTETS(SLL IPV6), DLT_LINUX_SLL, 6 },
	{ "cooked, a tag", OCTETS(SLL TAG IPV4), DLT_LINUX_SLL, 4 },
	{ "cooked 2, IPv4", OCTETS(IPV4 SLL2), DLT_LINUX_SLL2, 4 },
	{ "cooked 2, IPv6", OCTETS(IPV6 SLL2), DLT_LINUX_SLL2, 6 },
	{ "null, IPv4, little-endian", OCTETS("\2\0\0\0"), DLT_NULL, 4 },
	{ "null, IPv4, big-endian", OCTETS("\0\0\0\2"), DLT_NULL, 4 },
	{ "null, IPv6 of Linux", OCTETS("\x0a\0\0\0"), DLT_NULL, 6 },
	{ "null, IPv6 of OpenBSD", OCTETS("\0\0\0\x18"), DLT_NULL, 6 },
	{ "null, IPv6 of FreeBSD", OCTETS("\x1c\0\0\0"), DLT_NULL, 6 },
	{ "null, IPv6 of Darwin", OCTETS("\x1e\0\0\0"), DLT_NULL, 6 },
	{ "loop, IPv4", OCTETS("\0\0\0\2"), DLT_LOOP, 4 },
	{ "loop, IPv6", OCTETS("\0\0\0\x18"), DLT_LOOP, 6 },
	{ "PPP, IPv4", OCTETS("\xff\3\0\x21"), DLT_PPP, 4 },
	{ "PPP without address", OCTETS("\0\x57"), DLT_PPP, 6 },
	{ "PPP, a protocol of one octet", OCTETS("\x21"), DLT_PPP, 4 },
	{ "PPP, both shortened not", OCTETS("\xff\3\x57"), DLT_PPP, 6 },
	{ "PPP by serial line", OCTETS("\xff\3\0\x21"), DLT_PPP_SERIAL, 4 },
	{ "PPPoE without Ethernet", OCTETS(PPPOE "\0\x21"), DLT_PPP_ETHER, 4 },
	{ "PPP with a direction", OCTETS("\0\xff\3\0\x57"), DLT_PPP_WITH_DIR,
	  6 },
};

/* Something else. */
static const struct {
	const char *what;
	const char *header;
	size_t len;
	int dlt;
} others[] = {
	{ "ARP", OCTETS(MACS "\x08\x06"), DLT_EN10MB },
	{ "ARP in a tag", OCTETS(MACS TAG "\x08\x06"), DLT_EN10MB },
	{ "a length, as IEEE 802.3 has it", OCTETS(MACS "\0\x30"), DLT_EN10MB },
	{ "nine tags", OCTETS(MACS TAGS_4 TAGS_4 TAG IPV4), DLT_EN10MB },
	{ "PPPoE discovery", OCTETS(MACS "\x88\x63" PPPOE), DLT_EN10MB },
	{ "PPPoE, another version",
	  OCTETS(MACS "\x88\x64\x12\0\0\1\0\x16\0\x21"), DLT_EN10MB },
	{ "PPPoE, a code", OCTETS(MACS "\x88\x64\x11\x09\0\1\0\x16\0\x21"),
	  DLT_EN10MB },
	{ "PPPoE, LCP", OCTETS(MACS "\x88\x64" PPPOE "\xc0\x21"), DLT_EN10MB },
	{ "cooked, ARP", OCTETS(SLL "\x08\x06"), DLT_LINUX_SLL },
	{ "cooked 2, ARP", OCTETS("\x08\x06" SLL2), DLT_LINUX_SLL2 },
	{ "null, another family", OCTETS("\x10\0\0\0"), DLT_NULL },
	{ "null, no number of a family", OCTETS("\2\0\0\2"), DLT_NULL },
	{ "loop, the wrong order", OCTETS("\2\0\0\0"), DLT_LOOP },
	{ "PPP, LCP", OCTETS("\xff\3\xc0\x21"), DLT_PPP },
	{ "PPP, another control", OCTETS("\xff\4\0\x21"), DLT_PPP },
};

enum { PACKET_LEN = 40 };

/*
 * Decodes the header with a packet of @packet_len octets behind it, of which
 * @captured are there, in memory of just that length.
 */
static enum link_result decode(int dlt, struct link_packet *pkt,
			       const char *header, size_t len, size_t captured)
{
	static uint8_t *frame;
	uint8_t whole[128] = { 0 };

	free(frame);
	memcpy(whole, header, len);
	frame = malloc(captured ? captured : 1);
	ck_assert_ptr_nonnull(frame);
	memcpy(frame, whole, captured);
	return link_decode(link_type_find(dlt), pkt, frame, (uint32_t)captured,
			   (uint32_t)len + PACKET_LEN);
}

START_TEST(the_packet_is_behind_the_header)
{
	struct link_packet pkt;
	enum link_result result =
		decode(packets[_i].dlt, &pkt, packets[_i].header,
		       packets[_i].len, packets[_i].len + 20);

	ck_assert_msg(result == LINK_IP, "%s", packets[_i].what);
	ck_assert_msg(pkt.version == packets[_i].version, "%s: IPv%u",
		      packets[_i].what, pkt.version);
	ck_assert_msg(reader_left(&pkt.copy) == 20, "%s: %zu octets",
		      packets[_i].what, reader_left(&pkt.copy));
}
END_TEST

START_TEST(each_cut_through_the_header_is_noticed)
{
	struct link_packet pkt;

	for (size_t cut = 0; cut < packets[_i].len; cut++)
		ck_assert_msg(decode(packets[_i].dlt, &pkt, packets[_i].header,
				     packets[_i].len, cut) == LINK_SHORT,
			      "%s, %zu octets", packets[_i].what, cut);
}
END_TEST

/* Nothing was cut: there was no more on the wire. */
START_TEST(a_frame_that_ends_in_its_header_holds_no_packet)
{
	const struct link_type *type = link_type_find(packets[_i].dlt);
	struct link_packet pkt;

	for (uint32_t len = 0; len < packets[_i].len; len++)
		ck_assert_msg(link_decode(type, &pkt, packets[_i].header, len,
					  len) == LINK_NOT_IP,
			      "%s, %u octets", packets[_i].what, len);
}
END_TEST

START_TEST(other_frames_are_known_for_what_they_are)
{
	struct link_packet pkt;

	ck_assert_msg(decode(others[_i].dlt, &pkt, others[_i].header,
			     others[_i].len,
			     others[_i].len + 20) == LINK_NOT_IP,
		      "%s", others[_i].what);
}
END_TEST

START_TEST(the_length_is_that_on_the_wire)
{
	struct link_packet pkt;

	ck_assert_int_eq(decode(DLT_EN10MB, &pkt, OCTETS(MACS TAG IPV4), 18),
			 LINK_IP);
	ck_assert_uint_eq(pkt.len, PACKET_LEN);
	ck_assert_uint_eq(reader_left(&pkt.copy), 0);
}
END_TEST

/* PPPOE says 22 octets, of which the protocol takes two. */
START_TEST(a_session_knows_where_its_padding_begins)
{
	static const char header[] = MACS "\x88\x64" PPPOE "\0\x21";
	const size_t len = sizeof(header) - 1;
	struct link_packet pkt;

	ck_assert_int_eq(decode(DLT_EN10MB, &pkt, header, len, len + 30),
			 LINK_IP);
	ck_assert_uint_eq(pkt.len, 20);
	ck_assert_uint_eq(reader_left(&pkt.copy), 20);
}
END_TEST

START_TEST(a_session_cannot_be_longer_than_its_frame)
{
	static const char header[] = MACS "\x88\x64\x11\0\0\1\xff\xff\0\x21";
	const size_t len = sizeof(header) - 1;
	struct link_packet pkt;

	ck_assert_int_eq(decode(DLT_EN10MB, &pkt, header, len, len + 30),
			 LINK_IP);
	ck_assert_uint_eq(pkt.len, PACKET_LEN);
	ck_assert_uint_eq(reader_left(&pkt.copy), 30);
}
END_TEST

START_TEST(a_session_too_short_for_a_protocol_holds_no_packet)
{
	static const char header[] = MACS "\x88\x64\x11\0\0\1\0\1\0\x21";
	const size_t len = sizeof(header) - 1;
	struct link_packet pkt;

	ck_assert_int_eq(decode(DLT_EN10MB, &pkt, header, len, len + 30),
			 LINK_NOT_IP);
}
END_TEST

START_TEST(every_link_type_is_tested)
{
	for (const struct link_type *type = link_types; type->name; type++) {
		bool found = false;

		for (int i = 0; i < COUNT(packets); i++)
			found = found || packets[i].dlt == type->dlt;
		ck_assert_msg(found, "%s", type->name);
		ck_assert_ptr_eq(link_type_find(type->dlt), type);
	}
}
END_TEST

START_TEST(other_link_types_are_not_read)
{
	ck_assert_ptr_null(link_type_find(DLT_IEEE802_11));
	ck_assert_ptr_null(link_type_find(-1));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("link");

	tcase_add_loop_test(tc, the_packet_is_behind_the_header, 0,
			    COUNT(packets));
	tcase_add_loop_test(tc, each_cut_through_the_header_is_noticed, 0,
			    COUNT(packets));
	tcase_add_loop_test(tc, a_frame_that_ends_in_its_header_holds_no_packet,
			    0, COUNT(packets));
	tcase_add_loop_test(tc, other_frames_are_known_for_what_they_are, 0,
			    COUNT(others));
	tcase_add_test(tc, the_length_is_that_on_the_wire);
	tcase_add_test(tc, a_session_knows_where_its_padding_begins);
	tcase_add_test(tc, a_session_cannot_be_longer_than_its_frame);
	tcase_add_test(tc, a_session_too_short_for_a_protocol_holds_no_packet);
	tcase_add_test(tc, every_link_type_is_tested);
	tcase_add_test(tc, other_link_types_are_not_read);
	return run_tests(tc, "tool_link");
}
