/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the rules that there are stand to those that there should be, and what
 * their counters say.
 */
#ifndef TOOL_REDIRECT_STATE_H
#define TOOL_REDIRECT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/saved.h"

enum redirect_condition {
	REDIRECT_INSTALLED,
	REDIRECT_DAMAGED, /* something is missing, changed or too much */
	REDIRECT_BEHIND,  /* all is there, but others are asked before us */
	REDIRECT_ABSENT,  /* nothing of it is there */
	REDIRECT_CONDITION_COUNT
};

extern const char *const redirect_condition_names[REDIRECT_CONDITION_COUNT];

struct redirect_state {
	enum redirect_condition condition;
	const char *table; /* where it shows; NULL: nowhere in particular */
	/* Of packets that the daemon did not judge. */
	uint64_t rescue_passed;
	uint64_t rescue_dropped;
	/*
	 * Rules of others behind ours in mangle.  NFQUEUE ends the evaluation
	 * of the table, so they are never asked.
	 */
	size_t unreached;
};

struct redirect_state redirect_state(const struct saved *current,
				     const struct saved *wanted);

#endif
