/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules remember of networks: whose is what, what happens when there is
 * no room, and that nobody pays for others.
 */
#include "engine/sources.h"

#include <pthread.h>
#include <stdatomic.h>

#include "unit/random.h"
#include "unit/run.h"

static const struct hash_key key = { 41, 43 };

enum { NOW = 1000000 };

static struct sources *make_sources(size_t max_conns)
{
	struct sources *sources = sources_create(max_conns, &key);

	ck_assert_ptr_nonnull(sources);
	return sources;
}

static struct sources_key make_key(uint64_t rule, const char *network,
				   enum sources_kind kind)
{
	struct sources_key made = { .rule = rule, .kind = kind };

	ck_assert_msg(prefix_parse(&made.network, network) == 0, "%s", network);
	return made;
}

static const struct {
	const char *what;
	uint64_t rules[2];
	const char *networks[2];
	enum sources_kind kinds[2];
} pairs[] = {
	{ "another rule",
	  { 1, 2 },
	  { "192.0.2.1", "192.0.2.1" },
	  { SOURCES_ATTEMPTS, SOURCES_ATTEMPTS } },
	{ "another address",
	  { 1, 1 },
	  { "192.0.2.1", "192.0.2.2" },
	  { SOURCES_ATTEMPTS, SOURCES_ATTEMPTS } },
	{ "another size",
	  { 1, 1 },
	  { "192.0.2.0/24", "192.0.2.0/25" },
	  { SOURCES_ATTEMPTS, SOURCES_ATTEMPTS } },
	{ "another kind",
	  { 1, 1 },
	  { "192.0.2.1", "192.0.2.1" },
	  { SOURCES_ATTEMPTS, SOURCES_PROVEN } },
};

START_TEST(what_differs_has_a_bucket_and_a_count_of_its_own)
{
	const struct rate rate = { .amount = 1, .period = 1000 };
	struct sources *sources = make_sources(1000);
	struct sources_key a = make_key(
		pairs[_i].rules[0], pairs[_i].networks[0], pairs[_i].kinds[0]);
	struct sources_key b = make_key(
		pairs[_i].rules[1], pairs[_i].networks[1], pairs[_i].kinds[1]);

	ck_assert(sources_take(sources, &a, &rate, 1, NOW));
	ck_assert(!sources_take(sources, &a, &rate, 1, NOW));
	ck_assert(sources_lack(sources, &a, &rate, 1, NOW));
	ck_assert(!sources_lack(sources, &b, &rate, 1, NOW));
	ck_assert_msg(sources_take(sources, &b, &rate, 1, NOW), "%s",
		      pairs[_i].what);
	ck_assert(sources_admit(sources, &a, 1));
	ck_assert(!sources_admit(sources, &a, 1));
	ck_assert_uint_eq(sources_count(sources, &b), 0);
	ck_assert_msg(sources_admit(sources, &b, 1), "%s", pairs[_i].what);
	sources_dismiss(sources, &a);
	ck_assert(sources_admit(sources, &a, 1));
	sources_destroy(sources);
	sources_destroy(NULL);
}
END_TEST

START_TEST(a_bucket_may_be_drained)
{
	const struct rate rate = { .amount = 10, .period = 1000 };
	struct sources *sources = make_sources(1000);
	struct sources_key a = make_key(1, "192.0.2.1", SOURCES_PROVEN);

	sources_drain(sources, &a, &rate, 9, NOW);
	ck_assert(!sources_lack(sources, &a, &rate, 1, NOW));
	sources_drain(sources, &a, &rate, 9, NOW);
	ck_assert(sources_lack(sources, &a, &rate, 1, NOW));
	ck_assert(!sources_lack(sources, &a, &rate, 10, NOW + 1000));
	sources_destroy(sources);
}
END_TEST

/* The numbers as addresses, which are as many as one likes to have. */
static struct sources_key number_key(uint32_t number)
{
	struct sources_key made = make_key(1, "10.0.0.0", SOURCES_ATTEMPTS);

	for (int i = 0; i < 3; i++)
		made.network.addr.bytes[13 + i] =
			(uint8_t)(number >> (16 - 8 * i));
	return made;
}

START_TEST(nobody_pays_for_what_others_take)
{
	enum { ATTACKERS = 100000, VICTIMS = 1000 };
	const struct rate rate = { .amount = 2, .period = 60000 };
	struct sources *sources = make_sources(1000);

	for (uint32_t i = 0; i < ATTACKERS; i++) {
		struct sources_key attacker = number_key(VICTIMS + i);

		for (int j = 0; j < 3; j++)
			(void)sources_take(sources, &attacker, &rate, 1, NOW);
		(void)sources_admit(sources, &attacker, 1);
		(void)sources_admit(sources, &attacker, 1);
	}
	for (uint32_t i = 0; i < VICTIMS; i++) {
		struct sources_key victim = number_key(i);

		ck_assert(sources_take(sources, &victim, &rate, 1, NOW));
		ck_assert(sources_admit(sources, &victim, 1));
	}
	sources_destroy(sources);
}
END_TEST

