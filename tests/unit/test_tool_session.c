/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ssh session of the tool, in what /proc says.
 */
#include "tool/session.h"

#include "unit/run.h"

#define OCTETS(text) text, sizeof(text) - 1

static const struct {
	const char *what;
	const char *vars;
	size_t len;
	const char *session; /* NULL: none */
} environs[] = {
	{ "nothing", OCTETS(""), NULL },
	{ "alone", OCTETS("SSH_CONNECTION=a 1 b 2\0"), "a 1 b 2" },
	{ "behind others", OCTETS("A=1\0\0SSH_CONNECTION=a 1 b 2\0B=2\0"),
	  "a 1 b 2" },
	{ "cut off behind it", OCTETS("A=1\0SSH_CONNECTION=a 1"), "a 1" },
	{ "cut off in its name", OCTETS("A=1\0SSH_CONN"), NULL },
	{ "empty", OCTETS("SSH_CONNECTION=\0"), NULL },
	{ "part of another name", OCTETS("MY_SSH_CONNECTION=a\0"), NULL },
	{ "in a value", OCTETS("A=SSH_CONNECTION=a\0"), NULL },
};

START_TEST(the_session_is_found_in_an_environment)
{
	char text[SESSION_LEN] = "untouched";
	bool found =
		session_in_environ(environs[_i].vars, environs[_i].len, text);

	ck_assert_msg(found == !!environs[_i].session, "%s", environs[_i].what);
	ck_assert_str_eq(text, found ? environs[_i].session : "untouched");
}
END_TEST

START_TEST(a_session_that_is_too_long_is_none)
{
	char vars[15 + SESSION_LEN + 1] = "SSH_CONNECTION=";
	char text[SESSION_LEN];

	for (size_t i = 15; i < 15 + SESSION_LEN; i++)
		vars[i] = 'a';
	ck_assert(!session_in_environ(vars, sizeof(vars), text));
	vars[15 + SESSION_LEN - 1] = '\0';
	ck_assert(session_in_environ(vars, sizeof(vars), text));
}
END_TEST

static const struct {
	const char *what;
	const char *stat;
	pid_t parent;
} stats[] = {
	{ "a shell", "12 (bash) S 11 12 12 0", 11 },
	{ "a name with all in it", "12 (a) S 5 (b) R 7 1 1 0", 7 },
	{ "the first process", "1 (init) S 0 1 1 0", 0 },
	{ "nothing", "", 0 },
	{ "cut off", "12 (bash) S", 0 },
};

START_TEST(the_parent_is_found)
{
	ck_assert_msg(session_parent(stats[_i].stat) == stats[_i].parent, "%s",
		      stats[_i].what);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("session");

	tcase_add_loop_test(tc, the_session_is_found_in_an_environment, 0,
			    COUNT(environs));
	tcase_add_test(tc, a_session_that_is_too_long_is_none);
	tcase_add_loop_test(tc, the_parent_is_found, 0, COUNT(stats));
	return run_tests(tc, "tool_session");
}
