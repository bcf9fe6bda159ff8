/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connects [-f | -w] ADDRESS PORT COUNT: opens COUNT connections to an echo port,
 * one after the other, exchanges a few octets and closes them.  Ends with a
 * message and the status 1 at the first one that fails.
 *
 * With -f the octets travel in the SYN, as soon as the server has given a
 * cookie for that (TCP Fast Open, RFC 7413).  With -w the server is waited for
 * to close first.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum {
	PATIENCE = 10,  /* seconds, for retransmissions */
	MOMENT = 10000, /* microseconds */
};

/* What is done in another way than usually. */
struct habits {
	bool fast;
	bool waits;
};

static int open_socket(const struct endpoint *to, bool fast)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	const int on = fast;
	int fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(EXIT_FAILURE, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)) <
		    0)
		err(EXIT_FAILURE, "setsockopt");
	return fd;
}

static void join(int fd, const struct endpoint *to)
{
	int left = PATIENCE * 1000000 / MOMENT;

	while (connect(fd, (const struct sockaddr *)&to->addr, to->len) < 0) {
		/* Each port is in TIME_WAIT; one may be reused in a moment. */
		if (errno != EADDRNOTAVAIL || left-- == 0)
			err(EXIT_FAILURE, "connect");
		(void)usleep(MOMENT);
	}
}

static void exchange(const struct endpoint *to, struct habits habits)
{
	char sent[] = "a few octets";
	char received[sizeof(sent)];
	int fd = open_socket(to, habits.fast);

	join(fd, to);
	if (send(fd, sent, sizeof(sent), MSG_NOSIGNAL) < 0)
		err(EXIT_FAILURE, "send");
	if (recv(fd, received, sizeof(received), MSG_WAITALL) !=
	    (ssize_t)sizeof(received))
		err(EXIT_FAILURE, "receive");
	if (memcmp(sent, received, sizeof(sent)) != 0)
		errx(EXIT_FAILURE, "the answer is another one");
	if (habits.waits && recv(fd, received, sizeof(received), 0) != 0)
		errx(EXIT_FAILURE, "the server does not close");
	(void)close(fd);
}

static bool takes(struct habits *habits, const char *option)
{
	habits->fast = strcmp(option, "-f") == 0;
	habits->waits = strcmp(option, "-w") == 0;
	return habits->fast || habits->waits;
}

int main(int argc, char *argv[])
{
	struct habits habits = { 0 };
	struct endpoint to;
	int options = argc > 1 && takes(&habits, argv[1]);

	if (argc != 4 + options)
		errx(EXIT_FAILURE,
		     "usage: connects [-f | -w] ADDRESS PORT COUNT");
	guard_namespace();
	argv += options;
	to = endpoint_parse(argv[1], argv[2]);
	for (uint32_t i = number_parse(argv[3], UINT32_MAX); i > 0; i--)
		exchange(&to, habits);
	return EXIT_SUCCESS;
}
