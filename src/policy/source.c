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

/* NULL: @source tells which file it is and how long. */
static const char *look(struct source *source, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "this is a directory, a file is wanted";
	if (!S_ISREG(st.st_mode))
		return "this is not a regular file";
	if (st.st_size > SOURCE_MAX)
		return "the file is larger than 16 MiB";
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

const char *source_read(struct source *source, const char *path)
{
	/* Without O_NONBLOCK, opening a pipe waits for its other end. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *problem;

	*source = (struct source){ 0 };
	if (fd < 0)
		return strerror(errno);
	problem = look(source, fd);
	if (!problem)
		problem = read_all(source, fd);
	(void)close(fd);
	if (problem)
		source_fini(source);
	return problem;
}

void source_fini(struct source *source)
{
	free(source->text);
	*source = (struct source){ 0 };
}
