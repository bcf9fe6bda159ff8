/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries octets both ways at once, and tells checksums of both.
 *
 *	stream [-k] serve PORT OCTETS SECONDS
 *	stream [-k] fetch ADDRESS PORT OCTETS
 *
 * The client sends OCTETS and closes its direction.  The server sends all but
 * the last MiB of its OCTETS meanwhile, then waits for SECONDS in the
 * half-closed connection, and sends the rest.  Each prints one line:
 *
 *	sent OCTETS:CHECKSUM received OCTETS:CHECKSUM
 *
 * and the client a second one: "scale SEND RECEIVE" of its windows, which other
 * options there are, and the MSS that it advertised.  With -k the connection is
 * idle for some seconds before all that, and a keep-alive goes out each second.
 * "serve" returns once the port is open; its line comes when it is done.
 */
#include <err.h>
#include <inttypes.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"

enum { CHUNK = 1 << 16, REST = 1 << 20, IDLE = 3 /* seconds */ };

/* One direction of the connection, and the one buffer of its thread. */
struct flow {
	int fd;
	uint64_t random;
	uint64_t octets;
	uint64_t checksum;
	uint8_t *buffer; /* CHUNK octets */
};

static uint8_t out[CHUNK];
static uint8_t in[CHUNK];

/* xorshift (Marsaglia, 2003), eight octets at a time. */
static void fill(struct flow *flow)
{
	for (size_t i = 0; i < CHUNK; i += sizeof(flow->random)) {
		flow->random ^= flow->random << 13;
		flow->random ^= flow->random >> 7;
		flow->random ^= flow->random << 17;
		memcpy(flow->buffer + i, &flow->random, sizeof(flow->random));
	}
}

/* FNV-1a. */
static void count(struct flow *flow, size_t len)
{
	for (size_t i = 0; i < len; i++)
		flow->checksum =
			(flow->checksum ^ flow->buffer[i]) * 0x100000001b3U;
	flow->octets += len;
}

static struct flow flow_start(int fd, uint8_t *buffer, uint64_t seed)
{
	return (struct flow){
		.fd = fd,
		.random = seed,
		.checksum = 0xcbf29ce484222325U,
		.buffer = buffer,
	};
}

static void send_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			err(EXIT_FAILURE, "send");
		data += n;
		len -= (size_t)n;
	}
}

static void send_octets(struct flow *flow, uint64_t octets)
{
	while (octets > 0) {
		size_t len = octets < CHUNK ? (size_t)octets : CHUNK;

		fill(flow);
		send_all(flow->fd, flow->buffer, len);
		count(flow, len);
		octets -= len;
	}
}

/* A thread: receives until the other side closes. */
static void *receive_octets(void *arg)
{
	struct flow *flow = arg;
	ssize_t len;

	while ((len = read(flow->fd, flow->buffer, CHUNK)) > 0)
		count(flow, (size_t)len);
	if (len < 0)
		err(EXIT_FAILURE, "receive");
	return NULL;
}

static void start_receiving(pthread_t *thread, struct flow *flow)
{
	if (pthread_create(thread, NULL, receive_octets, flow) != 0)
		errx(EXIT_FAILURE, "no thread");
}

static void tell(const struct flow *sent, const struct flow *received)
{
	printf("sent %" PRIu64 ":%016" PRIx64 " received %" PRIu64
	       ":%016" PRIx64 "\n",
	       sent->octets, sent->checksum, received->octets,
	       received->checksum);
}

static void tell_options(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		err(EXIT_FAILURE, "TCP_INFO");
	if (info.tcpi_options & TCPI_OPT_WSCALE)
		printf("scale %u %u", info.tcpi_snd_wscale,
		       info.tcpi_rcv_wscale);
	else
		printf("scale none");
	printf("%s%s mss %u\n",
	       info.tcpi_options & TCPI_OPT_TIMESTAMPS ? " timestamps" : "",
	       info.tcpi_options & TCPI_OPT_SACK ? " sack" : "",
	       info.tcpi_advmss);
}

static void serve(int fd, uint64_t octets, unsigned int seconds)
{
	struct flow sent = flow_start(fd, out, 1);
	struct flow received = flow_start(fd, in, 0);
	uint64_t rest = octets < REST ? octets : REST;
	pthread_t thread;

	start_receiving(&thread, &received);
	send_octets(&sent, octets - rest);
	pthread_join(thread, NULL);
	/* Not to wait for something: a connection that is idle is the test. */
	sleep(seconds);
	send_octets(&sent, rest);
	tell(&sent, &received);
}

static void fetch(int fd, uint64_t octets)
{
	struct flow sent = flow_start(fd, out, 2);
	struct flow received = flow_start(fd, in, 0);
	pthread_t thread;

	start_receiving(&thread, &received);
	send_octets(&sent, octets);
	if (shutdown(fd, SHUT_WR) < 0)
		err(EXIT_FAILURE, "shutdown");
	pthread_join(thread, NULL);
	tell(&sent, &received);
	tell_options(fd);
}

static void keep_alive(int fd)
{
	const int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof(one)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof(one)) < 0)
		err(EXIT_FAILURE, "setsockopt");
	/* See serve(). */
	sleep(IDLE);
}

static int accept_one(const char *port)
{
	int listener = endpoint_bind(SOCK_STREAM, port);
	int fd;

	endpoint_background();
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(EXIT_FAILURE, "accept");
	(void)close(listener);
	return fd;
}

int main(int argc, char *argv[])
{
	bool alive = argc > 1 && strcmp(argv[1], "-k") == 0;
	bool serves;
	int fd;

	if (argc != 5 + alive)
		errx(EXIT_FAILURE,
		     "usage: stream [-k] serve PORT OCTETS SECONDS\n"
		     "       stream [-k] fetch ADDRESS PORT OCTETS");
	guard_namespace();
	(void)signal(SIGPIPE, SIG_IGN);
	argv += alive;
	serves = strcmp(argv[1], "serve") == 0;
	fd = serves ? accept_one(argv[2])
		    : endpoint_connect(SOCK_STREAM, argv[2], argv[3]);
	if (alive)
		keep_alive(fd);
	if (serves)
		serve(fd, number_parse(argv[3], UINT32_MAX),
		      number_parse(argv[4], 3600));
	else
		fetch(fd, number_parse(argv[4], UINT32_MAX));
	return EXIT_SUCCESS;
}
