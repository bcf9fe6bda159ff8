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

/* RFC 5382 REQ-5: what an established connection may be silent for. */
#define ESTABLISHED_MIN (2 * HOUR + 4 * MINUTE)

const struct timeout_info timeout_info[TIMEOUT_COUNT] = {
	[TIMEOUT_TCP_SYN_SENT] = {
		.name = "tcp.syn_sent",
		.meaning = "a SYN that nobody answered",
		.value = 60 * SECOND,
		.floor = 10 * SECOND,
		.evict = EVICT_UNANSWERED,
		.half_open = true,
	},
	[TIMEOUT_TCP_SYN_RECV] = {
		.name = "tcp.syn_recv",
		.meaning = "a SYN-ACK that nobody acknowledged",
		.value = 60 * SECOND,
		.floor = 10 * SECOND,
		.evict = EVICT_HALF_OPEN,
		.half_open = true,
	},
	[TIMEOUT_TCP_ESTABLISHED] = {
		.name = "tcp.established",
		.meaning = "an idle, open connection",
		.value = 24 * HOUR,
		.floor = ESTABLISHED_MIN,
	},
	/* No retransmission is further from the next (RFC 6298 section 2.4). */
	[TIMEOUT_TCP_UNACKNOWLEDGED] = {
		.name = "tcp.unacknowledged",
		.meaning = "an open connection with data that nobody "
			   "acknowledges",
		.value = 5 * MINUTE,
		.floor = 5 * MINUTE,
	},
	[TIMEOUT_TCP_FIN_WAIT] = {
		.name = "tcp.fin_wait",
		.meaning = "one FIN, not acknowledged",
		.value = 4 * MINUTE,
		.floor = 30 * SECOND,
		.evict = EVICT_CLOSING,
	},
	[TIMEOUT_TCP_HALF_CLOSED] = {
		.name = "tcp.half_closed",
		.meaning = "one direction closed, the other open",
		.value = 1 * HOUR,
		.floor = 5 * MINUTE,
		.evict = EVICT_QUIET,
		.quiet_min = 5 * MINUTE,
	},
	/* One largest retransmission timeout (RFC 6298 section 2.4). */
	[TIMEOUT_TCP_CLOSING] = {
		.name = "tcp.closing",
		.meaning = "both FINs, one not acknowledged",
		.value = 2 * MINUTE,
		.floor = 15 * SECOND,
		.evict = EVICT_CLOSING,
	},
	[TIMEOUT_TCP_TIME_WAIT] = {
		.name = "tcp.time_wait",
		.meaning = "both directions closed",
		.value = 2 * MINUTE,
		.floor = 5 * SECOND,
		.evict = EVICT_CLOSED,
		.lives_max = 4,
	},
	[TIMEOUT_TCP_CLOSED] = {
		.name = "tcp.closed",
		.meaning = "ended by a RST",
		.value = 30 * SECOND,
		.floor = 2 * SECOND,
		.evict = EVICT_CLOSED,
	},
	[TIMEOUT_TCP_PICKED_UP] = {
		.name = "tcp.picked_up",
		.meaning = "met in the middle, one side silent",
		.value = 60 * SECOND,
		.floor = 10 * SECOND,
		.evict = EVICT_UNANSWERED,
	},
	[TIMEOUT_UDP_UNREPLIED] = {
		.name = "udp.unreplied",
		.meaning = "UDP that nobody answered",
		.value = 30 * SECOND,
		.floor = 5 * SECOND,
		.evict = EVICT_UNANSWERED,
	},
	[TIMEOUT_UDP_REPLIED] = {
		.name = "udp.replied",
		.meaning = "UDP, a question and its answer",
		.value = 30 * SECOND,
		.floor = 5 * SECOND,
		.evict = EVICT_CLOSING,
	},
	/* RFC 4787 REQ-5 asks for at least 2 min. */
	[TIMEOUT_UDP_STREAM] = {
		.name = "udp.stream",
		.meaning = "UDP both ways for more than 2 s",
		.value = 3 * MINUTE,
		.floor = 2 * MINUTE,
		.evict = EVICT_QUIET,
		.quiet_min = 2 * MINUTE,
	},
	[TIMEOUT_ICMP] = {
		.name = "icmp",
		.meaning = "an ICMP query",
		.value = 30 * SECOND,
		.floor = 5 * SECOND,
		.evict = EVICT_UNANSWERED,
	},
	[TIMEOUT_SCTP_COOKIE_WAIT] = {
		.name = "sctp.cookie_wait",
		.meaning = "an INIT whose cookie did not come back",
		.value = 30 * SECOND,
		.floor = 10 * SECOND,
		.evict = EVICT_UNANSWERED,
		.half_open = true,
	},
	[TIMEOUT_SCTP_COOKIE_ECHOED] = {
		.name = "sctp.cookie_echoed",
		.meaning = "a cookie that nobody acknowledged",
		.value = 30 * SECOND,
		.floor = 10 * SECOND,
		.evict = EVICT_HALF_OPEN,
		.half_open = true,
	},
	/*
	 * RFC 9260 section 16: a heartbeat every 30 s, and a path is given up
	 * after five without an answer.
	 */
	[TIMEOUT_SCTP_ESTABLISHED] = {
		.name = "sctp.established",
		.meaning = "an open association that is silent",
		.value = 5 * MINUTE,
		.floor = 210 * SECOND,
	},
	[TIMEOUT_SCTP_SHUTDOWN] = {
		.name = "sctp.shutdown",
		.meaning = "an association that is being closed",
		.value = 30 * SECOND,
		.floor = 5 * SECOND,
		.evict = EVICT_CLOSING,
	},
	[TIMEOUT_SCTP_CLOSED] = {
		.name = "sctp.closed",
		.meaning = "an association that is over",
		.value = 10 * SECOND,
		.floor = 5 * SECOND,
		.evict = EVICT_CLOSED,
	},
	[TIMEOUT_SCTP_HEARTBEAT_SENT] = {
		.name = "sctp.heartbeat_sent",
		.meaning = "a heartbeat on a second path, not answered",
		.value = 30 * SECOND,
		.floor = 5 * SECOND,
		.evict = EVICT_UNANSWERED,
	},
	[TIMEOUT_GRE_UNREPLIED] = {
		.name = "gre.unreplied",
		.meaning = "a GRE tunnel, one way",
		.value = 30 * SECOND,
		.floor = 30 * SECOND,
		.evict = EVICT_UNANSWERED,
	},
	[TIMEOUT_GRE_REPLIED] = {
		.name = "gre.replied",
		.meaning = "a GRE tunnel, both ways",
		.value = 3 * MINUTE,
		.floor = 30 * SECOND,
		.evict = EVICT_QUIET,
		.quiet_min = 2 * MINUTE,
	},
	[TIMEOUT_OTHER_UNREPLIED] = {
		.name = "other.unreplied",
		.meaning = "another protocol, one way",
		.value = 60 * SECOND,
		.floor = 30 * SECOND,
		.evict = EVICT_UNANSWERED,
	},
	[TIMEOUT_OTHER_REPLIED] = {
		.name = "other.replied",
		.meaning = "another protocol, both ways",
		.value = 5 * MINUTE,
		.floor = 30 * SECOND,
		.evict = EVICT_CLOSING,
	},
};
