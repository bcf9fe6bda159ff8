/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two bits of the packet mark: how the chains of "statewall redirect" and the
 * daemon tell each other what they know of a packet.
 *
 * The chains set both before they queue it, so the daemon knows that a filter
 * table with our chain follows.  It leaves one: to accept or to reject.  A packet
 * that other rules queue keeps its mark, and cannot be rejected: nobody would
 * answer, and an accept with a mark that nobody looks at is an accept.
 */
#ifndef DAEMON_QUEUE_MARKS_H
#define DAEMON_QUEUE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/packet.h"
#include "engine/verdict.h"

struct queue_marks {
	uint32_t accept; /* one bit each; 0: there are no such chains */
	uint32_t reject;
	/* In output what is accepted is marked as well: rescue.output. */
	bool output;
};

/* What the kernel is told of a packet. */
struct queue_answer {
	bool accept;
	bool unanswered; /* it was to be rejected, and is dropped */
	bool is_marked;  /* its mark is another one from now on */
	uint32_t mark;
};

bool queue_marks_are_set(const struct queue_marks *marks, uint32_t mark);
/* The mark without what only we and the chains need to know. */
uint32_t queue_marks_clear(const struct queue_marks *marks, uint32_t mark);

/* The packet came with the mark @before, and is to leave with @mark. */
struct queue_answer queue_marks_answer(const struct queue_marks *marks,
				       enum hook hook, enum action action,
				       uint32_t before, uint32_t mark);

#endif
