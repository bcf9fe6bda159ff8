/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clients ADDRESS PORT TRANSFERS RATE SECONDS: many clients of an echo port at
 * once.  TRANSFERS connections send a block, wait until it is back, and so on;
 * RATE connections a second are opened, send some octets, and are closed; and
 * every millisecond a numbered question goes out in UDP.  At the end:
 *
 *	transfers N broken N visits N failed N questions N lost N silence N
 *
 * broken and failed are connections with an error, with other octets than were
 * sent, or without an answer in PATIENCE; silence is the longest time without
 * any answer to a question, in milliseconds.
 *
 * clients serve PORT answers them, in the background once the port is open.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum {
	BLOCK = 1024,
	PAUSE = 50,       /* ms between two blocks of a transfer */
	PATIENCE = 30000, /* ms */
	EVENTS = 128,
	CLIENTS_MAX = 60000,
};

/* A connection: a transfer, or a visit that ends with the first answer. */
struct client {
	int fd; /* -1: the place is free */
	bool visits;
	bool sent;       /* and the answer is awaited */
	uint32_t back;   /* octets of it */
	int64_t asked;   /* when it last began something */
	int64_t pending; /* when it is to go on */
};

struct crowd {
	struct endpoint to;
	int epoll;
	int questions;
	struct client clients[CLIENTS_MAX];
	uint32_t first_free; /* none before it */
	uint32_t end;        /* all are before it */
	uint32_t active;     /* visits */
	uint64_t broken;
	uint64_t visits;
	uint64_t failed;
	uint32_t asked;
	uint32_t answered;
	int64_t heard; /* the last answer in UDP */
	int64_t silence;
	unsigned char seen[1 << 20]; /* answers, by number */
};

static struct crowd crowd;
static char block[BLOCK];

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void watch(int epoll, int fd, uint32_t events, uint32_t number)
{
	struct epoll_event event = { .events = events, .data.u32 = number };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		err(EXIT_FAILURE, "epoll_ctl");
}

/* As many as there may be. */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Clients. */

static size_t wanted(const struct client *client)
{
	return client->visits ? 16 : BLOCK;
}

static void leave(struct client *client, bool well)
{
	uint32_t number = (uint32_t)(client - crowd.clients);

	(void)close(client->fd);
	client->fd = -1;
	if (number < crowd.first_free)
		crowd.first_free = number;
	if (client->visits)
		crowd.active--;
	if (!well && client->visits)
		crowd.failed++;
	else if (!well)
		crowd.broken++;
}

static void enter(bool visits)
{
	struct client *client;

	while (crowd.first_free < crowd.end &&
	       crowd.clients[crowd.first_free].fd >= 0)
		crowd.first_free++;
	if (crowd.first_free == CLIENTS_MAX)
		errx(EXIT_FAILURE, "too many clients");
	client = &crowd.clients[crowd.first_free];
	if (crowd.first_free == crowd.end)
		crowd.end++;
	*client = (struct client){ .visits = visits, .asked = now_ms() };
	client->fd = socket(crowd.to.addr.ss_family,
			    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		err(EXIT_FAILURE, "socket");
	crowd.visits += visits;
	crowd.active += visits;
	if (connect(client->fd, (struct sockaddr *)&crowd.to.addr,
		    crowd.to.len) < 0 &&
	    errno != EINPROGRESS)
		err(EXIT_FAILURE, "connect");
	watch(crowd.epoll, client->fd, EPOLLIN | EPOLLOUT | EPOLLET,
	      crowd.first_free);
}

static void ask(struct client *client)
{
	ssize_t len = (ssize_t)wanted(client);

	client->pending = 0;
	client->sent = true;
	client->back = 0;
	client->asked = now_ms();
	if (send(client->fd, block, (size_t)len, MSG_NOSIGNAL) != len)
		leave(client, false);
}

static void hear(struct client *client)
{
	char answer[BLOCK];
	ssize_t len;

	while ((len = recv(client->fd, answer, sizeof(answer), 0)) > 0) {
		if (client->back + (size_t)len > wanted(client) ||
		    memcmp(answer, block + client->back, (size_t)len) != 0) {
			leave(client, false);
			return;
		}
		client->back += (uint32_t)len;
	}
	if (len == 0 || errno != EAGAIN) {
		leave(client, false);
		return;
	}
	if (client->back < wanted(client))
		return;
	client->sent = false;
	client->pending = now_ms() + PAUSE;
	if (client->visits)
		leave(client, true);
}

static void serve_client(struct client *client, uint32_t events)
{
	if (client->fd < 0)
		return;
	if (events & (EPOLLERR | EPOLLHUP)) {
		leave(client, false);
		return;
	}
	if (!client->sent && !client->pending && events & EPOLLOUT)
		ask(client);
	else if (client->sent && events & EPOLLIN)
		hear(client);
}

/* Questions. */

static void send_question(void)
{
	uint32_t number = crowd.asked++ % sizeof(crowd.seen);

	crowd.seen[number] = 0;
	(void)send(crowd.questions, &number, sizeof(number), MSG_DONTWAIT);
}

static void hear_answers(void)
{
	int64_t now = now_ms();
	uint32_t number;

	while (recv(crowd.questions, &number, sizeof(number), MSG_DONTWAIT) ==
	       sizeof(number)) {
		if (number >= sizeof(crowd.seen) || crowd.seen[number]++)
			errx(EXIT_FAILURE, "question %u is answered twice",
			     number);
		crowd.answered++;
		if (now - crowd.heard > crowd.silence)
			crowd.silence = now - crowd.heard;
		crowd.heard = now;
	}
}

static void look_at_clients(int64_t now, bool goes_on)
{
	for (uint32_t i = 0; i < crowd.end; i++) {
		struct client *client = &crowd.clients[i];

		if (client->fd < 0)
			continue;
		if (client->pending && now >= client->pending && goes_on)
			ask(client);
		else if (!client->pending && now - client->asked > PATIENCE)
			leave(client, false);
	}
}

static void wait_for_events(void)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(crowd.epoll, events, EVENTS, 1);

	for (int i = 0; i < count; i++)
		serve_client(&crowd.clients[events[i].data.u32],
			     events[i].events);
	hear_answers();
}

