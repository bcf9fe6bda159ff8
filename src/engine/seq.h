/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial number comparison (RFC 9293 section 3.4, RFC 1982): the sign of the
 * wrapped difference.  Sequence numbers are compared with these and never
 * with "<".
 */
#ifndef ENGINE_SEQ_H
#define ENGINE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool seq_after(uint32_t a, uint32_t b)
{
	return seq_before(b, a);
}

/* first <= seq <= last */
static inline bool seq_between(uint32_t seq, uint32_t first, uint32_t last)
{
	return !seq_before(seq, first) && !seq_after(seq, last);
}

static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
	return seq_before(a, b) ? b : a;
}

#endif
