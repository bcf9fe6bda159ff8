/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a rule is in force.
 */
#include "engine/schedule.h"

#include "unit/run.h"

enum {
	MON = 0x01,
	TUE = 0x02,
	WED = 0x04,
	THU = 0x08,
	FRI = 0x10,
	SAT = 0x20,
	SUN = 0x40
};
enum { WEEKDAYS = MON | TUE | WED | THU | FRI };

#define HOURS(first_hour, first_minute, end_hour, end_minute) \
	{                                                     \
		(first_hour) * 60 + (first_minute),           \
			(end_hour)*60 + (end_minute)          \
	}

/* 2026-03-02 is a Monday. */
#define MONDAY INT64_C(1772409600)

static const struct {
	const char *what;
	struct schedule schedule;
	int day; /* from that Monday on */
	int hour;
	int minute;
	int second;
	bool holds;
} cases[] = {
	/* clang-format off */
	{ "none", { 0 }, 5, 3, 0, 0, true },
	{ "a day", { .days = MON }, 0, 0, 0, 0, true },
	{ "its last second", { .days = MON }, 0, 23, 59, 59, true },
	{ "the day behind it", { .days = MON }, 1, 0, 0, 0, false },
	{ "the second before it", { .days = MON }, -1, 23, 59, 59, false },
	{ "the same a week later", { .days = MON }, 7, 12, 0, 0, true },
	{ "Friday", { .days = WEEKDAYS }, 4, 12, 0, 0, true },
	{ "Saturday", { .days = WEEKDAYS }, 5, 12, 0, 0, false },
	{ "Sunday", { .days = SUN }, 6, 12, 0, 0, true },
	{ "before the hours",
	  { WEEKDAYS, 1, false, { HOURS(8, 0, 20, 0) } },
	  0,
	  7,
	  59,
	  59,
	  false },
	{ "their first second",
	  { WEEKDAYS, 1, false, { HOURS(8, 0, 20, 0) } },
	  0,
	  8,
	  0,
	  0,
	  true },
	{ "their last second",
	  { WEEKDAYS, 1, false, { HOURS(8, 0, 20, 0) } },
	  0,
	  19,
	  59,
	  59,
	  true },
	{ "behind them",
	  { WEEKDAYS, 1, false, { HOURS(8, 0, 20, 0) } },
	  0,
	  20,
	  0,
	  0,
	  false },
	{ "not that day",
	  { WEEKDAYS, 1, false, { HOURS(8, 0, 20, 0) } },
	  5,
	  12,
	  0,
	  0,
	  false },
	{ "until midnight",
	  { FRI, 1, false, { HOURS(22, 0, 24, 0) } },
	  4,
	  23,
	  59,
	  59,
	  true },
	{ "and no longer",
	  { FRI, 1, false, { HOURS(22, 0, 24, 0) } },
	  5,
	  0,
	  0,
	  0,
	  false },
	{ "until midnight, written otherwise",
	  { FRI, 1, false, { HOURS(22, 0, 0, 0) } },
	  4,
	  23,
	  59,
	  59,
	  true },
	{ "and no longer either",
	  { FRI, 1, false, { HOURS(22, 0, 0, 0) } },
	  5,
	  0,
	  0,
	  0,
	  false },
	{ "over midnight: the evening",
	  { FRI, 1, false, { HOURS(22, 0, 6, 0) } },
	  4,
	  22,
	  0,
	  0,
	  true },
	{ "over midnight: the morning after",
	  { FRI, 1, false, { HOURS(22, 0, 6, 0) } },
	  5,
	  5,
	  59,
	  59,
	  true },
	{ "over midnight: its end",
	  { FRI, 1, false, { HOURS(22, 0, 6, 0) } },
	  5,
	  6,
	  0,
	  0,
	  false },
	{ "over midnight: not the morning of the day",
	  { FRI, 1, false, { HOURS(22, 0, 6, 0) } },
	  4,
	  5,
	  0,
	  0,
	  false },
	{ "over midnight, from Sunday to Monday",
	  { SUN, 1, false, { HOURS(22, 0, 6, 0) } },
	  7,
	  3,
	  0,
	  0,
	  true },
	{ "the second range",
	  { MON, 2, false, { HOURS(8, 0, 12, 0), HOURS(13, 30, 17, 0) } },
	  0,
	  13,
	  30,
	  0,
	  true },
	{ "between two ranges",
	  { MON, 2, false, { HOURS(8, 0, 12, 0), HOURS(13, 30, 17, 0) } },
	  0,
	  13,
	  29,
	  59,
	  false },
	/* clang-format on */
};

