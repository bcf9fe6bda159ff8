/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens in a second, by two looks at counters that were at least a
 * second apart.
 */
#ifndef DAEMON_CONTROL_RATES_H
#define DAEMON_CONTROL_RATES_H

#include "daemon/dataplane.h"

/* All zero at the start. */
struct control_rates {
	msec_t before_at;
	msec_t now_at; /* 0: nobody has looked yet */
	struct engine_stats before;
	struct engine_stats now;
};

/* Looks, unless it has done so within the last second. */
void control_rates_look(struct control_rates *rates, struct dataplane *dp,
			msec_t now);
/* What went from @before to @now, a second; one of the numbers of the stats. */
uint64_t control_rate(const struct control_rates *rates, uint64_t before,
		      uint64_t now);

#endif
