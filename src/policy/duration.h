/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durations: "90s", "1h30m".  A number always has a unit.
 */
#ifndef POLICY_DURATION_H
#define POLICY_DURATION_H

#include "engine/timeout.h"

#define DURATION_MAX ((msec_t)365 * 24 * 60 * 60 * 1000)

enum { DURATION_TEXT_LEN = 48 };

enum duration_error {
	DURATION_OK,
	DURATION_SYNTAX,
	DURATION_NO_UNIT, /* a bare number */
	DURATION_TOO_LONG /* more than DURATION_MAX, which is 365 days */
};

enum duration_error duration_parse(msec_t *duration, const char *text);
/* In the fewest parts: "1h30m".  @duration is not negative. */
void duration_format(msec_t duration, char text[DURATION_TEXT_LEN]);

#endif
