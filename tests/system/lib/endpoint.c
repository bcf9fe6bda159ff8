/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numeric addresses only: nothing is ever resolved.
 */
#include "system/lib/endpoint.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

uint32_t number_parse(const char *text, uint32_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end != '\0' || value > max)
		errx(EXIT_FAILURE, "\"%s\" is not a number from 0 to %u", text,
		     max);
	return (uint32_t)value;
}

struct endpoint endpoint_parse(const char *address, const char *port)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct endpoint endpoint = { 0 };
	struct addrinfo *list;
	int error = getaddrinfo(address, port, &hints, &list);

	if (error)
		errx(EXIT_FAILURE, "%s, port %s: %s", address,
		     port ? port : "none", gai_strerror(error));
	memcpy(&endpoint.addr, list->ai_addr, list->ai_addrlen);
	endpoint.len = list->ai_addrlen;
	freeaddrinfo(list);
	return endpoint;
}

int endpoint_bind(int type, const char *port)
{
	struct endpoint all = endpoint_parse("::", port);
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0);
	int no = 0;
	int yes = 1;

	if (fd < 0)
		err(EXIT_FAILURE, "socket");
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		err(EXIT_FAILURE, "setsockopt");
	if (bind(fd, (struct sockaddr *)&all.addr, all.len) < 0)
		err(EXIT_FAILURE, "bind to port %s", port);
	if (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)
		err(EXIT_FAILURE, "listen");
	return fd;
}

int endpoint_connect(int type, const char *address, const char *port)
{
	struct endpoint to = endpoint_parse(address, port);
	int fd = socket(to.addr.ss_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(EXIT_FAILURE, "socket");
	if (connect(fd, (struct sockaddr *)&to.addr, to.len) < 0)
		err(EXIT_FAILURE, "connect to %s port %s", address, port);
	return fd;
}

void endpoint_background(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		_exit(EXIT_SUCCESS);
}
