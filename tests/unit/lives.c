/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process after the other.
 */
#include "unit/lives.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/store.h"

static char directory[] = "/tmp/statewall-test-XXXXXX";
static char socket_path[64];
static struct store store;

void lives_setup(void)
{
	/* The NUL behind it stays. */
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(socket_path, sizeof(socket_path), "%s/notify",
		       directory);
	ck_assert(store_open(&store, socket_path));
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", socket_path, 1), 0);
	ck_assert_int_eq(setenv("STATE_DIRECTORY", directory, 1), 0);
}

void lives_teardown(void)
{
	char path[80];

	(void)snprintf(path, sizeof(path), "%s/connections", directory);
	(void)unlink(path);
	(void)unlink(socket_path);
	ck_assert_msg(rmdir(directory) == 0, "something else was left there");
}

void lives_run(bool (*life)(void))
{
	char message[STORE_MESSAGE_LEN];
	pid_t pid = fork();
	int status = 0;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		store_pass_on(&store);
		_exit(life() ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
		      "a life has failed, see above");
	while (store_receive(&store, message))
		;
}

size_t lives_stored(const char *prefix)
{
	return store_count(&store, prefix);
}
