/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shards and their locks.
 *
 * Rules are swapped shard by shard, each under its lock.  When the last one is
 * done nobody can hold the old rules any more, and they are freed: no
 * reference is counted.
 */
#include "daemon/dataplane.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/conntrack_image.h"
#include "engine/flood.h"
#include "engine/halfopen.h"
#include "engine/live.h"
#include "engine/restore.h"
#include "engine/sources.h"
#include "engine/table.h"

enum {
	SHARD_COUNT = DATAPLANE_SHARDS,
	CACHE_LINE = 64,
	OVERLOADS_MAX = 32,       /* noted in a shard between two ticks */
	RELIEF_QUIET_MAX = 16000, /* ms, in powers of two ... */
	RELIEF_QUIET_MIN = 250,   /* ... to this */
};

struct shard {
	_Alignas(CACHE_LINE) pthread_mutex_t lock;
	struct engine *engine;
	const struct ruleset *rules; /* those of the engine */
	/*
	 * What .rules said of sources, and nobody has heard yet.  What finds
	 * no room is forgotten: a source that goes on is noted again.
	 */
	struct overload overloads[OVERLOADS_MAX];
	size_t overload_count;
};

struct dataplane {
	struct shard shards[SHARD_COUNT];
	struct conntrack_image *image; /* of .pool; NULL: it has none */
	struct pool *pool;
	struct halfopen *halfopen;
	struct sources *sources;
	struct flood *flood;
	struct hash_key key;
	struct ruleset *rules; /* owned; this and the rest the main thread's */
	struct rule_heir *map; /* from the rules of before; owned */
	bool epoch;            /* of connections that .rules have let in */
	size_t rechecked;      /* shards whose connections are all of .rules */
};

static int init_shard(struct dataplane *dp, uint32_t number, msec_t now)
{
	struct engine_params params = {
		.rules = dp->rules,
		.pool = dp->pool,
		.halfopen = dp->halfopen,
		.sources = dp->sources,
		.flood = dp->flood,
		.key = dp->key,
		.number = number,
		.count = SHARD_COUNT,
		.start = now,
	};
	struct shard *shard = &dp->shards[number];

	if (dp->image) {
		params.meanings = conntrack_image_meanings(dp->image, number);
		params.touched = conntrack_image_touched(dp->image, number);
	}
	shard->engine = engine_create(&params);
	if (!shard->engine)
		return -1;
	shard->rules = dp->rules;
	shard->overload_count = 0;
	pthread_mutex_init(&shard->lock, NULL);
	return 0;
}

static void fini_shards(struct dataplane *dp, uint32_t count)
{
	while (count-- > 0) {
		pthread_mutex_destroy(&dp->shards[count].lock);
		engine_destroy(dp->shards[count].engine);
	}
}

static struct pool *create_pool(struct conntrack_image *image, size_t max_conns)
{
	if (!image)
		return pool_create(max_conns);
	return pool_create_in(max_conns, conntrack_image_conns(image),
			      conntrack_image_reach(image));
}

/* The numbers of @rules mean this in the next epoch. */
static void name_rules(struct dataplane *dp, bool epoch,
		       const struct ruleset *rules)
{
	if (dp->image)
		conntrack_image_name_rules(dp->image, epoch, rules);
}

/* What the shards share beside their rules; false: no memory. */
static bool create_shared(struct dataplane *dp, size_t max_conns,
			  const struct limits *limits,
			  const struct hash_key *key)
{
	size_t nodes = limits->source_nodes ? limits->source_nodes : max_conns;

	dp->pool = create_pool(dp->image, max_conns);
	dp->halfopen = halfopen_create(max_conns, key);
	dp->sources = sources_create(nodes, key);
	dp->flood = flood_create(max_conns, key);
	return dp->pool && dp->halfopen && dp->sources && dp->flood;
}

static void destroy_shared(struct dataplane *dp)
{
	flood_destroy(dp->flood);
	sources_destroy(dp->sources);
	halfopen_destroy(dp->halfopen);
	pool_destroy(dp->pool);
}

