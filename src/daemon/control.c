/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread of the control sockets: an epoll loop with places for clients.
 *
 * When all places are taken, whoever has asked for nothing for GRACE makes room,
 * and until somebody has, newcomers wait in the kernel's queue.  So a thousand
 * that connect and say nothing hold up who comes after them for seconds only.
 */
#include "daemon/control.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/control_peer.h"
#include "daemon/control_rates.h"
#include "daemon/control_session.h"
#include "daemon/control_socket.h"
#include "daemon/log.h"

enum {
	SOCKET_COUNT = 2,
	PLACES = SOCKET_COUNT * CONTROL_CLIENTS_MAX,
	EVENTS_MAX = PLACES + SOCKET_COUNT + 2,
	TICK = 100,   /* ms: limits of time, and those who wait for news */
	GRACE = 100,  /* ms; see above */
	LOW_NICE = 5, /* packets go first */
	/* What an event is about, beside a place. */
	TAG_SOCKET = PLACES,
	TAG_CHANGES = TAG_SOCKET + SOCKET_COUNT,
	TAG_STOP,
};

static const struct {
	const char *name;
	const char *group;
	bool may_change;
} sockets[SOCKET_COUNT] = {
	{ "monitor.sock", "statewall", false },
	{ "control.sock", "statewall-admin", true },
};

struct control {
	struct control_socket sockets[SOCKET_COUNT];
	int stop_fd;
	pthread_t thread;
	bool is_running;
	/* The thread's. */
	int epoll_fd;
	struct session *sessions[PLACES]; /* those of a socket together */
	bool is_waiting[SOCKET_COUNT];    /* nobody is accepted meanwhile */
	uint64_t serial;
	struct control_context context;
	struct session_server server;
	struct control_rates rates;
	struct control_counts counts;
};

static int watch(struct control *control, int operation, int fd,
		 uint32_t events, uint32_t tag)
{
	struct epoll_event event = { .events = events, .data.u32 = tag };

	return epoll_ctl(control->epoll_fd, operation, fd, &event);
}

/* As with a directory of systemd's, its parent is there. */
static const char *choose_directory(const char *directory)
{
	const char *given = getenv("RUNTIME_DIRECTORY");

	if (directory)
		return directory;
	/* systemd separates several by colons. */
	if (given && given[0] == '/' && !strchr(given, ':'))
		return given;
	return "/run/statewall";
}

struct control *control_open(const char *directory)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control)
		return NULL;
	directory = choose_directory(directory);
	(void)mkdir(directory, 0755);
	control->epoll_fd = control->stop_fd = -1;
	for (size_t i = 0; i < SOCKET_COUNT; i++)
		(void)control_socket_open(&control->sockets[i], directory,
					  sockets[i].name, sockets[i].group);
	return control;
}

/* Clients. */

static void drop_session(struct control *control, size_t place)
{
	session_destroy(control->sessions[place]);
	control->sessions[place] = NULL;
}

/* Goes on with a client, and asks to be told when there is more to do. */
static void move_session(struct control *control, size_t place, msec_t now)
{
	struct session *session = control->sessions[place];
	uint32_t events = 0;

	if (!session_move(session, &control->server, now)) {
		drop_session(control, place);
		return;
	}
	if (session_wants_input(session))
		events |= EPOLLIN;
	if (session_wants_output(session))
		events |= EPOLLOUT;
	(void)watch(control, EPOLL_CTL_MOD, session_fd(session), events,
		    (uint32_t)place);
}

/* A place of that socket, perhaps that of who has nothing to ask. */
static size_t find_place(struct control *control, size_t socket, msec_t now)
{
	size_t first = socket * CONTROL_CLIENTS_MAX;
	size_t idlest = PLACES;
	msec_t since = now - GRACE;

	for (size_t i = first; i < first + CONTROL_CLIENTS_MAX; i++) {
		msec_t idle;

		if (!control->sessions[i])
			return i;
		if (!session_is_idle(control->sessions[i], &idle) ||
		    idle > since)
			continue;
		idlest = i;
		since = idle;
	}
	if (idlest < PLACES) {
		drop_session(control, idlest);
		atomic_fetch_add(&control->counts.refused, 1);
	}
	return idlest;
}

static void seat(struct control *control, size_t place, int fd, msec_t now)
{
	size_t socket = place / CONTROL_CLIENTS_MAX;
	const struct session_params params = {
		.fd = fd,
		.serial = ++control->serial,
		.may_change = sockets[socket].may_change,
		.now = now,
	};

	control->sessions[place] = session_create(&params);
	if (!control->sessions[place]) {
		(void)close(fd);
		return;
	}
	if (watch(control, EPOLL_CTL_ADD, fd, EPOLLIN, (uint32_t)place) < 0) {
		drop_session(control, place);
		return;
	}
	/* Who has asked already is served before others come. */
	move_session(control, place, now);
}

/* One; the others have their turn after those who are there. */
static void accept_client(struct control *control, size_t socket, msec_t now)
{
	size_t place = find_place(control, socket, now);
	int listener = control->sockets[socket].fd;
	int fd;

	if (place == PLACES) {
		control->is_waiting[socket] = true;
		(void)watch(control, EPOLL_CTL_MOD, listener, 0,
			    (uint32_t)(TAG_SOCKET + socket));
		return;
	}
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		seat(control, place, fd, now);
}

