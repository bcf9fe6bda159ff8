/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files in memory stand for the three streams: nobody waits for anybody.
 */
#include "tool/program.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STREAMS = 3 };

static void close_streams(const int fds[STREAMS])
{
	for (int i = 0; i < STREAMS; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

/* 0, or -errno. */
static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* NULL: no memory, or it cannot be read. */
static char *read_all(int fd)
{
	struct stat st;
	size_t len = 0;
	char *text;

	if (fstat(fd, &st) < 0)
		return NULL;
	text = calloc(1, (size_t)st.st_size + 1);
	while (text && len < (size_t)st.st_size) {
		ssize_t n = pread(fd, text + len, (size_t)st.st_size - len,
				  (off_t)len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return text;
}

static int start(const char *const argv[], const int fds[STREAMS], pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	for (int i = 0; i < STREAMS && r == 0; i++)
		r = posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	/* It takes its words as they are, only its type does not say so. */
	if (r == 0)
		r = posix_spawnp(pid, argv[0], &actions, NULL,
				 (char *const *)(const void *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int program_run(const char *const argv[], const char *input,
		struct program_result *result)
{
	int fds[STREAMS];
	pid_t pid = -1;
	int r = 0;

	*result = (struct program_result){ 0 };
	for (int i = 0; i < STREAMS; i++) {
		fds[i] = memfd_create("stream", MFD_CLOEXEC);
		if (fds[i] < 0)
			r = -errno;
	}
	if (r == 0)
		r = write_all(fds[STDIN_FILENO], input);
	if (r == 0)
		r = start(argv, fds, &pid);
	if (r == 0)
		r = wait_for(pid);
	if (r >= 0) {
		result->status = r;
		result->output = read_all(fds[STDOUT_FILENO]);
		result->errors = read_all(fds[STDERR_FILENO]);
		r = result->output && result->errors ? 0 : -ENOMEM;
	}
	close_streams(fds);
	if (r < 0)
		program_result_fini(result);
	return r;
}

void program_result_fini(struct program_result *result)
{
	free(result->output);
	free(result->errors);
	*result = (struct program_result){ 0 };
}