struct dataplane *dataplane_create_in(struct conntrack_image *image,
				      size_t max_conns,
				      const struct hash_key *key,
				      struct ruleset *rules, msec_t now)
{
	struct dataplane *dp = aligned_alloc(CACHE_LINE, sizeof(*dp));

	if (!dp)
		return NULL;
	dp->image = image;
	if (!create_shared(dp, max_conns, ruleset_limits(rules), key))
		goto err_shared;
	ruleset_set_key(rules, key);
	dp->key = *key;
	dp->rules = rules;
	dp->map = NULL;
	dp->epoch = false;
	name_rules(dp, dp->epoch, rules);
	dp->rechecked = SHARD_COUNT;
	for (uint32_t i = 0; i < SHARD_COUNT; i++) {
		if (init_shard(dp, i, now) < 0) {
			fini_shards(dp, i);
			goto err_shared;
		}
	}
	return dp;

err_shared:
	destroy_shared(dp);
	free(dp);
	return NULL;
}

struct dataplane *dataplane_create(size_t max_conns, const struct hash_key *key,
				   struct ruleset *rules, msec_t now)
{
	return dataplane_create_in(NULL, max_conns, key, rules, now);
}

void dataplane_destroy(struct dataplane *dp)
{
	if (!dp)
		return;
	fini_shards(dp, SHARD_COUNT);
	destroy_shared(dp);
	ruleset_destroy(dp->rules);
	free(dp->map);
	free(dp);
}

static struct shard *shard_of(struct dataplane *dp, const struct packet *pkt)
{
	return &dp->shards[engine_shard(pkt, &dp->key, SHARD_COUNT)];
}

static void copy_rule_name(char name[NAME_MAX_LEN + 1],
			   const struct ruleset *rules, uint32_t rule)
{
	const char *from = "";

	if (rule < ruleset_rule_count(rules))
		from = rule_name(ruleset_rule(rules, rule));
	/* Of each packet of a flood: no time for snprintf(). */
	memcpy(name, from, strnlen(from, NAME_MAX_LEN) + 1);
	name[NAME_MAX_LEN] = '\0';
}

static void note_overload(struct shard *shard, const struct overload *overload)
{
	if (overload && shard->overload_count < OVERLOADS_MAX)
		shard->overloads[shard->overload_count++] = *overload;
}

/* With the shard's lock. */
static void judge(struct shard *shard, const struct packet *pkt,
		  const struct tuple_key *key, msec_t now,
		  struct judged *judged)
{
	struct verdict *verdict = &judged->verdict;

	engine_judge(shard->engine, pkt, key, now, verdict);
	if (verdict->log)
		copy_rule_name(judged->rule, shard->rules, verdict->log_rule);
	judged->decider[0] = '\0';
	if (verdict_is_notable(verdict))
		copy_rule_name(judged->decider, shard->rules, verdict->rule);
	note_overload(shard, verdict->overload);
	/* It is the engine's, which another worker may have next. */
	verdict->overload = NULL;
}

void dataplane_judge(struct dataplane *dp, const struct packet *packets,
		     size_t count, msec_t now, struct judged *judged)
{
	struct shard *shards[DATAPLANE_PART_MAX];
	struct tuple_key keys[DATAPLANE_PART_MAX];

	assert(count <= DATAPLANE_PART_MAX);
	for (size_t i = 0; i < count; i++) {
		shards[i] = shard_of(dp, &packets[i]);
		engine_look_ahead(shards[i]->engine, &packets[i], &keys[i]);
	}
	for (size_t i = 0; i < count; i++)
		engine_fetch(shards[i]->engine, &keys[i]);
	/* Packets that come together are often of one shard: one lock. */
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || shards[i] != shards[i - 1])
			pthread_mutex_lock(&shards[i]->lock);
		judge(shards[i], &packets[i], &keys[i], now, &judged[i]);
		if (i + 1 == count || shards[i] != shards[i + 1])
			pthread_mutex_unlock(&shards[i]->lock);
	}
}

struct judged dataplane_decide(struct dataplane *dp, const struct packet *pkt,
			       msec_t now)
{
	struct judged judged;

	dataplane_judge(dp, pkt, 1, now, &judged);
	return judged;
}

