/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connects ADDRESS PORT COUNT: opens COUNT connections to an echo port, one
 * after the other, exchanges a few octets and closes them.  Ends with a message
 * and the status 1 at the first one that fails.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum { PATIENCE = 10 /* seconds, for retransmissions */ };

static void exchange(const char *address, const char *port)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	char sent[] = "a few octets";
	char received[sizeof(sent)];
	int fd = endpoint_connect(address, port);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) < 0)
		err(EXIT_FAILURE, "setsockopt");
	if (send(fd, sent, sizeof(sent), MSG_NOSIGNAL) < 0)
		err(EXIT_FAILURE, "send");
	if (recv(fd, received, sizeof(received), MSG_WAITALL) !=
	    (ssize_t)sizeof(received))
		err(EXIT_FAILURE, "receive");
	if (memcmp(sent, received, sizeof(sent)) != 0)
		errx(EXIT_FAILURE, "the answer is another one");
	(void)close(fd);
}

int main(int argc, char *argv[])
{
	if (argc != 4)
		errx(EXIT_FAILURE, "usage: connects ADDRESS PORT COUNT");
	guard_namespace();
	for (uint32_t i = number_parse(argv[3], UINT32_MAX); i > 0; i--)
		exchange(argv[1], argv[2]);
	return EXIT_SUCCESS;
}
