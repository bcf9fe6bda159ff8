/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules do to the packet marks of connections, by a number that fits the
 * twelve bits that a connection has for it.  A policy has a handful of them,
 * so they are looked for one by one, and never forgotten.
 */
#ifndef ENGINE_MARKS_H
#define ENGINE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#define MARKS_MAX 4095U

/* Bits of .mask become those of .mark. */
struct marking {
	uint32_t mark;
	uint32_t mask;
};

/* All zero is an empty one. */
struct marks {
	uint16_t count;
	struct marking list[MARKS_MAX]; /* of number i + 1 */
};

/*
 * The number of a mark, which is added if it is new; 0 is that of an empty
 * mask.  false: there is no room for it.
 */
bool marks_number(struct marks *marks, struct marking mark, uint16_t *number);
struct marking marks_mark(const struct marks *marks, uint16_t number);

#endif
