/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unshare(2), and commands in the result.
 */
#include "unit/netns.h"

#include <check.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 32, COMMAND_MAX = 256 };

static int exit_status(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

bool netns_is_permitted(const char *name)
{
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWNET) == 0 ? 0 : 1);
	if (pid > 0 && exit_status(pid) == 0)
		return true;
	printf("skip %s: needs root, to make a network namespace\n", name);
	return false;
}

void netns_enter(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	netns_run("ip link set lo up");
}

void netns_run(const char *command)
{
	char words[COMMAND_MAX];
	char *argv[WORDS_MAX + 1] = { NULL };
	char *rest = words;
	size_t count = 0;
	pid_t pid;

	ck_assert_uint_lt(strlen(command), sizeof(words));
	memcpy(words, command, strlen(command) + 1);
	while (count < WORDS_MAX && (argv[count] = strsep(&rest, " ")))
		count++;
	ck_assert_int_eq(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ),
			 0);
	ck_assert_msg(exit_status(pid) == 0, "%s", command);
}
