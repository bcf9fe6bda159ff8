/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IPv4 and IPv6 header, read once for packets and for the packets that
 * ICMP errors quote.
 */
#ifndef ENGINE_IP_H
#define ENGINE_IP_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/reason.h"
#include "engine/tuple.h"
#include "engine/wire.h"

/*
 * What is asked, or copied, together does not stand together here: compilers
 * make one access of two neighbours, and one that spans what was just written
 * one by one waits until that is in the cache.
 */
struct ip_header {
	uint32_t len; /* of the packet; 0: larger than the field holds */
	uint16_t fragment_offset; /* in units of 8 octets */
	uint8_t version;          /* 4 or 6 */
	uint8_t hop_limit;
	uint32_t header_len; /* with IPv4 options or IPv6 extension headers */
	uint8_t ipproto;     /* what follows the last header */
	uint8_t dscp;        /* RFC 2474 */
	bool more_fragments;
	bool is_routed; /* the destination is not the last one: segments left */
};

/*
 * Leaves @r behind the headers.  REASON_NONE, REASON_BAD_HEADER,
 * REASON_EXT_HEADER, or REASON_SHORT_COPY: @r ended before the headers did.
 * @ip holds what was read until then, version 0 if that is nothing.  The
 * addresses go into @tuple, and nothing else of it is touched; they are not
 * written if the version is 0.
 */
enum reason ip_parse(struct ip_header *ip, struct tuple *tuple,
		     struct reader *r);

/* Whether the packet is a part of one only. */
bool ip_is_fragment(const struct ip_header *ip);

#endif
