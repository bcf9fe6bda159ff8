/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCTP: the header, the chunks, and what makes a packet impossible.
 */
#include "engine/proto.h"

#include <netinet/in.h>
#include <string.h>

#include "engine/sctp.h"
#include "unit/frame.h"
#include "unit/run.h"

enum {
	DATA = 0,
	INIT = 1,
	INIT_ACK = 2,
	SACK = 3,
	HEARTBEAT = 4,
	ABORT = 6,
	SHUTDOWN_COMPLETE = 14,
	COOKIE_ECHO = 10,
	COOKIE_ACK = 11,
	AUTH = 15,
	INIT_VALUE_LEN = 16,
	TAG = 0x70ff7f01,
	INIT_TAG = 0x01020304,
};

static const uint8_t init_value[INIT_VALUE_LEN] = { 1, 2, 3, 4 };

/* A packet, and its chunks. */
struct draft {
	struct build b;
	struct build_chunks chunks;
};

static struct draft start(uint8_t version, uint32_t tag)
{
	struct draft d = { .b = frame_draft(version, IPPROTO_SCTP) };

	d.b.key = tag;
	return d;
}

static void add(struct draft *d, uint8_t type)
{
	bool is_init = type == INIT || type == INIT_ACK;

	build_chunk(&d->chunks, type, 0, is_init ? init_value : NULL,
		    is_init ? INIT_VALUE_LEN : 4);
}

static void finish(struct draft *d, struct frame *frame)
{
	d->b.payload = d->chunks.bytes;
	d->b.payload_len = d->chunks.len;
	*frame = frame_build(&d->b);
}

static enum reason read_packet(struct draft *d, struct packet *pkt)
{
	struct frame frame;

	finish(d, &frame);
	return frame_parse(&frame, pkt);
}

static const uint8_t families[] = { 4, 6 };

START_TEST(header_and_init_are_read)
{
	struct draft d = start(families[_i], 0);
	struct packet pkt;

	add(&d, INIT);
	ck_assert_int_eq(read_packet(&d, &pkt), REASON_NONE);
	ck_assert(pkt.has_ports);
	ck_assert_uint_eq(pkt.tuple.sport, 40000);
	ck_assert_uint_eq(pkt.tuple.dport, 80);
	ck_assert_uint_eq(pkt.sctp.tag, 0);
	ck_assert_uint_eq(pkt.sctp.init_tag, INIT_TAG);
	ck_assert_uint_eq(pkt.sctp.chunks, sctp_bit(SCTP_CLASS_INIT));
	ck_assert(!pkt.sctp.reflected);
}
END_TEST

/* Types of RFC 9260 and of what came later, and the class of each. */
static const struct {
	const char *what;
	uint8_t type;
	enum sctp_class class;
} types[] = {
	{ "DATA", 0, SCTP_CLASS_DATA },
	{ "INIT-ACK", 2, SCTP_CLASS_INIT_ACK },
	{ "SACK", 3, SCTP_CLASS_DATA },
	{ "HEARTBEAT", 4, SCTP_CLASS_HEARTBEAT },
	{ "HEARTBEAT-ACK", 5, SCTP_CLASS_HEARTBEAT_ACK },
	{ "ABORT", 6, SCTP_CLASS_ABORT },
	{ "SHUTDOWN", 7, SCTP_CLASS_SHUTDOWN },
	{ "SHUTDOWN-ACK", 8, SCTP_CLASS_SHUTDOWN_ACK },
	{ "ERROR", 9, SCTP_CLASS_ERROR },
	{ "COOKIE-ECHO", 10, SCTP_CLASS_COOKIE_ECHO },
	{ "COOKIE-ACK", 11, SCTP_CLASS_COOKIE_ACK },
	{ "ECNE", 12, SCTP_CLASS_DATA },
	{ "CWR", 13, SCTP_CLASS_DATA },
	{ "SHUTDOWN-COMPLETE", 14, SCTP_CLASS_SHUTDOWN_COMPLETE },
	{ "AUTH", 15, SCTP_CLASS_DATA },
	{ "I-DATA", 64, SCTP_CLASS_DATA },
	{ "ASCONF-ACK", 128, SCTP_CLASS_DATA },
	{ "RE-CONFIG", 130, SCTP_CLASS_DATA },
	{ "FORWARD-TSN", 192, SCTP_CLASS_DATA },
	{ "ASCONF", 193, SCTP_CLASS_DATA },
	{ "the last", 255, SCTP_CLASS_DATA },
};

