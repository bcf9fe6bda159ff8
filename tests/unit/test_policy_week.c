/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schedules in words, and by the clock of a place that has summer time.
 */
#include "policy/week.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match.h"
#include "policy/date.h"
#include "policy/trial.h"
#include "unit/frame.h"
#include "unit/run.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

static const struct {
	const char *text;
	uint8_t days; /* 0: it is refused */
} days[] = {
	{ "mon", 0x01 },     { "sun", 0x40 },     { "mon-fri", 0x1f },
	{ "sat-sun", 0x60 }, { "sat-mon", 0x61 }, { "sun-sat", 0x7f },
	{ "wed-wed", 0x04 }, { "", 0 },           { "mo", 0 },
	{ "monday", 0 },     { "Mon", 0 },        { "mon-", 0 },
	{ "-fri", 0 },       { "mon-friday", 0 }, { "mon_fri", 0 },
	{ "mon-fr", 0 },     { "mon fri", 0 },    { "mon-fri-", 0 },
};

START_TEST(days_are_understood_or_refused)
{
	uint8_t found = 0;
	bool ok = week_parse_days(&found, days[_i].text);

	ck_assert_msg(ok == (days[_i].days != 0), "%s", days[_i].text);
	ck_assert_msg(found == days[_i].days, "%s: %#x", days[_i].text, found);
}
END_TEST

START_TEST(days_add_up_and_are_written)
{
	char text[WEEK_DAYS_LEN];
	uint8_t found = 0;

	ck_assert(week_parse_days(&found, "sun"));
	ck_assert(week_parse_days(&found, "tue-wed"));
	week_format_days(found, text);
	ck_assert_str_eq(text, "tue,wed,sun");
	week_format_days(SCHEDULE_ALL_DAYS, text);
	ck_assert_str_eq(text, "mon,tue,wed,thu,fri,sat,sun");
}
END_TEST

static const struct {
	const char *text;
	int first; /* -1: it is refused */
	int end;
	bool utc;
} hours[] = {
	{ "08:00-20:00", 480, 1200, false },
	{ "22:30-06:15Z", 1350, 375, true },
	{ "00:00-24:00", 0, 1440, false },
	{ "23:59-00:00", 1439, 0, false },
	{ "", -1, 0, false },
	{ "Z", -1, 0, false },
	{ "8:00-20:00", -1, 0, false },
	{ "08:00", -1, 0, false },
	{ "08:00-", -1, 0, false },
	{ "08-20", -1, 0, false },
	{ "08:00-24:01", -1, 0, false },
	{ "08:60-20:00", -1, 0, false },
	{ "25:00-26:00", -1, 0, false },
	{ "08.00-20.00", -1, 0, false },
	{ "08:00 20:00", -1, 0, false },
	{ "08:00-20:00ZZ", -1, 0, false },
	{ "08:00Z-20:00Z", -1, 0, false },
	{ "08:00-20:00z", -1, 0, false },
};

START_TEST(hours_are_understood_and_written_or_refused)
{
	struct schedule schedule = { .days = 1, .count = 1 };
	char text[WEEK_HOURS_LEN];
	bool ok = week_parse_hours(&schedule.hours[0], &schedule.utc,
				   hours[_i].text);

	ck_assert_msg(ok == (hours[_i].first >= 0), "%s", hours[_i].text);
	if (!ok)
		return;
	ck_assert_int_eq(schedule.hours[0].first, hours[_i].first);
	ck_assert_int_eq(schedule.hours[0].end, hours[_i].end);
	ck_assert(schedule.utc == hours[_i].utc);
	week_format_hours(&schedule, text);
	ck_assert_str_eq(text, hours[_i].text);
}
END_TEST

START_TEST(the_longest_schedule_can_be_written)
{
	struct schedule schedule = {
		0x7f, SCHEDULE_HOURS_MAX, true, { { 0 } }
	};
	char text[WEEK_HOURS_LEN];

	for (size_t i = 0; i < SCHEDULE_HOURS_MAX; i++)
		schedule.hours[i] = (struct schedule_hours){ 1439, 1440 };
	week_format_hours(&schedule, text);
	ck_assert_uint_eq(strlen(text),
			  SCHEDULE_HOURS_MAX * strlen("23:59-24:00Z,") - 1);
}
END_TEST

