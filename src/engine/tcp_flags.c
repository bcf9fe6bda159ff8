/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which flags may stand together.
 *
 * FIN, SYN, RST, ACK and URG decide.  PSH means nothing here, and ECE, CWR,
 * AE and the reserved bits must not: RFC 3168 and RFC 9768 use them, and RFC
 * 9293 section 3.1 has receivers ignore the rest.  So 18 of the 64
 * combinations of the six classic flags are legal, two of them, a SYN with URG,
 * only if the administrator says so: RFC 9293 allows it, but those who send it
 * are scanners.
 */
#include "engine/tcp.h"

enum {
	F = TCP_FIN,
	S = TCP_SYN,
	R = TCP_RST,
	A = TCP_ACK,
	U = TCP_URG,
	DECIDING = F | S | R | A | U,
};

static const struct {
	uint8_t flags;
	enum tcp_class class;
} legal[] = {
	{ S, TCP_CLASS_SYN },         { S | U, TCP_CLASS_SYN },
	{ S | A, TCP_CLASS_SYNACK },  { A, TCP_CLASS_ACK },
	{ A | U, TCP_CLASS_ACK },     { F | A, TCP_CLASS_FIN },
	{ F | A | U, TCP_CLASS_FIN }, { R, TCP_CLASS_RST },
	{ R | A, TCP_CLASS_RST },
};

enum tcp_class tcp_class(uint8_t flags)
{
	for (size_t i = 0; i < sizeof(legal) / sizeof(legal[0]); i++)
		if (legal[i].flags == (flags & DECIDING))
			return legal[i].class;
	return TCP_CLASS_ILLEGAL;
}

enum reason tcp_flags_fault(uint8_t flags)
{
	if (tcp_class(flags) != TCP_CLASS_ILLEGAL)
		return REASON_NONE;
	return (flags & DECIDING) == F ? REASON_FIN_NO_ACK
				       : REASON_ILLEGAL_FLAGS;
}

uint32_t tcp_segment_end(const struct tcp_segment *seg)
{
	return seg->seq + seg->len + !!(seg->flags & TCP_SYN) +
	       !!(seg->flags & TCP_FIN);
}
