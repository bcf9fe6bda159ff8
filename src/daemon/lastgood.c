/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last good policy, as an image.
 */
#include "daemon/lastgood.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/image.h"

enum { IMAGE_MAX = 256 * 1024 * 1024 };

static const char finished[] = "last-good.image";
static const char unfinished[] = "last-good.image.new";

/* -errno; -ENOENT: there is none. */
static int open_directory(void)
{
	const char *directory = getenv("STATE_DIRECTORY");
	int fd;

	if (!directory || directory[0] != '/')
		return -ENOENT;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The file is whole, and on the disk, before it gets its name. */
static int write_image(const struct policy *policy, int fd)
{
	const struct diagnostics none = { 0 };
	FILE *out = fdopen(fd, "w");
	bool ok;

	if (!out) {
		(void)close(fd);
		return -ENOMEM;
	}
	errno = EIO;
	ok = policy_image_write(policy, &none, out) && fflush(out) == 0 &&
	     fsync(fd) == 0;
	if (fclose(out) == 0 && ok)
		return 0;
	return -errno;
}

static int replace(const struct policy *policy, int directory)
{
	int fd = openat(directory, unfinished,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0600);
	int r;

	if (fd < 0)
		return -errno;
	r = write_image(policy, fd);
	if (r == 0 && renameat(directory, unfinished, directory, finished) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(directory, unfinished, 0);
	return r;
}

int lastgood_save(const struct policy *policy)
{
	int directory = open_directory();
	int r;

	if (directory < 0)
		return directory;
	r = replace(policy, directory);
	(void)close(directory);
	return r;
}

/* All of a file; NULL: it cannot be read, or is too large.  To be freed. */
static char *read_file(int fd, size_t *len)
{
	struct stat st;
	char *bytes;
	ssize_t got;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > IMAGE_MAX)
		return NULL;
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return NULL;
	for (*len = 0; *len < (size_t)st.st_size; *len += (size_t)got) {
		got = read(fd, bytes + *len, (size_t)st.st_size - *len);
		if (got <= 0)
			break;
	}
	return bytes;
}

/* -1: there is none. */
static int open_image(void)
{
	int directory = open_directory();
	int fd = -1;

	if (directory < 0)
		return -1;
	fd = openat(directory, finished,
		    O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	(void)close(directory);
	return fd;
}

struct policy *lastgood_load(void)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = NULL;
	int fd = open_image();
	size_t len = 0;
	char *bytes;

	if (fd < 0)
		return NULL;
	bytes = read_file(fd, &len);
	(void)close(fd);
	if (bytes && policy_image_read(bytes, len, &policy, &diags))
		diagnostics_fini(&diags);
	free(bytes);
	return policy;
}
