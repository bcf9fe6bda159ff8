/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time: the only place that asks for it.
 */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdint.h>

#include "engine/timeout.h"

/* Since some moment before the start; it goes on while the machine sleeps. */
msec_t clock_now(void);

/* Unix time in milliseconds when clock_now() was 0. */
int64_t clock_wall(void);

/* What systemd calls monotonic: it stops while the machine sleeps. */
uint64_t clock_monotonic_usec(void);

#endif
