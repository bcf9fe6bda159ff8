/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * freeze TID: stops one thread of a process and no other, until its process
 * ends; a signal would stop them all.
 */
#include <err.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "system/lib/endpoint.h"

int main(int argc, char *argv[])
{
	pid_t tid;
	int status;

	if (argc != 2)
		errx(EXIT_FAILURE, "usage: freeze TID");
	tid = (pid_t)number_parse(argv[1], INT32_MAX);
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0)
		err(EXIT_FAILURE, "thread %d", (int)tid);
	while (waitpid(tid, &status, __WALL) == tid)
		if (WIFEXITED(status) || WIFSIGNALED(status))
			return EXIT_SUCCESS;
	return EXIT_FAILURE;
}
