/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * At most so many in a second: a window that starts with its first event.
 */
#ifndef ENGINE_BUDGET_H
#define ENGINE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/timeout.h"

struct budget {
	uint32_t start; /* low 32 bits of the time in ms */
	uint32_t count;
};

static inline bool budget_take(struct budget *budget, msec_t now, uint32_t max)
{
	uint32_t time = (uint32_t)now;

	if (!budget->count || time - budget->start >= 1000)
		*budget = (struct budget){ .start = time };
	if (budget->count >= max)
		return false;
	budget->count++;
	return true;
}

#endif
