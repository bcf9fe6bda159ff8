/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a file, with care: a directory, a pipe or a file without end must
 * give an error, not a hang.
 */
#include "policy/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/diagnostic.h"

#define CLOSE_IT "\ntake that away with chmod go-w"

struct limit {
	off_t len;
	const char *problem;
};

/* The bits of group 0 are as good as root's. */
static bool is_writable(const struct stat *st)
{
	return (st->st_mode & S_IWOTH) ||
	       ((st->st_mode & S_IWGRP) && st->st_gid != 0);
}

static void directory_of(const char *path, char directory[SOURCE_PATH_LEN])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	/* That of "/file" is "/", that of "file" is ".". */
	if (slash == path)
		len = 1;
	(void)snprintf(directory, SOURCE_PATH_LEN, "%.*s", (int)len, path);
	if (!slash)
		(void)snprintf(directory, SOURCE_PATH_LEN, ".");
}

/* Where the sticky bit is set, nobody can move the files of others. */
static bool is_directory_writable(const char *path)
{
	char directory[SOURCE_PATH_LEN];
	struct stat st;

	directory_of(path, directory);
	return stat(directory, &st) == 0 && !(st.st_mode & S_ISVTX) &&
	       is_writable(&st);
}

static const char *look_at_exposure(struct source *source, const char *path,
				    const struct stat *st)
{
	if (is_writable(st))
		source->exposure |= SOURCE_FILE_WRITABLE;
	if (is_directory_writable(path))
		source->exposure |= SOURCE_DIRECTORY_WRITABLE;
	if (geteuid() != 0 || source->exposure == 0)
		return NULL;
	return source->exposure & SOURCE_FILE_WRITABLE
		       ? "others can write to it" CLOSE_IT
		       : "others can write to its directory" CLOSE_IT;
}

/* NULL: @source tells which file it is and how long. */
static const char *look(struct source *source, const char *path, int fd,
			const struct limit *limit)
{
	const char *problem;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "this is a directory, a file is wanted";
	if (!S_ISREG(st.st_mode))
		return "this is not a regular file";
	problem = look_at_exposure(source, path, &st);
	if (problem)
		return problem;
	if (st.st_size > limit->len)
		return limit->problem;
	source->dev = st.st_dev;
	source->ino = st.st_ino;
	source->len = (size_t)st.st_size;
	return NULL;
}

static const char *read_all(struct source *source, int fd)
{
	size_t used = 0;

	source->text = calloc(1, source->len + 1);
	if (!source->text)
		return "out of memory";
	while (used < source->len) {
		ssize_t got = read(fd, source->text + used, source->len - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		if (got == 0)
			break;
		used += (size_t)got;
	}
	source->len = used;
	return NULL;
}

static const char *read_limited(struct source *source, const char *path,
				const struct limit *limit)
{
	/* Without O_NONBLOCK, opening a pipe waits for its other end. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *problem;

	*source = (struct source){ 0 };
	if (fd < 0)
		return strerror(errno);
	problem = look(source, path, fd, limit);
	if (!problem)
		problem = read_all(source, fd);
	(void)close(fd);
	if (problem) {
		free(source->text);
		source->text = NULL;
	}
	return problem;
}

const char *source_read(struct source *source, const char *path)
{
	static const struct limit limit = { SOURCE_MAX,
					    "the file is larger than 16 MiB" };

	return read_limited(source, path, &limit);
}

const char *source_read_table(struct source *source, const char *path)
{
	static const struct limit limit = { SOURCE_TABLE_MAX,
					    "the file is larger than 256 MiB" };

	return read_limited(source, path, &limit);
}

bool source_beside(const char *beside, const char *path,
		   char resolved[SOURCE_PATH_LEN])
{
	const char *slash = strrchr(beside, '/');
	size_t dir = slash ? (size_t)(slash - beside) + 1 : 0;
	size_t len = strlen(path);

	if (path[0] == '/')
		dir = 0;
	if (dir + len >= SOURCE_PATH_LEN)
		return false;
	memcpy(resolved, beside, dir);
	memcpy(resolved + dir, path, len + 1);
	return true;
}

enum code source_fault(const struct source *source, enum code otherwise)
{
	bool exposed = source->exposure != 0 && geteuid() == 0;

	return exposed ? CODE_OPEN_TO_OTHERS : otherwise;
}

static bool is_listed(const struct diagnostics *diags, const char *directory)
{
	for (size_t i = 0; i < diags->len; i++)
		if (diags->list[i].code == CODE_DIRECTORY_WRITABLE &&
		    strcmp(diags->list[i].file, directory) == 0)
			return true;
	return false;
}

void source_warn(const struct source *source, const char *path,
		 struct diagnostics *diags)
{
	char directory[SOURCE_PATH_LEN];

	if (source->exposure & SOURCE_FILE_WRITABLE)
		diagnostics_add(diags, CODE_FILE_WRITABLE, path, 0,
				"others can write to it" CLOSE_IT);
	directory_of(path, directory);
	if ((source->exposure & SOURCE_DIRECTORY_WRITABLE) &&
	    !is_listed(diags, directory))
		diagnostics_add(diags, CODE_DIRECTORY_WRITABLE, directory, 0,
				"others can write to this directory" CLOSE_IT);
}

void source_fini(struct source *source)
{
	free(source->text);
	*source = (struct source){ 0 };
}