struct verdict dataplane_refuse(struct dataplane *dp, enum reason reason)
{
	struct shard *shard = &dp->shards[0];
	struct verdict verdict;

	pthread_mutex_lock(&shard->lock);
	verdict = engine_refuse(shard->engine, reason);
	pthread_mutex_unlock(&shard->lock);
	return verdict;
}

/* Counters for each shard, or for none: false, no memory. */
static bool create_stats(struct rule_stats *stats[SHARD_COUNT],
			 const struct ruleset *rules)
{
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		stats[i] = rule_stats_create(rules);
		if (stats[i])
			continue;
		while (i-- > 0)
			free(stats[i]);
		return false;
	}
	return true;
}

const struct ruleset *dataplane_rules(const struct dataplane *dp)
{
	return dp->rules;
}

/* Then no connection is of the epoch that comes next. */
static void finish_recheck(struct dataplane *dp)
{
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		pthread_mutex_lock(&dp->shards[i].lock);
		engine_finish_recheck(dp->shards[i].engine);
		pthread_mutex_unlock(&dp->shards[i].lock);
	}
}

bool dataplane_set_rules(struct dataplane *dp, struct ruleset *rules)
{
	struct rule_stats *stats[SHARD_COUNT];
	struct rule_heir *map = ruleset_map(dp->rules, rules);

	if (!map || !create_stats(stats, rules)) {
		free(map);
		return false;
	}
	ruleset_set_key(rules, &dp->key);
	finish_recheck(dp);
	dp->epoch = !dp->epoch;
	name_rules(dp, dp->epoch, rules);
	ruleset_inherit(rules, dp->rules, map);
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		struct shard *shard = &dp->shards[i];

		pthread_mutex_lock(&shard->lock);
		engine_set_rules(shard->engine, rules, map, stats[i]);
		shard->rules = rules;
		/* They are about tables of the rules of before. */
		shard->overload_count = 0;
		pthread_mutex_unlock(&shard->lock);
	}
	ruleset_destroy(dp->rules);
	free(dp->map);
	dp->rules = rules;
	dp->map = map;
	dp->rechecked = 0;
	return true;
}

static void restore_one(struct dataplane *dp, const struct restored *restored,
			msec_t now, struct restore_counts *counts)
{
	const struct packet pkt = { .tuple = restored->conn.tuple };
	struct engine *engine = shard_of(dp, &pkt)->engine;

	if (engine_restore(engine, restored, now))
		counts->restored++;
	else if (pool_used(dp->pool) == pool_size(dp->pool))
		counts->no_room++;
	else
		counts->damaged++;
}

/* Nobody judges packets yet, so no lock is needed. */
bool dataplane_restore(struct dataplane *dp, struct restore *restore,
		       msec_t now, struct restore_counts *counts)
{
	struct rule_heir *map = ruleset_map_itself(dp->rules);
	struct restored restored;
	enum restore_step step;
	uint64_t last_id = 0;

	while ((step = restore_next(restore, &restored)) != RESTORE_END) {
		if (step == RESTORE_SKIPPED) {
			counts->damaged++;
			continue;
		}
		restore_one(dp, &restored, now, counts);
		if (last_id < restored.conn.id)
			last_id = restored.conn.id;
	}
	for (size_t i = 0; i < SHARD_COUNT; i++)
		engine_skip_ids(dp->shards[i].engine, last_id);
	if (!map)
		return false;
	dp->epoch = !dp->epoch;
	name_rules(dp, dp->epoch, dp->rules);
	for (size_t i = 0; i < SHARD_COUNT; i++)
		engine_renew_rules(dp->shards[i].engine, map);
	dp->map = map;
	dp->rechecked = 0;
	return true;
}

void dataplane_set_past(struct dataplane *dp, enum engine_past past)
{
	for (size_t i = 0; i < SHARD_COUNT; i++)
		engine_set_past(dp->shards[i].engine, past);
}

/* Where closed connections are noted down, under the lock of their shard. */
struct closing {
	const struct ruleset *rules;
	struct recheck_report *report;
};

