/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts for programs and suggestions for people.
 */
#include "tool/output.h"

#include <string.h>

#include "tool/usage.h"
#include "unit/run.h"

static const struct {
	const char *what;
	const char *text;
	const char *json;
} texts[] = {
	{ "nothing", NULL, "null" },
	{ "empty", "", "\"\"" },
	{ "a path", "/etc/x.conf", "\"/etc/x.conf\"" },
	{ "quotes and backslashes", "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "a line end", "a\nb", "\"a\\nb\"" },
	{ "UTF-8 stays", "caf\xc3\xa9", "\"caf\xc3\xa9\"" },
	{ "Latin-1 is not UTF-8", "caf\xe9", "\"caf?\"" },
	{ "cut in a character", "caf\xc3", "\"caf?\"" },
	{ "longer than need be", "\xc0\xaf",
	  "\"?"
	  "?\"" },
};

START_TEST(any_text_becomes_json)
{
	json_t *json = output_text(texts[_i].text);
	char *text = json_dumps(json, JSON_ENCODE_ANY);

	ck_assert_ptr_nonnull(text);
	ck_assert_msg(strcmp(text, texts[_i].json) == 0, "%s: %s",
		      texts[_i].what, text);
	free(text);
	json_decref(json);
}
END_TEST

START_TEST(an_object_is_a_line)
{
	char buffer[64] = "";
	FILE *out = fmemopen(buffer, sizeof(buffer), "w");

	ck_assert_ptr_nonnull(out);
	ck_assert(output_line(json_pack("{s:i, s:s}", "a", 1, "b", "c"), out));
	ck_assert(!output_line(NULL, out));
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_str_eq(buffer, "{\"a\":1,\"b\":\"c\"}\n");
}
END_TEST

static const char *const names[] = { "check", "replay", "confirm", NULL };

static const char *name_at(const void *context, size_t index)
{
	return ((const char *const *)context)[index];
}

static const struct {
	const char *word;
	const char *nearest;
} words[] = {
	{ "check", "check" },   { "chekc", "check" },  { "chck", "check" },
	{ "repaly", "replay" }, { "reply", "replay" }, { "confrim", "confirm" },
	{ "chk", "check" },     { "ck", NULL },        { "status", NULL },
	{ "", NULL },
};

START_TEST(two_slips_are_forgiven)
{
	const struct choices choices = { name_at, names };
	const char *nearest = usage_nearest(words[_i].word, &choices);

	if (!words[_i].nearest)
		ck_assert_msg(!nearest, "%s: %s", words[_i].word, nearest);
	else
		ck_assert_msg(nearest && !strcmp(nearest, words[_i].nearest),
			      "%s", words[_i].word);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("output");

	tcase_add_loop_test(tc, any_text_becomes_json, 0, COUNT(texts));
	tcase_add_test(tc, an_object_is_a_line);
	tcase_add_loop_test(tc, two_slips_are_forgiven, 0, COUNT(words));
	return run_tests(tc, "tool_output");
}