START_TEST(each_type_has_its_class)
{
	struct draft d = start(4, TAG);
	struct packet pkt;

	add(&d, types[_i].type);
	ck_assert_msg(read_packet(&d, &pkt) == REASON_NONE, "%s",
		      types[_i].what);
	ck_assert_uint_eq(pkt.sctp.tag, TAG);
	ck_assert_msg(pkt.sctp.chunks == sctp_bit(types[_i].class), "%s: %#x",
		      types[_i].what, pkt.sctp.chunks);
}
END_TEST

/* Only these two have a T bit; the bit of others means something else. */
START_TEST(the_t_bit_is_that_of_abort_and_shutdown_complete)
{
	bool has_t = _i == ABORT || _i == SHUTDOWN_COMPLETE;

	if (_i == INIT || _i == INIT_ACK)
		return;
	for (int flags = 0; flags < 4; flags++) {
		struct draft d = start(4, TAG);
		struct packet pkt;

		build_chunk(&d.chunks, (uint8_t)_i, (uint8_t)flags, NULL, 0);
		ck_assert_int_eq(read_packet(&d, &pkt), REASON_NONE);
		ck_assert_msg(pkt.sctp.reflected == (has_t && flags & 1),
			      "flags %d", flags);
	}
}
END_TEST

/* Types of the chunks in a packet, 255 ends the list. */
static const struct {
	const char *what;
	uint8_t types[6];
	enum reason reason;
} bundles[] = {
	/* clang-format off */
	{ "no chunk", { 255 }, REASON_SCTP_CHUNK },
	{ "data and acknowledgement", { SACK, DATA, DATA, 255 }, REASON_NONE },
	{ "INIT-ACK alone", { INIT_ACK, 255 }, REASON_NONE },
	{ "INIT-ACK before another",
	  { INIT_ACK, DATA, 255 },
	  REASON_SCTP_CHUNK },
	{ "INIT-ACK behind another",
	  { DATA, INIT_ACK, 255 },
	  REASON_SCTP_CHUNK },
	{ "INIT-ACK twice", { INIT_ACK, INIT_ACK, 255 }, REASON_SCTP_CHUNK },
	{ "INIT behind another", { DATA, INIT, 255 }, REASON_SCTP_CHUNK },
	{ "INIT behind AUTH", { AUTH, INIT, 255 }, REASON_SCTP_CHUNK },
	{ "SHUTDOWN-COMPLETE before another",
	  { SHUTDOWN_COMPLETE, DATA, 255 },
	  REASON_SCTP_CHUNK },
	{ "SHUTDOWN-COMPLETE behind another",
	  { DATA, SHUTDOWN_COMPLETE, 255 },
	  REASON_SCTP_CHUNK },
	{ "a cookie and data", { COOKIE_ECHO, DATA, 255 }, REASON_NONE },
	{ "data and a cookie", { DATA, COOKIE_ECHO, 255 }, REASON_SCTP_CHUNK },
	{ "a cookie behind its AUTH",
	  { AUTH, COOKIE_ECHO, DATA, 255 },
	  REASON_NONE },
	{ "a cookie behind two of them",
	  { AUTH, AUTH, COOKIE_ECHO, 255 },
	  REASON_SCTP_CHUNK },
	{ "a cookie behind data and AUTH",
	  { DATA, AUTH, COOKIE_ECHO, 255 },
	  REASON_SCTP_CHUNK },
	{ "a cookie behind AUTH and data",
	  { AUTH, DATA, COOKIE_ECHO, 255 },
	  REASON_SCTP_CHUNK },
	{ "COOKIE-ACK and data", { COOKIE_ACK, SACK, DATA, 255 }, REASON_NONE },
	{ "SACK and COOKIE-ACK", { SACK, COOKIE_ACK, 255 }, REASON_SCTP_CHUNK },
	{ "two cookies", { COOKIE_ECHO, COOKIE_ACK, 255 }, REASON_SCTP_CHUNK },
	/* clang-format on */
};

