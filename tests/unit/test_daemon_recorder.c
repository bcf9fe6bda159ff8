/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/recorder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "unit/run.h"

static struct recorder *recorder;

static void start(void)
{
	recorder = recorder_create();
	ck_assert_ptr_nonnull(recorder);
}

static void stop(void)
{
	recorder_destroy(recorder);
}

/* Everything of it says @number. */
static void put(uint16_t number)
{
	struct packet pkt = {
		.tuple = { .sport = number, .dport = number, .ipversion = 4 },
		.hook = HOOK_FORWARD
	};
	struct judged judged = { .verdict = verdict_drop(REASON_RULE) };

	(void)snprintf(judged.decider, sizeof(judged.decider), "rule-%u",
		       number);
	recorder_put(recorder, &pkt, &judged, number);
}

static bool says(const struct decision *decision, uint16_t number)
{
	char rule[NAME_MAX_LEN + 1];

	(void)snprintf(rule, sizeof(rule), "rule-%u", number);
	return decision->when == number && decision->tuple.sport == number &&
	       decision->tuple.dport == number &&
	       decision->action == ACTION_DROP &&
	       decision->reason == REASON_RULE &&
	       decision->hook == HOOK_FORWARD &&
	       strcmp(decision->rule, rule) == 0;
}

START_TEST(an_empty_one_knows_nothing)
{
	struct decision decision;

	ck_assert_uint_eq(recorder_count(recorder), 0);
	ck_assert(!recorder_get(recorder, 0, &decision));
}
END_TEST

START_TEST(the_last_are_kept_and_the_oldest_forgotten)
{
	struct decision decision;

	for (uint16_t i = 0; i <= RECORDER_LEN; i++)
		put(i);
	ck_assert_uint_eq(recorder_count(recorder), RECORDER_LEN + 1);
	ck_assert(!recorder_get(recorder, 0, &decision));
	for (uint16_t i = 1; i <= RECORDER_LEN; i++) {
		ck_assert(recorder_get(recorder, i, &decision));
		ck_assert(says(&decision, i));
	}
	ck_assert(!recorder_get(recorder, RECORDER_LEN + 1, &decision));
}
END_TEST

/* Threads end the test by what they count: check is for one thread. */
static _Atomic bool done;

static void *write_many(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < 60000; i++)
		put((uint16_t)i);
	atomic_store(&done, true);
	return NULL;
}

START_TEST(what_is_read_while_it_is_written_is_whole)
{
	struct decision decision;
	uint64_t wrong = 0;
	uint64_t read = 0;
	pthread_t writer;

	ck_assert_int_eq(pthread_create(&writer, NULL, write_many, NULL), 0);
	while (!atomic_load(&done) || read == 0) {
		uint64_t count = recorder_count(recorder);
		/* The newest, and the one that is overwritten next. */
		uint64_t numbers[] = { count - 1, count - RECORDER_LEN };

		for (int i = 0; i < COUNT(numbers); i++) {
			if (numbers[i] >= count ||
			    !recorder_get(recorder, numbers[i], &decision))
				continue;
			read++;
			wrong += !says(&decision, (uint16_t)numbers[i]);
		}
	}
	pthread_join(writer, NULL);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static const struct {
	const char *what;
	struct verdict verdict;
	bool notable;
} cases[] = {
	{ "a drop", { .action = ACTION_DROP, .reason = REASON_RULE }, true },
	{ "a reject",
	  { .action = ACTION_REJECT, .reason = REASON_RULE },
	  true },
	{ "an opening", { .reason = REASON_NEW }, true },
	{ "an opening in mid-stream", { .reason = REASON_PICKUP }, true },
	{ "one of many", { .reason = REASON_ESTABLISHED }, false },
};

START_TEST(drops_and_openings_are_notable)
{
	ck_assert_msg(verdict_is_notable(&cases[_i].verdict) ==
			      cases[_i].notable,
		      "%s", cases[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, an_empty_one_knows_nothing);
	tcase_add_test(tc, the_last_are_kept_and_the_oldest_forgotten);
	tcase_add_test(tc, what_is_read_while_it_is_written_is_whole);
	tcase_add_loop_test(tc, drops_and_openings_are_notable, 0,
			    COUNT(cases));
	return run_tests(tc, "daemon_recorder");
}
