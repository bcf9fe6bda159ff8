/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timeout classes.
 *
 * Where the values leave those of Linux: a half-closed connection may be
 * silent for an hour (60 s broke real systems, kubernetes issue 32551), and
 * an established one for a day rather than five.
 */
#include "engine/timeout.h"

#define SECOND ((msec_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* clang-format off: columns */
const struct timeout_info timeout_info[TIMEOUT_COUNT] = {
	[TIMEOUT_TCP_SYN_SENT] = { "tcp.syn_sent", 60 * SECOND, 0,
				   "a SYN that nobody answered" },
	[TIMEOUT_TCP_SYN_RECV] = { "tcp.syn_recv", 60 * SECOND, 0,
				   "a SYN-ACK that nobody acknowledged" },
	/* RFC 5382 REQ-5 asks for at least 2 h 4 min. */
	[TIMEOUT_TCP_ESTABLISHED] = { "tcp.established", 24 * HOUR, 0,
				      "an idle, open connection" },
	[TIMEOUT_TCP_UNACKNOWLEDGED] = { "tcp.unacknowledged", 5 * MINUTE, 0,
					 "an open connection with data that nobody acknowledges" },
	[TIMEOUT_TCP_FIN_WAIT] = { "tcp.fin_wait", 4 * MINUTE, 0,
				   "one FIN, not acknowledged" },
	[TIMEOUT_TCP_HALF_CLOSED] = { "tcp.half_closed", 1 * HOUR, 0,
				      "one direction closed, the other open" },
	/* One largest retransmission timeout (RFC 6298 section 2.4). */
	[TIMEOUT_TCP_CLOSING] = { "tcp.closing", 2 * MINUTE, 0,
				  "both FINs, one not acknowledged" },
	[TIMEOUT_TCP_TIME_WAIT] = { "tcp.time_wait", 2 * MINUTE, 4,
				    "both directions closed" },
	[TIMEOUT_TCP_CLOSED] = { "tcp.closed", 30 * SECOND, 0,
				 "ended by a RST" },
	[TIMEOUT_TCP_PICKED_UP] = { "tcp.picked_up", 60 * SECOND, 0,
				    "met in the middle, one side silent" },
	[TIMEOUT_UDP_UNREPLIED] = { "udp.unreplied", 30 * SECOND, 0,
				    "UDP that nobody answered" },
	[TIMEOUT_UDP_REPLIED] = { "udp.replied", 30 * SECOND, 0,
				  "UDP, a question and its answer" },
	/* RFC 4787 REQ-5 asks for at least 2 min. */
	[TIMEOUT_UDP_STREAM] = { "udp.stream", 3 * MINUTE, 0,
				 "UDP both ways for more than 2 s" },
	[TIMEOUT_ICMP] = { "icmp", 30 * SECOND, 0, "an ICMP query" },
	[TIMEOUT_OTHER_UNREPLIED] = { "other.unreplied", 60 * SECOND, 0,
				      "another protocol, one way" },
	[TIMEOUT_OTHER_REPLIED] = { "other.replied", 5 * MINUTE, 0,
				    "another protocol, both ways" },
};
/* clang-format on */
