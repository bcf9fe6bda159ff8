/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What statewalld does with packets of the kernel, done with any packets.
 */
#include "policy/trial.h"

#include <stdlib.h>

#include "engine/halfopen.h"
#include "engine/live.h"
#include "engine/sources.h"
#include "engine/table.h"
#include "policy/date.h"

enum {
	TICK = 250,            /* ms, as in the daemon */
	QUARTER = 15 * 60,     /* s */
	EXPIRE_BUDGET = 65536, /* connections a tick */
};

struct trial {
	struct pool *pool;
	struct halfopen *halfopen;
	struct sources *sources;
	struct engine *engine;
	msec_t now;
	msec_t swept; /* when connections were last expired */
	int64_t wall;
	int64_t quarter; /* of an hour since 1970, of the offset */
	bool has_schedules;
};

/* No place changes its time but at a quarter of an hour. */
static void set_offset(struct trial *trial)
{
	int64_t date = (trial->now + trial->wall) / 1000;

	if (!trial->has_schedules || date / QUARTER == trial->quarter)
		return;
	trial->quarter = date / QUARTER;
	engine_set_offset(trial->engine, date_offset(date));
}

struct trial *trial_create(const struct trial_params *params)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	/* Nobody attacks a trial: the key may be known. */
	struct engine_params engine = {
		.rules = params->rules,
		.key = { 1, 2 },
		.count = 1,
		.wall = params->wall,
	};
	size_t nodes;

	if (!trial)
		return NULL;
	nodes = ruleset_limits(params->rules)->source_nodes;
	trial->pool = pool_create(params->max_conns);
	trial->halfopen = halfopen_create(params->max_conns, &engine.key);
	trial->sources =
		sources_create(nodes ? nodes : params->max_conns, &engine.key);
	if (!trial->pool || !trial->halfopen || !trial->sources)
		goto err_parts;
	engine.pool = trial->pool;
	engine.halfopen = trial->halfopen;
	engine.sources = trial->sources;
	trial->engine = engine_create(&engine);
	if (trial->engine) {
		trial->wall = params->wall;
		trial->has_schedules =
			ruleset_uses(params->rules) & RULESET_SCHEDULES;
		trial->quarter = INT64_MIN;
		set_offset(trial);
		return trial;
	}

err_parts:
	trial_destroy(trial);
	return NULL;
}

void trial_destroy(struct trial *trial)
{
	if (!trial)
		return;
	engine_destroy(trial->engine);
	sources_destroy(trial->sources);
	halfopen_destroy(trial->halfopen);
	pool_destroy(trial->pool);
	free(trial);
}

/* As often as the daemon would have done it since the last time. */
static void expire(struct trial *trial)
{
	msec_t ticks = (trial->now - trial->swept) / TICK;

	if (ticks == 0)
		return;
	while (ticks-- > 0 &&
	       engine_expire(trial->engine, trial->now, EXPIRE_BUDGET) > 0)
		;
	trial->swept = trial->now;
}

void trial_advance(struct trial *trial, msec_t now)
{
	if (now > trial->now)
		trial->now = now;
	set_offset(trial);
	expire(trial);
}

msec_t trial_now(const struct trial *trial)
{
	return trial->now;
}

static bool comes_from(const struct conn_info *conn, void *arg)
{
	const struct prefix *source = arg;

	return prefix_contains(source, &conn->tuple.src);
}

/* A source is over a limit: as the daemon would, and at once. */
static void keep_out(const struct trial *trial, struct overload over)
{
	msec_t timeout = table_options(over.table)->timeout;
	const struct live_entry entry = {
		.prefix = over.source,
		.expires = timeout ? trial->now + timeout : LIVE_FOREVER,
	};
	const struct engine_close close = { .wanted = comes_from,
					    .arg = &over.source };
	size_t cursor = 0;

	(void)live_add(table_live(over.table), &entry, trial->now);
	while (over.kill && cursor != SIZE_MAX)
		(void)engine_close(trial->engine, trial->now, &cursor, &close);
}

struct verdict trial_decide(struct trial *trial, const struct packet *pkt,
			    enum reason reason)
{
	struct verdict verdict =
		reason == REASON_NONE
			? engine_decide(trial->engine, pkt, trial->now)
			: engine_refuse(trial->engine, reason);

	if (verdict.overload)
		keep_out(trial, *verdict.overload);
	return verdict;
}

const struct engine *trial_engine(const struct trial *trial)
{
	return trial->engine;
}
