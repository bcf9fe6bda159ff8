/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's list of queues: number, port, packets that wait, copy mode, copy
 * range, drops for a full queue, drops for a full buffer, last id, 1
 * (nfnetlink_queue.c, seq_show()).
 */
#include "daemon/overrun.h"

#include <inttypes.h>

uint64_t overrun_sum(FILE *list, uint16_t first, uint16_t last)
{
	uint64_t sum = 0;
	uint64_t queue_dropped;
	uint64_t user_dropped;
	unsigned int queue;

	/* The kernel's numbers fit. */
	/* NOLINTNEXTLINE(cert-err34-c) */
	while (fscanf(list, "%u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 "%*[^\n]",
		      &queue, &queue_dropped, &user_dropped) == 3)
		if (queue >= first && queue <= last)
			sum += queue_dropped + user_dropped;
	return sum;
}

uint64_t overrun_count(struct overrun *overrun)
{
	FILE *list =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	uint64_t sum;
	uint64_t fresh;

	if (!list)
		return 0;
	sum = overrun_sum(list, overrun->first, overrun->last);
	(void)fclose(list);
	fresh = sum > overrun->counted ? sum - overrun->counted : 0;
	overrun->counted = sum;
	return fresh;
}