START_TEST(chunks_stand_where_they_may)
{
	struct draft d = start(4, TAG);
	struct packet pkt;
	enum reason reason;

	for (int i = 0; bundles[_i].types[i] != 255; i++)
		add(&d, bundles[_i].types[i]);
	reason = read_packet(&d, &pkt);
	ck_assert_msg(reason == bundles[_i].reason, "%s: %s", bundles[_i].what,
		      reason_info[reason].name);
}
END_TEST

/* Of a DATA chunk of 20 octets, in front of one of 8. */
static const struct {
	const char *what;
	uint16_t len;
	enum reason reason;
} lengths[] = {
	{ "right", 20, REASON_NONE },
	{ "padded", 19, REASON_NONE },
	{ "padded by three", 17, REASON_NONE },
	{ "both as one", 28, REASON_NONE },
	{ "both as one, padded", 25, REASON_NONE },
	{ "into the next", 21, REASON_NONE },
	{ "zero", 0, REASON_SCTP_CHUNK },
	{ "one", 1, REASON_SCTP_CHUNK },
	{ "less than a header", 3, REASON_SCTP_CHUNK },
	{ "one more than there is", 29, REASON_SCTP_CHUNK },
	{ "the largest", 65535, REASON_SCTP_CHUNK },
	{ "one that would wrap when it is padded", 65533, REASON_SCTP_CHUNK },
};

START_TEST(chunks_lie_within_the_packet)
{
	struct draft d = start(4, TAG);
	struct packet pkt;
	enum reason reason;

	build_chunk(&d.chunks, DATA, 0, NULL, 16);
	build_chunk(&d.chunks, SACK, 0, NULL, 4);
	/* "Into the next" has the rest of it, of 4 octets, for a chunk. */
	d.chunks.bytes[27] = 4;
	d.chunks.bytes[2] = (uint8_t)(lengths[_i].len >> 8);
	d.chunks.bytes[3] = (uint8_t)lengths[_i].len;
	reason = read_packet(&d, &pkt);
	ck_assert_msg(reason == lengths[_i].reason, "%s: %s", lengths[_i].what,
		      reason_info[reason].name);
}
END_TEST

START_TEST(a_packet_is_a_multiple_of_four_octets)
{
	struct packet pkt;

	for (size_t extra = 0; extra < 4; extra++) {
		struct draft d = start(4, TAG);
		enum reason reason = extra ? REASON_SCTP_CHUNK : REASON_NONE;

		add(&d, DATA);
		d.chunks.len += extra;
		ck_assert_msg(read_packet(&d, &pkt) == reason, "%zu octets",
			      extra);
	}
}
END_TEST

static const struct {
	const char *what;
	uint32_t tag;
	uint8_t type;
	uint32_t init_tag; /* of INIT and INIT-ACK */
	size_t value_len;
	enum reason reason;
} tags[] = {
	/* clang-format off */
	{ "INIT without one", 0, INIT, 1, 16, REASON_NONE },
	{ "INIT with one", 1, INIT, 1, 16, REASON_SCTP_TAG },
	{ "INIT with its own", 7, INIT, 7, 16, REASON_SCTP_TAG },
	{ "INIT that chooses 0", 0, INIT, 0, 16, REASON_SCTP_TAG },
	{ "INIT-ACK without one", 0, INIT_ACK, 1, 16, REASON_SCTP_TAG },
	{ "INIT-ACK with one", 1, INIT_ACK, 1, 16, REASON_NONE },
	{ "INIT-ACK that chooses 0", 1, INIT_ACK, 0, 16, REASON_SCTP_TAG },
	{ "DATA without one", 0, DATA, 0, 16, REASON_SCTP_TAG },
	{ "ABORT without one", 0, ABORT, 0, 0, REASON_SCTP_TAG },
	{ "INIT with options", 0, INIT, 1, 60, REASON_NONE },
	{ "INIT with all but one octet", 0, INIT, 1, 15, REASON_SCTP_CHUNK },
	{ "INIT without a tag to choose", 0, INIT, 1, 0, REASON_SCTP_CHUNK },
	{ "INIT-ACK with half of it", 1, INIT_ACK, 1, 8, REASON_SCTP_CHUNK },
	/* clang-format on */
};

