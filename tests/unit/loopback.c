/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets of loopback.
 */
#include "unit/loopback.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockaddr_in loopback_addr(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

int loopback_open(uint16_t port)
{
	struct sockaddr_in addr = loopback_addr(port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

void loopback_send(uint16_t from, uint16_t to, int octet)
{
	struct sockaddr_in addr = loopback_addr(to);
	int fd = loopback_open(from);
	uint8_t data = (uint8_t)octet;

	ck_assert_int_eq(sendto(fd, &data, 1, 0, (struct sockaddr *)&addr,
				sizeof(addr)),
			 1);
	(void)close(fd);
}

int loopback_receive(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	uint8_t data;

	if (poll(&poll_fd, 1, LOOPBACK_PATIENCE) != 1)
		return -1;
	ck_assert_int_eq(recv(fd, &data, 1, 0), 1);
	return data;
}
