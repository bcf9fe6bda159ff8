/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of reasons: from it come counters, log lines and the manual.
 */
#include "engine/reason.h"

#include <string.h>

#include "engine/verdict.h"
#include "unit/run.h"

static bool is_word(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len = strlen(name);

	return len > 0 && strspn(name, letters) == len && name[0] != '-' &&
	       name[len - 1] != '-' && !strstr(name, "--");
}

START_TEST(every_reason_has_a_word_and_a_meaning)
{
	const struct reason_info *info = &reason_info[_i];

	ck_assert_msg(info->name && info->meaning,
		      "reason %d is not in the list", _i);
	ck_assert_msg(is_word(info->name), "\"%s\" is no word", info->name);
	ck_assert_msg(strlen(info->meaning) > 4, "%s has no meaning",
		      info->name);
	ck_assert_msg(info->meaning[strlen(info->meaning) - 1] != '.',
		      "%s: the meaning ends with a full stop", info->name);
}
END_TEST

START_TEST(no_two_reasons_share_a_word)
{
	for (int i = 0; i < _i; i++)
		ck_assert_str_ne(reason_info[i].name, reason_info[_i].name);
}
END_TEST

START_TEST(every_reason_is_of_a_kind)
{
	enum reason_kind kind = reason_info[_i].kind;

	ck_assert(kind == REASON_ACCEPTS || kind == REASON_INERT ||
		  kind == REASON_DROPS);
}
END_TEST

/* What is forgotten must not let a packet through. */
START_TEST(the_zero_reason_drops)
{
	ck_assert_int_eq(REASON_NONE, 0);
	ck_assert_int_eq(reason_info[REASON_NONE].kind, REASON_DROPS);
}
END_TEST

/* The words are promised to scripts; more of them may come. */
static const struct {
	const char *name;
	enum reason_kind kind;
} promised[] = {
	{ "new", REASON_ACCEPTS },          { "established", REASON_ACCEPTS },
	{ "related", REASON_ACCEPTS },      { "challenge-ack", REASON_INERT },
	{ "old-data", REASON_INERT },       { "rst-inexact", REASON_INERT },
	{ "bad-header", REASON_DROPS },     { "bad-checksum", REASON_DROPS },
	{ "fragment", REASON_DROPS },       { "illegal-flags", REASON_DROPS },
	{ "fin-no-ack", REASON_DROPS },     { "orphan-ack", REASON_DROPS },
	{ "icmp-unrelated", REASON_DROPS }, { "table-full", REASON_DROPS },
	{ "rule", REASON_DROPS },           { "policy", REASON_DROPS },
};

static const struct reason_info *find(const char *name)
{
	for (int i = 0; i < REASON_COUNT; i++)
		if (strcmp(reason_info[i].name, name) == 0)
			return &reason_info[i];
	return NULL;
}

START_TEST(the_promised_words_keep_their_kind)
{
	const struct reason_info *info = find(promised[_i].name);

	ck_assert_msg(info, "%s is gone", promised[_i].name);
	ck_assert_int_eq(info->kind, promised[_i].kind);
}
END_TEST

START_TEST(every_action_has_a_word)
{
	ck_assert_ptr_nonnull(action_names[_i]);
	ck_assert(is_word(action_names[_i]));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("reason");

	tcase_add_loop_test(tc, every_reason_has_a_word_and_a_meaning, 0,
			    REASON_COUNT);
	tcase_add_loop_test(tc, no_two_reasons_share_a_word, 0, REASON_COUNT);
	tcase_add_loop_test(tc, every_reason_is_of_a_kind, 0, REASON_COUNT);
	tcase_add_test(tc, the_zero_reason_drops);
	tcase_add_loop_test(tc, the_promised_words_keep_their_kind, 0,
			    COUNT(promised));
	tcase_add_loop_test(tc, every_action_has_a_word, 0, ACTION_COUNT);
	return run_tests(tc, "reason");
}
