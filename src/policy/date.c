/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates.
 */
#include "policy/date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* What may follow the day. */
static const char *const forms[] = {
	"dddd-dd-dd",
	"dddd-dd-ddTdd:dd",
	"dddd-dd-ddTdd:dd:dd",
};

enum { FORM_COUNT = sizeof(forms) / sizeof(forms[0]) };

static bool has_form(const char *text, size_t len, const char *form)
{
	if (strlen(form) != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (form[i] == 'd' ? !digit : text[i] != form[i])
			return false;
	}
	return true;
}

/* The number in the @len digits at @at. */
static int number(const char *text, size_t at, size_t len)
{
	int value = 0;

	for (size_t i = at; i < at + len; i++)
		value = 10 * value + (text[i] - '0');
	return value;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Days since 1970, with years that begin in March: the leap day is the last. */
static int64_t day_number(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       1 - 719468;
}

static bool is_valid(const struct tm *tm)
{
	return tm->tm_year >= 70 && tm->tm_mon >= 0 && tm->tm_mon < 12 &&
	       tm->tm_mday >= 1 &&
	       tm->tm_mday <= days_of(tm->tm_year + 1900, tm->tm_mon + 1) &&
	       tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

static int64_t seconds_of(struct tm *tm, bool utc)
{
	if (!utc)
		return mktime(tm);
	return DAY * day_number(tm->tm_year + 1900, tm->tm_mon + 1,
				tm->tm_mday) +
	       (int64_t)HOUR * tm->tm_hour + (int64_t)MINUTE * tm->tm_min +
	       tm->tm_sec;
}

bool date_parse(int64_t *date, const char *text)
{
	struct tm tm = { .tm_isdst = -1 };
	size_t len = strlen(text);
	bool utc = len > 0 && text[len - 1] == 'Z';
	size_t form = 0;
	int64_t seconds;

	if (utc)
		len--;
	while (form < FORM_COUNT && !has_form(text, len, forms[form]))
		form++;
	if (form == FORM_COUNT)
		return false;
	tm.tm_year = number(text, 0, 4) - 1900;
	tm.tm_mon = number(text, 5, 2) - 1;
	tm.tm_mday = number(text, 8, 2);
	tm.tm_hour = form > 0 ? number(text, 11, 2) : 0;
	tm.tm_min = form > 0 ? number(text, 14, 2) : 0;
	tm.tm_sec = form > 1 ? number(text, 17, 2) : 0;
	if (!is_valid(&tm))
		return false;
	/* The day after may be one of 23 hours; mktime() knows. */
	tm.tm_mday += form == 0;
	seconds = seconds_of(&tm, utc);
	if (seconds <= 0 || seconds > DATE_MAX)
		return false;
	*date = seconds;
	return true;
}

int32_t date_offset(int64_t date)
{
	time_t seconds = (time_t)date;
	struct tm tm;

	tzset();
	if (!localtime_r(&seconds, &tm))
		return 0;
	return (int32_t)(seconds_of(&tm, true) - date);
}

void date_format(int64_t date, char text[DATE_TEXT_LEN])
{
	int64_t day = date / DAY;
	unsigned int second = (unsigned int)(date % DAY);
	int year = 1970;
	int month = 1;

	while (day_number(year + 1, 1, 1) <= day)
		year++;
	day -= day_number(year, 1, 1);
	for (; day >= days_of(year, month); month++)
		day -= days_of(year, month);
	(void)snprintf(text, DATE_TEXT_LEN, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		       (unsigned int)year % 10000, (unsigned int)month % 100,
		       (unsigned int)(day + 1) % 100, second / HOUR % 24,
		       second / MINUTE % 60, second % 60);
}
