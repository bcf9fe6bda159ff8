/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suggestions: distances between words, and what is said about a wrong one.
 */
#include "policy/suggest.h"

#include <string.h>

#include "unit/run.h"

static const struct {
	const char *what;
	const char *a;
	const char *b;
	unsigned int distance;
} distances[] = {
	{ "the same", "policy", "policy", 0 },
	{ "both empty", "", "", 0 },
	{ "empty and not", "", "abc", 3 },
	{ "a letter changed", "drop", "crop", 1 },
	{ "a letter added", "drop", "dropp", 1 },
	{ "a letter left out", "drop", "dop", 1 },
	{ "neighbours exchanged", "drop", "dorp", 1 },
	{ "neighbours exchanged at the end", "accept", "accetp", 1 },
	{ "letters exchanged that are no neighbours", "abcd", "cbad", 2 },
	{ "exchanged and then changed", "ca", "abc", 3 },
	{ "nothing in common", "abc", "xyz", 3 },
	{ "a case is a change", "Drop", "drop", 1 },
};

START_TEST(distances_count_slips_of_the_pen)
{
	unsigned int there = suggest_distance(distances[_i].a, distances[_i].b);
	unsigned int back = suggest_distance(distances[_i].b, distances[_i].a);

	ck_assert_msg(there == distances[_i].distance, "%s: %u",
		      distances[_i].what, there);
	ck_assert_uint_eq(there, back);
}
END_TEST

START_TEST(long_words_are_far_from_everything)
{
	char word[200];

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	ck_assert_uint_gt(suggest_distance(word, word), 100);
	ck_assert_uint_gt(suggest_distance("a", word), 100);
}
END_TEST

/* A terminated list of words as choices. */
static const char *nth_word(const void *context, size_t index)
{
	const char *const *words = context;

	for (size_t i = 0; i < index; i++)
		if (!words[i])
			return NULL;
	return words[index];
}

static const char *const keys[] = { "name", "action", "src",   "dst",
				    "from", "to",     "dport", NULL };
static const char *const actions[] = { "accept", "drop", "reject", NULL };
static const char *const one[] = { "interfaces", NULL };
static const char *const none[] = { NULL };

static const struct {
	const char *what;
	const char *word;
	const char *const *words;
	const char *text;
} suggestions[] = {
	{ "the nearest", "dorp", actions, "did you mean \"drop\"?" },
	{ "the nearest of a word in capitals", "DROP", actions,
	  "did you mean \"drop\"?" },
	{ "two changes in a long word", "actoin_", keys,
	  "did you mean \"action\"?" },
	{ "one change in a short word", "sr", keys, "did you mean \"src\"?" },
	{ "two changes in a short word leave nothing", "sxx", keys,
	  "there are name, action, src, dst, from, to, dport" },
	{ "the first of two that are as near", "dsc", keys,
	  "did you mean \"dst\"?" },
	{ "the word of another firewall", "saddr", keys,
	  "did you mean \"src\"?" },
	{ "the same in capitals", "SADDR", keys, "did you mean \"src\"?" },
	{ "a word of another firewall that is no choice here", "saddr", actions,
	  "there are accept, drop, reject" },
	{ "advice where no word is the same", "deny", actions,
	  "say \"drop\" (silent) or \"reject\" (answered)" },
	{ "one choice", "x", one, "there is only interfaces" },
	{ "no choice", "x", none, "there is none" },
	{ "an empty word", "", actions, "there are accept, drop, reject" },
};

START_TEST(words_get_the_suggestion_that_helps)
{
	const struct choices choices = { nth_word, suggestions[_i].words };
	char text[SUGGESTION_LEN];

	suggest(text, suggestions[_i].word, &choices);
	ck_assert_msg(strcmp(text, suggestions[_i].text) == 0, "%s: %s",
		      suggestions[_i].what, text);
}
END_TEST

/* More names than a line holds. */
static const char *nth_of_many(const void *context, size_t index)
{
	(void)context;
	return index < 100 ? "somewhat-long-name" : NULL;
}

START_TEST(a_long_list_is_cut_and_says_so)
{
	const struct choices choices = { nth_of_many, NULL };
	char text[SUGGESTION_LEN];
	size_t len;

	suggest(text, "x", &choices);
	len = strlen(text);
	ck_assert_uint_lt(len, SUGGESTION_LEN);
	ck_assert_str_eq(text + len - 4, " ...");
}
END_TEST

START_TEST(a_word_beyond_all_bounds_is_no_harm)
{
	const struct choices choices = { nth_word, actions };
	char text[SUGGESTION_LEN];
	char word[3000];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	suggest(text, word, &choices);
	ck_assert_str_eq(text, "there are accept, drop, reject");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("suggest");

	tcase_add_loop_test(tc, distances_count_slips_of_the_pen, 0,
			    COUNT(distances));
	tcase_add_test(tc, long_words_are_far_from_everything);
	tcase_add_loop_test(tc, words_get_the_suggestion_that_helps, 0,
			    COUNT(suggestions));
	tcase_add_test(tc, a_long_list_is_cut_and_says_so);
	tcase_add_test(tc, a_word_beyond_all_bounds_is_no_harm);
	return run_tests(tc, "policy_suggest");
}
