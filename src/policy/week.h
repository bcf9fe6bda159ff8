/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of schedules in words: "mon-fri", "08:00-20:00".
 */
#ifndef POLICY_WEEK_H
#define POLICY_WEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/schedule.h"

/* "mon" ... in the order of bits. */
extern const char *const week_days[SCHEDULE_DAYS];

/* "mon", "sat-mon": adds them to @days.  false: it is neither. */
bool week_parse_days(uint8_t *days, const char *text);

/* "22:00-06:00", with a Z for UTC.  false: it is not that. */
bool week_parse_hours(struct schedule_hours *hours, bool *utc,
		      const char *text);

/* What the above accept, with commas between several. */
enum { WEEK_DAYS_LEN = sizeof("mon,tue,wed,thu,fri,sat,sun") };
enum { WEEK_HOURS_LEN = SCHEDULE_HOURS_MAX * sizeof("00:00-00:00Z,") };
void week_format_days(uint8_t days, char text[WEEK_DAYS_LEN]);
void week_format_hours(const struct schedule *schedule,
		       char text[WEEK_HOURS_LEN]);

#endif
