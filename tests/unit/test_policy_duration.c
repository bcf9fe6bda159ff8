/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durations: what is understood, what is refused and why, how they are written.
 */
#include "policy/duration.h"

#include <string.h>

#include "unit/run.h"

#define SECOND ((msec_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct {
	const char *text;
	msec_t value;
} understood[] = {
	{ "0s", 0 },
	{ "1ms", 1 },
	{ "1s", SECOND },
	{ "90s", 90 * SECOND },
	{ "1m", MINUTE },
	{ "1h", HOUR },
	{ "1d", DAY },
	{ "1w", 7 * DAY },
	{ "1h30m", HOUR + 30 * MINUTE },
	{ "1m1ms", MINUTE + 1 },
	{ "1w2d3h4m5s6ms", 9 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND + 6 },
	{ "90m", 90 * MINUTE },
	{ "007s", 7 * SECOND },
	{ "365d", 365 * DAY },
	{ "52w1d", 365 * DAY },
	{ "31536000000ms", 365 * DAY },
};

START_TEST(durations_are_understood)
{
	msec_t value = -1;

	ck_assert_int_eq(duration_parse(&value, understood[_i].text),
			 DURATION_OK);
	ck_assert_int_eq(value, understood[_i].value);
}
END_TEST

static const struct {
	const char *what;
	const char *text;
	enum duration_error error;
} refused[] = {
	{ "nothing", "", DURATION_SYNTAX },
	{ "a unit alone", "s", DURATION_SYNTAX },
	{ "a bare number", "30", DURATION_NO_UNIT },
	{ "a bare zero", "0", DURATION_NO_UNIT },
	{ "a number behind a unit", "1h30", DURATION_SYNTAX },
	{ "an unknown unit", "1y", DURATION_SYNTAX },
	{ "a unit in full", "1min", DURATION_SYNTAX },
	{ "a capital unit", "1H", DURATION_SYNTAX },
	{ "a blank between", "1 h", DURATION_SYNTAX },
	{ "a blank before", " 1h", DURATION_SYNTAX },
	{ "a blank behind", "1h ", DURATION_SYNTAX },
	{ "a sign", "-1s", DURATION_SYNTAX },
	{ "a plus", "+1s", DURATION_SYNTAX },
	{ "a fraction", "1.5s", DURATION_SYNTAX },
	{ "the smaller unit first", "30m1h", DURATION_SYNTAX },
	{ "a unit twice", "1h1h", DURATION_SYNTAX },
	{ "a control character", "1s\n", DURATION_SYNTAX },
	{ "one too many", "366d", DURATION_TOO_LONG },
	{ "one millisecond too many", "365d1ms", DURATION_TOO_LONG },
	{ "too long a sum", "52w2d", DURATION_TOO_LONG },
	{ "twelve digits", "999999999999w", DURATION_TOO_LONG },
	{ "more digits than a number has", "99999999999999999999s",
	  DURATION_TOO_LONG },
};

START_TEST(other_texts_are_refused)
{
	msec_t value = -1;
	enum duration_error error = duration_parse(&value, refused[_i].text);

	ck_assert_msg(error == refused[_i].error, "%s: %d", refused[_i].what,
		      error);
	ck_assert_msg(value == -1, "%s is set", refused[_i].what);
}
END_TEST

static const struct {
	msec_t value;
	const char *text;
} written[] = {
	{ 0, "0s" },
	{ 1, "1ms" },
	{ SECOND, "1s" },
	{ 90 * SECOND, "1m30s" },
	{ HOUR + 1, "1h1ms" },
	{ DAY, "1d" },
	{ 14 * DAY, "14d" },
	{ DAY + HOUR + MINUTE + SECOND + 1, "1d1h1m1s1ms" },
	{ 365 * DAY, "365d" },
};

START_TEST(durations_are_written_in_the_fewest_parts)
{
	char text[DURATION_TEXT_LEN];

	duration_format(written[_i].value, text);
	ck_assert_str_eq(text, written[_i].text);
}
END_TEST

START_TEST(what_is_written_is_understood)
{
	char text[DURATION_TEXT_LEN];
	msec_t value = -1;

	duration_format(understood[_i].value, text);
	ck_assert_int_eq(duration_parse(&value, text), DURATION_OK);
	ck_assert_int_eq(value, understood[_i].value);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("duration");

	tcase_add_loop_test(tc, durations_are_understood, 0, COUNT(understood));
	tcase_add_loop_test(tc, other_texts_are_refused, 0, COUNT(refused));
	tcase_add_loop_test(tc, durations_are_written_in_the_fewest_parts, 0,
			    COUNT(written));
	tcase_add_loop_test(tc, what_is_written_is_understood, 0,
			    COUNT(understood));
	return run_tests(tc, "policy_duration");
}
