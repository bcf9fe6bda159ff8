/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a file, with care: a directory, a pipe or a file without end must
 * give an error, not a hang.
 */
#include "policy/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct limit {
	off_t len;
	const char *problem;
};

/* NULL: @source tells which file it is and how long. */
static const char *look(struct source *source, int fd,
			const struct limit *limit)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "this is a directory, a file is wanted";
	if (!S_ISREG(st.st_mode))
		return "this is not a regular file";
	source->is_open_to_all = st.st_mode & S_IWOTH;
	/* Who can write to it would decide what root does. */
	if (source->is_open_to_all && geteuid() == 0)
		return SOURCE_OPEN_TO_ALL;
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
	problem = look(source, fd, limit);
	if (!problem)
		problem = read_all(source, fd);
	(void)close(fd);
	if (problem)
		source_fini(source);
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

void source_fini(struct source *source)
{
	free(source->text);
	*source = (struct source){ 0 };
}
