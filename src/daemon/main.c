/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewalld: the stateful packet filter.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "daemon/compile.h"
#include "daemon/daemon.h"
#include "daemon/options.h"
#include "policy/check.h"

/* One that is closed would be the next file opened, and get the log. */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	(void)close(fd);
}

int main(int argc, char *argv[])
{
	struct options options;

	open_standard_files();
	if (!options_parse(&options, argc, argv))
		return EXIT_USAGE;
	switch (options.task) {
	case TASK_RUN:
		return (int)daemon_run(&options);
	case TASK_CHECK:
		return policy_check(options.path, time(NULL), stdout);
	case TASK_COMPILE:
		return compile_child(options.path);
	case TASK_VERSION:
		puts("statewalld " VERSION);
		return EXIT_STOPPED;
	case TASK_HELP:
		fputs(options_help, stdout);
		return EXIT_STOPPED;
	}
	return EXIT_INTERNAL;
}
