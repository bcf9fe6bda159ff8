/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * statewalld: the stateful packet filter.
 */
#include <stdio.h>

#include "daemon/compile.h"
#include "daemon/daemon.h"
#include "daemon/options.h"
#include "policy/check.h"

int main(int argc, char *argv[])
{
	struct options options;

	if (!options_parse(&options, argc, argv))
		return EXIT_USAGE;
	switch (options.task) {
	case TASK_RUN:
		return (int)daemon_run(&options);
	case TASK_CHECK:
		return policy_check(options.path, stdout);
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
