/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule does, beside the conditions under which it does it.
 *
 * All zero is a rule that accepts, for ever, without a limit.
 */
#ifndef ENGINE_RULE_H
#define ENGINE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/conn.h"
#include "engine/schedule.h"
#include "engine/timeout.h"
#include "engine/verdict.h"

struct table;

/* What is counted against a limit. */
enum limit_unit {
	LIMIT_NONE,    /* nothing: there is no limit */
	LIMIT_NEW,     /* packets that ask to open a connection */
	LIMIT_PACKETS, /* these, and what the opener sends on the connection */
	LIMIT_BYTES,   /* the octets of the same, IP header included */
	LIMIT_UNIT_COUNT
};

/* What the limit is shared by. */
enum limit_scope {
	LIMIT_RULE,        /* all that the rule matches */
	LIMIT_SOURCE,      /* what comes from one network */
	LIMIT_DESTINATION, /* what goes to one network */
	LIMIT_SCOPE_COUNT
};

enum { LIMIT_PREFIX_IPV4 = 32, LIMIT_PREFIX_IPV6 = 64 };

/* In what the limits of rules are bounded, so that no sum overflows. */
enum { LIMIT_PERIOD_MAX = 7 * 24 * 3600 * 1000 /* ms */ };
#define LIMIT_AMOUNT_MAX ((uint64_t)1 << 32)

/*
 * A token bucket: it holds @burst, and @amount run into it every @period.  What
 * finds it empty is over the limit; see rate.h.
 */
struct rate {
	uint64_t amount;
	uint64_t burst;  /* 0: as @amount */
	uint32_t period; /* ms */
};

/*
 * What is over the limit is refused, whatever the rule's action is, and does
 * not count.  A retransmitted SYN is no new attempt; a SYN that asks anew on a
 * connection that is there is one.
 */
struct rule_limit {
	enum limit_unit unit;
	struct rate rate;
	enum limit_scope scope;
	uint8_t prefix_ipv4; /* the size of a network; 0: LIMIT_PREFIX_IPV4 */
	uint8_t prefix_ipv6; /* 0: LIMIT_PREFIX_IPV6 */
	bool over_rejects;   /* what is over is rejected rather than dropped */
	/*
	 * With LIMIT_SOURCE: the source's network goes into that dynamic
	 * table, if it is proven that the source is no other's (see
	 * verdict.h); NULL: it goes nowhere.
	 */
	const struct table *overload;
	bool kill; /* and all connections from there are closed */
};

/* What is logged of what a rule, or the policy, decides. */
enum log_amount {
	LOG_NONE,
	LOG_FIRST, /* packets about which the rules are asked */
	LOG_ALL,   /* and all packets of the connections that are let in */
	LOG_AMOUNT_COUNT
};

struct rule_options {
	enum action action;
	bool continues; /* instead of .action: the evaluation goes on */
	enum log_amount log;
	bool audit; /* what it would do is noted, and the evaluation goes on */
	/*
	 * What passes gets these bits of .mark_mask in its mark: the packet
	 * about which the rule was asked, before any later rule is asked about
	 * it, and all packets of the connection that is made of it.
	 */
	uint32_t mark;
	uint32_t mark_mask; /* 0: it sets none */

	/* Of the connections that it lets in. */
	enum tracking tracking;
	bool reserve;   /* they go before others in a flood, and in a table
			   that is full: see struct limits */
	bool no_pickup; /* those of which we missed the start are not let in */
	uint32_t max;   /* so many at a time; 0: any number */
	uint32_t max_per_source;        /* from one network, as .limit has it */
	msec_t timeouts[TIMEOUT_COUNT]; /* 0: as the rule set says */

	/* Unix time in seconds from which on it is not there; 0: for ever. */
	int64_t expires;
	struct schedule schedule; /* nor is it there at other times */
	struct rule_limit limit;
};

/* Whether there are times at which it is not there. */
static inline bool rule_comes_and_goes(const struct rule_options *options)
{
	return options->expires || options->schedule.days;
}

/*
 * NULL, or a sentence that says what would be right: numbers out of bounds, a
 * burst that takes longer than ten years to fill, an overload table that is not
 * dynamic or does not belong to a limit per source ...
 */
const char *rule_options_fault(const struct rule_options *options);

#endif
