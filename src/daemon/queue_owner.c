/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who has bound a queue, by the kernel's list of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/queue.h"

unsigned int queue_owner(uint16_t number)
{
	FILE *list =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	unsigned int owner = 0;
	char line[128];

	if (!list)
		return 0;
	/* A queue a line: its number, its port, and what is no matter here. */
	while (owner == 0 && fgets(line, sizeof(line), list)) {
		char *rest;

		if (strtoul(line, &rest, 10) == number)
			owner = (unsigned int)strtoul(rest, NULL, 10);
	}
	(void)fclose(list);
	return owner;
}
