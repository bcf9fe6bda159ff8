/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of the table of connections: it grows bucket by bucket, and can be
 * walked meanwhile.
 */
#include "engine/conntrack.h"

#include "unit/conns.h"
#include "unit/random.h"
#include "unit/run.h"

enum { LIFE = CONNS_LIFE };

static const struct hash_key key = { 11, 13 };

struct fixture {
	struct pool *pool;
	struct conntrack *ct;
};

static void setup(struct fixture *f, size_t max_conns)
{
	f->pool = pool_create(max_conns);
	ck_assert_ptr_nonnull(f->pool);
	f->ct = conns_table(f->pool, &key, 0, 1);
	ck_assert_ptr_nonnull(f->ct);
}

static void teardown(struct fixture *f)
{
	conntrack_destroy(f->ct);
	pool_destroy(f->pool);
}

/* Growth by splitting, against the simplest of twins. */
START_TEST(all_of_many_are_found_however_they_come_and_go)
{
	enum { MANY = 5000 };
	static struct conn *twin[MANY];
	uint64_t seed = (uint64_t)_i + 1;
	struct fixture f;
	size_t count = 0;

	setup(&f, MANY);
	for (int step = 0; step < 20 * MANY; step++) {
		uint32_t n = random_below(&seed, MANY);

		ck_assert_ptr_eq(conns_find(f.ct, n, 1), twin[n]);
		if (twin[n]) {
			conntrack_remove(f.ct, twin[n]);
			twin[n] = NULL;
			count--;
		} else {
			twin[n] = conns_add(f.ct, n, TIMEOUT_ICMP, 0, LIFE);
			ck_assert_ptr_nonnull(twin[n]);
			count++;
		}
		ck_assert_uint_eq(conntrack_count(f.ct), count);
	}
	teardown(&f);
}
END_TEST

struct hashed {
	uint32_t hash;
	uint32_t n;
};

static int compare_hashes(const void *a, const void *b)
{
	uint32_t left = ((const struct hashed *)a)->hash;
	uint32_t right = ((const struct hashed *)b)->hash;

	return left < right ? -1 : left > right;
}

/* Two connections whose hashes are equal in the 32 bits that are kept. */
static void find_collision(uint32_t pair[2])
{
	enum { TRIES = 400000 };
	struct hashed *list = calloc(TRIES, sizeof(*list));
	bool swapped;

	ck_assert_ptr_nonnull(list);
	for (uint32_t n = 0; n < TRIES; n++) {
		struct tuple tuple = conns_tuple(n);

		tuple = tuple_canonical(&tuple, &swapped);
		list[n] = (struct hashed){ (uint32_t)tuple_hash(&tuple, &key),
					   n };
	}
	qsort(list, TRIES, sizeof(*list), compare_hashes);
	for (size_t i = 1; i < TRIES; i++) {
		if (list[i].hash != list[i - 1].hash)
			continue;
		pair[0] = list[i - 1].n;
		pair[1] = list[i].n;
		free(list);
		return;
	}
	ck_abort_msg("no two of %d tuples collide", TRIES);
}

START_TEST(connections_with_one_hash_are_two)
{
	struct fixture f;
	uint32_t pair[2];
	struct conn *a;
	struct conn *b;

	find_collision(pair);
	setup(&f, 64);
	a = conns_add(f.ct, pair[0], TIMEOUT_ICMP, 0, LIFE);
	ck_assert_ptr_null(conns_find(f.ct, pair[1], 1));
	b = conns_add(f.ct, pair[1], TIMEOUT_ICMP, 0, LIFE);
	ck_assert_ptr_eq(conns_find(f.ct, pair[0], 1), a);
	ck_assert_ptr_eq(conns_find(f.ct, pair[1], 1), b);
	conntrack_remove(f.ct, a);
	ck_assert_ptr_eq(conns_find(f.ct, pair[1], 1), b);
	teardown(&f);
}
END_TEST

struct tally {
	uint8_t seen[4000];
	size_t visits;
};

static void tally_conn(const struct conn *conn, void *arg)
{
	struct tally *tally = arg;

	ck_assert_uint_lt(conn->id, sizeof(tally->seen));
	tally->seen[conn->id]++;
	tally->visits++;
}

START_TEST(a_walk_visits_each_connection_once)
{
	static struct tally tally;
	struct fixture f;
	size_t cursor = 0;

	setup(&f, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		(void)conns_add(f.ct, i, TIMEOUT_ICMP, 0, LIFE);
	while (cursor != SIZE_MAX)
		conntrack_walk(f.ct, &cursor, tally_conn, &tally);
	ck_assert_uint_eq(tally.visits, 1000);
	for (size_t id = 1; id <= 1000; id++)
		ck_assert_uint_eq(tally.seen[id], 1);
	teardown(&f);
}
END_TEST

START_TEST(a_walk_misses_nobody_while_the_table_grows)
{
	static struct tally tally;
	struct fixture f;
	size_t cursor = 0;
	uint32_t n = 200;

	setup(&f, 3000);
	for (uint32_t i = 0; i < 200; i++)
		(void)conns_add(f.ct, i, TIMEOUT_ICMP, 0, LIFE);
	while (cursor != SIZE_MAX) {
		conntrack_walk(f.ct, &cursor, tally_conn, &tally);
		for (int i = 0; i < 5 && n < 3000; i++)
			(void)conns_add(f.ct, n++, TIMEOUT_ICMP, 0, LIFE);
	}
	ck_assert_uint_gt(n, 1000);
	for (size_t id = 1; id <= 200; id++)
		ck_assert_msg(tally.seen[id] > 0, "connection %zu", id);
	teardown(&f);
}
END_TEST

START_TEST(a_walk_misses_nobody_while_others_go)
{
	static struct tally tally;
	struct fixture f;
	size_t cursor = 0;
	uint32_t n = 0;

	setup(&f, 1000);
	for (uint32_t i = 0; i < 1000; i++)
		(void)conns_add(f.ct, i, TIMEOUT_ICMP, 0, LIFE);
	while (cursor != SIZE_MAX) {
		conntrack_walk(f.ct, &cursor, tally_conn, &tally);
		/* Every second one goes: its id is odd. */
		if (n < 1000)
			conntrack_remove(f.ct, conns_find(f.ct, n, 1));
		n += 2;
	}
	for (size_t id = 2; id <= 1000; id += 2)
		ck_assert_msg(tally.seen[id] > 0, "connection %zu", id);
	teardown(&f);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("conntrack_index");

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, all_of_many_are_found_however_they_come_and_go,
			    0, 3);
	tcase_add_test(tc, connections_with_one_hash_are_two);
	tcase_add_test(tc, a_walk_visits_each_connection_once);
	tcase_add_test(tc, a_walk_misses_nobody_while_the_table_grows);
	tcase_add_test(tc, a_walk_misses_nobody_while_others_go);
	return run_tests(tc, "conntrack_index");
}
