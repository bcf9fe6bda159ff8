/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files in the state directory.
 */
#include "daemon/statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
static int write_file(int fd, bool (*write)(FILE *out, void *arg), void *arg)
{
	FILE *out = fdopen(fd, "w");
	bool ok;

	if (!out) {
		(void)close(fd);
		return -ENOMEM;
	}
	errno = EIO;
	ok = write(out, arg) && fflush(out) == 0 && fsync(fd) == 0;
	if (fclose(out) == 0 && ok)
		return 0;
	return -errno;
}

static int replace(int directory, const char *name,
		   bool (*write)(FILE *out, void *arg), void *arg)
{
	char unfinished[STATEFILE_NAME_LEN];
	int fd;
	int r;

	(void)snprintf(unfinished, sizeof(unfinished),
		       "%s" STATEFILE_UNFINISHED, name);
	fd = openat(directory, unfinished,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return -errno;
	r = write_file(fd, write, arg);
	if (r == 0 && renameat(directory, unfinished, directory, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(directory, unfinished, 0);
	return r;
}

int statefile_replace(const char *name, bool (*write)(FILE *out, void *arg),
		      void *arg)
{
	int directory = open_directory();
	int r;

	if (directory < 0)
		return directory;
	r = replace(directory, name, write, arg);
	(void)close(directory);
	return r;
}

void statefile_remove(const char *name)
{
	int directory = open_directory();

	if (directory < 0)
		return;
	(void)unlinkat(directory, name, 0);
	(void)close(directory);
}

static bool is_regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

FILE *statefile_open(const char *name)
{
	int directory = open_directory();
	FILE *in = NULL;
	int fd;

	if (directory < 0)
		return NULL;
	fd = openat(directory, name,
		    O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	(void)close(directory);
	if (fd < 0)
		return NULL;
	if (is_regular(fd))
		in = fdopen(fd, "r");
	if (!in)
		(void)close(fd);
	return in;
}
