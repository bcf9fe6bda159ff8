/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dates, as ISO 8601 has them: "2027-01-31", "2027-01-31T18:00",
 * "2027-01-31T18:00:00Z".
 */
#ifndef POLICY_DATE_H
#define POLICY_DATE_H

#include <stdbool.h>
#include <stdint.h>

enum { DATE_TEXT_LEN = sizeof("2027-01-31T18:00:00Z") };

/*
 * The Unix time of @text in seconds: of the end of the day, if it has no hour.
 * Without a Z the time is that of this place.  false: it is no date from 1970
 * to 9999.
 */
bool date_parse(int64_t *date, const char *text);
/* With a Z.  @date is of these years. */
void date_format(int64_t date, char text[DATE_TEXT_LEN]);

/*
 * How far the local time is ahead of UTC at that Unix time, in seconds.  A
 * change of the time zone is seen.
 */
int32_t date_offset(int64_t date);

/* The last second of the year 9999. */
#define DATE_MAX INT64_C(253402300799)

#endif
