/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of connections: a container with an end to everything in it.
 */
#include "engine/conntrack.h"

#include <string.h>

#include "unit/conns.h"
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

START_TEST(both_directions_find_the_connection)
{
	struct fixture f;
	struct tuple tuple = conns_tuple((uint32_t)_i);
	struct tuple reverse = tuple_reverse(&tuple);
	enum direction dir = DIR_COUNT;
	struct conn *conn;

	setup(&f, 64);
	conn = conns_add(f.ct, (uint32_t)_i, TIMEOUT_TCP_SYN_SENT, 0, LIFE);
	ck_assert_ptr_eq(conntrack_find(f.ct, &tuple, 1, &dir), conn);
	ck_assert_int_eq(dir, DIR_ORIGINAL);
	ck_assert_ptr_eq(conntrack_find(f.ct, &reverse, 1, &dir), conn);
	ck_assert_int_eq(dir, DIR_REPLY);
	teardown(&f);
}
END_TEST

START_TEST(the_first_packet_gives_the_original_direction)
{
	struct fixture f;
	struct tuple tuple = conns_tuple((uint32_t)_i);
	struct tuple original;

	setup(&f, 64);
	original = conn_original_tuple(
		conns_add(f.ct, (uint32_t)_i, TIMEOUT_ICMP, 0, LIFE));
	ck_assert(tuple_equal(&original, &tuple));
	teardown(&f);
}
END_TEST

/* Equal ends: a host that speaks to itself, from a port to the same. */
START_TEST(a_packet_to_its_own_sender_is_original)
{
	struct fixture f;
	struct tuple tuple = { .sport = 5, .dport = 5, .ipversion = 4 };
	enum direction dir = DIR_COUNT;
	struct conn *conn;

	setup(&f, 64);
	conn = conns_insert(f.ct, &tuple, 0);
	conntrack_refresh(f.ct, conn, TIMEOUT_ICMP, 0, LIFE);
	ck_assert_ptr_eq(conntrack_find(f.ct, &tuple, 1, &dir), conn);
	ck_assert_int_eq(dir, DIR_ORIGINAL);
	teardown(&f);
}
END_TEST

START_TEST(a_new_connection_is_empty)
{
	static const struct tcp_conn nothing;
	struct fixture f;
	struct conn *conn;

	setup(&f, 64);
	/* So that its memory was used before. */
	conn = conns_add(f.ct, 1, TIMEOUT_ICMP, 0, LIFE);
	memset(&conn->tcp, 0xff, sizeof(conn->tcp));
	conn->packets[0] = 9;
	conntrack_remove(f.ct, conn);
	conn = conns_add(f.ct, 2, TIMEOUT_ICMP, 77, LIFE);
	ck_assert_mem_eq(&conn->tcp, &nothing, sizeof(nothing));
	ck_assert_uint_eq(conn->packets[0], 0);
	ck_assert_uint_eq(conn->id, 2);
	ck_assert_int_eq(conn->created, 77);
	ck_assert(!conn->assured);
	teardown(&f);
}
END_TEST

START_TEST(what_was_removed_is_not_found)
{
	struct fixture f;

	setup(&f, 64);
	conntrack_remove(f.ct, conns_add(f.ct, 1, TIMEOUT_ICMP, 0, LIFE));
	(void)conns_add(f.ct, 2, TIMEOUT_ICMP, 0, LIFE);
	ck_assert_ptr_null(conns_find(f.ct, 1, 1));
	ck_assert_ptr_nonnull(conns_find(f.ct, 2, 1));
	ck_assert_uint_eq(conntrack_count(f.ct), 1);
	teardown(&f);
}
END_TEST

START_TEST(what_is_over_is_not_found_whoever_sweeps)
{
	struct fixture f;

	setup(&f, 64);
	(void)conns_add(f.ct, 1, TIMEOUT_ICMP, 1000, 500);
	ck_assert_ptr_nonnull(conns_find(f.ct, 1, 1499));
	ck_assert_uint_eq(conntrack_count(f.ct), 1);
	ck_assert_ptr_null(conns_find(f.ct, 1, 1500));
	ck_assert_uint_eq(conntrack_count(f.ct), 0);
	teardown(&f);
}
END_TEST

START_TEST(a_refresh_prolongs_and_shortens)
{
	struct fixture f;
	struct conn *conn;

	setup(&f, 64);
	conn = conns_add(f.ct, 1, TIMEOUT_ICMP, 0, 1000);
	conntrack_refresh(f.ct, conn, TIMEOUT_ICMP, 900, 5000);
	ck_assert_ptr_nonnull(conns_find(f.ct, 1, 4999));
	conntrack_refresh(f.ct, conn, TIMEOUT_TCP_CLOSED, 4999, 5001);
	ck_assert_ptr_null(conns_find(f.ct, 1, 5001));
	teardown(&f);
}
END_TEST

