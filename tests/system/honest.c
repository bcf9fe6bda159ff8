/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * honest ADDRESS PORT TRANSFERS PAUSE SECONDS RATE SOURCE...: what honest
 * clients see of an echo port while somebody floods it.
 *
 * Opens TRANSFERS connections, each of which has an octet echoed every tenth of
 * a second until the end.  After PAUSE seconds, for SECONDS, it begins RATE
 * handshakes a second, from one SOURCE after the other, and gives each PATIENCE
 * seconds.  Prints one line:
 *
 *	handshakes DONE/TRIED p50 MS p99 MS max MS transfers ALIVE/ALL rounds N
 *
 * Those that are not done count as PATIENCE in the percentiles; N is how many
 * of a hundred rounds that the transfers should have made were made.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum {
	PATIENCE = 10000, /* ms */
	ROUND = 100,      /* ms */
	TRIES_MAX = 8000,
	TRANSFERS_MAX = 100,
};

struct
try {
	int64_t begun; /* ms */
	int64_t took;  /* ms; -1: not yet */
};

struct transfer {
	uint32_t sent;
	uint32_t received;
	bool dead;
};

static struct pollfd tries_fds[TRIES_MAX];
static struct try tries[TRIES_MAX];
static size_t tried;
static struct pollfd transfer_fds[TRANSFERS_MAX];
static struct transfer transfers[TRANSFERS_MAX];
static size_t transfer_count;

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

static void open_transfers(const char *address, const char *port, size_t count)
{
	for (; transfer_count < count; transfer_count++)
		transfer_fds[transfer_count] = (struct pollfd){
			.fd = endpoint_connect(SOCK_STREAM, address, port),
			.events = POLLIN,
		};
}

static void begin_try(const struct endpoint *to, const char *source)
{
	const struct endpoint from = endpoint_parse(source, NULL);
	int fd = socket(from.addr.ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (tried == TRIES_MAX)
		errx(EXIT_FAILURE, "too many handshakes");
	if (fd < 0 ||
	    bind(fd, (const struct sockaddr *)&from.addr, from.len) < 0)
		err(EXIT_FAILURE, "from %s", source);
	if (connect(fd, (const struct sockaddr *)&to->addr, to->len) < 0 &&
	    errno != EINPROGRESS)
		err(EXIT_FAILURE, "connect");
	tries_fds[tried] = (struct pollfd){ .fd = fd, .events = POLLOUT };
	tries[tried++] = (struct try){ .begun = now_ms(), .took = -1 };
}

/* Who is refused or unreachable has not done it. */
static void end_try(size_t i, bool done)
{
	tries[i].took = done ? now_ms() - tries[i].begun : PATIENCE;
	(void)close(tries_fds[i].fd);
	tries_fds[i].fd = -1;
}

static void watch_tries(void)
{
	int64_t now = now_ms();

	if (poll(tries_fds, tried, 0) < 0)
		err(EXIT_FAILURE, "poll");
	for (size_t i = 0; i < tried; i++) {
		if (tries[i].took >= 0)
			continue;
		if (tries_fds[i].revents)
			end_try(i, tries_fds[i].revents == POLLOUT);
		else if (now - tries[i].begun >= PATIENCE)
			end_try(i, false);
	}
}

static void send_round(void)
{
	for (size_t i = 0; i < transfer_count; i++) {
		struct transfer *transfer = &transfers[i];

		/* One that did not come back yet is waited for. */
		if (transfer->dead || transfer->sent > transfer->received)
			continue;
		if (send(transfer_fds[i].fd, "x", 1, MSG_NOSIGNAL) == 1)
			transfer->sent++;
		else
			transfer->dead = true;
	}
}

static void watch_transfers(void)
{
	if (poll(transfer_fds, transfer_count, 0) < 0)
		err(EXIT_FAILURE, "poll");
	for (size_t i = 0; i < transfer_count; i++) {
		char octet;

		if (transfers[i].dead || !transfer_fds[i].revents)
			continue;
		if (recv(transfer_fds[i].fd, &octet, 1, MSG_DONTWAIT) == 1)
			transfers[i].received++;
		else
			transfers[i].dead = true;
	}
}

static bool is_anything_open(void)
{
	for (size_t i = 0; i < tried; i++)
		if (tries[i].took < 0)
			return true;
	return false;
}

struct plan {
	struct endpoint to;
	int64_t pause; /* ms */
	int64_t length;
	int64_t interval; /* microseconds */
	char **sources;
	size_t source_count;
};

/* Returns how many rounds there were. */
static uint32_t run(const struct plan *plan)
{
	int64_t start = now_ms();
	int64_t end = start + plan->pause + plan->length;
	uint32_t rounds = 0;

	while (now_ms() < end || is_anything_open()) {
		int64_t now = now_ms() - start;

		if (now >= rounds * (int64_t)ROUND) {
			send_round();
			rounds++;
		}
		while (now >= plan->pause && now_ms() < end &&
		       (now - plan->pause) * 1000 >=
			       (int64_t)tried * plan->interval)
			begin_try(&plan->to,
				  plan->sources[tried % plan->source_count]);
		watch_tries();
		watch_transfers();
		(void)usleep(1000);
	}
	return rounds;
}

static int compare(const void *a, const void *b)
{
	const struct try *left = a;
	const struct try *right = b;

	return (left->took > right->took) - (left->took < right->took);
}

static void report(uint32_t rounds)
{
	size_t done = 0;
	size_t alive = 0;
	uint64_t made = 0;
	uint64_t expected = rounds * (uint64_t)transfer_count;

	for (size_t i = 0; i < tried; i++)
		done += tries[i].took < PATIENCE;
	for (size_t i = 0; i < transfer_count; i++) {
		alive += !transfers[i].dead;
		made += transfers[i].received;
	}
	if (tried == 0 || expected == 0)
		errx(EXIT_FAILURE, "nothing was to be done");
	qsort(tries, tried, sizeof(tries[0]), compare);
	printf("handshakes %zu/%zu p50 %" PRId64 " p99 %" PRId64 " max %" PRId64
	       " transfers %zu/%zu rounds %" PRIu64 "\n",
	       done, tried, tries[tried / 2].took, tries[tried * 99 / 100].took,
	       tries[tried - 1].took, alive, transfer_count,
	       made * 100 / expected);
}

int main(int argc, char *argv[])
{
	struct plan plan;
	uint32_t rate;

	if (argc < 8)
		errx(EXIT_FAILURE, "usage: honest ADDRESS PORT TRANSFERS PAUSE "
				   "SECONDS RATE SOURCE...");
	guard_namespace();
	rate = number_parse(argv[6], 1000);
	if (rate == 0)
		errx(EXIT_FAILURE, "a RATE of 0 is none");
	plan = (struct plan){
		.to = endpoint_parse(argv[1], argv[2]),
		.pause = number_parse(argv[4], 60) * (int64_t)1000,
		.length = number_parse(argv[5], 60) * (int64_t)1000,
		.interval = 1000000 / rate,
		.sources = argv + 7,
		.source_count = (size_t)argc - 7,
	};
	open_transfers(argv[1], argv[2], number_parse(argv[3], TRANSFERS_MAX));
	report(run(&plan));
	return EXIT_SUCCESS;
}
