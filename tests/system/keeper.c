/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper SOCKET COMMAND...: what systemd does for a service.  Starts COMMAND,
 * again and again whenever it ends, and keeps what it puts into the file
 * descriptor store (sd_notify(3)).
 *
 * Prints what it is told, a line a variable, and of its own
 *
 *	MAINPID=N    started
 *	SERVICE_US=N from its end to READY=1 of the next one, in microseconds
 *
 * SIGUSR1 restarts the command by SIGTERM; at SIGTERM it is stopped, and what
 * it has stored is closed.
 */
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit/store.h"

struct keeper {
	struct store store;
	char **command;
	pid_t pid;
	uint64_t ended; /* when the one before did; 0: it is served */
	bool stops;
	sigset_t before;
};

static uint64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000U + (uint64_t)now.tv_nsec / 1000;
}

static void start(struct keeper *keeper)
{
	keeper->pid = fork();
	if (keeper->pid < 0)
		err(EXIT_FAILURE, "fork");
	if (keeper->pid > 0) {
		printf("MAINPID=%d\n", (int)keeper->pid);
		return;
	}
	(void)sigprocmask(SIG_SETMASK, &keeper->before, NULL);
	store_pass_on(&keeper->store);
	(void)execvp(keeper->command[0], keeper->command);
	err(EXIT_FAILURE, "%s", keeper->command[0]);
}

static void hear(struct keeper *keeper)
{
	char message[STORE_MESSAGE_LEN];

	while (store_receive(&keeper->store, message)) {
		puts(message);
		if (!keeper->ended || !strstr(message, "READY=1"))
			continue;
		printf("SERVICE_US=%llu\n",
		       (unsigned long long)(now_us() - keeper->ended));
		keeper->ended = 0;
	}
}

/* What it said last counts. */
static void bury(struct keeper *keeper)
{
	if (waitpid(keeper->pid, NULL, WNOHANG) != keeper->pid)
		return;
	hear(keeper);
	keeper->ended = now_us();
	if (keeper->stops)
		exit(EXIT_SUCCESS);
	start(keeper);
}

static void obey(struct keeper *keeper, int signal_fd)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD) {
		bury(keeper);
		return;
	}
	keeper->stops = info.ssi_signo == SIGTERM;
	(void)kill(keeper->pid, SIGTERM);
}

static int catch_signals(struct keeper *keeper)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &signals, &keeper->before);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

int main(int argc, char *argv[])
{
	static struct keeper keeper;
	struct pollfd fds[2];

	if (argc < 3)
		errx(EXIT_FAILURE, "usage: keeper SOCKET COMMAND...");
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	/* The daemon that is to write there is another user. */
	if (!store_open(&keeper.store, argv[1]) ||
	    chmod(argv[1], S_IRWXU | S_IWOTH) < 0 ||
	    setenv("NOTIFY_SOCKET", argv[1], 1) < 0)
		err(EXIT_FAILURE, "%s", argv[1]);
	keeper.command = argv + 2;
	fds[0] = (struct pollfd){ .fd = catch_signals(&keeper),
				  .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = keeper.store.socket, .events = POLLIN };
	start(&keeper);
	while (poll(fds, 2, -1) > 0) {
		hear(&keeper);
		if (fds[0].revents)
			obey(&keeper, fds[0].fd);
	}
	err(EXIT_FAILURE, "poll");
}
