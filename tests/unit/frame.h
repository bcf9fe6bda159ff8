/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A built packet with all that the parser is told of it.
 */
#ifndef UNIT_FRAME_H
#define UNIT_FRAME_H

#include "engine/packet.h"
#include "unit/build.h"

enum { FRAME_LEN = 1024 };

struct frame {
	uint8_t octets[FRAME_LEN];
	size_t len; /* how many of them the parser gets */
	struct packet_meta meta;
};

/*
 * The beginning of a packet: from 192.0.2.10 port 40000 to 198.51.100.20 port
 * 80, or the like in IPv6, of the protocol that is called by that number in
 * IPv4: IPPROTO_ICMP becomes ICMPv6.
 */
struct build frame_draft(uint8_t version, uint8_t ipproto);

/* The whole packet, forwarded, its checksum not yet verified by anyone. */
struct frame frame_build(const struct build *b);

/* Parses the octets in memory of just that length. */
enum reason frame_parse(const struct frame *frame, struct packet *pkt);

/* Builds and parses: what becomes of a whole packet. */
enum reason frame_read(const struct build *b, struct packet *pkt);

#endif
