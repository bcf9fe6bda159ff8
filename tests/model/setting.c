/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a seed makes of a scene.
 */
#include "model/setting.h"

#include "unit/random.h"

static uint32_t skewed(uint64_t *seed, uint32_t max)
{
	return random_below(seed, 3) ? random_below(seed, max + 1) : 0;
}

static void draw_weather(struct weather *weather, const struct scene *scene,
			 uint64_t *seed)
{
	static const uint32_t delays[] = { 0, 1, 10, 100, 300 };
	static const uint32_t mtus[] = { 0, 536, 1460, 8960 };

	weather->loss = skewed(seed, scene->loss_max);
	weather->doubling = skewed(seed, scene->loss_max);
	weather->lateness = scene->late_max ? skewed(seed, 100) : 0;
	weather->late_max = scene->late_max;
	weather->merging = skewed(seed, 1000);
	weather->delay_max = delays[random_below(seed, 5)];
	weather->mtu = mtus[random_below(seed, 4)];
	weather->reorders = scene->late_max && random_below(seed, 2);
	weather->strips_before = random_below(seed, 10) == 0;
	weather->strips_behind = random_below(seed, 10) == 0;
}

/* What the firewall misses, it misses in bad times. */
static void draw_events(struct setting *setting, const struct scene *scene,
			uint64_t *seed)
{
	uint32_t calm_at = 1000 + random_below(seed, scene->rough_max);

	setting->calm_at = calm_at;
	setting->restart_at = END_NEVER;
	setting->overlook_at = END_NEVER;
	setting->overlook_end = END_NEVER;
	if (scene->restarts)
		setting->restart_at = random_below(seed, calm_at);
	if (!scene->overlooks)
		return;
	setting->overlook_at = random_below(seed, calm_at);
	setting->overlook_end =
		setting->overlook_at + 1 + random_below(seed, 500);
	if (setting->overlook_end > calm_at)
		setting->overlook_end = calm_at;
}

void setting_draw(struct setting *setting, const struct scene *scene,
		  uint64_t *seed)
{
	setting->version = random_below(seed, 2) ? 6 : 4;
	setting->line_count = 1 + random_below(seed, scene->lines_max);
	draw_weather(&setting->weather, scene, seed);
	draw_events(setting, scene, seed);
}
