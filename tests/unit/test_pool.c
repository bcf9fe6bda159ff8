/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool: one limit for all shards, exact and global, also when several
 * threads are at it at once.  Under SAN=thread this is the proof of its
 * freedom from data races.
 */
#include "engine/pool.h"

#include <pthread.h>
#include <string.h>

#include "engine/conntrack.h"
#include "unit/conns.h"
#include "unit/random.h"
#include "unit/run.h"

enum { THREADS = 4, LIMIT = 1000 };

static const struct hash_key key = { 17, 19 };

static const size_t sizes[] = { 1, 2, 63, 64, 65, 127, 128, 1000, 4096 };

START_TEST(the_limit_is_exact)
{
	struct pool *pool = pool_create(sizes[_i]);

	ck_assert_uint_eq(pool_size(pool), sizes[_i]);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizes[_i]; i++)
			ck_assert(pool_admit(pool));
		for (int i = 0; i < 10; i++)
			ck_assert(!pool_admit(pool));
		for (size_t i = 0; i < sizes[_i]; i++)
			pool_dismiss(pool);
	}
	pool_destroy(pool);
}
END_TEST

START_TEST(every_slab_is_taken_once)
{
	struct pool *pool = pool_create(sizes[_i]);
	bool taken[1024] = { false };
	size_t count = 0;
	uint32_t slab;

	while ((slab = pool_take(pool)) != POOL_NONE) {
		ck_assert_uint_lt(slab, sizeof(taken));
		ck_assert(!taken[slab]);
		taken[slab] = true;
		count++;
	}
	/* Enough for all connections, however they are spread. */
	ck_assert_uint_ge(count * POOL_SLAB_LEN, sizes[_i]);
	ck_assert_uint_eq(pool_take(pool), POOL_NONE);
	pool_return(pool, 0);
	ck_assert_uint_eq(pool_take(pool), 0);
	pool_destroy(pool);
}
END_TEST

START_TEST(connections_of_slabs_do_not_overlap)
{
	struct pool *pool = pool_create(200);
	const char *first = (const char *)pool_conn(pool, 0);

	for (uint32_t i = 0; i < 200; i++) {
		ck_assert_ptr_eq((const char *)pool_conn(pool, i),
				 first + i * sizeof(struct conn));
		memset(pool_conn(pool, i), (int)i, sizeof(struct conn));
	}
	pool_destroy(pool);
	pool_destroy(NULL);
}
END_TEST

static struct conn *add(struct conntrack *ct, uint32_t n)
{
	return conns_add(ct, n, TIMEOUT_ICMP, 0, CONNS_LIFE);
}

/* The limit is global: no shard is too small for what two hosts need. */
START_TEST(one_of_many_shards_may_fill_the_pool)
{
	enum { SHARDS = 16 };
	struct pool *pool = pool_create(LIMIT);
	struct conntrack *shards[SHARDS];

	for (uint32_t i = 0; i < SHARDS; i++) {
		shards[i] = conns_table(pool, &key, i, SHARDS);
		ck_assert_ptr_nonnull(add(shards[i], i));
	}
	for (uint32_t i = SHARDS; i < LIMIT; i++)
		ck_assert_ptr_nonnull(add(shards[7], i));
	for (uint32_t i = 0; i < SHARDS; i++)
		ck_assert_ptr_null(add(shards[i], LIMIT + i));
	ck_assert_uint_eq(conntrack_count(shards[7]), LIMIT - SHARDS + 1);
	for (int i = 0; i < SHARDS; i++)
		conntrack_destroy(shards[i]);
	pool_destroy(pool);
}
END_TEST

START_TEST(what_one_shard_returns_another_may_take)
{
	struct pool *pool = pool_create(LIMIT);
	struct conntrack *shards[2];

	for (uint32_t i = 0; i < 2; i++)
		shards[i] = conns_table(pool, &key, i, 2);
	for (int round = 0; round < 20; round++) {
		struct conntrack *ct = shards[round % 2];

		for (uint32_t i = 0; i < LIMIT; i++)
			ck_assert_ptr_nonnull(add(ct, i));
		ck_assert_uint_eq(
			conntrack_expire(ct, 2 * CONNS_LIFE, SIZE_MAX), LIMIT);
	}
	conntrack_destroy(shards[0]);
	conntrack_destroy(shards[1]);
	pool_destroy(pool);
}
END_TEST