START_TEST(the_time_in_a_class_begins_with_it)
{
	struct fixture f;
	struct conn *conn;

	setup(&f, 64);
	conn = conns_add(f.ct, 1, TIMEOUT_ICMP, 10, LIFE);
	conntrack_refresh(f.ct, conn, TIMEOUT_ICMP, 20, LIFE);
	ck_assert_int_eq(conn->class_since, 10);
	conntrack_refresh(f.ct, conn, TIMEOUT_UDP_STREAM, 30, LIFE);
	ck_assert_int_eq(conn->class_since, 30);
	teardown(&f);
}
END_TEST

/* When the sweep is late by no more than an eighth of the timeout. */
START_TEST(the_sweep_removes_what_is_over)
{
	struct fixture f;
	msec_t late = LIFE + LIFE / 8 + 1;

	setup(&f, 1000);
	for (uint32_t i = 0; i < 500; i++)
		(void)conns_add(f.ct, i, (enum timeout)(i % TIMEOUT_COUNT), i,
				LIFE);
	ck_assert_uint_eq(conntrack_expire(f.ct, LIFE - 1, SIZE_MAX), 0);
	ck_assert_uint_eq(conntrack_count(f.ct), 500);
	ck_assert_uint_eq(conntrack_expire(f.ct, 500 + late, SIZE_MAX), 500);
	ck_assert_uint_eq(conntrack_count(f.ct), 0);
	teardown(&f);
}
END_TEST

/* Refreshes only store the deadline: the sweep requeues what still lives. */
START_TEST(the_sweep_spares_what_was_refreshed)
{
	struct fixture f;
	struct conn *conn;

	setup(&f, 64);
	conn = conns_add(f.ct, 1, TIMEOUT_UDP_STREAM, 0, LIFE);
	(void)conns_add(f.ct, 2, TIMEOUT_UDP_STREAM, 0, LIFE);
	for (msec_t now = 0; now < 20 * (msec_t)LIFE; now += 1000) {
		conntrack_refresh(f.ct, conn, TIMEOUT_UDP_STREAM, now,
				  now + LIFE);
		(void)conntrack_expire(f.ct, now, SIZE_MAX);
	}
	ck_assert_ptr_eq(conns_find(f.ct, 1, 20 * LIFE), conn);
	ck_assert_uint_eq(conntrack_count(f.ct), 1);
	teardown(&f);
}
END_TEST

START_TEST(the_sweep_keeps_to_its_budget)
{
	struct fixture f;
	size_t removed = 0;

	setup(&f, 1000);
	for (uint32_t i = 0; i < 100; i++)
		(void)conns_add(f.ct, i, (enum timeout)(i % 3), 0, LIFE);
	for (int i = 0; i < 10; i++) {
		size_t now = conntrack_expire(f.ct, 2 * LIFE, 10);

		ck_assert_uint_le(now, 10);
		removed += now;
	}
	ck_assert_uint_eq(removed, 100);
	teardown(&f);
}
END_TEST

/*
 * The last moments of a life that is bounded (TIME_WAIT), and a timeout that
 * became shorter by a reload, must neither keep the sweep of their class busy,
 * so that the others starve, nor put it to sleep.
 */
static const struct {
	const char *what;
	msec_t life;
} odd_lives[] = {
	{ "a moment", 1 },
	{ "nothing", 0 },
	{ "less than nothing", -30000 },
};

START_TEST(an_odd_life_does_not_stop_the_sweep_of_others)
{
	struct fixture f;
	struct conn *conn;
	size_t removed = 0;

	setup(&f, 1000);
	/* One lives on, and 50 of each of two classes will be over. */
	(void)conns_add(f.ct, 0, TIMEOUT_TCP_TIME_WAIT, 0, 10 * LIFE);
	for (uint32_t i = 1; i < 101; i++)
		(void)conns_add(f.ct, i,
				i % 2 ? TIMEOUT_TCP_TIME_WAIT : TIMEOUT_ICMP, 0,
				LIFE);
	conn = conns_add(f.ct, 101, TIMEOUT_TCP_TIME_WAIT, 0, LIFE);
	conntrack_refresh(f.ct, conn, TIMEOUT_TCP_TIME_WAIT, LIFE / 2,
			  LIFE / 2 + odd_lives[_i].life);
	for (int i = 0; i < 20; i++)
		removed += conntrack_expire(f.ct, 2 * LIFE + 250 * i, 10);
	ck_assert_msg(removed == 101, "%s: %zu removed", odd_lives[_i].what,
		      removed);
	teardown(&f);
}
END_TEST

