/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Days and hours.
 */
#include "policy/week.h"

#include <stdio.h>
#include <string.h>

enum { NAME_LEN = 3, TIME_LEN = sizeof("00:00") - 1 };

const char *const week_days[SCHEDULE_DAYS] = { "mon", "tue", "wed", "thu",
					       "fri", "sat", "sun" };

/* SCHEDULE_DAYS: it is no day. */
static unsigned int find_day(const char *text)
{
	unsigned int day = 0;

	while (day < SCHEDULE_DAYS &&
	       strncmp(week_days[day], text, NAME_LEN) != 0)
		day++;
	return day;
}

bool week_parse_days(uint8_t *days, const char *text)
{
	size_t len = strlen(text);
	unsigned int first = find_day(text);
	unsigned int last = first;

	if (len == 2 * NAME_LEN + 1 && text[NAME_LEN] == '-')
		last = find_day(text + NAME_LEN + 1);
	else if (len != NAME_LEN)
		return false;
	if (first == SCHEDULE_DAYS || last == SCHEDULE_DAYS)
		return false;
	*days = (uint8_t)(*days | 1U << first);
	for (unsigned int day = first; day != last;) {
		day = (day + 1) % SCHEDULE_DAYS;
		*days = (uint8_t)(*days | 1U << day);
	}
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool parse_time(uint16_t *minute, const char *text)
{
	int hours;
	int minutes;

	if (!is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' ||
	    !is_digit(text[3]) || !is_digit(text[4]))
		return false;
	hours = 10 * (text[0] - '0') + text[1] - '0';
	minutes = 10 * (text[3] - '0') + text[4] - '0';
	if (minutes > 59 || hours * 60 + minutes > SCHEDULE_DAY_END)
		return false;
	*minute = (uint16_t)(hours * 60 + minutes);
	return true;
}

bool week_parse_hours(struct schedule_hours *hours, bool *utc, const char *text)
{
	size_t len = strlen(text);
	bool is_utc = len > 0 && text[len - 1] == 'Z';
	struct schedule_hours parsed;

	if (len - is_utc != 2 * TIME_LEN + 1 || text[TIME_LEN] != '-' ||
	    !parse_time(&parsed.first, text) ||
	    !parse_time(&parsed.end, text + TIME_LEN + 1))
		return false;
	*hours = parsed;
	*utc = is_utc;
	return true;
}

void week_format_days(uint8_t days, char text[WEEK_DAYS_LEN])
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned int day = 0; day < SCHEDULE_DAYS; day++)
		if ((unsigned int)days >> day & 1U)
			len += (size_t)snprintf(text + len, WEEK_DAYS_LEN - len,
						"%s%s", len > 0 ? "," : "",
						week_days[day]);
}

void week_format_hours(const struct schedule *schedule,
		       char text[WEEK_HOURS_LEN])
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < schedule->count; i++) {
		unsigned int first = schedule->hours[i].first;
		unsigned int end = schedule->hours[i].end;

		len += (size_t)snprintf(text + len, WEEK_HOURS_LEN - len,
					"%s%02u:%02u-%02u:%02u%s",
					i > 0 ? "," : "", first / 60 % 100,
					first % 60, end / 60 % 100, end % 60,
					schedule->utc ? "Z" : "");
	}
}