/* What a thread does to its own table, and what it found. */
struct job {
	pthread_t thread;
	struct pool *pool;
	struct conntrack *ct;
	uint64_t seed;
	size_t refused;
	bool is_wrong; /* its table is not as it left it */
};

/* Fills and empties its table at random; its connections are marked. */
static void *churn(void *arg)
{
	enum { STEPS = 30000, MINE = 400 };
	struct job *job = arg;
	struct conn *mine[MINE] = { NULL };

	for (int i = 0; i < STEPS; i++) {
		uint32_t n = random_below(&job->seed, MINE);

		if (mine[n]) {
			if (mine[n]->rule != n)
				job->is_wrong = true;
			conntrack_remove(job->ct, mine[n]);
			mine[n] = NULL;
			continue;
		}
		mine[n] = add(job->ct, n);
		if (mine[n])
			mine[n]->rule = n;
		else
			job->refused++;
	}
	return NULL;
}

static void run_jobs(struct job *jobs, void *(*work)(void *))
{
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&jobs[i].thread, NULL, work,
						&jobs[i]),
				 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(jobs[i].thread, NULL), 0);
}

static void start_jobs(struct job *jobs, struct pool *pool)
{
	for (uint32_t i = 0; i < THREADS; i++) {
		jobs[i] = (struct job){ .pool = pool, .seed = i + 1 };
		jobs[i].ct = conns_table(pool, &key, i, THREADS);
		ck_assert_ptr_nonnull(jobs[i].ct);
	}
}

/* Too small for all of them, or large enough. */
static const size_t churned[] = { 100, 700, 4 * 400 };

START_TEST(threads_share_a_pool)
{
	struct pool *pool = pool_create(churned[_i]);
	struct job jobs[THREADS];
	size_t conns = 0;
	size_t refused = 0;

	start_jobs(jobs, pool);
	run_jobs(jobs, churn);
	for (int i = 0; i < THREADS; i++) {
		ck_assert(!jobs[i].is_wrong);
		conns += conntrack_count(jobs[i].ct);
		refused += jobs[i].refused;
	}
	ck_assert_uint_le(conns, churned[_i]);
	if (churned[_i] == 4 * 400)
		ck_assert_uint_eq(refused, 0);
	/* What is left of the limit is still to be had, and no more. */
	for (uint32_t n = 1000; conns < churned[_i]; n++, conns++)
		ck_assert_ptr_nonnull(add(jobs[0].ct, n));
	ck_assert_ptr_null(add(jobs[0].ct, 9999));
	for (int i = 0; i < THREADS; i++)
		conntrack_destroy(jobs[i].ct);
	pool_destroy(pool);
}
END_TEST

/* Each thread has at most one connection, so nobody may be refused. */
static void *knock(void *arg)
{
	struct job *job = arg;

	for (int i = 0; i < 50000; i++) {
		if (pool_admit(job->pool))
			pool_dismiss(job->pool);
		else
			job->refused++;
	}
	return NULL;
}

START_TEST(nobody_is_refused_while_there_is_room)
{
	struct pool *pool = pool_create(THREADS);
	struct job jobs[THREADS];

	start_jobs(jobs, pool);
	run_jobs(jobs, knock);
	for (int i = 0; i < THREADS; i++) {
		ck_assert_uint_eq(jobs[i].refused, 0);
		conntrack_destroy(jobs[i].ct);
	}
	pool_destroy(pool);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("pool");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, the_limit_is_exact, 0, COUNT(sizes));
	tcase_add_loop_test(tc, every_slab_is_taken_once, 0, COUNT(sizes));
	tcase_add_test(tc, connections_of_slabs_do_not_overlap);
	tcase_add_test(tc, one_of_many_shards_may_fill_the_pool);
	tcase_add_test(tc, what_one_shard_returns_another_may_take);
	tcase_add_loop_test(tc, threads_share_a_pool, 0, COUNT(churned));
	tcase_add_test(tc, nobody_is_refused_while_there_is_room);
	return run_tests(tc, "pool");
}
