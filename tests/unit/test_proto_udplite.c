/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP-Lite: what its checksum covers.  Its states are those of UDP.
 */
#include "engine/proto.h"

#include <netinet/in.h>

#include "unit/rig.h"
#include "unit/run.h"

enum { HEADER_LEN = 8, PAYLOAD_LEN = 10 };

static const uint8_t payload[PAYLOAD_LEN] = {
	0x80, 1, 2, 3, 4, 5, 6, 7, 8, 0xff
};
static const uint8_t families[] = { 4, 6 };

static struct build datagram(uint8_t version)
{
	struct build b = frame_draft(version, IPPROTO_UDPLITE);

	b.payload = payload;
	b.payload_len = PAYLOAD_LEN;
	return b;
}

START_TEST(ports_are_read)
{
	struct build b = datagram(families[_i]);
	struct packet pkt;

	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert(pkt.has_ports);
	ck_assert_uint_eq(pkt.tuple.sport, 40000);
	ck_assert_uint_eq(pkt.tuple.dport, 80);
}
END_TEST

/* RFC 3828 section 3.1. */
static const struct {
	const char *what;
	int coverage;
	enum reason reason;
} coverages[] = {
	{ "all of it", HEADER_LEN + PAYLOAD_LEN, REASON_NONE },
	{ "all of it, said with 0", BUILD_ZERO, REASON_NONE },
	{ "the header alone", HEADER_LEN, REASON_NONE },
	{ "an odd number", HEADER_LEN + 3, REASON_NONE },
	{ "less than the header", HEADER_LEN - 1, REASON_BAD_HEADER },
	{ "one octet", 1, REASON_BAD_HEADER },
	{ "one more than there is", HEADER_LEN + PAYLOAD_LEN + 1,
	  REASON_BAD_HEADER },
	{ "the largest", 65535, REASON_BAD_HEADER },
};

START_TEST(coverage_lies_within_the_packet)
{
	for (int i = 0; i < COUNT(families); i++) {
		struct build b = datagram(families[i]);
		struct packet pkt;
		enum reason reason;

		b.udp_len = coverages[_i].coverage;
		reason = frame_read(&b, &pkt);
		ck_assert_msg(reason == coverages[_i].reason, "%s, IPv%u: %s",
			      coverages[_i].what, families[i],
			      reason_info[reason].name);
	}
}
END_TEST

/* A damaged octet counts if it is covered, and does not matter if it is not. */
START_TEST(only_what_is_covered_is_verified)
{
	struct build b = datagram(families[_i]);
	struct packet pkt;

	for (int covered = 0; covered <= PAYLOAD_LEN; covered++) {
		struct frame frame;

		b.udp_len = HEADER_LEN + covered;
		frame = frame_build(&b);
		for (int i = 0; i < PAYLOAD_LEN; i++) {
			uint8_t *octet = &frame.octets[frame.len - PAYLOAD_LEN +
						       (size_t)i];
			enum reason expected =
				i < covered ? REASON_BAD_CHECKSUM : REASON_NONE;

			*octet ^= 0x10;
			ck_assert_msg(frame_parse(&frame, &pkt) == expected,
				      "%d covered, octet %d", covered, i);
			*octet ^= 0x10;
		}
	}
}
END_TEST

/* Unlike UDP: a packet without a checksum would have no protection at all. */
START_TEST(there_is_always_a_checksum)
{
	struct build b = datagram(families[_i]);
	struct frame frame;
	struct packet pkt;

	b.checksum = BUILD_ZERO;
	frame = frame_build(&b);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_CHECKSUM);
	frame.meta.verify_checksum = false;
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_CHECKSUM);
}
END_TEST

START_TEST(a_destination_has_a_port)
{
	struct build b = datagram(families[_i]);
	struct packet pkt;

	b.dport = 0;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_PORT_ZERO);
}
END_TEST

START_TEST(a_cut_header_is_told_from_a_cut_copy)
{
	struct build b = datagram(4);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	for (frame.len = 20; frame.len < 28; frame.len++)
		ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	b.ip.len = 27;
	frame = frame_build(&b);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_HEADER);
}
END_TEST

/* What RFC 3828 calls its own port space. */
START_TEST(its_ports_are_not_those_of_udp)
{
	struct build lite = datagram(families[_i]);
	struct build udp = lite;
	struct rig rig;
	uint64_t id;

	udp.ip.ipproto = IPPROTO_UDP;
	rig_start(&rig, 64);
	id = rig_send(&rig, &lite).conn.id;
	ck_assert_int_eq(rig_send(&rig, &udp).reason, REASON_NEW);
	ck_assert_uint_eq(rig_send(&rig, &lite).conn.id, id);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 2);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_udplite");

	tcase_add_loop_test(tc, ports_are_read, 0, COUNT(families));
	tcase_add_loop_test(tc, coverage_lies_within_the_packet, 0,
			    COUNT(coverages));
	tcase_add_loop_test(tc, only_what_is_covered_is_verified, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, there_is_always_a_checksum, 0, COUNT(families));
	tcase_add_loop_test(tc, a_destination_has_a_port, 0, COUNT(families));
	tcase_add_test(tc, a_cut_header_is_told_from_a_cut_copy);
	tcase_add_loop_test(tc, its_ports_are_not_those_of_udp, 0,
			    COUNT(families));
	return run_tests(tc, "proto_udplite");
}
