/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients of a socket that do not behave: connects COUNT times at once to PATH,
 * sends TEXT each time, never reads, and stays until it is killed.
 *
 *	crowd PATH COUNT TEXT
 *
 * Prints "here" when all have tried.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void connect_once(const struct sockaddr_un *addr, const char *text)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0) {
		fprintf(stderr, "crowd: %s\n", strerror(errno));
		exit(EXIT_FAILURE);
	}
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

int main(int argc, char *argv[])
{
	const struct rlimit files = { 4096, 4096 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	long count;

	if (argc != 4) {
		fprintf(stderr, "usage: crowd PATH COUNT TEXT\n");
		return EXIT_FAILURE;
	}
	(void)setrlimit(RLIMIT_NOFILE, &files);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", argv[1]);
	count = strtol(argv[2], NULL, 10);
	for (long i = 0; i < count; i++)
		connect_once(&addr, argv[3]);
	puts("here");
	(void)fflush(stdout);
	(void)pause();
	return EXIT_SUCCESS;
}
