/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spray ADDRESS PORT MILLISECONDS [SOURCE...]: sends small datagrams as fast as
 * it can, from one socket for each SOURCE address in turn, and prints how many.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum { PAYLOAD = 18 /* 64 octets on Ethernet */, BURST = 32, SOURCES_MAX = 64 };

static int open_from(const char *source, const struct endpoint *to)
{
	int fd = socket(to->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct endpoint from;

	if (fd < 0)
		err(EXIT_FAILURE, "socket");
	if (source) {
		from = endpoint_parse(source, NULL);
		if (bind(fd, (struct sockaddr *)&from.addr, from.len) < 0)
			err(EXIT_FAILURE, "%s", source);
	}
	if (connect(fd, (const struct sockaddr *)&to->addr, to->len) < 0)
		err(EXIT_FAILURE, "connect");
	return fd;
}

static long long now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* What does not fit at the moment is not sent. */
static unsigned int send_burst(int fd)
{
	static char payload[PAYLOAD];
	struct iovec part = { payload, sizeof(payload) };
	struct mmsghdr burst[BURST];
	int n;

	for (int i = 0; i < BURST; i++)
		burst[i] = (struct mmsghdr){
			.msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 },
		};
	n = sendmmsg(fd, burst, BURST, 0);
	if (n < 0 && errno != ENOBUFS && errno != EAGAIN)
		err(EXIT_FAILURE, "send");
	return n < 0 ? 0 : (unsigned int)n;
}

int main(int argc, char *argv[])
{
	int fds[SOURCES_MAX];
	int count = argc > 4 ? argc - 4 : 1;
	unsigned long sent = 0;
	struct endpoint to;
	long long end;

	if (argc < 4 || count > SOURCES_MAX)
		errx(EXIT_FAILURE, "usage: spray ADDRESS PORT MILLISECONDS "
				   "[SOURCE...]");
	guard_namespace();
	to = endpoint_parse(argv[1], argv[2]);
	for (int i = 0; i < count; i++)
		fds[i] = open_from(argc > 4 ? argv[4 + i] : NULL, &to);
	end = now_ms() + number_parse(argv[3], 60000);
	for (int i = 0; now_ms() < end; i = (i + 1) % count)
		sent += send_burst(fds[i]);
	(void)printf("%lu\n", sent);
	return EXIT_SUCCESS;
}
