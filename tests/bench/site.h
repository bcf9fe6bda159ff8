/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine with rules, and segments for it.
 */
#ifndef BENCH_SITE_H
#define BENCH_SITE_H

#include "bench/segments.h"
#include "engine/engine.h"

struct site {
	struct ruleset *rules;
	struct pool *pool;
	struct halfopen *halfopen;
	struct engine *eng;
	struct segments segments;
	struct packet_meta meta;
	msec_t now;
	size_t dropped;
};

/* With so many rules, of which the last lets all of these connections in. */
void site_start(struct site *site, unsigned int ipversion, size_t conns,
		size_t rules);
void site_stop(struct site *site);
/* Has the engine parse and judge the batch of .segments. */
void site_judge(struct site *site);

/* Octets of this process that are in memory, and that are free for others. */
size_t resident_memory(void);
double memory_available(void);

#endif
