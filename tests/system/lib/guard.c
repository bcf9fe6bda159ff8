/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares network namespaces by the identity of their files in /proc.
 */
#include "system/lib/guard.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char own[] = "/proc/thread-self/ns/net";
static const char machine[] = "/proc/1/ns/net";

void guard_namespace(void)
{
	struct stat ours;
	struct stat theirs;

	if (stat(own, &ours) < 0)
		err(EXIT_FAILURE, "%s", own);
	if (stat(machine, &theirs) < 0)
		err(EXIT_FAILURE, "%s: root is needed", machine);
	if (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
		errx(EXIT_FAILURE,
		     "refused: this is the machine's own network; "
		     "tests/system/demo runs this in a namespace");
}

void guard_enter(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(EXIT_FAILURE, "%s", path);
	if (setns(fd, CLONE_NEWNET) < 0)
		err(EXIT_FAILURE, "%s: setns", path);
	(void)close(fd);
	guard_namespace();
}