/* As many sources as connections: hardly a count is lost. */
START_TEST(a_full_table_of_strangers_is_counted)
{
	enum { CONNS = 4096 };
	struct sources *sources = make_sources(CONNS);
	int lost = 0;

	for (uint32_t i = 0; i < CONNS; i++) {
		struct sources_key source = number_key(i);

		ck_assert(sources_admit(sources, &source, 1));
	}
	for (uint32_t i = 0; i < CONNS; i++) {
		struct sources_key source = number_key(i);

		lost += sources_count(sources, &source) != 1;
	}
	ck_assert_int_lt(lost, CONNS / 500);
	for (uint32_t i = 0; i < CONNS; i++) {
		struct sources_key source = number_key(i);

		sources_dismiss(sources, &source);
		ck_assert_uint_eq(sources_count(sources, &source), 0);
	}
	sources_destroy(sources);
}
END_TEST

/* Against an array: as long as there is room the counts are exact. */
START_TEST(counts_are_those_of_an_array)
{
	enum { SOURCES = 100, MAX = 7 };
	struct sources *sources = make_sources(1000);
	uint32_t counts[SOURCES] = { 0 };
	uint64_t seed = (uint64_t)_i + 1;

	for (int i = 0; i < 20000; i++) {
		uint32_t n = random_below(&seed, SOURCES);
		struct sources_key source = number_key(n);

		if (random_below(&seed, 5) < 2) {
			sources_dismiss(sources, &source);
			counts[n] -= counts[n] > 0;
		} else {
			bool admitted = sources_admit(sources, &source, MAX);

			ck_assert_int_eq(admitted, counts[n] < MAX);
			counts[n] += admitted;
		}
		ck_assert_uint_eq(sources_count(sources, &source), counts[n]);
	}
	sources_destroy(sources);
}
END_TEST

START_TEST(a_maximum_of_none_counts_all_the_same)
{
	struct sources *sources = make_sources(1000);
	struct sources_key source = number_key(1);

	for (int i = 0; i < 100; i++)
		ck_assert(sources_admit(sources, &source, 0));
	ck_assert_uint_eq(sources_count(sources, &source), 100);
	ck_assert(!sources_admit(sources, &source, 100));
	sources_destroy(sources);
}
END_TEST

enum { THREADS = 4, KEYS = 16, MAX = 3, ROUNDS = 20000 };

struct contest {
	struct sources *sources;
	_Atomic uint32_t held[KEYS];
	_Atomic uint32_t excess; /* times that more were held than allowed */
	_Atomic uint32_t admitted;
	_Atomic uint64_t seed;
};

/* Takes and gives back, and counts with it what is held in truth. */
static void *contend(void *arg)
{
	struct contest *contest = arg;
	uint64_t seed = ++contest->seed;

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t n = random_below(&seed, KEYS);
		struct sources_key source = number_key(n);

		if (!sources_admit(contest->sources, &source, MAX))
			continue;
		contest->admitted++;
		if (++contest->held[n] > MAX)
			contest->excess++;
		contest->held[n]--;
		sources_dismiss(contest->sources, &source);
	}
	return NULL;
}

START_TEST(threads_share_a_maximum)
{
	struct contest contest = { .sources = make_sources(64) };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, contend,
						&contest),
				 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_eq(contest.excess, 0);
	ck_assert_uint_gt(contest.admitted, ROUNDS);
	for (uint32_t i = 0; i < KEYS; i++) {
		struct sources_key source = number_key(i);

		ck_assert_uint_eq(sources_count(contest.sources, &source), 0);
	}
	sources_destroy(contest.sources);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("sources");

	tcase_add_loop_test(tc,
			    what_differs_has_a_bucket_and_a_count_of_its_own, 0,
			    COUNT(pairs));
	tcase_add_test(tc, a_bucket_may_be_drained);
	tcase_add_test(tc, nobody_pays_for_what_others_take);
	tcase_add_test(tc, a_full_table_of_strangers_is_counted);
	tcase_add_loop_test(tc, counts_are_those_of_an_array, 0, 3);
	tcase_add_test(tc, a_maximum_of_none_counts_all_the_same);
	tcase_add_test(tc, threads_share_a_maximum);
	return run_tests(tc, "sources");
}
