/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP segment between two endpoints, and its octets.
 */
#ifndef MODEL_SEGMENT_H
#define MODEL_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/packet.h"
#include "model/ranges.h"
#include "unit/frame.h"

/* Who sends: O and R, as in the scenarios. */
enum side { SIDE_O, SIDE_R, SIDE_COUNT };

enum { SEGMENT_SACKS = 3 };

struct segment {
	uint32_t seq;
	uint32_t ack;
	uint32_t len; /* octets of data, of which only the number counts */
	uint16_t window;
	uint8_t flags; /* TCP_FIN ... TCP_ACK */
	uint8_t wscale;
	uint8_t sack_count;
	bool has_wscale;
	bool has_sack_ok;
	bool has_ts;
	bool has_cookie; /* of Fast Open */
	uint32_t ts_val;
	uint32_t ts_ecr;
	struct range sacks[SEGMENT_SACKS];
};

/* Between whom it travels. */
struct route {
	uint8_t version;
	uint16_t port; /* of O; R's is 80 */
	enum side from;
};

extern const char *const route_addresses[2][SIDE_COUNT]; /* IPv4, IPv6 */

/* The number behind the segment: data, SYN and FIN have numbers. */
uint32_t segment_end(const struct segment *seg);

/*
 * The packet, as the firewall gets it.  The octets of much data are left out of
 * the copy, as with a small copy range; super-packets of more than 64 KiB are
 * marked as BIG TCP.
 */
struct frame segment_frame(const struct segment *seg,
			   const struct route *route);

/*
 * Writes it as a line of a scenario, with numbers relative to @base: the first
 * number of each side.
 */
void segment_print(FILE *file, const struct segment *seg, enum side from,
		   const uint32_t base[SIDE_COUNT]);

#endif
