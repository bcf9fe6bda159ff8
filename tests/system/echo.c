/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * echo [-o] PORT: sends back what comes, by TCP and UDP, IPv4 and IPv6.
 * With -o it answers a connection once, and is the first to close it.
 *
 * Returns once the ports are open; the answering goes on in the background.
 */
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

static char buffer[1 << 16];

static void answer_datagram(int fd)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	ssize_t len = recvfrom(fd, buffer, sizeof(buffer), 0,
			       (struct sockaddr *)&from, &from_len);

	/* One that cannot be answered is the asker's to notice. */
	if (len >= 0)
		(void)sendto(fd, buffer, (size_t)len, 0,
			     (struct sockaddr *)&from, from_len);
}

static bool send_back(int fd, ssize_t len)
{
	for (ssize_t sent = 0; sent < len;) {
		ssize_t n = write(fd, buffer + sent, (size_t)(len - sent));

		if (n < 0)
			return false;
		sent += n;
	}
	return true;
}

static void answer_stream(int fd, bool once)
{
	ssize_t len;

	while ((len = read(fd, buffer, sizeof(buffer))) > 0)
		if (!send_back(fd, len) || once)
			return;
}

static void accept_stream(int listener, bool once)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	if (fork() == 0) {
		answer_stream(fd, once);
		_exit(EXIT_SUCCESS);
	}
	(void)close(fd);
}

int main(int argc, char *argv[])
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	bool once = argc > 1 && strcmp(argv[1], "-o") == 0;

	if (argc != 2 + once)
		errx(EXIT_FAILURE, "usage: echo [-o] PORT");
	argv += once;
	guard_namespace();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	fds[0].fd = endpoint_bind(SOCK_STREAM, argv[1]);
	fds[1].fd = endpoint_bind(SOCK_DGRAM, argv[1]);
	endpoint_background();
	for (;;) {
		(void)poll(fds, 2, -1);
		if (fds[0].revents & POLLIN)
			accept_stream(fds[0].fd, once);
		if (fds[1].revents & POLLIN)
			answer_datagram(fds[1].fd);
	}
}
