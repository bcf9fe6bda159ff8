/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw sockets whose user writes the IP header: raw(7), ipv6(7).
 */
#include "system/lib/raw.h"

#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "system/lib/endpoint.h"

uint8_t raw_version(const char *address)
{
	struct endpoint endpoint = endpoint_parse(address, NULL);

	return endpoint.addr.ss_family == AF_INET ? 4 : 6;
}

int raw_open(uint8_t version)
{
	int fd = socket(version == 4 ? AF_INET : AF_INET6,
			SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		err(EXIT_FAILURE, "raw socket");
	return fd;
}

void raw_send(int fd, const struct build *b)
{
	struct endpoint to = endpoint_parse(b->ip.dst, NULL);
	uint8_t packet[RAW_PACKET_MAX];
	size_t len = build_packet(b, packet, sizeof(packet));

	if (sendto(fd, packet, len, 0, (struct sockaddr *)&to.addr, to.len) < 0)
		err(EXIT_FAILURE, "send to %s", b->ip.dst);
}