static void note_closed(const struct conn_info *conn,
			const struct verdict *verdict, void *arg)
{
	const struct closing *closing = arg;
	struct recheck_report *report = closing->report;
	struct closed_conn *closed;

	report->closed++;
	if (report->listed == RECHECK_LISTED_MAX)
		return;
	closed = &report->list[report->listed++];
	closed->conn = *conn;
	closed->reason = verdict->reason;
	copy_rule_name(closed->rule, closing->rules, verdict->rule);
}

bool dataplane_recheck(struct dataplane *dp, enum recheck recheck, msec_t now,
		       struct recheck_report *report)
{
	struct closing closing = { dp->rules, report };
	struct shard *shard;

	if (dp->rechecked == SHARD_COUNT)
		return true;
	shard = &dp->shards[dp->rechecked];
	pthread_mutex_lock(&shard->lock);
	if (engine_recheck(shard->engine, recheck, now, note_closed, &closing))
		dp->rechecked++;
	pthread_mutex_unlock(&shard->lock);
	return dp->rechecked == SHARD_COUNT;
}

/*
 * A table that is nearly full gives up what was quiet for the longest time, in
 * whichever shard that is: what moved a moment ago may be a handshake that is
 * about to be completed, and goes last.
 */
static void relieve(struct dataplane *dp, msec_t now, size_t budget)
{
	size_t size = pool_size(dp->pool);

	if (pool_used(dp->pool) < size - size / 20)
		return;
	for (msec_t quiet = RELIEF_QUIET_MAX; quiet >= RELIEF_QUIET_MIN;
	     quiet /= 2)
		for (size_t i = 0; i < SHARD_COUNT; i++) {
			struct shard *shard = &dp->shards[i];

			pthread_mutex_lock(&shard->lock);
			(void)engine_relieve(shard->engine, quiet, now, budget);
			pthread_mutex_unlock(&shard->lock);
		}
}

void dataplane_expire(struct dataplane *dp, msec_t now, size_t budget)
{
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		pthread_mutex_lock(&dp->shards[i].lock);
		(void)engine_expire(dp->shards[i].engine, now, budget);
		pthread_mutex_unlock(&dp->shards[i].lock);
	}
	relieve(dp, now, budget);
}

static bool comes_from(const struct conn_info *conn, void *arg)
{
	const struct prefix *source = arg;

	return prefix_contains(source, &conn->tuple.src);
}

size_t dataplane_close(struct dataplane *dp, msec_t now,
		       const struct engine_close *close)
{
	size_t closed = 0;

	for (size_t i = 0; i < SHARD_COUNT; i++) {
		struct shard *shard = &dp->shards[i];
		size_t cursor = 0;

		while (cursor != SIZE_MAX) {
			pthread_mutex_lock(&shard->lock);
			closed += engine_close(shard->engine, now, &cursor,
					       close);
			pthread_mutex_unlock(&shard->lock);
		}
	}
	return closed;
}

/* All its connections, in whichever shard: the destinations differ. */
static void close_source(struct dataplane *dp, struct prefix source, msec_t now)
{
	const struct engine_close close = { .wanted = comes_from,
					    .arg = &source };

	(void)dataplane_close(dp, now, &close);
}

static enum live_result add_to_table(const struct overload *over, msec_t now)
{
	msec_t timeout = table_options(over->table)->timeout;
	const struct live_entry entry = {
		.prefix = over->source,
		.expires = timeout ? now + timeout : LIVE_FOREVER,
	};

	return live_add(table_live(over->table), &entry, now);
}

/* The rules, and with them the tables, change in this thread only. */
size_t dataplane_keep_out(struct dataplane *dp, msec_t now,
			  void (*told)(const struct table *table,
				       const struct prefix *source, bool full))
{
	size_t total = 0;

	for (size_t i = 0; i < SHARD_COUNT; i++) {
		struct shard *shard = &dp->shards[i];
		struct overload list[OVERLOADS_MAX];
		size_t count;

		pthread_mutex_lock(&shard->lock);
		count = shard->overload_count;
		memcpy(list, shard->overloads, count * sizeof(list[0]));
		shard->overload_count = 0;
		total += count;
		pthread_mutex_unlock(&shard->lock);
		for (size_t j = 0; j < count; j++) {
			enum live_result result = add_to_table(&list[j], now);

			if (result != LIVE_PROLONGED)
				told(list[j].table, &list[j].source,
				     result == LIVE_FULL);
			if (list[j].kill)
				close_source(dp, list[j].source, now);
		}
	}
	return total;
}

