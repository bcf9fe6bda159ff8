/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is played: how the network is, what applications do, and against what
 * the firewall has to hold.  A scene and a seed make a world.
 */
#ifndef MODEL_SCENE_H
#define MODEL_SCENE_H

#include "model/app.h"
#include "model/firewall.h"

enum attack {
	ATTACK_NONE,
	ATTACK_UNHEARD, /* the endpoints never get to see it */
	ATTACK_HEARD,   /* they do, as far as the firewall lets it through */
	ATTACK_WINDOW,  /* as UNHEARD, and the attacker guesses windows */
};

struct scene {
	const char *name;
	const char *claim; /* what it shows */
	struct firewall_setup setup;
	struct manners manners;
	enum attack attack;
	uint32_t lines_max; /* pairs of ports */
	uint32_t opens_max; /* connections on each, beside the last one */
	uint32_t pause_max; /* ms between them */
	uint32_t loss_max;  /* in a thousand */
	uint32_t late_max;  /* ms */
	uint32_t rough_max; /* ms: so long the network is bad */
	bool crosses;       /* both ends open at once */
	bool hides_replies; /* the firewall sees one direction only */
	bool restarts;      /* the firewall, which forgets all */
	bool overlooks;     /* segments pass that it does not see */
};

extern const struct scene scenes[];
extern const size_t scene_count;

/* NULL: there is none of that name. */
const struct scene *scene_find(const char *name);

#endif