/* Something is on its way that may still come. */
static bool awaits(void)
{
	for (uint32_t i = 0; i < crowd.end; i++)
		if (crowd.clients[i].fd >= 0 && !crowd.clients[i].pending)
			return true;
	return false;
}

static void run(uint32_t rate, int64_t length)
{
	int64_t start = now_ms();
	int64_t ticks = 0;
	uint64_t entered = 0;

	crowd.heard = start;
	while (ticks < length) {
		int64_t now = now_ms();

		for (; ticks < now - start; ticks++)
			send_question();
		for (; entered < rate * (uint64_t)ticks / 1000; entered++)
			enter(true);
		look_at_clients(now, true);
		wait_for_events();
	}
	for (int64_t end = now_ms() + 1000; now_ms() < end || awaits();) {
		look_at_clients(now_ms(), false);
		wait_for_events();
	}
}

/* The other side. */

static void answer_stream(int fd)
{
	char octets[BLOCK];
	ssize_t len = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

	if (len > 0)
		(void)send(fd, octets, (size_t)len, MSG_NOSIGNAL);
	else if (len == 0 || errno != EAGAIN)
		(void)close(fd);
}

static void answer_datagram(int fd)
{
	char octets[BLOCK];
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(fd, octets, sizeof(octets), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &from_len);

	if (len >= 0)
		(void)sendto(fd, octets, (size_t)len, 0,
			     (struct sockaddr *)&from, from_len);
}

static void serve(const char *port)
{
	int listener = endpoint_bind(SOCK_STREAM, port);
	int datagrams = endpoint_bind(SOCK_DGRAM, port);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[EVENTS];

	watch(epoll, listener, EPOLLIN, (uint32_t)listener);
	watch(epoll, datagrams, EPOLLIN, (uint32_t)datagrams);
	endpoint_background();
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = (int)events[i].data.u32;

			if (fd == datagrams)
				answer_datagram(fd);
			else if (fd != listener)
				answer_stream(fd);
			else if ((fd = accept(listener, NULL, NULL)) >= 0)
				watch(epoll, fd, EPOLLIN, (uint32_t)fd);
		}
	}
}

int main(int argc, char *argv[])
{
	uint32_t transfers;

	guard_namespace();
	(void)signal(SIGPIPE, SIG_IGN);
	allow_files();
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	if (argc != 6)
		errx(EXIT_FAILURE, "usage: clients ADDRESS PORT TRANSFERS RATE "
				   "SECONDS | clients serve PORT");
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 7);
	crowd.to = endpoint_parse(argv[1], argv[2]);
	crowd.questions = endpoint_connect(SOCK_DGRAM, argv[1], argv[2]);
	crowd.epoll = epoll_create1(EPOLL_CLOEXEC);
	transfers = number_parse(argv[3], CLIENTS_MAX / 2);
	for (uint32_t i = 0; i < transfers; i++)
		enter(false);
	run(number_parse(argv[4], 10000), number_parse(argv[5], 600) * 1000);
	printf("transfers %u broken %lu visits %lu failed %lu questions %u "
	       "lost %u silence %ld\n",
	       transfers, (unsigned long)crowd.broken,
	       (unsigned long)crowd.visits, (unsigned long)crowd.failed,
	       crowd.asked, crowd.asked - crowd.answered, (long)crowd.silence);
	return EXIT_SUCCESS;
}
