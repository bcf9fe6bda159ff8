/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiling a policy in a child: what becomes of it, and of children that go
 * wrong.  The child is this program again, see main().
 */
#include "daemon/compile.h"

#include <dirent.h>
#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/image.h"
#include "unit/run.h"

enum {
	LIMIT = 20000, /* ms; more than any child needs */
	SOON = 50,     /* ms */
	TEXT_MAX = 512,
	STATUS_CLEAN = 10, /* of a child that inherited nothing it should not */
	CLEAN_FILES = 6,   /* ".", "..", the standard ones, the directory */
};

static char path[] = "/tmp/test_daemon_compile.XXXXXX";
static struct diagnostics diags;

static void write_file(const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void start(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	(void)close(fd);
}

static void stop(void)
{
	diagnostics_fini(&diags);
	(void)unlink(path);
}

/* Nothing is left of a child: no process and no descriptor. */

static int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	/* Not check's: the child has no test that could fail. */
	if (!dir)
		return -1;
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

static struct policy *compile(const char *name, msec_t limit)
{
	int files = open_files();
	struct policy *policy = compile_policy(name, limit, &diags);

	ck_assert_int_eq(open_files(), files);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	return policy;
}

static void check_fault(size_t index, unsigned int line, const char *message)
{
	ck_assert_uint_lt(index, diags.len);
	ck_assert_int_eq(diagnostic_severity(&diags.list[index]),
			 SEVERITY_ERROR);
	ck_assert_uint_eq(diags.list[index].line, line);
	ck_assert_str_eq(diags.list[index].file, path);
	ck_assert_msg(strstr(diags.list[index].message, message), "%s",
		      diags.list[index].message);
}

/* What is needed to draw the line and the caret has come along. */
static void check_columns(size_t index, unsigned int column, const char *source)
{
	const struct diagnostic *diag = &diags.list[index];

	ck_assert_uint_eq(diag->column, column);
	ck_assert_uint_gt(diag->end_column, column);
	ck_assert_uint_eq(diag->source_column, 1);
	ck_assert_str_eq(diag->source, source);
}

START_TEST(a_good_file_comes_back_as_a_policy)
{
	struct policy *policy;

	write_file("version = 1;\n"
		   "limits = { connections = 1234; };\n"
		   "queues = \"3-5\";\n"
		   "queue_length = 77;\n"
		   "rules = ( { name = \"all\"; action = \"accept\"; } );\n");
	policy = compile(path, LIMIT);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(diags.errors, 0);
	ck_assert_uint_eq(policy->max_conns, 1234);
	ck_assert_uint_eq(policy->queue_first, 3);
	ck_assert_uint_eq(policy->queue_last, 5);
	ck_assert_uint_eq(policy->queue_length, 77);
	ck_assert_uint_eq(ruleset_rule_count(policy->rules), 1);
	ck_assert_str_eq(rule_name(ruleset_rule(policy->rules, 0)), "all");
	policy_destroy(policy);
}
END_TEST

/* The tests of a policy, in a directory of its own. */

static void write_into(const char *dir, const char *name, const char *text)
{
	char file[TEXT_MAX];
	FILE *out;

	(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
	out = fopen(file, "we");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

static void remove_from(const char *dir, const char *name)
{
	char file[TEXT_MAX];

	(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
	ck_assert_int_eq(remove(file), 0);
}

static const struct {
	const char *expect;
	bool passes;
} tests[] = { { "drop", true }, { "accept", false } };

START_TEST(a_test_that_fails_leaves_no_policy)
{
	char dir[] = "/tmp/test_daemon_compile_dir.XXXXXX";
	char name[TEXT_MAX];
	char text[TEXT_MAX];
	struct policy *policy;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(name, sizeof(name), "%s/tests.d", dir);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	(void)snprintf(text, sizeof(text),
		       "tests = (\n{ name = \"x\"; expect = \"%s\";\n"
		       "packet = \"in a udp 192.0.2.1 > self\"; } );\n",
		       tests[_i].expect);
	write_into(dir, "tests.d/x.conf", text);
	write_into(dir, "y.conf", "version = 1;\n");
	(void)snprintf(name, sizeof(name), "%s/y.conf", dir);
	policy = compile(name, LIMIT);
	ck_assert_int_eq(policy != NULL, tests[_i].passes);
	ck_assert_uint_eq(diags.errors, !tests[_i].passes);
	if (!tests[_i].passes) {
		ck_assert_int_eq(diags.list[0].code, CODE_TEST_FAILED);
		ck_assert_uint_eq(diags.list[0].line, 3);
	}
	policy_destroy(policy);
	remove_from(dir, "tests.d/x.conf");
	remove_from(dir, "tests.d");
	remove_from(dir, "y.conf");
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(warnings_come_with_the_policy)
{
	struct policy *policy;

	write_file("version = 1;\npolicy = { input = \"reject\"; };\n");
	policy = compile(path, LIMIT);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(diags.errors, 0);
	ck_assert_uint_eq(diags.len, 1);
	ck_assert_int_eq(diagnostic_severity(&diags.list[0]), SEVERITY_WARNING);
	ck_assert_uint_eq(diags.list[0].line, 2);
	policy_destroy(policy);
}
END_TEST

START_TEST(all_that_is_wrong_with_a_file_comes_back)
{
	write_file("version = 1;\n"
		   "limits = { connections = 1; };\n"
		   "quux = 5;\n"
		   "rules = ( { name = \"r\"; action = \"permit\"; } );\n");
	ck_assert_ptr_null(compile(path, LIMIT));
	ck_assert_uint_eq(diags.errors, 3);
	check_fault(0, 2, "limits.connections = 1");
	check_columns(0, 26, "limits = { connections = 1; };");
	check_fault(1, 3, "quux");
	check_columns(1, 1, "quux = 5;");
	check_fault(2, 4, "permit");
	check_columns(2, 34,
		      "rules = ( { name = \"r\"; action = \"permit\"; } );");
}
END_TEST

START_TEST(a_file_that_is_not_there_is_a_fault_of_its_own)
{
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_ptr_null(compile(path, LIMIT));
	ck_assert_uint_eq(diags.errors, 1);
	check_fault(0, 0, "cannot be read: No such file or directory");
}
END_TEST

START_TEST(a_pipe_that_nobody_writes_to_does_not_hang)
{
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(compile(path, LIMIT));
	check_fault(0, 0, "not a regular file");
}
END_TEST

START_TEST(the_child_has_no_capabilities_to_read_with)
{
	write_file("version = 1;\n");
	ck_assert_int_eq(chown(path, 65534, 65534), 0);
	ck_assert_int_eq(chmod(path, 0600), 0);
	ck_assert_ptr_null(compile(path, LIMIT));
	check_fault(0, 0, "cannot be read: Permission denied");
}
END_TEST

/* Children that are no good: their "file" says what they do. */
static const struct {
	const char *name;
	msec_t limit;
	const char *message;
} failures[] = {
	{ "hang", SOON, "it did not finish in time and was ended" },
	{ "half-and-hang", SOON, "it did not finish in time and was ended" },
	{ "killed", LIMIT, "killed by signal 9 (Killed)" },
	{ "half-and-killed", LIMIT, "killed by signal 9 (Killed)" },
	{ "status", LIMIT, "it ended with status 3" },
	{ "whole-and-status", LIMIT, "it ended with status 3" },
	{ "nothing", LIMIT, "its result is damaged" },
	{ "half", LIMIT, "its result is damaged" },
	{ "garbage", LIMIT, "its result is damaged" },
	{ "whole-and-more", LIMIT, "its result is damaged" },
};

START_TEST(a_child_that_goes_wrong_is_a_fault)
{
	char want[TEXT_MAX];

	ck_assert_ptr_null(compile(failures[_i].name, failures[_i].limit));
	ck_assert_uint_eq(diags.errors, 1);
	ck_assert_str_eq(diags.list[0].file, failures[_i].name);
	(void)snprintf(want, sizeof(want),
		       "the process that reads the policy failed: %s",
		       failures[_i].message);
	ck_assert_str_eq(diags.list[0].message, want);
}
END_TEST

START_TEST(the_child_of_before_is_no_worse_for_that)
{
	struct policy *policy = compile("whole", LIMIT);

	ck_assert_ptr_nonnull(policy);
	policy_destroy(policy);
}
END_TEST

START_TEST(nothing_is_inherited_but_standard_error)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	/* What check has open; the daemon opens nothing without it. */
	ck_assert_int_eq(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), 0);
	ck_assert_ptr_null(compile_policy("inherit", LIMIT, &diags));
	ck_assert_str_eq(diags.list[0].message,
			 "the process that reads the policy failed: it ended "
			 "with status 10");
}
END_TEST

START_TEST(a_child_that_is_not_wanted_any_more_is_ended)
{
	struct compile *compile = compile_start("hang");

	ck_assert_ptr_nonnull(compile);
	ck_assert_int_ge(compile_fd(compile), 0);
	/* There is nothing yet, which is no end. */
	ck_assert(compile_read(compile));
	ck_assert_ptr_null(compile_finish(compile, &diags));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(no_descriptor_left_for_a_pipe_is_a_fault)
{
	struct rlimit before;
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = (struct rlimit){ 3, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_ptr_null(compile_policy(path, LIMIT, &diags));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	check_fault(0, 0,
		    "cannot start a process to read it: Too many open files");
}
END_TEST

/* The other side. */

/* An image of a policy with nothing in it; @part: 2 for the first half. */
static void write_image(size_t part)
{
	static const char text[] = "version = 1;";
	struct diagnostics none = { 0 };
	struct policy *policy =
		policy_parse(text, sizeof(text) - 1, "text", &none);
	char *image = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&image, &len);

	if (!policy || !memory || !policy_image_write(policy, &none, memory) ||
	    fclose(memory) != 0)
		_exit(99);
	(void)fwrite(image, 1, len / part, stdout);
	(void)fflush(stdout);
	free(image);
	policy_destroy(policy);
}

/*
 * Of the daemon's signals SIGTERM must work; what asks the daemon to do
 * something must not end a child that has the same name.
 */
static int check_inheritance(void)
{
	struct sigaction action;
	sigset_t mask;
	bool is_clean = sigprocmask(SIG_SETMASK, NULL, &mask) == 0 &&
			sigismember(&mask, SIGTERM) == 0 &&
			sigismember(&mask, SIGHUP) == 1 &&
			sigismember(&mask, SIGUSR2) == 1 &&
			sigaction(SIGPIPE, NULL, &action) == 0 &&
			action.sa_handler == SIG_DFL;

	return is_clean ? STATUS_CLEAN + open_files() - CLEAN_FILES : 1;
}

static int be_child(const char *name)
{
	if (strncmp(name, "half", 4) == 0)
		write_image(2);
	if (strncmp(name, "whole", 5) == 0)
		write_image(1);
	if (strcmp(name, "garbage") == 0)
		(void)puts("once upon a time");
	if (strcmp(name, "whole-and-more") == 0)
		(void)puts("!");
	if (strstr(name, "hang"))
		(void)pause();
	if (strstr(name, "killed"))
		(void)raise(SIGKILL);
	if (strcmp(name, "inherit") == 0)
		return check_inheritance();
	return strstr(name, "status") ? 3 : 0;
}

static TCase *collect(void)
{
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_good_file_comes_back_as_a_policy);
	tcase_add_loop_test(tc, a_test_that_fails_leaves_no_policy, 0,
			    COUNT(tests));
	tcase_add_test(tc, warnings_come_with_the_policy);
	tcase_add_test(tc, all_that_is_wrong_with_a_file_comes_back);
	tcase_add_test(tc, a_file_that_is_not_there_is_a_fault_of_its_own);
	tcase_add_test(tc, a_pipe_that_nobody_writes_to_does_not_hang);
	if (geteuid() == 0)
		tcase_add_test(tc, the_child_has_no_capabilities_to_read_with);
	tcase_add_loop_test(tc, a_child_that_goes_wrong_is_a_fault, 0,
			    COUNT(failures));
	tcase_add_test(tc, the_child_of_before_is_no_worse_for_that);
	tcase_add_test(tc, nothing_is_inherited_but_standard_error);
	tcase_add_test(tc, a_child_that_is_not_wanted_any_more_is_ended);
	tcase_add_test(tc, no_descriptor_left_for_a_pipe_is_a_fault);
	return tc;
}

int main(int argc, char *argv[])
{
	if (argc != 3 || strcmp(argv[1], "--compile") != 0)
		return run_tests(collect(), "daemon_compile");
	return argv[2][0] == '/' ? compile_child(argv[2]) : be_child(argv[2]);
}