START_TEST(an_init_alone_has_no_tag_and_chooses_one)
{
	uint8_t value[64] = { 0 };
	struct draft d = start(4, tags[_i].tag);
	struct packet pkt;
	enum reason reason;

	value[3] = (uint8_t)tags[_i].init_tag;
	build_chunk(&d.chunks, tags[_i].type, 0, value, tags[_i].value_len);
	reason = read_packet(&d, &pkt);
	ck_assert_msg(reason == tags[_i].reason, "%s: %s", tags[_i].what,
		      reason_info[reason].name);
}
END_TEST

static const struct {
	const char *what;
	uint8_t version;
	uint16_t sport;
	uint16_t dport;
	const char *src; /* NULL: as it should be */
	const char *dst;
	enum reason reason;
} ends[] = {
	/* clang-format off */
	{ "right", 4, 1, 1, NULL, NULL, REASON_NONE },
	{ "no source port", 4, 0, 80, NULL, NULL, REASON_PORT_ZERO },
	{ "no destination port", 6, 80, 0, NULL, NULL, REASON_PORT_ZERO },
	{ "one end", 4, 80, 80, "192.0.2.1", "192.0.2.1", REASON_LAND },
	{ "one host", 4, 80, 81, "192.0.2.1", "192.0.2.1", REASON_NONE },
	{ "to many", 4, 80, 80, NULL, "224.0.0.1", REASON_BAD_ADDR },
	{ "to many, IPv6", 6, 80, 80, NULL, "ff02::1", REASON_BAD_ADDR },
	{ "to all", 4, 80, 80, NULL, "255.255.255.255", REASON_BAD_ADDR },
	{ "from none", 6, 80, 80, "::", NULL, REASON_BAD_ADDR },
	/* clang-format on */
};

START_TEST(ends_are_possible)
{
	struct draft d = start(ends[_i].version, 0);
	struct packet pkt;
	enum reason reason;

	add(&d, INIT);
	d.b.sport = ends[_i].sport;
	d.b.dport = ends[_i].dport;
	d.b.ip.src = ends[_i].src ? ends[_i].src : d.b.ip.src;
	d.b.ip.dst = ends[_i].dst ? ends[_i].dst : d.b.ip.dst;
	reason = read_packet(&d, &pkt);
	ck_assert_msg(reason == ends[_i].reason, "%s: %s", ends[_i].what,
		      reason_info[reason].name);
}
END_TEST

/* What is cut is told from what is short: at each octet of the packet. */
START_TEST(a_short_packet_is_told_from_a_short_copy)
{
	struct draft d = start(4, TAG);
	struct frame frame;
	struct packet pkt;
	size_t last; /* chunk */

	add(&d, COOKIE_ECHO);
	add(&d, SACK);
	add(&d, DATA);
	finish(&d, &frame);
	last = frame.len - 8;
	/* All chunks must be seen, and no more than their headers. */
	for (frame.len = 20; frame.len < last + 4; frame.len++)
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_SHORT_COPY,
			      "%zu octets copied", frame.len);
	for (; frame.len <= last + 8; frame.len++)
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE,
			      "%zu octets copied", frame.len);
	for (frame.len = 20; frame.len < last + 8; frame.len++) {
		bool is_whole =
			frame.len == 20 + 12 + 8 || frame.len == 20 + 12 + 16;
		enum reason expected =
			frame.len < 32 ? REASON_BAD_HEADER : REASON_SCTP_CHUNK;

		frame.octets[3] = (uint8_t)frame.len;
		frame.meta.len = (uint32_t)frame.len;
		frame.meta.verify_checksum = false;
		ck_assert_msg(frame_parse(&frame, &pkt) ==
				      (is_whole ? REASON_NONE : expected),
			      "%zu octets", frame.len);
	}
}
END_TEST

