/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Engines that end and that come after them.
 */
#include "unit/past.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/halfopen.h"
#include "engine/sources.h"
#include "unit/frame.h"

enum { PAGE = 4096, ROOM = 500, SAVED_MAX = 1 << 20 };

static const struct hash_key key = { 3, 5 };

static void make_image(struct life *life)
{
	const struct conntrack_image_params params = {
		.max_conns = ROOM,
		.shards = 1,
		.key = key,
		.boot = PAST_BOOT,
		.serial = 7,
	};

	life->len = conntrack_image_len(ROOM);
	life->memory =
		aligned_alloc(PAGE, (life->len + PAGE - 1) / PAGE * PAGE);
	ck_assert_ptr_nonnull(life->memory);
	memset(life->memory, 0, life->len);
	life->image = conntrack_image_create(life->memory, &params);
	ck_assert_ptr_nonnull(life->image);
}

void life_start(struct life *life, struct ruleset *rules, msec_t now)
{
	struct engine_params params = {
		.rules = rules, .key = key, .count = 1, .start = now
	};

	*life = (struct life){ .rules = rules, .now = now };
	make_image(life);
	life->pool = pool_create_in(ROOM, conntrack_image_conns(life->image),
				    conntrack_image_reach(life->image));
	life->halfopen = halfopen_create(ROOM, &key);
	life->sources = sources_create(ROOM, &key);
	ck_assert(life->pool && life->halfopen && life->sources);
	params.pool = life->pool;
	params.halfopen = life->halfopen;
	params.sources = life->sources;
	params.meanings = conntrack_image_meanings(life->image, 0);
	params.touched = conntrack_image_touched(life->image, 0);
	conntrack_image_name_rules(life->image, false, rules);
	life->eng = engine_create(&params);
	ck_assert_ptr_nonnull(life->eng);
}

/* A table that is destroyed in order has nothing left to take over. */
void life_kill(struct life *life)
{
	void *left = malloc(life->len);

	ck_assert_ptr_nonnull(left);
	memcpy(left, life->memory, life->len);
	engine_destroy(life->eng);
	memcpy(life->memory, left, life->len);
	free(left);
	ruleset_destroy(life->rules);
	sources_destroy(life->sources);
	halfopen_destroy(life->halfopen);
	pool_destroy(life->pool);
	conntrack_image_destroy(life->image);
}

void life_forget(struct life *life)
{
	free(life->memory);
}

struct verdict life_send(struct life *life, const struct build *b)
{
	struct packet pkt;

	ck_assert_int_eq(frame_read(b, &pkt), REASON_NONE);
	memcpy(pkt.indev, "lan0", sizeof("lan0"));
	memcpy(pkt.outdev, "wan0", sizeof("wan0"));
	return engine_decide(life->eng, &pkt, life->now);
}

struct saved {
	char *octets;
	size_t len;
};

static bool append(const void *octets, size_t len, void *arg)
{
	struct saved *saved = arg;

	ck_assert_uint_le(len, SAVED_MAX - saved->len);
	memcpy(saved->octets + saved->len, octets, len);
	saved->len += len;
	return true;
}

char *life_save(const struct life *life, size_t *len)
{
	struct saved saved = { .octets = malloc(SAVED_MAX) };
	const struct conntrack_image_sink sink = { append, &saved };

	ck_assert_ptr_nonnull(saved.octets);
	ck_assert(conntrack_image_save(life->image, life->now, life->wall,
				       &sink));
	*len = saved.len;
	return saved.octets;
}

struct restore *life_open(const struct life *life, const void *memory,
			  size_t len, enum restore_fault *fault)
{
	const struct restore_params params = {
		.memory = memory,
		.len = len,
		.rules = life->rules,
		.boot = PAST_BOOT,
		.now = life->now,
		.wall = life->wall,
	};

	return restore_open(&params, fault);
}

struct life_counts life_inherit(struct life *life, const void *memory,
				size_t len)
{
	struct life_counts counts = { 0 };
	enum restore_fault fault;
	struct restore *restore = life_open(life, memory, len, &fault);
	struct restored restored;
	enum restore_step step;

	ck_assert_int_eq(fault, RESTORE_OK);
	ck_assert_ptr_nonnull(restore);
	while ((step = restore_next(restore, &restored)) != RESTORE_END) {
		if (step == RESTORE_SKIPPED)
			counts.skipped++;
		else if (engine_restore(life->eng, &restored, life->now))
			counts.restored++;
		else
			counts.refused++;
	}
	restore_close(restore);
	return counts;
}

size_t life_list(const struct life *life, struct conn_info *list, size_t max)
{
	size_t cursor = 0;
	size_t len = 0;

	while (cursor != SIZE_MAX)
		len += engine_list(life->eng, life->now, &cursor, list + len,
				   max - len);
	return len;
}
