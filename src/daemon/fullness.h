/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the table of connections is nearly full, told once each time that it
 * becomes so, and once when it is not any more.
 */
#ifndef DAEMON_FULLNESS_H
#define DAEMON_FULLNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: it is not. */
struct fullness {
	bool is_told;
};

enum fullness_news {
	FULLNESS_NO_NEWS,
	FULLNESS_PASSED, /* it has as many as @percent of its places, or more */
	FULLNESS_FELL,   /* and now a tenth less than that, or fewer yet */
};

/* @used of @size places; to be called now and then. */
enum fullness_news fullness_note(struct fullness *fullness, size_t used,
				 size_t size, uint32_t percent);

#endif
