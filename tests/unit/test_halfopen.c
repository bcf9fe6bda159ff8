/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counts of half-open connections: what is one source, what is one
 * destination, and that no count is ever too low.
 */
#include "engine/halfopen.h"

#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#include "unit/random.h"
#include "unit/run.h"

enum { THREADS = 4 };

static const struct hash_key key = { 23, 29 };

static struct tuple make_tuple(const char *src, const char *dst, uint16_t dport)
{
	struct tuple tuple = { .sport = 40000,
			       .dport = dport,
			       .ipproto = IPPROTO_TCP };

	ck_assert_int_eq(addr_parse(&tuple.src, src), 0);
	ck_assert_int_eq(addr_parse(&tuple.dst, dst), 0);
	tuple.ipversion = addr_is_ipv4(&tuple.src) ? 4 : 6;
	return tuple;
}

/* Two connections, and whether they count as one end. */
static const struct {
	const char *what;
	const char *srcs[2];
	const char *dsts[2];
	uint16_t dports[2];
	bool one_source;
	bool one_destination;
} pairs[] = {
	/* clang-format off */
	{ "the same ends", { "192.0.2.1", "192.0.2.1" },
	  { "198.51.100.1", "198.51.100.1" }, { 80, 80 }, true, true },
	{ "neighbours", { "192.0.2.1", "192.0.2.2" },
	  { "198.51.100.1", "198.51.100.1" }, { 80, 80 }, false, true },
	{ "another port", { "192.0.2.1", "192.0.2.1" },
	  { "198.51.100.1", "198.51.100.1" }, { 80, 81 }, true, false },
	{ "another destination", { "192.0.2.1", "192.0.2.1" },
	  { "198.51.100.1", "198.51.100.2" }, { 80, 80 }, true, false },
	{ "one IPv6 network", { "2001:db8::1", "2001:db8::ffff:0:0:9" },
	  { "2001:db8:9::1", "2001:db8:9::1" }, { 80, 80 }, true, true },
	{ "the next IPv6 network", { "2001:db8::1", "2001:db8:0:1::1" },
	  { "2001:db8:9::1", "2001:db8:9::1" }, { 80, 80 }, false, true },
	{ "one IPv6 network of destinations", { "2001:db8::1", "2001:db8::1" },
	  { "2001:db8:9::1", "2001:db8:9::2" }, { 80, 80 }, true, false },
	/* clang-format on */
};

START_TEST(ends_are_counted_by_what_one_attacker_has)
{
	struct halfopen *halfopen = halfopen_create(1000, &key);
	struct tuple a = make_tuple(pairs[_i].srcs[0], pairs[_i].dsts[0],
				    pairs[_i].dports[0]);
	struct tuple b = make_tuple(pairs[_i].srcs[1], pairs[_i].dsts[1],
				    pairs[_i].dports[1]);

	ck_assert_ptr_nonnull(halfopen);
	halfopen_add(halfopen, &a);
	ck_assert_uint_eq(halfopen_by_source(halfopen, &a), 1);
	ck_assert_uint_eq(halfopen_by_destination(halfopen, &a), 1);
	ck_assert_msg(halfopen_by_source(halfopen, &b) == pairs[_i].one_source,
		      "%s", pairs[_i].what);
	ck_assert_msg(halfopen_by_destination(halfopen, &b) ==
			      pairs[_i].one_destination,
		      "%s", pairs[_i].what);
	halfopen_remove(halfopen, &a);
	ck_assert_uint_eq(halfopen_by_source(halfopen, &a), 0);
	ck_assert_uint_eq(halfopen_by_destination(halfopen, &a), 0);
	ck_assert_uint_eq(halfopen_total(halfopen), 0);
	halfopen_destroy(halfopen);
	halfopen_destroy(NULL);
}
END_TEST

/* A sketch may count too many, if seldom; it never counts too few. */
START_TEST(no_count_is_too_low_and_few_are_too_high)
{
	enum { SOURCES = 500 };
	struct halfopen *halfopen = halfopen_create(4096, &key);
	struct tuple tuple = make_tuple("10.0.0.0", "198.51.100.1", 80);
	uint32_t counts[SOURCES] = { 0 };
	uint64_t seed = (uint64_t)_i + 1;
	int too_high = 0;

	ck_assert_ptr_nonnull(halfopen);
	for (int i = 0; i < 2000; i++) {
		uint32_t n = random_below(&seed, SOURCES);

		tuple.src.bytes[14] = (uint8_t)(n >> 8);
		tuple.src.bytes[15] = (uint8_t)n;
		halfopen_add(halfopen, &tuple);
		counts[n]++;
	}
	ck_assert_uint_eq(halfopen_total(halfopen), 2000);
	for (uint32_t n = 0; n < SOURCES; n++) {
		size_t count;

		tuple.src.bytes[14] = (uint8_t)(n >> 8);
		tuple.src.bytes[15] = (uint8_t)n;
		count = halfopen_by_source(halfopen, &tuple);
		ck_assert_uint_ge(count, counts[n]);
		too_high += count > counts[n];
	}
	ck_assert_int_lt(too_high, SOURCES / 4);
	halfopen_destroy(halfopen);
}
END_TEST

static void *churn(void *arg)
{
	struct halfopen *halfopen = arg;
	struct tuple tuple = make_tuple("192.0.2.1", "198.51.100.1", 80);

	for (int i = 0; i < 20000; i++) {
		halfopen_add(halfopen, &tuple);
		halfopen_remove(halfopen, &tuple);
	}
	return NULL;
}

START_TEST(threads_count_together)
{
	struct halfopen *halfopen = halfopen_create(1000, &key);
	struct tuple tuple = make_tuple("192.0.2.1", "198.51.100.1", 80);
	pthread_t threads[THREADS];

	ck_assert_ptr_nonnull(halfopen);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, churn, halfopen), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_eq(halfopen_total(halfopen), 0);
	ck_assert_uint_eq(halfopen_by_source(halfopen, &tuple), 0);
	ck_assert_uint_eq(halfopen_by_destination(halfopen, &tuple), 0);
	halfopen_destroy(halfopen);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("halfopen");

	tcase_add_loop_test(tc, ends_are_counted_by_what_one_attacker_has, 0,
			    COUNT(pairs));
	tcase_add_loop_test(tc, no_count_is_too_low_and_few_are_too_high, 0, 3);
	tcase_add_test(tc, threads_count_together);
	return run_tests(tc, "halfopen");
}
