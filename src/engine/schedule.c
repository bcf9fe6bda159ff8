/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schedules.
 */
#include "engine/schedule.h"

#include <stddef.h>

enum { MINUTE = 60, DAY = SCHEDULE_DAY_END * MINUTE };
enum { WEEK = SCHEDULE_DAYS * DAY };

/* 1970 began with a Thursday; bit 0 is Monday. */
enum { FIRST_DAY = 3 };

static bool has_day(const struct schedule *schedule, unsigned int day)
{
	return schedule->days >> day & 1U;
}

/* @day and the minute of it, and what hours of the day before last into it. */
static bool has_hours(const struct schedule *schedule,
		      const struct schedule_hours *hours, unsigned int day,
		      unsigned int minute)
{
	unsigned int before = (day + SCHEDULE_DAYS - 1) % SCHEDULE_DAYS;

	if (hours->first < hours->end)
		return has_day(schedule, day) && minute >= hours->first &&
		       minute < hours->end;
	return (has_day(schedule, day) && minute >= hours->first) ||
	       (has_day(schedule, before) && minute < hours->end);
}

bool schedule_holds(const struct schedule *schedule, const struct moment *when)
{
	int64_t second = when->date + (schedule->utc ? 0 : when->offset);
	unsigned int minute;
	unsigned int day;

	if (schedule->days == 0)
		return true;
	/* Clocks may be set before 1970; that week is like any other. */
	second += second < 0 ? (-second / WEEK + 1) * WEEK : 0;
	day = (unsigned int)((second / DAY + FIRST_DAY) % SCHEDULE_DAYS);
	minute = (unsigned int)(second % DAY / MINUTE);
	if (schedule->count == 0)
		return has_day(schedule, day);
	for (size_t i = 0; i < schedule->count; i++)
		if (has_hours(schedule, &schedule->hours[i], day, minute))
			return true;
	return false;
}

const char *schedule_fault(const struct schedule *schedule)
{
	if (schedule->days > SCHEDULE_ALL_DAYS)
		return "a week has seven days";
	if (schedule->count > SCHEDULE_HOURS_MAX)
		return "write at most 8 ranges of hours";
	if (schedule->count > 0 && schedule->days == 0)
		return "write the days that the hours are of";
	for (size_t i = 0; i < schedule->count; i++) {
		const struct schedule_hours *hours = &schedule->hours[i];

		if (hours->first >= SCHEDULE_DAY_END ||
		    hours->end > SCHEDULE_DAY_END)
			return "write hours from 00:00 to 24:00";
		if (hours->first == hours->end)
			return "write two different hours";
	}
	return NULL;
}

/* Only hours of the same day reach its last minute; all days are alike. */
bool schedule_restricts(const struct schedule *schedule)
{
	struct moment when = { 0 };

	if (schedule->days != SCHEDULE_ALL_DAYS)
		return schedule->days != 0;
	for (; when.date < DAY; when.date += MINUTE)
		if (!schedule_holds(schedule, &when))
			return true;
	return false;
}