void dataplane_set_wall(struct dataplane *dp, int64_t wall, int32_t offset)
{
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		pthread_mutex_lock(&dp->shards[i].lock);
		engine_set_wall(dp->shards[i].engine, wall);
		engine_set_offset(dp->shards[i].engine, offset);
		pthread_mutex_unlock(&dp->shards[i].lock);
	}
}

void dataplane_note_loss(struct dataplane *dp, msec_t now)
{
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		pthread_mutex_lock(&dp->shards[i].lock);
		engine_note_loss(dp->shards[i].engine, now);
		pthread_mutex_unlock(&dp->shards[i].lock);
	}
}

static void sum_stats(struct engine_stats *sum, const struct engine_stats *part)
{
	for (size_t i = 0; i < ACTION_COUNT; i++)
		sum->packets[i] += part->packets[i];
	for (size_t i = 0; i < REASON_COUNT; i++)
		sum->reasons[i] += part->reasons[i];
	sum->created += part->created;
	sum->evicted += part->evicted;
	for (size_t i = 0; i < HOOK_COUNT; i++)
		sum->policy[i] += part->policy[i];
	for (size_t i = 0; i < REASON_COUNT; i++)
		sum->would[i] += part->would[i];
	sum->conns += part->conns;
}

struct engine_stats dataplane_stats(struct dataplane *dp)
{
	struct engine_stats sum = { 0 };

	for (size_t i = 0; i < SHARD_COUNT; i++) {
		pthread_mutex_lock(&dp->shards[i].lock);
		sum_stats(&sum, engine_stats(dp->shards[i].engine));
		pthread_mutex_unlock(&dp->shards[i].lock);
	}
	return sum;
}

static void sum_rule(struct rule_stats *sum, const struct rule_stats *part)
{
	sum->matches += part->matches;
	sum->packets += part->packets;
	sum->bytes += part->bytes;
	sum->limited += part->limited;
	sum->would += part->would;
	if (part->matches > 0 && part->last > sum->last)
		sum->last = part->last;
}

void dataplane_rule_stats(struct dataplane *dp, size_t first, size_t count,
			  struct rule_stats *stats)
{
	memset(stats, 0, count * sizeof(*stats));
	for (size_t i = 0; i < SHARD_COUNT; i++) {
		struct shard *shard = &dp->shards[i];

		pthread_mutex_lock(&shard->lock);
		for (size_t j = 0; j < count; j++)
			sum_rule(&stats[j],
				 engine_rule_stats(shard->engine, first + j));
		pthread_mutex_unlock(&shard->lock);
	}
}

bool dataplane_list_part(struct dataplane *dp, msec_t now,
			 struct dataplane_cursor *cursor,
			 struct conn_info *list, size_t *len)
{
	struct shard *shard = &dp->shards[cursor->shard];

	if (cursor->shard == SHARD_COUNT)
		return false;
	pthread_mutex_lock(&shard->lock);
	*len = engine_list(shard->engine, now, &cursor->position, list,
			   DATAPLANE_LIST_MAX);
	pthread_mutex_unlock(&shard->lock);
	if (cursor->position == SIZE_MAX) {
		cursor->position = 0;
		cursor->shard++;
	}
	return true;
}

void dataplane_list(struct dataplane *dp, msec_t now,
		    void (*visit)(const struct conn_info *conn, void *arg),
		    void *arg)
{
	struct conn_info list[DATAPLANE_LIST_MAX];
	struct dataplane_cursor cursor = { 0 };
	size_t len;

	while (dataplane_list_part(dp, now, &cursor, list, &len))
		for (size_t i = 0; i < len; i++)
			visit(&list[i], arg);
}
