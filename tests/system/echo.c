/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * echo PORT: sends back what comes, by TCP and UDP, IPv4 and IPv6.
 *
 * Returns once the ports are open; the answering goes on in the background.
 */
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
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

static void answer_stream(int fd)
{
	ssize_t len;

	while ((len = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t sent = 0; sent < len;) {
			ssize_t n =
				write(fd, buffer + sent, (size_t)(len - sent));

			if (n < 0)
				return;
			sent += n;
		}
}

static void accept_stream(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return;
	if (fork() == 0) {
		answer_stream(fd);
		_exit(EXIT_SUCCESS);
	}
	(void)close(fd);
}

int main(int argc, char *argv[])
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };

	if (argc != 2)
		errx(EXIT_FAILURE, "usage: echo PORT");
	guard_namespace();
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_IGN);
	fds[0].fd = endpoint_bind(SOCK_STREAM, argv[1]);
	fds[1].fd = endpoint_bind(SOCK_DGRAM, argv[1]);
	endpoint_background();
	for (;;) {
		(void)poll(fds, 2, -1);
		if (fds[0].revents & POLLIN)
			accept_stream(fds[0].fd);
		if (fds[1].revents & POLLIN)
			answer_datagram(fds[1].fd);
	}
}
