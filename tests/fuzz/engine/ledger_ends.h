/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What segments say of the ends that exchange them: no rules, only numbers.
 */
#ifndef FUZZ_LEDGER_ENDS_H
#define FUZZ_LEDGER_ENDS_H

#include "fuzz/engine/ledger.h"

/* Numbers wrap. */
static inline bool ledger_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline bool ledger_within(uint32_t x, uint32_t low, uint32_t high)
{
	return high - low >= x - low;
}

static inline void ledger_raise(uint32_t *number, uint32_t to)
{
	if (ledger_before(*number, to))
		*number = to;
}

/* The number behind the segment. */
uint32_t ledger_behind(const struct tcp_segment *seg);

/* A RST that acknowledges 0 acknowledges nothing. */
bool ledger_has_ack(const struct tcp_segment *seg);

/* What @seg acknowledges of @receiver, by SACK too if that is permitted. */
uint32_t ledger_highest_ack(const struct ledger_end *receiver,
			    const struct tcp_segment *seg);

/* Exactly the end's SYN, and data with it at most. */
bool ledger_acks_syn(const struct ledger_end *end,
		     const struct tcp_segment *seg);

/* Begins the whole ledger with a SYN of @side, which may have come before. */
void ledger_open(struct ledger *ledger, int side, const struct tcp_segment *syn,
		 msec_t now);

/* A SYN that came again may have lost its data or its options. */
void ledger_open_again(struct ledger_end *end, const struct tcp_segment *syn);

/* The SYN-ACK of @side, or one with another number. */
void ledger_answer(struct ledger *ledger, int side,
		   const struct tcp_segment *synack);
void ledger_answer_again(struct ledger *ledger, int side,
			 const struct tcp_segment *synack);

/* The SYN-ACK of before is the one that counts. */
void ledger_return_to_former(struct ledger *ledger, int side);

/* What @side grants with an ACK behind its SYN-ACK. */
void ledger_widen(struct ledger *ledger, int side,
		  const struct tcp_segment *ack);

/* A SYN of @side that crosses the other one's. */
void ledger_cross(struct ledger *ledger, int side,
		  const struct tcp_segment *syn);

/* A segment that has an effect. */
void ledger_note(struct ledger *ledger, const struct ledger_entry *entry);

/* One a little beyond the window: that is remembered all the same. */
void ledger_note_overshoot(struct ledger *ledger,
			   const struct ledger_entry *entry);

#endif
