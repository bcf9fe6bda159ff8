/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an implementation of TCP behaves where the standards leave a choice, or
 * where implementations that are in use take one of their own.
 */
#ifndef MODEL_STACK_H
#define MODEL_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/timeout.h"

struct stack {
	/* What its SYN offers. */
	bool has_wscale;
	bool has_sack;
	bool has_ts;
	bool drops_options; /* from the third SYN on */
	bool has_cookie;    /* Fast Open: data in SYNs, and takes it */
	uint8_t wscale;

	/* Sizes, in octets. */
	uint32_t mss;
	uint32_t super;  /* largest segment that it hands to its card */
	uint32_t buffer; /* for what is received */
	uint32_t flight; /* most it has in flight */
	uint8_t burst;   /* most segments at once */

	/* Times. */
	msec_t rto; /* the first one */
	msec_t rto_max;
	msec_t ack_delay; /* 0: acknowledges at once */
	msec_t keepalive; /* 0: none */
	msec_t time_wait;

	/* Which of two ways. */
	bool shrinks;      /* takes back a window that it has granted */
	bool goes_back;    /* sends all again after a timeout, not the first */
	bool probes_octet; /* probes a closed window with an octet (BSD) */
	bool beats_octet;  /* keep-alives carry an octet (4.2BSD) */
	bool forces_fin;   /* FIN in spite of a closed window (BSD) */
	bool reads_old;    /* the ACK of a duplicate counts (BSD) */
	bool is_lenient;   /* may be acknowledged up to its edges (Linux) */
	bool trusts_rst;   /* any RST in the window (RFC 793) */
	bool trusts_more;  /* RST at SACK's edge, or at the FIN (Linux) */
	bool outlives_rst; /* in TIME-WAIT (RFC 1337) */
	bool repeats_syn;  /* SYN again: the SYN-ACK again, not an ACK */
	bool answers_ack;  /* SYNs that cross: with an ACK, not a SYN-ACK */
	bool forgets_syn;  /* SYN cookies: has no SYN-RECEIVED */
	bool clocks_isn;   /* RFC 6528; else at random */
	bool clocks_ts;    /* one clock for all; else an offset each time */
};

/* Draws one of the many. */
void stack_draw(struct stack *stack, uint64_t *seed);

#endif
