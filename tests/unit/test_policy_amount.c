/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amounts and rates: what is understood, what is refused, how they are written.
 */
#include "policy/amount.h"

#include "unit/run.h"

static const struct {
	const char *text;
	bool bytes;
	struct rate rate;
	const char *written;
} rates[] = {
	{ "10/1m", false, { .amount = 10, .period = 60000 }, "10/1m" },
	{ "20/s", false, { .amount = 20, .period = 1000 }, "20/1s" },
	{ "1/ms", false, { .amount = 1, .period = 1 }, "1/1ms" },
	{ "15/1h30m", false, { .amount = 15, .period = 5400000 }, "15/1h30m" },
	{ "1/w", false, { .amount = 1, .period = 604800000 }, "1/7d" },
	{ "4294967296/s",
	  false,
	  { .amount = 4294967296, .period = 1000 },
	  "4294967296/1s" },
	{ "1KiB/s", true, { .amount = 1024, .period = 1000 }, "1024/1s" },
	{ "3MiB/s", true, { .amount = 3145728, .period = 1000 }, "3145728/1s" },
	{ "4GiB/d",
	  true,
	  { .amount = 4294967296, .period = 86400000 },
	  "4294967296/1d" },
	{ "500/s", true, { .amount = 500, .period = 1000 }, "500/1s" },
};

START_TEST(rates_are_understood_and_written)
{
	char text[RATE_TEXT_LEN];
	struct rate rate = { 0 };

	ck_assert_ptr_null(rate_parse(&rate, rates[_i].text, rates[_i].bytes));
	ck_assert_uint_eq(rate.amount, rates[_i].rate.amount);
	ck_assert_uint_eq(rate.period, rates[_i].rate.period);
	rate_format(&rate, text);
	ck_assert_str_eq(text, rates[_i].written);
}
END_TEST

static const struct {
	const char *what;
	const char *text;
	bool bytes;
} refused[] = {
	{ "nothing", "", false },
	{ "an amount alone", "10", false },
	{ "no amount", "/s", false },
	{ "no period", "10/", false },
	{ "a bare number for a period", "10/5", false },
	{ "an amount of zero", "0/s", false },
	{ "a period of zero", "10/0s", false },
	{ "more than a week", "10/8d", false },
	{ "a sign", "-1/s", false },
	{ "a leading zero", "010/s", false },
	{ "a fraction", "1.5/s", false },
	{ "one too many", "4294967297/s", false },
	{ "eleven digits", "10000000000/s", false },
	{ "more than 4 GiB", "5GiB/s", true },
	{ "units of a thousand", "1MB/s", true },
	{ "a small unit", "1kib/s", true },
	{ "a size of packets", "1KiB/s", false },
	{ "a blank", "10 / s", false },
	{ "a second slash", "10/1/s", false },
	{ "a very long period", "1/1111111111111111111111111111111111111s",
	  false },
};

START_TEST(other_texts_are_refused)
{
	struct rate rate = { 0 };

	ck_assert_msg(rate_parse(&rate, refused[_i].text, refused[_i].bytes),
		      "%s", refused[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("amount");

	tcase_add_loop_test(tc, rates_are_understood_and_written, 0,
			    COUNT(rates));
	tcase_add_loop_test(tc, other_texts_are_refused, 0, COUNT(refused));
	return run_tests(tc, "policy_amount");
}
