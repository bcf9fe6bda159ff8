/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the thread of a worker should run.
 *
 * Waking a thread on another processor takes many times longer than judging a
 * packet, and the scheduler likes to wake it on an idle one.  So as long as
 * packets come one by one, the thread stays on the processor that they come
 * from, its home; when they come faster than it judges them, it may go wherever
 * there is time left.
 *
 * To look for more packets for up to 200 us before it sleeps was tried, while
 * they come in batches: a transfer gained 5 percent, connections a second lost 20
 * and took a third more of the processor; so a worker that has nothing to do
 * sleeps.
 *
 * Only sums and comparisons: whoever uses it counts, and moves the thread.
 */
#ifndef DAEMON_PLACEMENT_H
#define DAEMON_PLACEMENT_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/timeout.h"

struct placement {
	cpu_set_t allowed; /* by the administrator; never left */
	unsigned int home;
	bool is_free;     /* not bound to its home */
	uint32_t average; /* packets in a batch, in 1024ths */
	msec_t looked;    /* when the counters were compared last */
	uint64_t judged;  /* packets since then */
	uint32_t processed[CPU_SETSIZE]; /* what the counters said then */
};

/* @cpu: where the thread runs now. */
void placement_init(struct placement *placement, const cpu_set_t *allowed,
		    unsigned int cpu);

/* A batch of that many packets was judged.  true: .is_free has changed. */
bool placement_note(struct placement *placement, size_t packets);

/* Whether it is time to compare the counters. */
bool placement_is_due(const struct placement *placement, msec_t now);

/*
 * Compares them: packets that each of @cpus processors has received since the
 * machine was started.  @cpu is where the thread runs, whose verdicts are counted
 * there as well.  true: .home has changed.
 */
bool placement_compare(struct placement *placement, const uint32_t *processed,
		       size_t cpus, unsigned int cpu, msec_t now);

/* Where the thread may run. */
cpu_set_t placement_cpus(const struct placement *placement);

/*
 * Reads such counters in the kernel's notation, of which @text is the whole; see
 * /proc/net/softnet_stat.  What is not there is 0.  Returns how many there are.
 */
size_t placement_read(const char *text, uint32_t *processed, size_t max);

#endif
