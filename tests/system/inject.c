/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends one forged packet.
 *
 *	inject tcp SRC SPORT DST DPORT FLAGS SEQ ACK LEN
 *	inject mtu ROUTER SRC SPORT DST DPORT SEQ MTU
 *
 * FLAGS are letters of "FSRPAU", or "-".  mtu is what ROUTER would say of a
 * segment from SRC to DST that is longer than MTU.
 *
 * Every packet starts with hop limit 77, by which it is known again where it
 * arrives.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "system/lib/endpoint.h"
#include "system/lib/guard.h"
#include "system/lib/raw.h"

enum { HOP_LIMIT = 77, WINDOW = 1000 };

enum icmp_numbers {
	V4_UNREACHABLE = 3,
	V4_FRAGMENTATION_NEEDED = 4,
	V6_TOO_BIG = 2,
};

static uint8_t parse_flags(const char *text)
{
	static const char letters[] = "FSRPAU";
	uint8_t flags = 0;

	if (strcmp(text, "-") == 0)
		return 0;
	for (; *text; text++) {
		const char *letter = strchr(letters, *text);

		if (!letter)
			errx(EXIT_FAILURE, "'%c' is none of the flags %s",
			     *text, letters);
		flags |= (uint8_t)(1U << (letter - letters));
	}
	return flags;
}

/* @args: SRC SPORT DST DPORT SEQ */
static struct build segment(char *args[])
{
	struct build b = {
		.ip = {
			.version = raw_version(args[0]),
			.src = args[0],
			.dst = args[2],
			.ipproto = IPPROTO_TCP,
			.hop_limit = HOP_LIMIT,
		},
		.sport = (uint16_t)number_parse(args[1], UINT16_MAX),
		.dport = (uint16_t)number_parse(args[3], UINT16_MAX),
		.tcp = {
			.seq = number_parse(args[4], UINT32_MAX),
			.window = WINDOW,
		},
	};

	if (raw_version(b.ip.dst) != b.ip.version)
		errx(EXIT_FAILURE, "%s and %s are of two families", b.ip.src,
		     b.ip.dst);
	return b;
}

/* @args: SRC SPORT DST DPORT FLAGS SEQ ACK LEN */
static void send_tcp(char *args[])
{
	char *without_flags[] = { args[0], args[1], args[2], args[3], args[5] };
	struct build b = segment(without_flags);

	b.tcp.flags = parse_flags(args[4]);
	b.tcp.ack = number_parse(args[6], UINT32_MAX);
	b.payload_len = number_parse(args[7], RAW_PACKET_MAX - 60);
	raw_send(raw_open(b.ip.version), &b);
}

/* @args: ROUTER SRC SPORT DST DPORT SEQ MTU */
static void send_mtu(char *args[])
{
	struct build quoted = segment(args + 1);
	bool is_v4 = quoted.ip.version == 4;
	uint8_t quote[RAW_PACKET_MAX];
	struct build b = {
		.ip = {
			.version = quoted.ip.version,
			.src = args[0],
			.dst = quoted.ip.src,
			.ipproto = is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
			.hop_limit = HOP_LIMIT,
		},
		.icmp = {
			.type = is_v4 ? V4_UNREACHABLE : V6_TOO_BIG,
			.code = is_v4 ? V4_FRAGMENTATION_NEEDED : 0,
			.rest = number_parse(args[6], UINT16_MAX),
		},
		.payload = quote,
	};

	if (raw_version(b.ip.src) != b.ip.version)
		errx(EXIT_FAILURE, "%s is of another family", b.ip.src);
	quoted.tcp.flags = parse_flags("A");
	b.payload_len = build_packet(&quoted, quote, sizeof(quote));
	raw_send(raw_open(b.ip.version), &b);
}

int main(int argc, char *argv[])
{
	guard_namespace();
	if (argc == 10 && strcmp(argv[1], "tcp") == 0)
		send_tcp(argv + 2);
	else if (argc == 9 && strcmp(argv[1], "mtu") == 0)
		send_mtu(argv + 2);
	else
		errx(EXIT_FAILURE,
		     "usage: inject tcp SRC SPORT DST DPORT FLAGS SEQ ACK LEN\n"
		     "       inject mtu ROUTER SRC SPORT DST DPORT SEQ MTU");
	return EXIT_SUCCESS;
}