static int64_t date_of(int i)
{
	return MONDAY +
	       ((cases[i].day * 24 + cases[i].hour) * 60 + cases[i].minute) *
		       60 +
	       cases[i].second;
}

START_TEST(days_and_hours_are_those_of_the_clock)
{
	/* The same on every clock, if it is that of the schedule. */
	static const int32_t offsets[] = { 0, 3600, -5 * 3600, 14 * 3600,
					   5 * 3600 + 45 * 60 };

	for (size_t i = 0; i < COUNT(offsets); i++) {
		const struct moment when = { .date = date_of(_i) - offsets[i],
					     .offset = offsets[i] };

		ck_assert_msg(schedule_holds(&cases[_i].schedule, &when) ==
				      cases[_i].holds,
			      "%s, offset %d", cases[_i].what, offsets[i]);
	}
}
END_TEST

START_TEST(utc_is_no_local_time)
{
	struct schedule schedule = cases[_i].schedule;
	const struct moment when = { .date = date_of(_i), .offset = 12 * 3600 };

	schedule.utc = true;
	ck_assert_msg(schedule_holds(&schedule, &when) == cases[_i].holds, "%s",
		      cases[_i].what);
}
END_TEST

START_TEST(a_clock_before_1970_has_weeks_too)
{
	/* Wednesday, 1969-12-31. */
	const struct moment when = { .date = -3600 };
	const struct schedule day = { .days = WED };
	const struct schedule hour = { WED, 1, false, { HOURS(23, 0, 24, 0) } };
	const struct schedule before = {
		WED, 1, false, { HOURS(22, 0, 23, 0) }
	};

	ck_assert(schedule_holds(&day, &when));
	ck_assert(schedule_holds(&hour, &when));
	ck_assert(!schedule_holds(&before, &when));
}
END_TEST

static const struct {
	const char *what;
	struct schedule schedule;
	bool is_faulty;
	bool restricts;
} forms[] = {
	/* clang-format off */
	{ "none", { 0 }, false, false },
	{ "all days", { .days = SCHEDULE_ALL_DAYS }, false, false },
	{ "all but one", { .days = SCHEDULE_ALL_DAYS & ~SUN }, false, true },
	{ "all hours",
	  { SCHEDULE_ALL_DAYS, 1, false, { HOURS(0, 0, 24, 0) } },
	  false,
	  false },
	{ "all hours in two parts",
	  { SCHEDULE_ALL_DAYS,
	    2,
	    false,
	    { HOURS(8, 0, 20, 0), HOURS(20, 0, 8, 0) } },
	  false,
	  false },
	{ "all but a minute",
	  { SCHEDULE_ALL_DAYS, 1, false, { HOURS(0, 0, 23, 59) } },
	  false,
	  true },
	{ "an eighth day", { .days = 0x80 }, true, true },
	{ "hours of no day",
	  { 0, 1, false, { HOURS(8, 0, 9, 0) } },
	  true,
	  false },
	{ "no time at all",
	  { MON, 1, false, { HOURS(8, 0, 8, 0) } },
	  true,
	  true },
	{ "an hour too late to begin",
	  { MON, 1, false, { HOURS(24, 0, 8, 0) } },
	  true,
	  true },
	{ "an hour that no day has",
	  { MON, 1, false, { HOURS(8, 0, 24, 1) } },
	  true,
	  true },
	{ "too many",
	  { MON, SCHEDULE_HOURS_MAX + 1, false, { { 0 } } },
	  true,
	  true },
	/* clang-format on */
};

START_TEST(what_cannot_be_is_told)
{
	const struct schedule *schedule = &forms[_i].schedule;
	bool is_faulty = schedule_fault(schedule) != NULL;

	ck_assert_msg(is_faulty == forms[_i].is_faulty, "%s", forms[_i].what);
	if (!is_faulty)
		ck_assert_msg(schedule_restricts(schedule) ==
				      forms[_i].restricts,
			      "%s", forms[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, days_and_hours_are_those_of_the_clock, 0,
			    COUNT(cases));
	tcase_add_loop_test(tc, utc_is_no_local_time, 0, COUNT(cases));
	tcase_add_test(tc, a_clock_before_1970_has_weeks_too);
	tcase_add_loop_test(tc, what_cannot_be_is_told, 0, COUNT(forms));
	return run_tests(tc, "schedule");
}
