/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a rule is in force: on which days of the week, and at which hours.
 *
 * It follows the clock on the wall.  So hours that a change to summer time
 * leaves out do not come, and those that the change back repeats come twice.
 */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/timeout.h"

enum {
	SCHEDULE_DAYS = 7,
	SCHEDULE_ALL_DAYS = (1 << SCHEDULE_DAYS) - 1,
	SCHEDULE_DAY_END = 24 * 60, /* minutes */
	SCHEDULE_HOURS_MAX = 8,
};

/* Minutes of the day; .first is within, .end is not. */
struct schedule_hours {
	uint16_t first;
	uint16_t end; /* before .first: that of the next day */
};

/* All zero: there is none, and the rule is always in force. */
struct schedule {
	uint8_t days;  /* bit 0: Monday; 0: there is no schedule */
	uint8_t count; /* of .hours; 0: the whole day */
	bool utc;      /* rather than the local time */
	/* They belong to the day on which they begin. */
	struct schedule_hours hours[SCHEDULE_HOURS_MAX];
};

/* The time, by all clocks. */
struct moment {
	msec_t now;
	int64_t date;   /* Unix time in seconds; 0: no rule is over */
	int32_t offset; /* of the local time to UTC, in seconds */
};

bool schedule_holds(const struct schedule *schedule, const struct moment *when);

/* NULL, or a sentence that says what would be right. */
const char *schedule_fault(const struct schedule *schedule);

/* Whether it ever leaves the rule out. */
bool schedule_restricts(const struct schedule *schedule);

#endif
