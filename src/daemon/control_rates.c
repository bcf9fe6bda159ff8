/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rates.
 */
#include "daemon/control_rates.h"

enum { INTERVAL = 1000 }; /* ms */

void control_rates_look(struct control_rates *rates, struct dataplane *dp,
			msec_t now)
{
	if (rates->now_at != 0 && now - rates->now_at < INTERVAL)
		return;
	rates->before = rates->now;
	rates->before_at = rates->now_at;
	rates->now = dataplane_stats(dp);
	rates->now_at = now;
}

uint64_t control_rate(const struct control_rates *rates, uint64_t before,
		      uint64_t now)
{
	msec_t interval = rates->now_at - rates->before_at;

	if (rates->before_at == 0 || interval <= 0 || now < before)
		return 0;
	return (now - before) * 1000 / (uint64_t)interval;
}
