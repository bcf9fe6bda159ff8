/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's list of queues: number, port, packets that wait, copy mode, copy
 * range, drops for a full queue, drops for a full buffer, last id, 1
 * (nfnetlink_queue.c, seq_show()).
 */
#include "daemon/overrun.h"

#include <inttypes.h>

/* It moves while we look. */
static bool is_full(uint32_t waiting, uint32_t length)
{
	return waiting >= length - length / 8;
}

struct overrun_state overrun_read(FILE *list, const struct overrun *overrun)
{
	struct overrun_state state = { 0 };
	uint64_t queue_dropped;
	uint64_t user_dropped;
	uint32_t waiting;
	unsigned int queue;

	/* The kernel's numbers fit. */
	/* NOLINTNEXTLINE(cert-err34-c) */
	while (fscanf(list,
		      "%u %*u %" SCNu32 " %*u %*u %" SCNu64 " %" SCNu64
		      "%*[^\n]",
		      &queue, &waiting, &queue_dropped, &user_dropped) == 4) {
		if (queue < overrun->first || queue > overrun->last)
			continue;
		state.drops += queue_dropped + user_dropped;
		state.is_full =
			state.is_full || is_full(waiting, overrun->length);
	}
	return state;
}

struct overrun_state overrun_look(struct overrun *overrun)
{
	FILE *list =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	struct overrun_state state = { 0 };
	uint64_t sum;

	if (!list)
		return state;
	state = overrun_read(list, overrun);
	(void)fclose(list);
	sum = state.drops;
	state.drops = sum > overrun->counted ? sum - overrun->counted : 0;
	overrun->counted = sum;
	return state;
}
