/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timeout classes: their names are keys of the configuration.
 */
#include "engine/timeout.h"

#include <stdbool.h>
#include <string.h>

#include "unit/run.h"

#define SECOND ((msec_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

/* Lower-case words, divided by dots. */
static bool is_key(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
	size_t len = strlen(name);

	return len > 0 && strspn(name, letters) == len && name[0] != '.' &&
	       name[len - 1] != '.' && !strstr(name, "..");
}

START_TEST(every_class_has_a_key_and_a_meaning)
{
	const struct timeout_info *info = &timeout_info[_i];

	ck_assert_msg(info->name && info->meaning,
		      "class %d is not in the list", _i);
	ck_assert_msg(is_key(info->name), "\"%s\" is no key", info->name);
	ck_assert_msg(strlen(info->meaning) > 4, "%s has no meaning",
		      info->name);
}
END_TEST

START_TEST(no_two_classes_share_a_key)
{
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(timeout_info[i].name, timeout_info[_i].name);
}
END_TEST

START_TEST(every_default_is_between_a_second_and_a_day)
{
	ck_assert_int_ge(timeout_info[_i].value, SECOND);
	ck_assert_int_le(timeout_info[_i].value, 24 * HOUR);
}
END_TEST

/* Whoever repeats its FIN could keep the entry for ever. */
START_TEST(time_wait_has_an_end)
{
	ck_assert_int_gt(timeout_info[TIMEOUT_TCP_TIME_WAIT].lives_max, 0);
}
END_TEST

/* What others rely on, and what the RFCs ask for. */
static const struct {
	const char *what;
	enum timeout timeout;
	msec_t least;
	msec_t most;
} bounds[] = {
	{ "RFC 5382 REQ-5: 2 h 4 min of silence", TIMEOUT_TCP_ESTABLISHED,
	  124 * MINUTE, 24 * HOUR },
	{ "half-closed connections work for an hour", TIMEOUT_TCP_HALF_CLOSED,
	  HOUR, 24 * HOUR },
	{ "RFC 9293 3.4.1: the MSL is 2 min, Linux waits 60 s",
	  TIMEOUT_TCP_TIME_WAIT, MINUTE, 4 * MINUTE },
	{ "a SYN that nobody answers is soon forgotten", TIMEOUT_TCP_SYN_SENT,
	  10 * SECOND, 2 * MINUTE },
	{ "RFC 4787 REQ-5: 2 min", TIMEOUT_UDP_STREAM, 2 * MINUTE, HOUR },
};

START_TEST(defaults_are_within_bounds)
{
	msec_t value = timeout_info[bounds[_i].timeout].value;

	ck_assert_msg(value >= bounds[_i].least && value <= bounds[_i].most,
		      "%s: %lld ms", bounds[_i].what, (long long)value);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("timeout");

	tcase_add_loop_test(tc, every_class_has_a_key_and_a_meaning, 0,
			    TIMEOUT_COUNT);
	tcase_add_loop_test(tc, no_two_classes_share_a_key, 0, TIMEOUT_COUNT);
	tcase_add_loop_test(tc, every_default_is_between_a_second_and_a_day, 0,
			    TIMEOUT_COUNT);
	tcase_add_test(tc, time_wait_has_an_end);
	tcase_add_loop_test(tc, defaults_are_within_bounds, 0, COUNT(bounds));
	return run_tests(tc, "timeout");
}
