/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link layers: where in a frame the IP packet is.
 */
#ifndef TOOL_LINK_H
#define TOOL_LINK_H

#include <stdint.h>

#include "engine/wire.h"

/* A packet in its frame. */
struct link_packet {
	struct reader copy; /* what was captured of it; the frame's memory */
	uint32_t len;       /* octets on the wire, padding behind it included */
	uint8_t version;    /* 4 or 6, as the link layer says; 0: it does not */
};

enum link_result {
	LINK_IP,
	LINK_NOT_IP, /* something else, or no whole link header */
	LINK_SHORT,  /* the copy ends before the link headers do */
};

struct link_type {
	int dlt;           /* libpcap's number */
	uint16_t linktype; /* the one in files */
	const char *name;  /* libpcap's, without DLT_ */
	/* Moves @pkt from the frame to the packet in it. */
	enum link_result (*decode)(struct link_packet *pkt);
};

/* Those that we read; ends with one that has no name. */
extern const struct link_type link_types[];

/* NULL: we do not read it. */
const struct link_type *link_type_find(int dlt);

/*
 * The packet in the frame whose first @captured octets of @len are at @frame.
 * @pkt is set if the result is LINK_IP.
 */
enum link_result link_decode(const struct link_type *type,
			     struct link_packet *pkt, const void *frame,
			     uint32_t captured, uint32_t len);

#endif
