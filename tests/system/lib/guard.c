/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox says in STATEWALL_SANDBOX which network namespace it was started
 * in: the machine's.  There, and where the first process is, nothing is sent.
 */
#include "system/lib/guard.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_LEN = 64 };

/* "net:[4026531840]" */
static void read_name(const char *path, char name[NAME_LEN])
{
	ssize_t len = readlink(path, name, NAME_LEN - 1);

	if (len < 0)
		err(EXIT_FAILURE, "refused: %s", path);
	name[len] = '\0';
}

void guard_namespace(void)
{
	const char *machine = getenv("STATEWALL_SANDBOX");
	char first[NAME_LEN];
	char own[NAME_LEN];

	if (!machine)
		errx(EXIT_FAILURE,
		     "refused: this program sends packets, and only in the "
		     "sandbox of tests/system/demo and tests/system/run");
	read_name("/proc/thread-self/ns/net", own);
	if (strcmp(own, machine) == 0)
		errx(EXIT_FAILURE,
		     "refused: this is the machine's own network");
	read_name("/proc/1/ns/net", first);
	if (strcmp(own, first) == 0)
		errx(EXIT_FAILURE, "refused: this is no part of the sandbox");
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
