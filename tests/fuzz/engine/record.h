/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input of fuzz_engine: an octet of settings, then records of one size, so
 * that to cut, to copy and to exchange them gives an input that has a meaning.
 * What is left over at the end is ignored.
 */
#ifndef FUZZ_RECORD_H
#define FUZZ_RECORD_H

#include <assert.h>
#include <stdint.h>

enum { RECORDS_MAX = 200 /* so that no input takes long */ };

/* Bits of the octet of settings. */
enum { SETTING_FEW = 1 }; /* there is room for a few connections only */

enum record_kind {
	RECORD_SEGMENT,  /* of TCP */
	RECORD_ERROR,    /* an ICMP error that quotes a segment like it */
	RECORD_DATAGRAM, /* UDP or ICMP echo */
	RECORD_CHANGED,  /* the last packet again, with one octet changed */
	RECORD_TIME,     /* passes */
	RECORD_CONTROL,  /* see below */
	RECORD_KINDS
};

/* What a number is relative to: what an end of the conversation has said. */
enum anchor {
	ANCHOR_NEXT,    /* the number that its sender sends next */
	ANCHOR_ISN,     /* its first number, or one of its own if it has none */
	ANCHOR_ACKED,   /* what the other one has acknowledged */
	ANCHOR_EDGE,    /* the right edge of its window */
	ANCHOR_FIN,     /* its FIN */
	ANCHOR_REQUEST, /* the SYN that waits for an answer */
	ANCHOR_FRESH,   /* the ISN of its choice */
	ANCHOR_ZERO,
	ANCHORS
};

/* Bits of .who. */
enum {
	WHO_IS_SERVER = 0x01,
	WHO_CONVERSATION = 0x0e, /* three bits: port, and IPv4 or IPv6 */
	WHO_CONVERSATION_SHIFT = 1,
	WHO_HOOK = 0x30, /* two bits: enum hook */
	WHO_HOOK_SHIFT = 4,
	WHO_BAD_CHECKSUM = 0x40,
	WHO_SHORT_COPY = 0x80,
};

/* Bits of .options: what a segment carries. */
enum {
	OPTION_BIT_WSCALE = 0x01, /* shift: .extra */
	OPTION_BIT_SACK_OK = 0x02,
	OPTION_BIT_SACK = 0x04, /* .extra octets behind the acknowledgement */
	OPTION_BIT_TS = 0x08,   /* the time plus .extra */
	OPTION_BIT_MD5 = 0x10,
	OPTION_BIT_COOKIE = 0x20,
	OPTION_BIT_RAW = 0x40, /* two octets of nonsense: .extra */
};

/* RECORD_CONTROL does .flags. */
enum control {
	CONTROL_EXPIRE,  /* at most .len */
	CONTROL_RELIEVE, /* the same, of what is quiet for .extra ms */
	CONTROL_LOSS,
	CONTROL_RULES, /* of number .options; .len: enum recheck */
	CONTROLS
};

struct record {
	uint8_t kind; /* modulo RECORD_KINDS, as all of these are */
	uint8_t who;
	uint8_t flags; /* of TCP; type of a datagram; code of an error */
	uint8_t options;
	uint8_t seq_anchor;
	uint8_t ack_anchor;
	uint16_t window;
	uint32_t seq; /* beside the anchor; with TIME milliseconds */
	uint32_t ack; /* MTU of an error */
	uint16_t len; /* of the payload, modulo 1024 */
	uint16_t extra;
};

static_assert(sizeof(struct record) == 20, "struct record has padding");

#endif
