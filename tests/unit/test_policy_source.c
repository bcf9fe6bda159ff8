/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading files: what is no file must neither hang nor harm.
 */
#include "policy/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/run.h"

static char dir[] = "/tmp/statewall-source-XXXXXX";
static char path[sizeof(dir) + sizeof("/file")];

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/file", dir);
}

static void teardown(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

/* A file of @len octets, all of them zero but those of @text. */
static void make_file(const char *text, off_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	ck_assert_int_ge(fd, 0);
	ck_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ck_assert_int_eq(ftruncate(fd, len), 0);
	(void)close(fd);
}

static void check_refused(const char *name, const char *problem)
{
	struct source source;
	const char *got = source_read(&source, name);

	ck_assert_msg(got && strcmp(got, problem) == 0, "%s", got);
	ck_assert_ptr_null(source.text);
}

START_TEST(a_file_is_read_whole)
{
	struct source source;
	struct stat st;

	make_file("ab\0c", 4, 0600);
	ck_assert_ptr_null(source_read(&source, path));
	ck_assert_uint_eq(source.len, 4);
	ck_assert_mem_eq(source.text, "ab\0\0", 4);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(source.dev == st.st_dev && source.ino == st.st_ino);
	source_fini(&source);
	ck_assert_ptr_null(source.text);
}
END_TEST

START_TEST(an_empty_file_is_a_file)
{
	struct source source;

	make_file("", 0, 0600);
	ck_assert_ptr_null(source_read(&source, path));
	ck_assert_uint_eq(source.len, 0);
	ck_assert_ptr_nonnull(source.text);
	source_fini(&source);
}
END_TEST

START_TEST(the_largest_file_is_read)
{
	struct source source;

	make_file("x", SOURCE_MAX, 0600);
	ck_assert_ptr_null(source_read(&source, path));
	ck_assert_uint_eq(source.len, SOURCE_MAX);
	source_fini(&source);
}
END_TEST

START_TEST(a_larger_file_is_refused)
{
	make_file("x", SOURCE_MAX + 1, 0600);
	check_refused(path, "the file is larger than 16 MiB");
}
END_TEST

START_TEST(a_missing_file_is_refused)
{
	check_refused(path, "No such file or directory");
}
END_TEST

START_TEST(no_name_is_refused)
{
	check_refused("", "No such file or directory");
}
END_TEST

START_TEST(a_directory_is_refused)
{
	check_refused(dir, "this is a directory, a file is wanted");
}
END_TEST

START_TEST(a_file_without_end_is_refused)
{
	check_refused("/dev/zero", "this is not a regular file");
}
END_TEST

START_TEST(a_pipe_without_writer_is_refused_at_once)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	check_refused(path, "this is not a regular file");
}
END_TEST

START_TEST(a_circle_of_links_is_refused)
{
	ck_assert_int_eq(symlink(path, path), 0);
	check_refused(path, "Too many levels of symbolic links");
}
END_TEST

START_TEST(an_unreadable_file_is_refused)
{
	make_file("x", 1, 0);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	/* The superuser may read everything, so we are somebody else. */
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	check_refused(path, "Permission denied");
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

START_TEST(no_descriptor_stays_open)
{
	struct source source;
	int before = dup(STDERR_FILENO);
	int after;

	make_file("x", 1, 0600);
	for (int i = 0; i < 3; i++) {
		ck_assert_ptr_null(source_read(&source, path));
		source_fini(&source);
		check_refused(dir, "this is a directory, a file is wanted");
	}
	after = dup(STDERR_FILENO);
	ck_assert_int_eq(after, before + 1);
	(void)close(after);
	(void)close(before);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("source");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_file_is_read_whole);
	tcase_add_test(tc, an_empty_file_is_a_file);
	tcase_add_test(tc, the_largest_file_is_read);
	tcase_add_test(tc, a_larger_file_is_refused);
	tcase_add_test(tc, a_missing_file_is_refused);
	tcase_add_test(tc, no_name_is_refused);
	tcase_add_test(tc, a_directory_is_refused);
	tcase_add_test(tc, a_file_without_end_is_refused);
	tcase_add_test(tc, a_pipe_without_writer_is_refused_at_once);
	tcase_add_test(tc, a_circle_of_links_is_refused);
	tcase_add_test(tc, an_unreadable_file_is_refused);
	tcase_add_test(tc, no_descriptor_stays_open);
	return run_tests(tc, "policy_source");
}
