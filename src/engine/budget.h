/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a connection may cause at most so many times in a second.  The second
 * starts with the first event after the last one was over.
 */
#ifndef ENGINE_BUDGET_H
#define ENGINE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/timeout.h"

enum budget_kind {
	BUDGET_INERT,     /* segments that pass and change nothing */
	BUDGET_CHALLENGE, /* ACKs that answer a SYN */
	BUDGET_REQUEST,   /* SYNs on a connection that is not over */
	BUDGET_RELATED,   /* ICMP errors */
	BUDGET_COUNT
};

struct budget {
	uint32_t start; /* low 32 bits of the time in ms */
	uint8_t spent[BUDGET_COUNT];
};

static inline bool budget_take(struct budget *budget, enum budget_kind kind,
			       msec_t now)
{
	static const uint8_t limits[BUDGET_COUNT] = {
		[BUDGET_INERT] = 64,
		[BUDGET_CHALLENGE] = 1,
		[BUDGET_REQUEST] = 1,
		[BUDGET_RELATED] = 10,
	};

	if ((uint32_t)now - budget->start >= 1000)
		*budget = (struct budget){ .start = (uint32_t)now };
	if (budget->spent[kind] >= limits[kind])
		return false;
	budget->spent[kind]++;
	return true;
}

#endif
