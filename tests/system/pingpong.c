/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pingpong ADDRESS PORT COUNT: sends a datagram to an echo port and waits for it
 * to come back, COUNT times, and prints the median and the 99th percentile of
 * the round trip, in nanoseconds, and how many did not come back.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum { COUNT_MAX = 1000000, PATIENCE = 5 /* s */ };

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* 0: it did not come back. */
static uint64_t round_trip(int fd, uint32_t number)
{
	uint64_t start = now_ns();
	uint32_t echo = 0;

	if (send(fd, &number, sizeof(number), 0) < 0)
		err(EXIT_FAILURE, "send");
	do {
		if (recv(fd, &echo, sizeof(echo), 0) < 0)
			return 0;
	} while (echo != number);
	return now_ns() - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char *argv[])
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	static uint64_t times[COUNT_MAX];
	size_t came = 0;
	uint32_t count;
	int fd;

	if (argc != 4)
		errx(EXIT_FAILURE, "usage: pingpong ADDRESS PORT COUNT");
	guard_namespace();
	count = number_parse(argv[3], COUNT_MAX);
	fd = endpoint_connect(SOCK_DGRAM, argv[1], argv[2]);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) < 0)
		err(EXIT_FAILURE, "setsockopt");
	for (uint32_t i = 0; i < count; i++) {
		uint64_t time = round_trip(fd, i);

		if (time > 0)
			times[came++] = time;
	}
	if (came == 0)
		errx(EXIT_FAILURE, "nothing came back");
	qsort(times, came, sizeof(times[0]), compare);
	(void)printf("%lu %lu %lu\n", (unsigned long)times[came / 2],
		     (unsigned long)times[came * 99 / 100],
		     (unsigned long)(count - came));
	return EXIT_SUCCESS;
}
