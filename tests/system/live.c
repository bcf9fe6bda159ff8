/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live ADDRESS PORT: a connection to an echo port that stays open and does
 * what the lines of standard input say:
 *
 *	echo    sends 1000 octets and waits for them to come back:
 *	        "alive" or "dead: why"
 *	where   "PORT SEQ ACK PMTU": the own port, the numbers that the next
 *	        segment will carry, and the path MTU
 *	close   closes the connection
 */
#include <err.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum { ECHO_LEN = 1000, PATIENCE = 10000 /* ms, for retransmissions */ };

/* Returns NULL or what went wrong. */
static const char *receive(int fd, uint8_t *data, size_t len)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };

	while (len > 0) {
		ssize_t n;

		if (poll(&pollfd, 1, PATIENCE) <= 0)
			return "no answer";
		n = recv(fd, data, len, 0);
		if (n < 0)
			return strerror(errno);
		if (n == 0)
			return "closed by the other side";
		data += n;
		len -= (size_t)n;
	}
	return NULL;
}

static void echo(int fd)
{
	static uint8_t turn;
	uint8_t sent[ECHO_LEN];
	uint8_t received[ECHO_LEN] = { 0 };
	const char *error;

	memset(sent, ++turn, sizeof(sent));
	if (send(fd, sent, sizeof(sent), MSG_NOSIGNAL) < 0)
		error = strerror(errno);
	else
		error = receive(fd, received, sizeof(received));
	if (!error && memcmp(sent, received, sizeof(sent)) != 0)
		error = "the answer is another one";
	if (error)
		printf("dead: %s\n", error);
	else
		puts("alive");
}

static void set_option(int fd, int option, int value)
{
	if (setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)) < 0)
		err(EXIT_FAILURE, "TCP option %d", option);
}

/* tcp_repair: the numbers of a socket, by the interface of CRIU. */
static uint32_t next_number(int fd, int queue)
{
	uint32_t number;
	socklen_t len = sizeof(number);

	set_option(fd, TCP_REPAIR_QUEUE, queue);
	if (getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, &number, &len) < 0)
		err(EXIT_FAILURE, "TCP_QUEUE_SEQ");
	return number;
}

/* The port stands at the same place in the addresses of both families. */
static unsigned int own_port(int fd)
{
	struct sockaddr_in6 addr = { 0 };
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		err(EXIT_FAILURE, "getsockname");
	return ntohs(addr.sin6_port);
}

static unsigned int path_mtu(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		err(EXIT_FAILURE, "TCP_INFO");
	return info.tcpi_pmtu;
}

static void where(int fd)
{
	uint32_t seq;
	uint32_t ack;

	set_option(fd, TCP_REPAIR, TCP_REPAIR_ON);
	seq = next_number(fd, TCP_SEND_QUEUE);
	ack = next_number(fd, TCP_RECV_QUEUE);
	set_option(fd, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP);
	printf("%u %u %u %u\n", own_port(fd), seq, ack, path_mtu(fd));
}

int main(int argc, char *argv[])
{
	char line[80];
	int fd;

	if (argc != 3)
		errx(EXIT_FAILURE, "usage: live ADDRESS PORT");
	guard_namespace();
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	fd = endpoint_connect(SOCK_STREAM, argv[1], argv[2]);
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "echo\n") == 0)
			echo(fd);
		else if (strcmp(line, "where\n") == 0)
			where(fd);
		else if (strcmp(line, "close\n") == 0)
			break;
		else
			errx(EXIT_FAILURE, "what is %s", line);
	}
	return EXIT_SUCCESS;
}
