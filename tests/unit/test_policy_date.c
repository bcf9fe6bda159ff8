/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates: what is understood, what is refused, and how they are written.
 */
#include "policy/date.h"

#include <stdlib.h>

#include "unit/run.h"

static const struct {
	const char *text;
	int64_t date;
	const char *written;
} dates[] = {
	{ "1970-01-01Z", 86400, "1970-01-02T00:00:00Z" },
	{ "1970-01-01T00:01Z", 60, "1970-01-01T00:01:00Z" },
	{ "2000-02-28Z", 951782400, "2000-02-29T00:00:00Z" },
	{ "2000-02-29Z", 951868800, "2000-03-01T00:00:00Z" },
	{ "2027-01-31T18:00Z", 1801418400, "2027-01-31T18:00:00Z" },
	{ "2027-12-31T23:59:59Z", 1830297599, "2027-12-31T23:59:59Z" },
	{ "2038-01-19T03:14:08Z", 2147483648, "2038-01-19T03:14:08Z" },
	{ "9999-12-31T23:59:59Z", 253402300799, "9999-12-31T23:59:59Z" },
	/* Without a Z it is the time of this place, here five hours behind. */
	{ "2027-01-31", 1801458000, "2027-02-01T05:00:00Z" },
	{ "2027-01-31T13:00", 1801418400, "2027-01-31T18:00:00Z" },
};

START_TEST(dates_are_understood_and_written)
{
	char text[DATE_TEXT_LEN];
	int64_t date = 0;

	ck_assert(date_parse(&date, dates[_i].text));
	ck_assert_msg(date == dates[_i].date, "%s is %lld", dates[_i].text,
		      (long long)date);
	date_format(date, text);
	ck_assert_str_eq(text, dates[_i].written);
}
END_TEST

static const struct {
	const char *what;
	const char *text;
} refused[] = {
	{ "nothing", "" },
	{ "a Z alone", "Z" },
	{ "a day of another order", "31-01-2027" },
	{ "dots", "2027.01.31" },
	{ "no leading zero", "2027-1-31" },
	{ "month 0", "2027-00-01" },
	{ "month 13", "2027-13-01" },
	{ "day 0", "2027-01-00" },
	{ "the 31st of April", "2027-04-31" },
	{ "the 29th of February without a leap year", "2027-02-29" },
	{ "the same of 2100", "2100-02-29" },
	{ "hour 24", "2027-01-31T24:00" },
	{ "minute 60", "2027-01-31T23:60" },
	{ "second 60", "2027-01-31T23:59:60" },
	{ "an hour alone", "2027-01-31T18" },
	{ "a blank for the T", "2027-01-31 18:00" },
	{ "an offset", "2027-01-31T18:00+01:00" },
	{ "a fraction", "2027-01-31T18:00:00.5" },
	{ "before 1970", "1969-12-31" },
	{ "the end of 9999, a second later", "9999-12-31Z" },
	{ "something behind", "2027-01-31x" },
};

START_TEST(other_texts_are_refused)
{
	int64_t date = -1;

	ck_assert_msg(!date_parse(&date, refused[_i].text), "%s",
		      refused[_i].what);
	ck_assert_msg(date == -1, "%s is set", refused[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("date");

	/* POSIX, 8.3: without the database of zones. */
	(void)setenv("TZ", "EST5", 1);
	tcase_add_loop_test(tc, dates_are_understood_and_written, 0,
			    COUNT(dates));
	tcase_add_loop_test(tc, other_texts_are_refused, 0, COUNT(refused));
	return run_tests(tc, "policy_date");
}
