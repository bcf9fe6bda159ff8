/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the numbers in the connections of a shard mean, but for those of rules.
 * They are never forgotten, so it may outlive the engine.
 */
#ifndef ENGINE_MEANINGS_H
#define ENGINE_MEANINGS_H

#include "engine/ifnames.h"
#include "engine/marks.h"

/* All zero is an empty one. */
struct meanings {
	struct ifnames ifnames;
	struct marks marks;
};

#endif
