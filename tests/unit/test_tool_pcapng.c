/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The octets of a written capture, read here by hand.
 */
#include "tool/pcapng.h"

#include <string.h>

#include "tool/capture.h"
#include "unit/run.h"

enum { FILE_LEN = 70000 };

/* What was written. */
struct written {
	uint8_t at[FILE_LEN];
	size_t len;
};

static struct written written;

static FILE *begin_writing(void)
{
	FILE *out = fmemopen(written.at, sizeof(written.at), "w");

	ck_assert_ptr_nonnull(out);
	memset(written.at, 0xee, sizeof(written.at));
	return out;
}

static void end_writing(FILE *out)
{
	long len = ftell(out);

	ck_assert_int_gt(len, 0);
	written.len = (size_t)len;
	ck_assert_int_eq(fclose(out), 0);
}

static uint32_t number_at(size_t at)
{
	const uint8_t *p = written.at + at;

	ck_assert_uint_le(at + 4, written.len);
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static void write_frame(const struct capture_frame *frame, const char *comment)
{
	FILE *out = begin_writing();

	pcapng_write_frame(out, frame, comment);
	end_writing(out);
}

START_TEST(a_section_begins_with_these_octets)
{
	static const uint8_t begin[] = {
		0x0a, 0x0d, 0x0d, 0x0a, /* a section */
	};
	static const uint8_t behind_length[] = {
		0x4d, 0x3c, 0x2b, 0x1a, /* little-endian */
		0x01, 0x00, 0x00, 0x00, /* version 1.0 */
		0xff, 0xff, 0xff, 0xff, /* of a length */
		0xff, 0xff, 0xff, 0xff, /* that is not told */
		0x04, 0x00,             /* the application */
	};
	static const char name[] = "statewall " VERSION;
	FILE *out = begin_writing();
	uint32_t len;

	pcapng_write_header(out, 1);
	end_writing(out);
	ck_assert_mem_eq(written.at, begin, sizeof(begin));
	ck_assert_mem_eq(written.at + 8, behind_length, sizeof(behind_length));
	ck_assert_uint_eq(number_at(24), (sizeof(name) - 1) << 16 | 4);
	ck_assert_mem_eq(written.at + 28, name, sizeof(name) - 1);
	len = number_at(4);
	ck_assert_uint_eq(len % 4, 0);
	ck_assert_uint_eq(number_at(len - 8), 0); /* end of options */
	ck_assert_uint_eq(number_at(len - 4), len);
}
END_TEST

START_TEST(an_interface_has_a_link_type_and_nanoseconds)
{
	static const uint8_t interface[] = {
		0x01, 0x00, 0x00, 0x00, /* an interface */
		0x20, 0x00, 0x00, 0x00, /* of 32 octets */
		0x14, 0x01, 0x00, 0x00, /* LINUX_SLL2, 276 */
		0x00, 0x00, 0x00, 0x00, /* packets of any length */
		0x09, 0x00, 0x01, 0x00, /* resolution */
		0x09, 0x00, 0x00, 0x00, /* 10^-9 s, padded */
		0x00, 0x00, 0x00, 0x00, /* end of options */
		0x20, 0x00, 0x00, 0x00, /* 32 again */
	};
	FILE *out = begin_writing();
	size_t section;

	pcapng_write_header(out, 276);
	end_writing(out);
	section = number_at(4);
	ck_assert_uint_eq(written.len, section + sizeof(interface));
	ck_assert_mem_eq(written.at + section, interface, sizeof(interface));
}
END_TEST

START_TEST(a_packet_is_written_with_its_comment)
{
	static const uint8_t block[] = {
		0x06, 0x00, 0x00, 0x00, /* a packet */
		0x38, 0x00, 0x00, 0x00, /* of 56 octets */
		0x00, 0x00, 0x00, 0x00, /* the interface */
		0xfe, 0x9c, 0x97, 0x17, /* 1700000000.123456789 s, */
		0x15, 0xcd, 0x85, 0x3d, /* the upper half first */
		0x05, 0x00, 0x00, 0x00, /* captured */
		0x2c, 0x01, 0x00, 0x00, /* of 300 */
		0x01, 0x02, 0x03, 0x04, /* the packet */
		0x05, 0x00, 0x00, 0x00, /* padded */
		0x01, 0x00, 0x06, 0x00, /* a comment */
		'd',  'r',  'o',  'p',  /* of six octets */
		' ',  'x',  0x00, 0x00, /* padded */
		0x00, 0x00, 0x00, 0x00, /* end of options */
		0x38, 0x00, 0x00, 0x00, /* 56 again */
	};
	const struct capture_frame frame = {
		.time = 1700000000123456789,
		.data = (const uint8_t[]){ 1, 2, 3, 4, 5 },
		.captured = 5,
		.len = 300,
	};

	write_frame(&frame, "drop x");
	ck_assert_uint_eq(written.len, sizeof(block));
	ck_assert_mem_eq(written.at, block, sizeof(block));
}
END_TEST

/* Packets and comments of 0 to 8 octets: nothing but padding differs. */
START_TEST(all_is_padded_to_four_octets)
{
	static const uint8_t octets[] = "packet..";
	static const char text[] = "comments";
	size_t captured = (size_t)_i % 9;
	size_t comment_len = (size_t)_i / 9;
	size_t packet_len = (captured + 3) / 4 * 4;
	const struct capture_frame frame = {
		.data = octets,
		.captured = (uint32_t)captured,
		.len = (uint32_t)captured,
	};
	size_t len = 40 + packet_len + (comment_len + 3) / 4 * 4;
	static const uint8_t zeros[4];
	char comment[16];

	(void)snprintf(comment, sizeof(comment), "%.*s", (int)comment_len,
		       text);
	write_frame(&frame, comment);
	ck_assert_uint_eq(written.len, len);
	ck_assert_uint_eq(number_at(4), len);
	ck_assert_uint_eq(number_at(len - 4), len);
	ck_assert_mem_eq(written.at + 28, octets, captured);
	ck_assert_mem_eq(written.at + 28 + captured, zeros,
			 packet_len - captured);
	ck_assert_uint_eq(number_at(28 + packet_len), comment_len << 16 | 1);
	ck_assert_mem_eq(written.at + 32 + packet_len, comment, comment_len);
}
END_TEST

START_TEST(a_comment_may_be_as_long_as_its_length_can_say)
{
	static char comment[PCAPNG_COMMENT_MAX + 1];
	const struct capture_frame frame = { .data = (const uint8_t *)"" };

	memset(comment, 'x', PCAPNG_COMMENT_MAX);
	write_frame(&frame, comment);
	ck_assert_uint_eq(number_at(28), 0xffff0001);
	ck_assert_uint_eq(number_at(4), written.len);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("pcapng");

	tcase_add_test(tc, a_section_begins_with_these_octets);
	tcase_add_test(tc, an_interface_has_a_link_type_and_nanoseconds);
	tcase_add_test(tc, a_packet_is_written_with_its_comment);
	tcase_add_loop_test(tc, all_is_padded_to_four_octets, 0, 81);
	tcase_add_test(tc, a_comment_may_be_as_long_as_its_length_can_say);
	return run_tests(tc, "tool_pcapng");
}
