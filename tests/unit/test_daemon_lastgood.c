/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last good policy: kept as a whole, and believed only if it is whole.
 */
#include "daemon/lastgood.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/run.h"

static char directory[] = "/tmp/statewall-test-XXXXXX";

static void setup(void)
{
	/* The NUL behind it stays. */
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(setenv("STATE_DIRECTORY", directory, 1), 0);
}

static void path_of(char path[64], const char *name)
{
	(void)snprintf(path, 64, "%s/%s", directory, name);
}

static void teardown(void)
{
	char path[64];

	path_of(path, "last-good.image");
	(void)unlink(path);
	path_of(path, "other");
	(void)unlink(path);
	ck_assert_msg(rmdir(directory) == 0, "something else was left there");
}

static struct policy *make_policy(const char *action)
{
	struct diagnostics diags = { 0 };
	char text[128];
	int len = snprintf(text, sizeof(text),
			   "version = 1;\npolicy = { input = \"%s\"; };\n",
			   action);
	struct policy *policy =
		policy_parse(text, (size_t)len, "test.conf", &diags);

	ck_assert_ptr_nonnull(policy);
	diagnostics_fini(&diags);
	return policy;
}

static void save(const char *action)
{
	struct policy *policy = make_policy(action);

	ck_assert_int_eq(lastgood_save(policy), 0);
	policy_destroy(policy);
}

static void expect_input(enum action action)
{
	struct policy *policy = lastgood_load();

	ck_assert_ptr_nonnull(policy);
	ck_assert_int_eq(ruleset_policy(policy->rules, HOOK_INPUT), action);
	policy_destroy(policy);
}

START_TEST(the_one_that_was_saved_last_is_loaded)
{
	setup();
	ck_assert_ptr_null(lastgood_load());
	save("accept");
	expect_input(ACTION_ACCEPT);
	save("drop");
	expect_input(ACTION_DROP);
	expect_input(ACTION_DROP);
	teardown();
}
END_TEST

START_TEST(nobody_else_may_read_it)
{
	struct stat st;
	char path[64];

	setup();
	save("drop");
	path_of(path, "last-good.image");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	teardown();
}
END_TEST

START_TEST(a_damaged_one_is_none)
{
	struct stat st;
	char path[64];

	setup();
	save("drop");
	path_of(path, "last-good.image");
	ck_assert_int_eq(stat(path, &st), 0);
	for (off_t len = st.st_size - 1; len >= 0; len -= 7) {
		ck_assert_int_eq(truncate(path, len), 0);
		ck_assert_ptr_null(lastgood_load());
	}
	teardown();
}
END_TEST

START_TEST(a_link_is_not_followed)
{
	char path[64];
	char other[64];

	setup();
	save("drop");
	path_of(path, "last-good.image");
	path_of(other, "other");
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_ptr_null(lastgood_load());
	teardown();
}
END_TEST

static const struct {
	const char *what;
	const char *directory; /* NULL: not set */
	int error;
} nowhere[] = {
	{ "no directory is named", NULL, -ENOENT },
	{ "the name is relative", "tmp", -ENOENT },
	{ "it does not exist", "/nonexistent/statewall", -ENOENT },
	{ "it is a file", "/dev/null", -ENOTDIR },
};

START_TEST(without_a_directory_nothing_is_kept)
{
	struct policy *policy = make_policy("drop");

	if (nowhere[_i].directory)
		ck_assert_int_eq(
			setenv("STATE_DIRECTORY", nowhere[_i].directory, 1), 0);
	else
		ck_assert_int_eq(unsetenv("STATE_DIRECTORY"), 0);
	ck_assert_msg(lastgood_save(policy) == nowhere[_i].error, "%s",
		      nowhere[_i].what);
	ck_assert_ptr_null(lastgood_load());
	policy_destroy(policy);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("daemon_lastgood");

	tcase_add_test(tc, the_one_that_was_saved_last_is_loaded);
	tcase_add_test(tc, nobody_else_may_read_it);
	tcase_add_test(tc, a_damaged_one_is_none);
	tcase_add_test(tc, a_link_is_not_followed);
	tcase_add_loop_test(tc, without_a_directory_nothing_is_kept, 0,
			    COUNT(nowhere));
	return run_tests(tc, "daemon_lastgood");
}
