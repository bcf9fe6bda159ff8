/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time.
 */
#include "daemon/clock.h"

#include <time.h>

msec_t clock_now(void)
{
	struct timespec time;

	/* Cannot fail: the clock exists and the pointer is valid. */
	(void)clock_gettime(CLOCK_BOOTTIME, &time);
	return (msec_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t clock_wall(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000 -
	       clock_now();
}

uint64_t clock_monotonic_usec(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}
