/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scene, played with a seed: endpoints, network, firewall and attacker under
 * one clock.
 */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include "model/scene.h"

struct world_options {
	bool is_loud;     /* prints every segment */
	bool is_unwalled; /* without the firewall: is the model itself alive? */
};

struct tally {
	uint64_t worlds;
	uint64_t judged; /* segments, by the firewall */
	uint64_t forged; /* of them */
	uint64_t ghosts; /* of them: dropped, and seen to be none to miss */
	uint64_t closed; /* connections that came to their end */
	uint64_t dropped[REASON_COUNT]; /* legitimate ones */
};

/* Adds to @tally.  false: it is said on stdout what has gone wrong. */
bool world_play(const struct scene *scene, uint64_t seed,
		const struct world_options *options, struct tally *tally);

#endif
