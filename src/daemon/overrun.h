/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that the kernel drops in front of our queues, because a queue or its
 * receive buffer is full.  Nobody judges them, and the connection table does
 * not know of them.
 */
#ifndef DAEMON_OVERRUN_H
#define DAEMON_OVERRUN_H

#include <stdint.h>
#include <stdio.h>

struct overrun {
	uint16_t first; /* numbers of the queues */
	uint16_t last;
	uint64_t counted; /* drops that were told already */
};

/*
 * How many there are since the last call, or since the queues were bound.
 * Where the kernel's counters may not be read, none.
 */
uint64_t overrun_count(struct overrun *overrun);

/* The drops of the queues @first to @last in the kernel's list. */
uint64_t overrun_sum(FILE *list, uint16_t first, uint16_t last);

#endif
