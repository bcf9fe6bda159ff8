/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ESP and AH: each direction of a tunnel is a connection of its own.
 */
#include "engine/proto.h"

#include <netinet/in.h>

#include "unit/rig.h"
#include "unit/run.h"

static const struct {
	const char *what;
	uint8_t version;
	uint8_t ipproto;
	size_t header_len;
} kinds[] = {
	{ "ESP", 4, IPPROTO_ESP, 8 },
	{ "ESP, IPv6", 6, IPPROTO_ESP, 8 },
	{ "AH", 4, IPPROTO_AH, 12 },
	{ "AH, IPv6", 6, IPPROTO_AH, 12 },
};

static struct build tunnel(int kind, uint32_t spi)
{
	struct build b = frame_draft(kinds[kind].version, kinds[kind].ipproto);

	b.key = spi;
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

START_TEST(an_spi_is_not_a_port)
{
	struct build b = tunnel(_i, 80);
	struct packet pkt;

	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert(!pkt.has_ports);
}
END_TEST

START_TEST(an_spi_is_not_0)
{
	struct build b = tunnel(_i, 0);
	struct packet pkt;

	ck_assert_int_eq(frame_read(&b, &pkt), REASON_BAD_HEADER);
}
END_TEST

START_TEST(a_cut_header_is_told_from_a_cut_copy)
{
	struct build b = tunnel(_i, 80);
	size_t ip_len = kinds[_i].version == 4 ? 20 : 40;
	size_t enough = ip_len + kinds[_i].header_len;
	struct frame frame = frame_build(&b);
	struct packet pkt;

	for (frame.len = ip_len; frame.len < enough; frame.len++)
		ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	b.ip.len = (int)(kinds[_i].version == 4 ? enough : enough - ip_len) - 1;
	frame = frame_build(&b);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_HEADER);
}
END_TEST

/* AH says how long it is: 12 octets here, and 16 behind it. */
static const struct {
	const char *what;
	uint8_t words; /* less two */
	enum reason reason;
} lengths[] = {
	{ "right", 1, REASON_NONE },
	{ "with an integrity check", 5, REASON_NONE },
	{ "one word more than there is", 6, REASON_BAD_HEADER },
	{ "one word too few", 0, REASON_BAD_HEADER },
	{ "the largest", 255, REASON_BAD_HEADER },
};

START_TEST(an_ah_lies_within_the_packet)
{
	struct build b = tunnel(2, 80);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	frame.octets[21] = lengths[_i].words;
	ck_assert_msg(frame_parse(&frame, &pkt) == lengths[_i].reason, "%s",
		      lengths[_i].what);
}
END_TEST

/* Whoever receives chooses the number, so an answer proves nothing. */
START_TEST(no_packet_is_an_answer)
{
	static const uint32_t spis[] = { 0x00010002, 0x00020001, 0x00010003 };
	struct rig rig;

	for (int swapped = 0; swapped < 2; swapped++) {
		struct build to = tunnel(_i, spis[0]);

		rig_start(&rig, 64);
		if (swapped)
			to = backwards(to);
		ck_assert_int_eq(rig_send(&rig, &to).reason, REASON_NEW);
		for (int i = 0; i < COUNT(spis); i++) {
			struct build back = backwards(to);

			back.key = spis[i];
			ck_assert_msg(rig_send(&rig, &back).reason ==
					      REASON_NEW,
				      "%s, %#x", kinds[_i].what, spis[i]);
		}
		ck_assert_int_eq(rig_send(&rig, &to).reason,
				 REASON_ESTABLISHED);
		ck_assert_uint_eq(rig_send(&rig, &to).conn.id, 1);
		rig_stop(&rig);
	}
}
END_TEST

START_TEST(numbers_tell_tunnels_apart)
{
	struct build b = tunnel(_i, 0x00010002);
	struct rig rig;

	rig_start(&rig, 64);
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
	b.key = 0x00010003;
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
	b.key = 0x00030002;
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_ipsec");

	tcase_add_loop_test(tc, an_spi_is_not_a_port, 0, COUNT(kinds));
	tcase_add_loop_test(tc, an_spi_is_not_0, 0, COUNT(kinds));
	tcase_add_loop_test(tc, a_cut_header_is_told_from_a_cut_copy, 0,
			    COUNT(kinds));
	tcase_add_loop_test(tc, an_ah_lies_within_the_packet, 0,
			    COUNT(lengths));
	tcase_add_loop_test(tc, no_packet_is_an_answer, 0, COUNT(kinds));
	tcase_add_loop_test(tc, numbers_tell_tunnels_apart, 0, COUNT(kinds));
	return run_tests(tc, "proto_ipsec");
}