START_TEST(a_copy_that_ends_in_an_init_is_short)
{
	struct draft d = start(4, 0);
	struct frame frame;
	struct packet pkt;

	add(&d, INIT);
	finish(&d, &frame);
	for (frame.len = 20; frame.len < 20 + 12 + 8; frame.len++)
		ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	ck_assert_uint_eq(pkt.sctp.init_tag, INIT_TAG);
}
END_TEST

/* The most chunks that a packet can have. */
START_TEST(a_packet_full_of_chunks_is_read_to_its_end)
{
	enum { IP_LEN = 20, HEADER_LEN = 12, MOST = 65535 / 4 * 4 };
	static uint8_t octets[MOST];
	struct packet_meta meta = { .len = MOST };
	struct draft d = start(4, TAG);
	struct packet pkt;
	size_t at = build_packet(&d.b, octets, sizeof(octets));

	octets[2] = (uint8_t)(MOST >> 8);
	octets[3] = (uint8_t)MOST;
	for (; at < sizeof(octets); at += 4)
		octets[at + 3] = 4;
	ck_assert_int_eq(packet_parse(&pkt, &meta, octets, sizeof(octets)),
			 REASON_NONE);
	octets[MOST - 1] = 5;
	ck_assert_int_eq(packet_parse(&pkt, &meta, octets, sizeof(octets)),
			 REASON_SCTP_CHUNK);
	octets[MOST - 1] = 4;
	octets[MOST - 4] = INIT;
	ck_assert_int_eq(packet_parse(&pkt, &meta, octets, sizeof(octets)),
			 REASON_SCTP_CHUNK);
}
END_TEST

START_TEST(a_wrong_checksum_is_wrong)
{
	struct draft d = start(4, TAG);
	struct frame frame;
	struct packet pkt;

	add(&d, DATA);
	finish(&d, &frame);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	for (size_t bit = 8 * 20; bit < 8 * frame.len; bit++) {
		frame.octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_msg(frame_parse(&frame, &pkt) != REASON_NONE,
			      "bit %zu", bit);
		frame.octets[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	memset(frame.octets + 20 + 8, 0, 4);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_CHECKSUM);
}
END_TEST

static void unask(struct frame *frame)
{
	frame->meta.verify_checksum = false;
}

static void make_super_packet(struct frame *frame)
{
	frame->meta.gso = true;
}

static void cut_copy(struct frame *frame)
{
	frame->len--;
}

START_TEST(a_checksum_is_verified_if_it_can_and_shall_be)
{
	static void (*const changes[])(
		struct frame * frame) = { unask, make_super_packet, cut_copy };
	struct draft d = start(4, TAG);
	struct frame frame;
	struct packet pkt;

	add(&d, DATA);
	d.b.bad_checksum = true;
	finish(&d, &frame);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_CHECKSUM);
	changes[_i](&frame);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_loop_test(tc, header_and_init_are_read, 0, COUNT(families));
	tcase_add_loop_test(tc, each_type_has_its_class, 0, COUNT(types));
	tcase_add_loop_test(
		tc, the_t_bit_is_that_of_abort_and_shutdown_complete, 0, 256);
	tcase_add_loop_test(tc, chunks_stand_where_they_may, 0, COUNT(bundles));
	tcase_add_loop_test(tc, chunks_lie_within_the_packet, 0,
			    COUNT(lengths));
	tcase_add_test(tc, a_packet_is_a_multiple_of_four_octets);
	tcase_add_loop_test(tc, an_init_alone_has_no_tag_and_chooses_one, 0,
			    COUNT(tags));
	tcase_add_loop_test(tc, ends_are_possible, 0, COUNT(ends));
	tcase_add_test(tc, a_short_packet_is_told_from_a_short_copy);
	tcase_add_test(tc, a_copy_that_ends_in_an_init_is_short);
	tcase_add_test(tc, a_packet_full_of_chunks_is_read_to_its_end);
	tcase_add_test(tc, a_wrong_checksum_is_wrong);
	tcase_add_loop_test(tc, a_checksum_is_verified_if_it_can_and_shall_be,
			    0, 3);
}

int main(void)
{
	TCase *tc = tcase_create("proto_sctp");

	add_tests(tc);
	return run_tests(tc, "proto_sctp");
}
