/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments of many TCP connections, a batch at a time.
 *
 * Nothing is kept by connection: addresses, ports and numbers follow from the
 * connection's number and from how often all of them have been served.
 */
#ifndef BENCH_SEGMENTS_H
#define BENCH_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>

enum { BATCH = 256, SEGMENT_LEN_MAX = 128 };

enum segment {
	SEGMENT_SYN,
	SEGMENT_SYN_ACK,
	SEGMENT_ACK,
	SEGMENT_DATA, /* from either side, in turn, acknowledging the other's */
	SEGMENT_FIN,
	SEGMENT_FIN_ACK,
	SEGMENT_LAST_ACK,
};

struct segments {
	unsigned int ipversion;
	size_t conns;
	size_t place;    /* in the order, of the next one */
	uint32_t *order; /* of connections; NULL: ascending */
	uint32_t round;  /* of data: how often each connection was served */
	size_t len;      /* segments in the batch; the last one may be short */
	struct {
		size_t len;
		uint8_t bytes[SEGMENT_LEN_MAX];
	} batch[BATCH];
};

void segments_init(struct segments *s, unsigned int ipversion, size_t conns);
void segments_fini(struct segments *s);
/* In ascending order, from that connection on. */
void segments_from(struct segments *s, size_t conn);
/* Data come in random order, from each connection once a round. */
void segments_shuffle(struct segments *s);
/* Writes the next batch of that kind. */
void segments_write(struct segments *s, enum segment kind);

#endif
