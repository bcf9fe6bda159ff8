/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Token buckets: how much passes, and when the next may.
 */
#include "engine/rate.h"

#include <pthread.h>
#include <stdatomic.h>

#include "unit/random.h"
#include "unit/run.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* When the bucket is used for the first time; any time will do. */
#define START ((msec_t)1700000000000)

/* @passes of @asks packets of @count pass at @at. */
struct moment_of {
	msec_t at; /* after START; -1: the end */
	int asks;
	uint64_t count;
	int passes;
};

static const struct {
	const char *what;
	struct rate rate;
	struct moment_of moments[8];
} cases[] = {
	/* clang-format off */
	{ "what came in a burst may come at once",
	  { .amount = 10, .period = MINUTE },
	  { { 0, 12, 1, 10 }, { 5999, 1, 1, 0 }, { 6000, 2, 1, 1 },
	    { 11999, 1, 1, 0 }, { 12000, 2, 1, 1 }, { -1, 0, 0, 0 } } },
	{ "a burst may be larger than what runs in",
	  { .amount = 1, .period = SECOND, .burst = 3 },
	  { { 0, 5, 1, 3 }, { 1000, 5, 1, 1 }, { 3000, 5, 1, 2 },
	    { 60000, 5, 1, 3 }, { -1, 0, 0, 0 } } },
	{ "a burst may be smaller",
	  { .amount = 1000, .period = SECOND, .burst = 2 },
	  { { 0, 5, 1, 2 }, { 1, 5, 1, 1 }, { 3, 5, 1, 2 },
	    { -1, 0, 0, 0 } } },
	{ "a full bucket does not run over",
	  { .amount = 2, .period = SECOND },
	  { { 0, 3, 1, 2 }, { 100000, 5, 1, 2 }, { 100500, 5, 1, 1 },
	    { -1, 0, 0, 0 } } },
	{ "octets",
	  { .amount = 1000000, .period = SECOND, .burst = 3000 },
	  { { 0, 3, 1500, 2 }, { 1, 1, 1500, 0 }, { 1, 1, 1000, 1 },
	    { 2, 1, 1500, 0 }, { 3, 1, 1500, 1 }, { -1, 0, 0, 0 } } },
	{ "what is larger than the bucket never passes",
	  { .amount = 1000, .period = SECOND },
	  { { 0, 1, 1001, 0 }, { 0, 1, 1000, 1 }, { 99000, 1, 1001, 0 },
	    { -1, 0, 0, 0 } } },
	{ "many in a millisecond",
	  { .amount = 5000000, .period = SECOND, .burst = 5000 },
	  { { 0, 6000, 1, 5000 }, { 1, 6000, 1, 5000 }, { -1, 0, 0, 0 } } },
	{ "one in a week",
	  { .amount = 1, .period = LIMIT_PERIOD_MAX },
	  { { 0, 2, 1, 1 }, { LIMIT_PERIOD_MAX - 1, 1, 1, 0 },
	    { LIMIT_PERIOD_MAX, 2, 1, 1 }, { -1, 0, 0, 0 } } },
	{ "the largest of all",
	  { .amount = LIMIT_AMOUNT_MAX, .period = SECOND },
	  { { 0, 1, LIMIT_AMOUNT_MAX, 1 }, { 0, 1, 1500, 0 },
	    { 1000, 1, LIMIT_AMOUNT_MAX, 1 }, { -1, 0, 0, 0 } } },
	/* clang-format on */
};

START_TEST(a_bucket_gives_what_has_run_into_it)
{
	rate_bucket bucket = 0;

	ck_assert(rate_is_valid(&cases[_i].rate));
	for (const struct moment_of *m = cases[_i].moments; m->at >= 0; m++) {
		int passes = 0;

		for (int i = 0; i < m->asks; i++)
			passes += rate_take(&bucket, &cases[_i].rate, m->count,
					    START + m->at);
		ck_assert_msg(passes == m->passes,
			      "%s: at %lld ms %d pass, not %d", cases[_i].what,
			      (long long)m->at, passes, m->passes);
	}
}
END_TEST

/* The same with tokens that are counted, in units of 1 / period. */
struct twin {
	uint64_t level;
	msec_t last;
};

static bool twin_take(struct twin *twin, const struct rate *rate,
		      uint64_t count, msec_t now)
{
	uint64_t most = rate->burst * rate->period;

	twin->level += (uint64_t)(now - twin->last) * rate->amount;
	twin->level = twin->level > most ? most : twin->level;
	twin->last = now;
	if (twin->level < count * rate->period)
		return false;
	twin->level -= count * rate->period;
	return true;
}

/* With amounts that divide the period there is nothing to round. */
START_TEST(a_bucket_agrees_with_one_that_counts_tokens)
{
	static const uint64_t amounts[] = { 1, 2, 5, 10, 100, 1000, 50000 };
	uint64_t seed = (uint64_t)_i + 1;
	struct rate rate = {
		.amount = amounts[_i % COUNT(amounts)],
		.period = 1000 * (1 + random_below(&seed, 5)),
		.burst = 1 + random_below(&seed, 20),
	};
	struct twin twin = { .level = rate.burst * rate.period, .last = START };
	rate_bucket bucket = 0;
	msec_t now = START;

	for (int i = 0; i < 5000; i++) {
		uint64_t count = 1 + random_below(&seed, 3);

		now += random_below(&seed, 8) ? 0 : random_below(&seed, 700);
		ck_assert_msg(rate_take(&bucket, &rate, count, now) ==
				      twin_take(&twin, &rate, count, now),
			      "packet %d", i);
	}
}
END_TEST

