/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe tcp|udp|ping ADDRESS PORT [LEN]: does anybody answer?
 *
 * Opens a connection, or sends LEN octets to an echo port or as a ping (PORT
 * is then its identifier), and waits for a second.  Prints and exits with:
 *
 *	answered 0    refused 2 (RST, ICMP error)    silent 3
 *
 * Every packet starts with hop limit 77, by which it is known again where it
 * arrives.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum { HOP_LIMIT = 77, PATIENCE = 1000 /* ms */, LEN_MAX = 60000 };

enum { PING_LEN = 8 /* header of an echo request */ };

enum outcome { ANSWERED = 0, REFUSED = 2, SILENT = 3 };

struct probe {
	const char *address;
	const char *port;
	size_t len;
};

static int64_t now_ms(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void mark(int fd, int family)
{
	const int hops = HOP_LIMIT;
	int r = family == AF_INET
			? setsockopt(fd, IPPROTO_IP, IP_TTL, &hops,
				     sizeof(hops))
			: setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops,
				     sizeof(hops));

	if (r < 0)
		err(EXIT_FAILURE, "hop limit");
}

static int open_marked(const struct endpoint *to, int type, int protocol)
{
	int fd = socket(to->addr.ss_family, type, protocol);

	if (fd < 0)
		err(EXIT_FAILURE, "socket");
	mark(fd, to->addr.ss_family);
	return fd;
}

/* Is there something to read before @deadline? */
static bool await(int fd, short events, int64_t deadline)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int64_t left = deadline - now_ms();

	return left > 0 && poll(&pollfd, 1, (int)left) > 0;
}

static enum outcome probe_tcp(const struct probe *probe)
{
	struct endpoint to = endpoint_parse(probe->address, probe->port);
	int fd = open_marked(&to, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int error = 0;
	socklen_t len = sizeof(error);

	if (connect(fd, (struct sockaddr *)&to.addr, to.len) < 0 &&
	    errno != EINPROGRESS)
		err(EXIT_FAILURE, "connect");
	if (!await(fd, POLLOUT, now_ms() + PATIENCE))
		return SILENT;
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error ? REFUSED : ANSWERED;
}

/* Different octets, so that pieces in the wrong order would be seen. */
static void fill(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i ^ i >> 8);
}

static enum outcome probe_udp(const struct probe *probe)
{
	static uint8_t sent[LEN_MAX];
	static uint8_t received[LEN_MAX];
	struct endpoint to = endpoint_parse(probe->address, probe->port);
	int fd = open_marked(&to, SOCK_DGRAM, 0);
	ssize_t len;

	fill(sent, probe->len);
	if (connect(fd, (struct sockaddr *)&to.addr, to.len) < 0 ||
	    send(fd, sent, probe->len, 0) < 0)
		err(EXIT_FAILURE, "send to %s", probe->address);
	if (!await(fd, POLLIN, now_ms() + PATIENCE))
		return SILENT;
	len = recv(fd, received, sizeof(received), 0);
	if (len < 0)
		return REFUSED;
	if ((size_t)len != probe->len ||
	    memcmp(sent, received, probe->len) != 0)
		errx(EXIT_FAILURE, "the answer is another one");
	return ANSWERED;
}

/* RFC 1071.  The kernel writes that of ICMPv6 itself. */
static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void build_request(uint8_t *request, size_t len, int family, uint16_t id)
{
	uint16_t sum;

	fill(request, len);
	memset(request, 0, PING_LEN);
	request[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	request[4] = (uint8_t)(id >> 8);
	request[5] = (uint8_t)id;
	sum = checksum(request, len);
	memcpy(request + 2, &sum, sizeof(sum));
}

/* A raw IPv4 socket shows the IP header, one of IPv6 does not. */
static bool is_reply(const uint8_t *packet, size_t len, int family, uint16_t id)
{
	size_t skip = family == AF_INET && len ? (packet[0] & 0x0fU) * 4 : 0;
	uint8_t type = family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;

	return len >= skip + PING_LEN && packet[skip] == type &&
	       packet[skip + 4] == id >> 8 && packet[skip + 5] == (id & 0xff);
}

static enum outcome probe_ping(const struct probe *probe)
{
	static uint8_t packet[LEN_MAX];
	uint16_t id = (uint16_t)number_parse(probe->port, UINT16_MAX);
	struct endpoint to = endpoint_parse(probe->address, NULL);
	int family = to.addr.ss_family;
	int fd = open_marked(&to, SOCK_RAW,
			     family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	int64_t deadline = now_ms() + PATIENCE;

	build_request(packet, probe->len + PING_LEN, family, id);
	if (sendto(fd, packet, probe->len + PING_LEN, 0,
		   (struct sockaddr *)&to.addr, to.len) < 0)
		err(EXIT_FAILURE, "send to %s", probe->address);
	while (await(fd, POLLIN, deadline)) {
		ssize_t len = recv(fd, packet, sizeof(packet), 0);

		if (len > 0 && is_reply(packet, (size_t)len, family, id))
			return ANSWERED;
	}
	return SILENT;
}

static enum outcome run(const char *protocol, const struct probe *probe)
{
	if (strcmp(protocol, "tcp") == 0)
		return probe_tcp(probe);
	if (strcmp(protocol, "udp") == 0)
		return probe_udp(probe);
	if (strcmp(protocol, "ping") == 0)
		return probe_ping(probe);
	errx(EXIT_FAILURE, "\"%s\" is none of tcp, udp, ping", protocol);
}

int main(int argc, char *argv[])
{
	static const char *const words[] = {
		[ANSWERED] = "answered",
		[REFUSED] = "refused",
		[SILENT] = "silent",
	};
	struct probe probe = { .len = 32 };
	enum outcome outcome;

	if (argc != 4 && argc != 5)
		errx(EXIT_FAILURE,
		     "usage: probe tcp|udp|ping ADDRESS PORT [LEN]");
	guard_namespace();
	probe.address = argv[2];
	probe.port = argv[3];
	if (argc == 5)
		probe.len = number_parse(argv[4], LEN_MAX - PING_LEN);
	outcome = run(argv[1], &probe);
	puts(words[outcome]);
	return (int)outcome;
}
