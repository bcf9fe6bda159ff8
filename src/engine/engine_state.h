/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the engine share: engine.c (the pipeline) and engine_list.c.
 */
#ifndef ENGINE_ENGINE_STATE_H
#define ENGINE_ENGINE_STATE_H

#include "engine/conntrack.h"
#include "engine/engine.h"

struct engine {
	struct conntrack *ct;
	struct pool *pool;
	struct halfopen *halfopen; /* may be NULL */
	msec_t start;
	msec_t loss; /* connections from before that may be lossy */
	struct engine_stats stats;
};

#endif
