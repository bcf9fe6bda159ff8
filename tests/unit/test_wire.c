/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reading.
 */
#include "engine/wire.h"

#include "unit/run.h"

static const uint8_t octets[] = { 0x01, 0x82, 0xff, 0x04, 0xfe };

static struct reader reader_on_octets(void)
{
	return (struct reader){ octets, octets + sizeof(octets) };
}

START_TEST(integers_are_big_endian)
{
	ck_assert_uint_eq(load_be16(octets), 0x0182);
	ck_assert_uint_eq(load_be32(octets), 0x0182ff04);
}
END_TEST

START_TEST(one_reads_backwards)
{
	ck_assert_uint_eq(load_le32(octets), 0x04ff8201);
	ck_assert_uint_eq(load_le32(octets + 1), 0xfe04ff82);
}
END_TEST

START_TEST(the_highest_bit_is_no_sign)
{
	static const uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xfe };

	ck_assert_uint_eq(load_be16(ones), 0xffff);
	ck_assert_uint_eq(load_be32(ones), 0xfffffffe);
}
END_TEST

START_TEST(taking_moves_on)
{
	struct reader r = reader_on_octets();

	ck_assert_ptr_eq(reader_take(&r, 2), octets);
	ck_assert_ptr_eq(reader_take(&r, 1), octets + 2);
	ck_assert_uint_eq(reader_left(&r), 2);
}
END_TEST

START_TEST(all_that_is_left_can_be_taken)
{
	struct reader r = reader_on_octets();

	ck_assert_ptr_eq(reader_take(&r, sizeof(octets)), octets);
	ck_assert_uint_eq(reader_left(&r), 0);
}
END_TEST

START_TEST(nothing_can_always_be_taken)
{
	struct reader r = { octets, octets };

	ck_assert_ptr_eq(reader_take(&r, 0), octets);
}
END_TEST

static const struct {
	const char *what;
	size_t len;
} too_long[] = {
	{ "one more than there is", sizeof(octets) + 1 },
	{ "so much that the address would wrap", SIZE_MAX },
	{ "half of all memory", SIZE_MAX / 2 + 1 },
};

START_TEST(too_much_is_refused_and_moves_nothing)
{
	struct reader r = reader_on_octets();
	const uint8_t *taken = reader_take(&r, too_long[_i].len);

	ck_assert_msg(!taken, "%s", too_long[_i].what);
	ck_assert_ptr_eq(r.pos, octets);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("wire");

	tcase_add_test(tc, integers_are_big_endian);
	tcase_add_test(tc, one_reads_backwards);
	tcase_add_test(tc, the_highest_bit_is_no_sign);
	tcase_add_test(tc, taking_moves_on);
	tcase_add_test(tc, all_that_is_left_can_be_taken);
	tcase_add_test(tc, nothing_can_always_be_taken);
	tcase_add_loop_test(tc, too_much_is_refused_and_moves_nothing, 0,
			    COUNT(too_long));
	return run_tests(tc, "wire");
}