/* A flood of SYNs, all of which have to be looked at, and live. */
START_TEST(a_class_that_lives_does_not_stop_the_sweep_of_others)
{
	struct fixture f;
	size_t removed = 0;

	setup(&f, 1000);
	for (uint32_t i = 0; i < 900; i++)
		(void)conns_add(f.ct, i, TIMEOUT_TCP_SYN_SENT, 0, LIFE);
	for (uint32_t i = 900; i < 950; i++)
		(void)conns_add(f.ct, i, TIMEOUT_UDP_STREAM, 0, 1000);
	for (int i = 0; i < 50; i++)
		removed += conntrack_expire(f.ct, LIFE / 2 + i, 10);
	ck_assert_uint_eq(removed, 50);
	teardown(&f);
}
END_TEST

START_TEST(ids_count_up_and_differ_between_the_tables_of_a_pool)
{
	enum { TABLES = 4 };
	struct pool *pool = pool_create(1000);
	struct conntrack *tables[TABLES];
	bool seen[1 + TABLES * 10] = { false };

	for (uint32_t i = 0; i < TABLES; i++)
		tables[i] = conns_table(pool, &key, i, TABLES);
	for (uint32_t i = 0; i < TABLES * 10; i++) {
		struct tuple tuple = conns_tuple(i);
		struct conn *conn = conns_insert(tables[i % TABLES], &tuple, 0);

		conntrack_refresh(tables[i % TABLES], conn, TIMEOUT_ICMP, 0,
				  LIFE);
		ck_assert_uint_gt(conn->id, 0);
		ck_assert_uint_lt(conn->id, sizeof(seen));
		ck_assert(!seen[conn->id]);
		seen[conn->id] = true;
	}
	for (int i = 0; i < TABLES; i++)
		conntrack_destroy(tables[i]);
	pool_destroy(pool);
}
END_TEST

START_TEST(a_full_table_takes_nothing_and_loses_nothing)
{
	struct fixture f;

	setup(&f, 100);
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_ptr_nonnull(
			conns_add(f.ct, i, TIMEOUT_ICMP, 0, LIFE));
	ck_assert_ptr_null(conns_add(f.ct, 100, TIMEOUT_ICMP, 0, LIFE));
	ck_assert_uint_eq(conntrack_count(f.ct), 100);
	for (uint32_t i = 0; i < 100; i++)
		ck_assert_ptr_nonnull(conns_find(f.ct, i, 1));
	conntrack_remove(f.ct, conns_find(f.ct, 50, 1));
	ck_assert_ptr_nonnull(conns_add(f.ct, 100, TIMEOUT_ICMP, 0, LIFE));
	teardown(&f);
}
END_TEST

START_TEST(what_a_table_held_goes_back_to_the_pool)
{
	struct pool *pool = pool_create(128);

	for (int round = 0; round < 200; round++) {
		struct fixture f = { pool, conns_table(pool, &key, 0, 1) };

		for (uint32_t i = 0; i < 128; i++)
			ck_assert_ptr_nonnull(
				conns_add(f.ct, i, TIMEOUT_ICMP, 0, LIFE));
		conntrack_destroy(f.ct);
	}
	conntrack_destroy(NULL);
	pool_destroy(pool);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("conntrack");

	tcase_add_loop_test(tc, both_directions_find_the_connection, 0, 2);
	tcase_add_loop_test(tc, the_first_packet_gives_the_original_direction,
			    0, 2);
	tcase_add_test(tc, a_packet_to_its_own_sender_is_original);
	tcase_add_test(tc, a_new_connection_is_empty);
	tcase_add_test(tc, what_was_removed_is_not_found);
	tcase_add_test(tc, what_is_over_is_not_found_whoever_sweeps);
	tcase_add_test(tc, a_refresh_prolongs_and_shortens);
	tcase_add_test(tc, the_time_in_a_class_begins_with_it);
	tcase_add_test(tc, the_sweep_removes_what_is_over);
	tcase_add_test(tc, the_sweep_spares_what_was_refreshed);
	tcase_add_test(tc, the_sweep_keeps_to_its_budget);
	tcase_add_loop_test(tc, an_odd_life_does_not_stop_the_sweep_of_others,
			    0, COUNT(odd_lives));
	tcase_add_test(tc,
		       a_class_that_lives_does_not_stop_the_sweep_of_others);
	tcase_add_test(tc,
		       ids_count_up_and_differ_between_the_tables_of_a_pool);
	tcase_add_test(tc, a_full_table_takes_nothing_and_loses_nothing);
	tcase_add_test(tc, what_a_table_held_goes_back_to_the_pool);
	return run_tests(tc, "conntrack");
}
