/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that nobody judges, because a queue or its receive buffer is full.
 * The connection table does not know of them.
 *
 * The kernel drops them and counts that; but a queue that fails open lets them
 * pass, and counts nothing.  Then all that can be seen is that it is full.
 */
#ifndef DAEMON_OVERRUN_H
#define DAEMON_OVERRUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct overrun {
	uint16_t first; /* numbers of the queues */
	uint16_t last;
	uint32_t length;  /* packets that each can hold */
	uint64_t counted; /* drops that were told already */
};

/* What the kernel says of our queues. */
struct overrun_state {
	uint64_t drops;
	bool is_full; /* one of them, or nearly */
};

/*
 * .drops: how many there are since the last call, or since the queues were
 * bound.  Where the kernel's counters may not be read, nothing.
 */
struct overrun_state overrun_look(struct overrun *overrun);

/* The same of the kernel's list, .drops being those since the beginning. */
struct overrun_state overrun_read(FILE *list, const struct overrun *overrun);

#endif
