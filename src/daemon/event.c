/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * epoll with signalfd and timerfd.
 *
 * A handler may take descriptors out of the loop, its own among them: events
 * carry the descriptor, not a pointer, and one that is gone is passed over.
 */
#include "daemon/event.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { FDS_MAX = 8, SIGNALS_MAX = 8 };

struct source {
	int id;                 /* a descriptor or a signal */
	event_handler *handler; /* NULL: the place is free */
	void *arg;
};

struct event_loop {
	int epoll_fd;
	int signal_fd;
	int timer_fd;
	sigset_t signals;
	sigset_t signals_before;
	struct source by_fd[FDS_MAX];
	struct source by_signal[SIGNALS_MAX];
	struct source timer;
	bool stopped;
};

static struct source *find_source(struct source *list, size_t len, int id)
{
	for (size_t i = 0; i < len; i++)
		if (list[i].handler && list[i].id == id)
			return &list[i];
	return NULL;
}

static struct source *find_place(struct source *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!list[i].handler)
			return &list[i];
	return NULL;
}

static int watch(struct event_loop *loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno
									: 0;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

struct event_loop *event_loop_create(void)
{
	struct event_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	sigemptyset(&loop->signals);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &loop->signals_before);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->signal_fd =
		signalfd(-1, &loop->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	loop->timer_fd =
		timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->epoll_fd >= 0 && loop->signal_fd >= 0 &&
	    loop->timer_fd >= 0 && watch(loop, loop->signal_fd) == 0 &&
	    watch(loop, loop->timer_fd) == 0)
		return loop;
	event_loop_destroy(loop);
	return NULL;
}

/* Or the second SIGTERM of somebody impatient would end an orderly stop. */
static void forget_signals(int signal_fd)
{
	struct signalfd_siginfo info;

	while (read(signal_fd, &info, sizeof(info)) > 0)
		;
}

void event_loop_destroy(struct event_loop *loop)
{
	int error = errno;

	if (!loop)
		return;
	forget_signals(loop->signal_fd);
	close_fd(loop->epoll_fd);
	close_fd(loop->signal_fd);
	close_fd(loop->timer_fd);
	(void)pthread_sigmask(SIG_SETMASK, &loop->signals_before, NULL);
	free(loop);
	errno = error;
}

int event_add_fd(struct event_loop *loop, int fd, event_handler *handler,
		 void *arg)
{
	struct source *place = find_place(loop->by_fd, FDS_MAX);
	int r;

	if (!place)
		return -ENOSPC;
	r = watch(loop, fd);
	if (r == 0)
		*place = (struct source){ fd, handler, arg };
	return r;
}

void event_remove_fd(struct event_loop *loop, int fd)
{
	struct source *source = find_source(loop->by_fd, FDS_MAX, fd);

	if (!source)
		return;
	*source = (struct source){ 0 };
	(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

int event_add_signal(struct event_loop *loop, int signal,
		     event_handler *handler, void *arg)
{
	struct source *place = find_place(loop->by_signal, SIGNALS_MAX);

	if (!place)
		return -ENOSPC;
	sigaddset(&loop->signals, signal);
	if (signalfd(loop->signal_fd, &loop->signals, 0) < 0)
		return -errno;
	(void)pthread_sigmask(SIG_BLOCK, &loop->signals, NULL);
	*place = (struct source){ signal, handler, arg };
	return 0;
}

int event_set_timer(struct event_loop *loop, msec_t interval,
		    event_handler *handler, void *arg)
{
	const struct timespec step = {
		.tv_sec = (time_t)(interval / 1000),
		.tv_nsec = (long)(interval % 1000) * 1000000,
	};
	const struct itimerspec timer = { step, step };

	loop->timer = (struct source){ loop->timer_fd, handler, arg };
	return timerfd_settime(loop->timer_fd, 0, &timer, NULL) < 0 ? -errno
								    : 0;
}

static void handle_signals(struct event_loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		const struct source *source = find_source(
			loop->by_signal, SIGNALS_MAX, (int)info.ssi_signo);

		if (source)
			source->handler(source->arg);
	}
}

static void handle_timer(struct event_loop *loop)
{
	uint64_t expirations;

	if (read(loop->timer_fd, &expirations, sizeof(expirations)) > 0)
		loop->timer.handler(loop->timer.arg);
}

static void handle(struct event_loop *loop, int fd)
{
	const struct source *source;

	if (fd == loop->signal_fd) {
		handle_signals(loop);
	} else if (fd == loop->timer_fd) {
		handle_timer(loop);
	} else {
		source = find_source(loop->by_fd, FDS_MAX, fd);
		if (source)
			source->handler(source->arg);
	}
}

int event_loop_run(struct event_loop *loop)
{
	struct epoll_event events[FDS_MAX];

	while (!loop->stopped) {
		int count = epoll_wait(loop->epoll_fd, events, FDS_MAX, -1);

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count; i++)
			handle(loop, events[i].data.fd);
	}
	return 0;
}

void event_loop_stop(struct event_loop *loop)
{
	loop->stopped = true;
}
