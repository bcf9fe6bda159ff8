/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time, and the timeout classes: name (which is the configuration key),
 * default, and what it is for.
 */
#ifndef ENGINE_TIMEOUT_H
#define ENGINE_TIMEOUT_H

#include <stdbool.h>
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
	TIMEOUT_SCTP_COOKIE_WAIT,
	TIMEOUT_SCTP_COOKIE_ECHOED,
	TIMEOUT_SCTP_ESTABLISHED,
	TIMEOUT_SCTP_SHUTDOWN,
	TIMEOUT_SCTP_CLOSED,
	TIMEOUT_SCTP_HEARTBEAT_SENT,
	TIMEOUT_GRE_UNREPLIED,
	TIMEOUT_GRE_REPLIED,
	TIMEOUT_OTHER_UNREPLIED,
	TIMEOUT_OTHER_REPLIED,
	TIMEOUT_COUNT
};

/* In what order connections make room for others when the table is full. */
enum evict {
	EVICT_NEVER,
	EVICT_CLOSED,     /* over, and remembered for what may still come */
	EVICT_UNANSWERED, /* nobody has answered */
	EVICT_HALF_OPEN,  /* the client has not completed the handshake */
	EVICT_CLOSING,    /* being closed, or a question with its answer */
	EVICT_QUIET,      /* quiet for as long as .quiet_min */
};

struct timeout_info {
	const char *name;    /* path below "timeouts": "tcp.syn_sent" */
	const char *meaning; /* a few words for the manual */
	msec_t value;        /* default */
	msec_t floor;        /* what it shrinks to as the table fills */
	enum evict evict;
	msec_t quiet_min; /* with EVICT_QUIET */
	int lives_max;    /* so many times its value at most; 0: no limit */
	bool half_open;   /* such connections are counted and limited */
};

extern const struct timeout_info timeout_info[TIMEOUT_COUNT];

enum { TIMEOUT_SHRUNK_MAX = 7 };

/*
 * As the table fills, lives shrink from @value to their floor, in steps: what
 * is left of it at step @shrunk, 0 (all) to TIMEOUT_SHRUNK_MAX (the floor).
 */
static inline msec_t timeout_shrink(enum timeout timeout, msec_t value,
				    unsigned int shrunk)
{
	msec_t floor = timeout_info[timeout].floor;

	if (value <= floor)
		return value;
	return value - (value - floor) * (msec_t)shrunk / TIMEOUT_SHRUNK_MAX;
}

#endif
