/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a seed makes of a scene: the weather, and what happens when.
 */
#ifndef MODEL_SETTING_H
#define MODEL_SETTING_H

#include "model/channel.h"
#include "model/scene.h"

struct setting {
	struct weather weather;
	uint8_t version; /* of IP */
	uint32_t line_count;
	msec_t calm_at;      /* the network is good from then on */
	msec_t restart_at;   /* the firewall forgets all; or END_NEVER */
	msec_t overlook_at;  /* what passes is not seen from then on ... */
	msec_t overlook_end; /* ... until then; or END_NEVER */
};

void setting_draw(struct setting *setting, const struct scene *scene,
		  uint64_t *seed);

#endif
