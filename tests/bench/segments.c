/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing segments: whole headers, with a timestamp option as nearly all have,
 * and no payload behind them, since the copy ends there anyway.
 */
#include "bench/segments.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "bench/figures.h"
#include "engine/packet.h"
#include "unit/random.h"

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	TCP_LEN = 32, /* with the timestamp */
	PAYLOAD = 1000,
	CLIENT_ISN = 1000,
	SERVER_ISN = 2000000,
	WINDOW = 65535,
	FLAG_ACK = TCP_ACK,
};

static void store_be16(uint8_t *to, uint32_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static void store_be32(uint8_t *to, uint32_t value)
{
	store_be16(to, value >> 16);
	store_be16(to + 2, value);
}

/* Which way a kind goes: 0 from the client, 1 from the server. */
static unsigned int sender_of(const struct segments *s, enum segment kind)
{
	switch (kind) {
	case SEGMENT_SYN:
	case SEGMENT_ACK:
	case SEGMENT_FIN:
	case SEGMENT_LAST_ACK:
		return 0;
	case SEGMENT_SYN_ACK:
	case SEGMENT_FIN_ACK:
		return 1;
	case SEGMENT_DATA:
		break;
	}
	return s->round % 2;
}

static uint8_t flags_of(enum segment kind)
{
	static const uint8_t flags[] = {
		[SEGMENT_SYN] = TCP_SYN,
		[SEGMENT_SYN_ACK] = TCP_SYN | TCP_ACK,
		[SEGMENT_ACK] = TCP_ACK,
		[SEGMENT_DATA] = TCP_ACK | TCP_PSH,
		[SEGMENT_FIN] = TCP_FIN | TCP_ACK,
		[SEGMENT_FIN_ACK] = TCP_FIN | TCP_ACK,
		[SEGMENT_LAST_ACK] = TCP_ACK,
	};

	return flags[kind];
}

/* How many octets each side has sent before the round. */
static uint32_t sent_by(const struct segments *s, unsigned int side)
{
	return (s->round + 1 - side) / 2 * PAYLOAD;
}

static void write_numbers(const struct segments *s, enum segment kind,
			  uint8_t *tcp)
{
	static const uint32_t isns[2] = { CLIENT_ISN, SERVER_ISN };
	unsigned int from = sender_of(s, kind);
	uint32_t seq = isns[from] + 1 + sent_by(s, from);
	uint32_t ack = isns[!from] + 1 + sent_by(s, !from);

	if (kind == SEGMENT_SYN || kind == SEGMENT_SYN_ACK)
		seq = isns[from];
	if (kind == SEGMENT_SYN)
		ack = 0;
	if (kind == SEGMENT_LAST_ACK)
		seq++;
	if (kind == SEGMENT_FIN_ACK || kind == SEGMENT_LAST_ACK)
		ack++;
	store_be32(tcp + 4, seq);
	store_be32(tcp + 8, ack);
}

static void write_tcp(const struct segments *s, enum segment kind, size_t conn,
		      uint8_t *tcp)
{
	static const uint8_t timestamp[] = { 1, 1, 8, 10 };
	unsigned int from = sender_of(s, kind);
	uint32_t ports[2] = { 1024 + (uint32_t)(conn % 50000), 443 };

	store_be16(tcp, ports[from]);
	store_be16(tcp + 2, ports[!from]);
	write_numbers(s, kind, tcp);
	tcp[12] = TCP_LEN / 4 << 4;
	tcp[13] = flags_of(kind);
	store_be16(tcp + 14, WINDOW);
	store_be32(tcp + 16, 0);
	memcpy(tcp + 20, timestamp, sizeof(timestamp));
	store_be32(tcp + 24, 5000 + s->round);
	store_be32(tcp + 28, 0);
}

/* Clients and servers are spread over some networks. */
static void write_hosts(uint8_t *src, uint8_t *dst, size_t conn, size_t len)
{
	memset(src, 0, len);
	memset(dst, 0, len);
	src[0] = len == 4 ? 10 : 0x20;
	dst[0] = len == 4 ? 198 : 0x20;
	dst[1] = len == 4 ? 18 : 0x02;
	src[1] = (uint8_t)(conn >> 16 & 0x7f);
	src[len - 2] = (uint8_t)(conn >> 8);
	src[len - 1] = (uint8_t)conn;
	dst[len - 2] = (uint8_t)(conn >> 20);
	dst[len - 1] = (uint8_t)(conn * 7);
}

static size_t payload_of(enum segment kind)
{
	return kind == SEGMENT_DATA ? PAYLOAD : 0;
}

static size_t write_ipv4(uint8_t *ip, enum segment kind, size_t conn,
			 unsigned int from)
{
	memset(ip, 0, IPV4_LEN);
	ip[0] = 0x45;
	store_be16(ip + 2, (uint32_t)(IPV4_LEN + TCP_LEN + payload_of(kind)));
	ip[6] = 0x40;
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	write_hosts(ip + (from ? 16 : 12), ip + (from ? 12 : 16), conn, 4);
	return IPV4_LEN;
}

static size_t write_ipv6(uint8_t *ip, enum segment kind, size_t conn,
			 unsigned int from)
{
	memset(ip, 0, IPV6_LEN);
	ip[0] = 0x60;
	store_be16(ip + 4, (uint32_t)(TCP_LEN + payload_of(kind)));
	ip[6] = IPPROTO_TCP;
	ip[7] = 64;
	write_hosts(ip + (from ? 24 : 8), ip + (from ? 8 : 24), conn, 16);
	return IPV6_LEN;
}

void segments_init(struct segments *s, unsigned int ipversion, size_t conns)
{
	*s = (struct segments){ .ipversion = ipversion, .conns = conns };
}

void segments_fini(struct segments *s)
{
	free(s->order);
}

void segments_from(struct segments *s, size_t conn)
{
	s->place = conn;
}

void segments_shuffle(struct segments *s)
{
	uint64_t seed = 1;

	free(s->order);
	s->order = calloc(s->conns, sizeof(s->order[0]));
	need(s->order != NULL, "no memory");
	for (uint32_t i = 0; i < s->conns; i++) {
		uint32_t j = random_below(&seed, i + 1);

		s->order[i] = s->order[j];
		s->order[j] = i;
	}
	s->place = 0;
}

static void write_segment(struct segments *s, enum segment kind, size_t number)
{
	uint8_t *bytes = s->batch[number].bytes;
	size_t conn = kind == SEGMENT_DATA ? s->order[s->place] : s->place;
	unsigned int from = sender_of(s, kind);
	size_t ip_len = s->ipversion == 4 ? write_ipv4(bytes, kind, conn, from)
					  : write_ipv6(bytes, kind, conn, from);

	write_tcp(s, kind, conn, bytes + ip_len);
	s->batch[number].len = ip_len + TCP_LEN;
	s->place++;
}

void segments_write(struct segments *s, enum segment kind)
{
	s->len = 0;
	while (s->len < BATCH && s->place < s->conns) {
		write_segment(s, kind, s->len++);
		if (s->place == s->conns && kind == SEGMENT_DATA) {
			s->place = 0;
			s->round++;
		}
	}
}