/* What is rounded is less than a nanosecond for each packet. */
START_TEST(rounding_lets_next_to_nothing_more_pass)
{
	struct rate rate = { .amount = 7, .period = 1000, .burst = 3 };
	rate_bucket bucket = 0;
	int passed = 0;

	for (msec_t now = 0; now < 100 * SECOND; now++)
		passed += rate_take(&bucket, &rate, 1, START + now);
	ck_assert_int_ge(passed, 7 * 100 + 2);
	ck_assert_int_le(passed, 7 * 100 + 3);
}
END_TEST

START_TEST(what_is_drained_is_gone_up_to_all)
{
	const struct rate rate = { .amount = 10, .period = SECOND };
	rate_bucket bucket = 0;

	rate_drain(&bucket, &rate, 4, START);
	ck_assert(!rate_lacks(&bucket, &rate, 6, START));
	ck_assert(rate_lacks(&bucket, &rate, 7, START));
	ck_assert(rate_lacks(&bucket, &rate, 11, START));
	rate_drain(&bucket, &rate, 1000, START);
	ck_assert(rate_lacks(&bucket, &rate, 1, START));
	rate_drain(&bucket, &rate, 1, START);
	/* Emptier than empty it does not become. */
	ck_assert(!rate_lacks(&bucket, &rate, 1, START + 100));
	ck_assert(rate_take(&bucket, &rate, 1, START + 100));
	ck_assert(!rate_take(&bucket, &rate, 1, START + 100));
}
END_TEST

START_TEST(a_bucket_of_an_older_rate_is_at_most_empty)
{
	const struct rate slow = { .amount = 1, .period = LIMIT_PERIOD_MAX };
	const struct rate fast = { .amount = 10, .period = SECOND };
	rate_bucket bucket = 0;

	ck_assert(rate_take(&bucket, &slow, 1, START));
	ck_assert(!rate_take(&bucket, &fast, 1, START));
	ck_assert(rate_take(&bucket, &fast, 10, START + SECOND));
}
END_TEST

static const struct {
	const char *what;
	struct rate rate;
	bool is_valid;
} rates[] = {
	{ "a usual one", { 10, 0, MINUTE }, true },
	{ "nothing", { 0, 0, MINUTE }, false },
	{ "in no time", { 10, 0, 0 }, false },
	{ "the longest time", { 1, 0, LIMIT_PERIOD_MAX }, true },
	{ "more than that", { 1, 0, LIMIT_PERIOD_MAX + 1U }, false },
	{ "the most", { LIMIT_AMOUNT_MAX, LIMIT_AMOUNT_MAX, 1 }, true },
	{ "more than that", { LIMIT_AMOUNT_MAX + 1, 0, 1 }, false },
	{ "too large a burst", { 10, LIMIT_AMOUNT_MAX + 1, 1 }, false },
	{ "ten years to fill", { 1, 520, LIMIT_PERIOD_MAX }, true },
	{ "longer", { 1, 540, LIMIT_PERIOD_MAX }, false },
};

START_TEST(rates_are_held_within_what_can_be_computed)
{
	ck_assert_msg(rate_is_valid(&rates[_i].rate) == rates[_i].is_valid,
		      "%s", rates[_i].what);
}
END_TEST

static const struct rate shared_rate = { .amount = 1000, .period = MINUTE };

struct taker {
	rate_bucket *bucket;
	int taken;
};

static void *take_all(void *arg)
{
	struct taker *taker = arg;

	for (int i = 0; i < 1000; i++)
		taker->taken +=
			rate_take(taker->bucket, &shared_rate, 1, START);
	return NULL;
}

START_TEST(threads_take_no_more_than_there_is)
{
	enum { THREADS = 4 };
	struct taker takers[THREADS] = { 0 };
	pthread_t threads[THREADS];
	rate_bucket bucket = 0;
	int taken = 0;

	for (int i = 0; i < THREADS; i++) {
		takers[i].bucket = &bucket;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, take_all,
						&takers[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		taken += takers[i].taken;
	}
	ck_assert_int_eq(taken, 1000);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("rate");

	tcase_add_loop_test(tc, a_bucket_gives_what_has_run_into_it, 0,
			    COUNT(cases));
	tcase_add_loop_test(tc, a_bucket_agrees_with_one_that_counts_tokens, 0,
			    28);
	tcase_add_test(tc, rounding_lets_next_to_nothing_more_pass);
	tcase_add_test(tc, what_is_drained_is_gone_up_to_all);
	tcase_add_test(tc, a_bucket_of_an_older_rate_is_at_most_empty);
	tcase_add_loop_test(tc, rates_are_held_within_what_can_be_computed, 0,
			    COUNT(rates));
	tcase_add_test(tc, threads_take_no_more_than_there_is);
	return run_tests(tc, "rate");
}