static void accept_again(struct control *control)
{
	for (size_t i = 0; i < SOCKET_COUNT; i++) {
		if (!control->is_waiting[i])
			continue;
		control->is_waiting[i] = false;
		(void)watch(control, EPOLL_CTL_MOD, control->sockets[i].fd,
			    EPOLLIN, (uint32_t)(TAG_SOCKET + i));
	}
}

/* The results of changes, to those who are still there. */
static void hand_out(struct control *control, msec_t now)
{
	struct change *change;

	while ((change = changes_collect(control->server.changes))) {
		for (size_t i = 0; i < PLACES; i++) {
			struct session *session = control->sessions[i];

			if (!session ||
			    session_serial(session) != change->client)
				continue;
			session_answer(session, change->reply, now);
			change->reply = NULL;
			move_session(control, i, now);
		}
		change_destroy(change);
	}
}

static void check_limits(struct control *control, msec_t now)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct session *session = control->sessions[i];

		if (!session)
			continue;
		if (session_is_overdue(session, now)) {
			if (!session_is_idle(session, NULL))
				atomic_fetch_add(&control->counts.slow, 1);
			drop_session(control, i);
		} else if (session_has_news(session)) {
			move_session(control, i, now);
		}
	}
}

/*
 * Who has hung up is not answered; but what it has asked before is done, as long
 * as there is something to read.
 */
static void handle_client(struct control *control, size_t place,
			  uint32_t events, msec_t now)
{
	struct session *session = control->sessions[place];

	if (!session)
		return;
	if ((events & (EPOLLHUP | EPOLLERR)) && session_is_busy(session))
		drop_session(control, place);
	else
		move_session(control, place, now);
}

static void handle(struct control *control, const struct epoll_event *event,
		   msec_t now)
{
	uint32_t tag = event->data.u32;

	if (tag < PLACES) {
		handle_client(control, tag, event->events, now);
	} else if (tag < TAG_CHANGES) {
		accept_client(control, tag - TAG_SOCKET, now);
	} else if (tag == TAG_CHANGES) {
		hand_out(control, now);
	}
}

static bool has_clients(const struct control *control)
{
	for (size_t i = 0; i < PLACES; i++)
		if (control->sessions[i])
			return true;
	return false;
}

static void *run(void *arg)
{
	struct control *control = arg;
	struct epoll_event events[EVENTS_MAX];
	msec_t ticked = 0;
	uint32_t tag = 0;

	/* Where that is not allowed it is not needed for anything else. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(),
			  getpriority(PRIO_PROCESS, 0) + LOW_NICE);
	while (tag != TAG_STOP) {
		int count = epoll_wait(control->epoll_fd, events, EVENTS_MAX,
				       has_clients(control) ? TICK : 10 * TICK);
		msec_t now = clock_now();

		for (int i = 0; i < count && tag != TAG_STOP; i++) {
			tag = events[i].data.u32;
			handle(control, &events[i], now);
		}
		if (now - ticked < TICK)
			continue;
		ticked = now;
		check_limits(control, now);
		accept_again(control);
		control_rates_look(&control->rates,
				   control->server.context->dataplane, now);
	}
	return NULL;
}

/* Starting and ending. */

static int watch_all(struct control *control)
{
	int r = watch(control, EPOLL_CTL_ADD, control->stop_fd, EPOLLIN,
		      TAG_STOP);

	if (r == 0)
		r = watch(control, EPOLL_CTL_ADD,
			  changes_fd(control->server.changes), EPOLLIN,
			  TAG_CHANGES);
	for (size_t i = 0; i < SOCKET_COUNT; i++)
		if (r == 0 && control->sockets[i].fd >= 0)
			r = watch(control, EPOLL_CTL_ADD,
				  control->sockets[i].fd, EPOLLIN,
				  (uint32_t)(TAG_SOCKET + i));
	return r;
}

/* Signals are the main thread's. */
static int start_thread(struct control *control)
{
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&control->thread, NULL, run, control);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

bool control_start(struct control *control,
		   const struct control_context *context,
		   struct changes *changes)
{
	control->context = *context;
	control->server = (struct session_server){
		.context = &control->context,
		.changes = changes,
		.rates = &control->rates,
		.counts = &control->counts,
	};
	control->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	control->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (control->epoll_fd < 0 || control->stop_fd < 0 ||
	    watch_all(control) < 0)
		return false;
	control->is_running = start_thread(control) == 0;
	return control->is_running;
}

static void stop_thread(struct control *control)
{
	const uint64_t one = 1;
	ssize_t len = write(control->stop_fd, &one, sizeof(one));

	(void)len;
	pthread_join(control->thread, NULL);
}

void control_close(struct control *control)
{
	if (!control)
		return;
	if (control->is_running)
		stop_thread(control);
	for (size_t i = 0; i < PLACES; i++)
		drop_session(control, i);
	for (size_t i = 0; i < SOCKET_COUNT; i++)
		control_socket_close(&control->sockets[i]);
	if (control->epoll_fd >= 0)
		(void)close(control->epoll_fd);
	if (control->stop_fd >= 0)
		(void)close(control->stop_fd);
	free(control);
}
