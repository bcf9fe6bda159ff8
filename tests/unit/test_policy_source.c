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

static const struct {
	const char *what;
	mode_t file;
	mode_t directory;
	gid_t group; /* of both */
	unsigned int exposure;
} modes[] = {
	{ "nobody else", 0640, 0750, 1, 0 },
	{ "all may read", 0644, 0755, 1, 0 },
	{ "the group can write to the file", 0660, 0750, 1,
	  SOURCE_FILE_WRITABLE },
	{ "root's group can", 0660, 0770, 0, 0 },
	{ "everybody can", 0602, 0750, 0, SOURCE_FILE_WRITABLE },
	{ "the group can write to the directory", 0640, 0770, 1,
	  SOURCE_DIRECTORY_WRITABLE },
	{ "everybody can", 0640, 0707, 0, SOURCE_DIRECTORY_WRITABLE },
	{ "but not move what is in it", 0640, 01777, 1, 0 },
	{ "both", 0666, 0777, 1,
	  SOURCE_FILE_WRITABLE | SOURCE_DIRECTORY_WRITABLE },
};

START_TEST(who_else_can_write_is_seen)
{
	gid_t group = geteuid() == 0 ? modes[_i].group : getegid();
	struct source source;
	const char *problem;

	/* Nobody else can give a file to root's group. */
	if (group != modes[_i].group && modes[_i].group == 0)
		return;
	make_file("x", 1, 0600);
	ck_assert_int_eq(chown(path, (uid_t)-1, group), 0);
	ck_assert_int_eq(chown(dir, (uid_t)-1, group), 0);
	ck_assert_int_eq(chmod(path, modes[_i].file), 0);
	ck_assert_int_eq(chmod(dir, modes[_i].directory), 0);
	problem = source_read(&source, path);
	ck_assert_msg(source.exposure == modes[_i].exposure, "%s: %x",
		      modes[_i].what, source.exposure);
	if (geteuid() != 0 || modes[_i].exposure == 0) {
		ck_assert_ptr_null(problem);
		ck_assert_int_eq(source_fault(&source, CODE_INCLUDE),
				 CODE_INCLUDE);
	} else {
		ck_assert_ptr_nonnull(problem);
		ck_assert_ptr_null(source.text);
		ck_assert_int_eq(source_fault(&source, CODE_INCLUDE),
				 CODE_OPEN_TO_OTHERS);
	}
	source_fini(&source);
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
	tcase_add_loop_test(tc, who_else_can_write_is_seen, 0, COUNT(modes));
	tcase_add_test(tc, no_descriptor_stays_open);
	return run_tests(tc, "policy_source");
}
