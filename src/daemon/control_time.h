/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times in replies: RFC 3339, in UTC, with milliseconds.
 */
#ifndef DAEMON_CONTROL_TIME_H
#define DAEMON_CONTROL_TIME_H

#include <jansson.h>
#include <stdint.h>

/* @wall: Unix time in ms. */
json_t *control_time(int64_t wall);

#endif
