/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that look random and are the same in every run: xorshift64*
 * (S. Vigna, 2014).
 */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stdint.h>

/* @state is not 0. */
static inline uint32_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (uint32_t)((*state * 0x2545f4914f6cdd1d) >> 32);
}

/* 0 to @limit - 1. */
static inline uint32_t random_below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)((uint64_t)random_next(state) * limit >> 32);
}

#endif
