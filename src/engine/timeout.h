/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time, and the timeout classes: name (which is the configuration key),
 * default, and what it is for.
 */
#ifndef ENGINE_TIMEOUT_H
#define ENGINE_TIMEOUT_H

#include <stdint.h>

typedef int64_t msec_t; /* monotonic milliseconds; the epoch is the caller's */

enum timeout {
	TIMEOUT_TCP_SYN_SENT,
	TIMEOUT_TCP_SYN_RECV,
	TIMEOUT_TCP_ESTABLISHED,
	TIMEOUT_TCP_UNACKNOWLEDGED,
	TIMEOUT_TCP_FIN_WAIT,
	TIMEOUT_TCP_HALF_CLOSED,
	TIMEOUT_TCP_CLOSING,
	TIMEOUT_TCP_TIME_WAIT,
	TIMEOUT_TCP_CLOSED,
	TIMEOUT_TCP_PICKED_UP,
	TIMEOUT_UDP_UNREPLIED,
	TIMEOUT_UDP_REPLIED,
	TIMEOUT_UDP_STREAM,
	TIMEOUT_ICMP,
	TIMEOUT_OTHER_UNREPLIED,
	TIMEOUT_OTHER_REPLIED,
	TIMEOUT_COUNT
};

struct timeout_info {
	const char *name;    /* path below "timeouts": "tcp.syn_sent" */
	msec_t value;        /* default */
	int lives_max;       /* so many times its value at most; 0: no limit */
	const char *meaning; /* a few words for the manual */
};

extern const struct timeout_info timeout_info[TIMEOUT_COUNT];

#endif
