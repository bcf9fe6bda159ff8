/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a packet was accepted or dropped: one list, from which the counters,
 * the log, the manual and the tests are made.
 *
 * Every packet has exactly one reason.  An inert accept passes the packet and
 * changes nothing: no state, no timer, no window.
 */
#ifndef ENGINE_REASON_H
#define ENGINE_REASON_H

enum reason {
	REASON_NONE, /* not decided; never in a verdict */

	/* Accepted. */
	REASON_NEW,
	REASON_ESTABLISHED,
	REASON_RELATED,
	REASON_NEIGHBOUR,
	REASON_DUP_SYN,
	REASON_SYN_RESTART,
	REASON_SYNACK,
	REASON_DUP_SYNACK,
	REASON_SYNACK_NEW_ISN,
	REASON_THIRD_ACK,
	REASON_EARLY_DATA,
	REASON_FIN,
	REASON_FIN_TENTATIVE,
	REASON_SERVER_EARLY_FIN,
	REASON_CLOSE_PROGRESS,
	REASON_DUP_FIN,
	REASON_LAST_ACK_LOST,
	REASON_DUP_LAST_ACK,
	REASON_REUSE,
	REASON_CLIENT_ABORT,
	REASON_REFUSED,
	REASON_RESET,
	REASON_RST_REPEAT,
	REASON_RST_IN_TW,
	REASON_RST_DISOWNED,

	/* Accepted, inert. */
	REASON_CHALLENGE_ACK,
	REASON_RST_TO_CHALLENGE,
	REASON_RST_INEXACT,
	REASON_RST_IGNORED,
	REASON_OLD_DATA,
	REASON_OLD_ACK,
	REASON_OVERSHOOT,
	REASON_KEEP_ALIVE,
	REASON_DRAIN,

	/* Dropped: the packet itself is wrong. */
	REASON_BAD_HEADER,
	REASON_BAD_CHECKSUM,
	REASON_SHORT_COPY,
	REASON_FRAGMENT,
	REASON_EXT_HEADER,
	REASON_BAD_ADDR,
	REASON_LAND,
	REASON_PORT_ZERO,
	REASON_ILLEGAL_FLAGS,
	REASON_FIN_NO_ACK,
	REASON_ICMP_TYPE,

	/* Dropped: it belongs to no connection and cannot open one. */
	REASON_ORPHAN_ACK,
	REASON_ORPHAN_SYNACK,
	REASON_ORPHAN_FIN,
	REASON_ORPHAN_RST,
	REASON_ORPHAN_ICMP,

	/* Dropped: it does not fit its TCP connection. */
	REASON_CLIENT_BEFORE_SYNACK,
	REASON_SYNACK_BAD_ACK,
	REASON_SYNACK_BAD,
	REASON_SYNACK_UNEXPECTED,
	REASON_DATA_BEFORE_SYNACK,
	REASON_SERVER_SYN,
	REASON_SYN_ISN,
	REASON_DUP_OLD_SYN,
	REASON_THIRD_ACK_BAD,
	REASON_RST_BAD_ACK,
	REASON_RST_BAD_SEQ,
	REASON_RST_OUT,
	REASON_SEQ_HIGH,
	REASON_SEQ_OLD,
	REASON_ACK_UNSEEN,
	REASON_ACK_OLD,
	REASON_DATA_AFTER_FIN,
	REASON_FIN_MOVED,
	REASON_AFTER_CLOSE,
	REASON_AFTER_RESET,
	REASON_INERT_FLOOD,

	/* Dropped: an ICMP error that speaks of nothing we let through. */
	REASON_ICMP_UNRELATED,
	REASON_ICMP_OUTER_DST,
	REASON_ICMP_INNER_BAD,
	REASON_ICMP_NESTED,
	REASON_ICMP_SEQ,
	REASON_ICMP_MTU,
	REASON_ICMP_RATE,
	REASON_ND_HOPLIMIT,

	/* Dropped: the policy says so, or there is no room. */
	REASON_RULE,
	REASON_POLICY,
	REASON_TABLE_FULL,
	REASON_INTERNAL,

	REASON_COUNT
};

enum reason_kind { REASON_ACCEPTS, REASON_INERT, REASON_DROPS };

struct reason_info {
	const char *name; /* the word users see */
	enum reason_kind kind;
	const char *meaning; /* one sentence, for the manual */
};

/* Indexed by enum reason; every entry but REASON_NONE is filled. */
extern const struct reason_info reason_info[REASON_COUNT];

#endif
