/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays both ends of a TCP connection, segment by segment.
 *
 *	play CLIENT_NETNS ADDRESS PORT SERVER_NETNS ADDRESS PORT MOMENT...
 *
 * A moment is a segment of the client, "SA>" with letters of "FSRPAU" and,
 * perhaps, a number of octets, or of the server, "<SA"; or several with commas
 * between, which are sent before any of them arrives.  The numbers follow by
 * themselves.  So the simultaneous close is
 *
 *	'S>' '<SA' 'A>' 'FA>,<FA' 'A>,<A'
 *
 * Every segment must arrive, unchanged, or the program ends with a message and
 * the status 1.  The addresses belong to no machine, so that no kernel answers
 * in our place.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"
#include "system/lib/raw.h"

enum {
	PATIENCE = 5000 /* ms */,
	WINDOW = 30000,
	TOGETHER_MAX = 2 /* segments in a moment */,
	TRANSPORT_MAX = 1400,
};

enum flag { FIN = 1, SYN = 2, ACK = 16 };

struct end {
	const char *address;
	uint16_t port;
	uint32_t next;     /* to send */
	uint32_t expected; /* to receive */
	int raw;
	int tap; /* sees what arrives */
};

struct shot {
	const char *text;
	struct end *from;
	struct end *to;
	struct build packet;
};

static uint32_t number_length(const struct shot *shot)
{
	const struct build *b = &shot->packet;

	return (uint32_t)b->payload_len + !!(b->tcp.flags & SYN) +
	       !!(b->tcp.flags & FIN);
}

static struct end open_end(char *args[], uint32_t first)
{
	struct end end = {
		.address = args[1],
		.port = (uint16_t)number_parse(args[2], UINT16_MAX),
		.next = first,
	};
	uint8_t version = raw_version(args[1]);

	guard_enter(args[0]);
	end.raw = raw_open(version);
	end.tap = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC,
			 htons(version == 4 ? ETH_P_IP : ETH_P_IPV6));
	if (end.tap < 0)
		err(EXIT_FAILURE, "packet socket");
	return end;
}

/* Reads letters and a number; returns where they end. */
static const char *parse_segment(struct shot *shot, const char *text)
{
	static const char letters[] = "FSRPAU";
	const char *letter;

	for (; *text && (letter = strchr(letters, *text)); text++)
		shot->packet.tcp.flags |= (uint8_t)(1U << (letter - letters));
	for (; *text >= '0' && *text <= '9'; text++)
		shot->packet.payload_len =
			shot->packet.payload_len * 10 + (size_t)(*text - '0');
	if (shot->packet.payload_len > TRANSPORT_MAX)
		errx(EXIT_FAILURE, "%s: at most %d octets", shot->text,
		     TRANSPORT_MAX);
	return text;
}

static void address_shot(struct shot *shot)
{
	shot->packet.ip.version = raw_version(shot->from->address);
	shot->packet.ip.src = shot->from->address;
	shot->packet.ip.dst = shot->to->address;
	shot->packet.ip.ipproto = IPPROTO_TCP;
	shot->packet.sport = shot->from->port;
	shot->packet.dport = shot->to->port;
	shot->packet.tcp.seq = shot->from->next;
	shot->packet.tcp.window = WINDOW;
	if (shot->packet.tcp.flags & ACK)
		shot->packet.tcp.ack = shot->from->expected;
	shot->from->next += number_length(shot);
}

static struct shot parse_shot(const char *text, struct end *client,
			      struct end *server)
{
	struct shot shot = { .text = text, .from = client, .to = server };
	const char *end;

	if (*text == '<') {
		shot.from = server;
		shot.to = client;
		end = parse_segment(&shot, text + 1);
	} else {
		end = parse_segment(&shot, text);
		if (*end++ != '>')
			errx(EXIT_FAILURE, "%s: write \"FA>\" or \"<FA\"",
			     text);
	}
	if (*end != '\0')
		errx(EXIT_FAILURE, "%s: write \"FA>\" or \"<FA\"", text);
	address_shot(&shot);
	return shot;
}

/* All but what a router changes. */
static bool is_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t addresses = (*a >> 4) == 4 ? 12 : 8;

	return memcmp(a + addresses, b + addresses, len - addresses) == 0;
}

static void expect_arrival(const struct shot *shot)
{
	struct pollfd pollfd = { .fd = shot->to->tap, .events = POLLIN };
	static uint8_t sent[RAW_PACKET_MAX];
	static uint8_t seen[RAW_PACKET_MAX];
	size_t len = build_packet(&shot->packet, sent, sizeof(sent));

	for (;;) {
		ssize_t n;

		if (poll(&pollfd, 1, PATIENCE) <= 0)
			errx(EXIT_FAILURE, "%s did not arrive", shot->text);
		n = recv(shot->to->tap, seen, sizeof(seen), MSG_TRUNC);
		if (n < 0)
			err(EXIT_FAILURE, "receive");
		if ((size_t)n == len && is_same(sent, seen, len))
			break;
	}
	if (shot->packet.tcp.flags & SYN ||
	    shot->packet.tcp.seq == shot->to->expected)
		shot->to->expected = shot->packet.tcp.seq + number_length(shot);
}

static void play_moment(char *moment, struct end *client, struct end *server)
{
	struct shot shots[TOGETHER_MAX];
	size_t count = 0;
	char *rest;

	for (char *text = strtok_r(moment, ",", &rest); text;
	     text = strtok_r(NULL, ",", &rest)) {
		if (count == TOGETHER_MAX)
			errx(EXIT_FAILURE, "at most %d segments at a time",
			     TOGETHER_MAX);
		shots[count++] = parse_shot(text, client, server);
	}
	for (size_t i = 0; i < count; i++)
		raw_send(shots[i].from->raw, &shots[i].packet);
	for (size_t i = 0; i < count; i++)
		expect_arrival(&shots[i]);
}

int main(int argc, char *argv[])
{
	struct end client;
	struct end server;

	if (argc < 8)
		errx(EXIT_FAILURE, "usage: play CLIENT_NETNS ADDRESS PORT "
				   "SERVER_NETNS ADDRESS PORT MOMENT...");
	client = open_end(argv + 1, 1000000);
	server = open_end(argv + 4, 4294967290);
	for (int i = 7; i < argc; i++)
		play_moment(argv[i], &client, &server);
	return EXIT_SUCCESS;
}
