/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC32c, by the examples of RFC 3720 appendix B.4.
 */
#include "engine/crc32c.h"

#include "unit/run.h"

enum { LEN = 32 };

static uint8_t zero(int i)
{
	(void)i;
	return 0;
}

static uint8_t one(int i)
{
	(void)i;
	return 0xff;
}

static uint8_t upward(int i)
{
	return (uint8_t)i;
}

static uint8_t downward(int i)
{
	return (uint8_t)(LEN - 1 - i);
}

static const struct {
	const char *what;
	uint8_t (*octet)(int i);
	uint32_t crc;
} examples[] = {
	{ "zeros", zero, 0x8a9136aa },
	{ "ones", one, 0x62a8ab43 },
	{ "upward", upward, 0x46dd794e },
	{ "downward", downward, 0x113fdb5c },
};

static void fill(uint8_t octets[LEN], int example)
{
	for (int i = 0; i < LEN; i++)
		octets[i] = examples[example].octet(i);
}

START_TEST(the_examples_of_the_rfc_come_out)
{
	uint8_t octets[LEN];

	fill(octets, _i);
	ck_assert_msg(crc32c_add(0, octets, LEN) == examples[_i].crc, "%s: %#x",
		      examples[_i].what, crc32c_add(0, octets, LEN));
}
END_TEST

START_TEST(pieces_make_the_same_as_the_whole)
{
	uint8_t octets[LEN];

	fill(octets, _i);
	for (size_t first = 0; first <= LEN; first++) {
		uint32_t crc = crc32c_add(0, octets, first);

		ck_assert_uint_eq(crc32c_add(crc, octets + first, LEN - first),
				  examples[_i].crc);
	}
}
END_TEST

/* As it is defined. */
static uint32_t bit_by_bit(const uint8_t *octets, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		uint32_t next =
			(crc ^ (uint32_t)octets[bit / 8] >> bit % 8) & 1;

		crc = crc >> 1 ^ (next ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* At any place of a stride, and in the rest of one. */
START_TEST(every_octet_counts_in_every_place)
{
	uint8_t octets[LEN - 1] = { 0 };

	for (size_t i = 0; i < sizeof(octets); i++) {
		octets[i] = (uint8_t)_i;
		ck_assert_msg(crc32c_add(0, octets, sizeof(octets)) ==
				      bit_by_bit(octets, sizeof(octets)),
			      "octet %zu", i);
		octets[i] = 0;
	}
}
END_TEST

START_TEST(nothing_has_crc_0)
{
	ck_assert_uint_eq(crc32c_add(0, "", 0), 0);
}
END_TEST

START_TEST(the_check_value_comes_out)
{
	ck_assert_uint_eq(crc32c_add(0, "123456789", 9), 0xe3069283);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("crc32c");

	tcase_add_loop_test(tc, the_examples_of_the_rfc_come_out, 0,
			    COUNT(examples));
	tcase_add_loop_test(tc, pieces_make_the_same_as_the_whole, 0,
			    COUNT(examples));
	tcase_add_loop_test(tc, every_octet_counts_in_every_place, 0, 256);
	tcase_add_test(tc, nothing_has_crc_0);
	tcase_add_test(tc, the_check_value_comes_out);
	return run_tests(tc, "crc32c");
}
