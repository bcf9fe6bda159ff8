/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The child is this program itself, started anew from /proc/self/exe: after an
 * upgrade that is still the old program, with the same form of image.  A fork
 * without exec would inherit the locks of threads that do not exist in it.
 */
#include "daemon/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/cage.h"
#include "daemon/privilege.h"
#include "policy/image.h"
#include "policy/policy_tests.h"
#include "policy/text.h"

enum { IMAGE_MAX = 256 * 1024 * 1024, READ_LEN = 65536 };

const char compile_option[] = "compile";

struct compile {
	const char *path;
	pid_t pid;
	int fd;
	bool done; /* the child has said all that it will */
	bool is_too_long;
	struct text image;
	char chunk[READ_LEN];
};

/* Nothing of the daemon but standard error goes to the child. */
static int prepare(posix_spawn_file_actions_t *actions,
		   posix_spawnattr_t *attributes, int output)
{
	sigset_t blocked;
	sigset_t all;

	/* What is meant for the daemon may hit all that have its name. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGUSR2);
	sigfillset(&all);
	posix_spawn_file_actions_init(actions);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setsigmask(attributes, &blocked);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null",
					 O_RDONLY, 0);
	return posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
}

/* 0 or errno. */
static int spawn_child(struct compile *compile, int output)
{
	char option[32];
	char *path = strdup(compile->path);
	char name[] = "statewalld";
	char *argv[] = { name, option, path, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error;

	(void)snprintf(option, sizeof(option), "--%s", compile_option);
	error = prepare(&actions, &attributes, output);
	if (path && error == 0)
		error = posix_spawn(&compile->pid, "/proc/self/exe", &actions,
				    &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(path);
	return path ? error : ENOMEM;
}

struct compile *compile_start(const char *path)
{
	struct compile *compile = calloc(1, sizeof(*compile));
	int pipe_fds[2];

	if (!compile)
		return NULL;
	compile->path = path;
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		goto err_free;
	/* The child writes as it would to any file. */
	(void)fcntl(pipe_fds[1], F_SETFL, 0);
	compile->fd = pipe_fds[0];
	errno = spawn_child(compile, pipe_fds[1]);
	(void)close(pipe_fds[1]);
	if (errno == 0)
		return compile;
	(void)close(pipe_fds[0]);

err_free:
	free(compile);
	return NULL;
}

int compile_fd(const struct compile *compile)
{
	return compile->fd;
}

bool compile_read(struct compile *compile)
{
	ssize_t len = read(compile->fd, compile->chunk, READ_LEN);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (len <= 0) {
		compile->done = len == 0;
		return false;
	}
	text_append(&compile->image, compile->chunk, (size_t)len);
	compile->is_too_long = compile->image.len > IMAGE_MAX;
	return !compile->is_too_long && !compile->image.failed;
}

/* Waits for the child's end; "" if it ended well, else what happened to it. */
static void reap(const struct compile *compile, char fate[64])
{
	int status = 0;

	fate[0] = '\0';
	if (!compile->done)
		(void)kill(compile->pid, SIGKILL);
	while (waitpid(compile->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (compile->is_too_long)
		(void)snprintf(fate, 64, "the policy is too large");
	else if (compile->image.failed)
		(void)snprintf(fate, 64, "no memory for its result");
	else if (!compile->done)
		(void)snprintf(fate, 64,
			       "it did not finish in time and was ended");
	else if (WIFSIGNALED(status))
		(void)snprintf(fate, 64, "killed by signal %d (%s)",
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		(void)snprintf(fate, 64, "it ended with status %d",
			       WEXITSTATUS(status));
}

struct policy *compile_finish(struct compile *compile,
			      struct diagnostics *diags)
{
	struct policy *policy = NULL;
	char fate[64];

	(void)close(compile->fd);
	reap(compile, fate);
	if (fate[0] == '\0' &&
	    !policy_image_read(compile->image.at, compile->image.len, &policy,
			       diags))
		(void)snprintf(fate, sizeof(fate), "its result is damaged");
	if (!policy && diags->errors == 0)
		diagnostics_add(diags, CODE_NO_PROCESS, compile->path, 0,
				"the process that reads the policy failed: %s",
				fate[0] ? fate : "no policy and no fault");
	text_fini(&compile->image);
	free(compile);
	return policy;
}

/* Whether something can be read before @limit has passed. */
static bool wait_readable(int fd, msec_t limit)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int r;

	do {
		r = poll(&poll_fd, 1, (int)limit);
	} while (r < 0 && errno == EINTR);
	return r > 0;
}

struct policy *compile_policy(const char *path, msec_t limit,
			      struct diagnostics *diags)
{
	struct compile *compile = compile_start(path);

	if (!compile) {
		diagnostics_add(diags, CODE_NO_PROCESS, path, 0,
				"cannot start a process to read it: %s",
				strerror(errno));
		return NULL;
	}
	while (wait_readable(compile->fd, limit) && compile_read(compile))
		;
	return compile_finish(compile, diags);
}

/* Before the daemon, which may have been given a better place. */
static void be_first_to_run_out_of_memory(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return;
	len = write(fd, "1000", 4);
	(void)len;
	(void)close(fd);
}

int compile_child(const char *path)
{
	struct diagnostics diags = { .date = time(NULL) };
	struct policy *policy;
	bool ok;

	/* Nobody waits for the result when the daemon is gone. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	be_first_to_run_out_of_memory();
	privilege_drop_all();
	/* It does without where there is none; what it says is checked. */
	(void)cage_enter(CAGE_READER);
	policy = policy_load(path, &diags);
	if (policy)
		(void)policy_tests_check(path, policy, &diags);
	if (diags.errors > 0) {
		policy_destroy(policy);
		policy = NULL;
	}
	ok = policy_image_write(policy, &diags, stdout) && fflush(stdout) == 0;
	policy_destroy(policy);
	diagnostics_fini(&diags);
	return ok ? 0 : 1;
}
