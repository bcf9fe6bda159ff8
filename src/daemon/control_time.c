/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times.
 */
#include "daemon/control_time.h"

#include <stdio.h>
#include <time.h>

json_t *control_time(int64_t wall)
{
	time_t seconds = (time_t)(wall / 1000);
	char text[64];
	struct tm tm;
	size_t len;

	if (wall < 0 || !gmtime_r(&seconds, &tm))
		return json_null();
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + len, sizeof(text) - len, ".%03dZ",
		       (int)(wall % 1000));
	return json_string(text);
}