/* The rules of Central Europe; no files of the system are needed for it. */
static void go_to_europe(void)
{
	ck_assert_int_eq(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
}

/* Midnight of that day, UTC. */
static int64_t midnight(const char *day)
{
	int64_t end = 0;

	ck_assert(date_parse(&end, day));
	return end - DAY;
}

static const struct {
	const char *what;
	const char *day;
	int hour; /* of UTC */
	int32_t offset;
} offsets[] = {
	{ "winter", "2026-01-15Z", 12, HOUR },
	{ "summer", "2026-07-15Z", 12, 2 * HOUR },
	{ "before summer begins", "2026-03-29Z", 0, HOUR },
	{ "summer begins", "2026-03-29Z", 1, 2 * HOUR },
	{ "before summer ends", "2026-10-25Z", 0, 2 * HOUR },
	{ "summer ends", "2026-10-25Z", 1, HOUR },
};

START_TEST(a_place_has_its_offset)
{
	go_to_europe();
	ck_assert_msg(date_offset(midnight(offsets[_i].day) +
				  offsets[_i].hour * HOUR) ==
			      offsets[_i].offset,
		      "%s", offsets[_i].what);
	/* Who moves is asked again. */
	ck_assert_int_eq(setenv("TZ", "NPT-5:45", 1), 0);
	ck_assert_int_eq(date_offset(midnight(offsets[_i].day)),
			 5 * HOUR + 45 * 60);
}
END_TEST

static const struct {
	const char *what;
	const char *eve; /* the day before it, and */
	const char *day;
	const char *hours;
	int minutes; /* that the schedule has of that day */
} changes[] = {
	{ "a day as usual", "2026-03-27", "2026-03-28", "02:00-03:00", 60 },
	{ "an hour that does not come", "2026-03-28", "2026-03-29",
	  "02:00-03:00", 0 },
	{ "hours around it", "2026-03-28", "2026-03-29", "01:00-04:00", 120 },
	{ "an hour that comes twice", "2026-10-24", "2026-10-25", "02:00-03:00",
	  120 },
	{ "hours around it", "2026-10-24", "2026-10-25", "01:00-04:00", 240 },
	{ "UTC knows no summer", "2026-10-24", "2026-10-25", "01:00-04:00Z",
	  180 },
};

START_TEST(summer_time_is_that_of_the_clock_on_the_wall)
{
	struct schedule schedule = { .days = 0x7f, .count = 1 };
	int64_t begin = 0;
	int64_t end = 0;
	int minutes = 0;

	go_to_europe();
	ck_assert(date_parse(&begin, changes[_i].eve));
	ck_assert(date_parse(&end, changes[_i].day));
	ck_assert(week_parse_hours(&schedule.hours[0], &schedule.utc,
				   changes[_i].hours));
	for (int64_t date = begin; date < end; date += 60) {
		const struct moment when = { .date = date,
					     .offset = date_offset(date) };

		minutes += schedule_holds(&schedule, &when);
	}
	ck_assert_msg(minutes == changes[_i].minutes, "%s, %s: %d minutes",
		      changes[_i].what, changes[_i].hours, minutes);
}
END_TEST

static struct ruleset *make_rules(const char *text)
{
	struct rule_options options = { .schedule = { .days = 0x7f,
						      .count = 1 } };
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	ck_assert(week_parse_hours(&options.schedule.hours[0],
				   &options.schedule.utc, text));
	ck_assert_ptr_nonnull(ruleset_add_rule(rules, "hour", &options));
	return rules;
}

/* A capture, say, that goes over the night in which summer begins. */
START_TEST(a_trial_lives_through_the_change)
{
	struct ruleset *rules = make_rules("03:00-04:00");
	const struct trial_params params = {
		.rules = rules,
		.max_conns = 100,
		.wall = midnight("2026-03-29Z") * 1000,
	};
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct packet pkt;
	struct trial *trial;

	go_to_europe();
	trial = trial_create(&params);
	ck_assert_ptr_nonnull(trial);
	/* Local time 01:59:59, then 03:00, 03:59:59 and 04:00. */
	for (int step = 0; step < 4; step++) {
		static const msec_t times[] = { 3599000, 3600000, 7199000,
						7200000 };

		b.sport = (uint16_t)(1000 + step);
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
		trial_advance(trial, times[step]);
		ck_assert_msg((trial_decide(trial, &pkt, REASON_NONE).action ==
			       ACTION_ACCEPT) == (step == 1 || step == 2),
			      "step %d", step);
	}
	trial_destroy(trial);
	ruleset_destroy(rules);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, days_are_understood_or_refused, 0, COUNT(days));
	tcase_add_test(tc, days_add_up_and_are_written);
	tcase_add_loop_test(tc, hours_are_understood_and_written_or_refused, 0,
			    COUNT(hours));
	tcase_add_test(tc, the_longest_schedule_can_be_written);
	tcase_add_loop_test(tc, a_place_has_its_offset, 0, COUNT(offsets));
	tcase_add_loop_test(tc, summer_time_is_that_of_the_clock_on_the_wall, 0,
			    COUNT(changes));
	tcase_add_test(tc, a_trial_lives_through_the_change);
	return run_tests(tc, "policy_week");
}
