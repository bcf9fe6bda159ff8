/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set that forgets by age.
 */
#include "engine/recent.h"

#include "unit/random.h"
#include "unit/run.h"

enum { SPAN = 100, SPANS = 4, BITS = 1 << 16, NOW = 1000000 };

static uint64_t next_hash(uint64_t *state)
{
	uint64_t high = random_next(state);

	return high << 32 | random_next(state);
}

static struct recent *make_recent(void)
{
	const struct recent_params params = {
		.span = SPAN,
		.count = SPANS,
		.bits = BITS,
	};
	struct recent *recent = recent_create(&params);

	ck_assert_ptr_nonnull(recent);
	return recent;
}

static const struct {
	const char *what;
	unsigned int spans; /* that must lie between */
	msec_t after;
	bool has;
} cases[] = {
	{ "at once", 0, 0, true },
	{ "at once is too soon", 1, 0, false },
	{ "in the same span", 1, SPAN - 1, false },
	{ "in the next one", 1, SPAN, true },
	{ "two are asked for", 2, SPAN, false },
	{ "and there", 2, 2 * SPAN, true },
	{ "in the last one", 1, SPANS *SPAN - 1, true },
	{ "forgotten", 1, SPANS *SPAN, false },
	{ "a lap later", 0, SPANS *SPAN, false },
	{ "many laps later", 0, 100 * SPANS *SPAN, false },
};

START_TEST(what_was_added_is_there_until_it_is_old)
{
	struct recent *recent = make_recent();
	uint64_t hash = 0x0123456789abcdef;

	ck_assert(!recent_has(recent, hash, 0, NOW));
	recent_add(recent, hash, NOW);
	ck_assert_msg(recent_has(recent, hash, cases[_i].spans,
				 NOW + cases[_i].after) == cases[_i].has,
		      "%s", cases[_i].what);
	recent_destroy(recent);
}
END_TEST

START_TEST(nothing_is_forgotten_however_much_there_is)
{
	enum { COUNT_ADDED = 10000 };
	struct recent *recent = make_recent();
	uint64_t state = 1;
	int wrong = 0;

	for (int i = 0; i < COUNT_ADDED; i++)
		recent_add(recent, next_hash(&state), NOW);
	state = 1;
	for (int i = 0; i < COUNT_ADDED; i++)
		ck_assert(recent_has(recent, next_hash(&state), 1, NOW + SPAN));
	for (int i = 0; i < COUNT_ADDED; i++)
		wrong += recent_has(recent, next_hash(&state), 1, NOW + SPAN);
	/* (1 - exp(-2 * 10000 / 65536)) squared: seven in a hundred. */
	ck_assert_int_lt(wrong, COUNT_ADDED / 10);
	ck_assert_int_gt(wrong, 0);
	/* A span later the filters are taken over one by one, and emptied. */
	for (int i = 1; i <= SPANS; i++)
		recent_add(recent, next_hash(&state), NOW + i * SPAN);
	state = 1;
	wrong = 0;
	for (int i = 0; i < COUNT_ADDED; i++)
		wrong += recent_has(recent, next_hash(&state), 0,
				    NOW + SPANS * SPAN);
	ck_assert_int_lt(wrong, 10);
	recent_destroy(recent);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("recent");

	tcase_add_loop_test(tc, what_was_added_is_there_until_it_is_old, 0,
			    COUNT(cases));
	tcase_add_test(tc, nothing_is_forgotten_however_much_there_is);
	return run_tests(tc, "recent");
}
