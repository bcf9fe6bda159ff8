/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet in words, as people write it to ask what would become of it:
 *
 *	[in IFACE] [out IFACE] PROTO SRC[:PORT] > DST[:PORT] [WORD]...
 *
 *	in wan0 tcp 203.0.113.7:40000 > 192.0.2.10:443 S
 *	in wan0 tcp [2001:db8::7]:40000 > self:ssh connect
 *	in lan0 icmp 10.1.0.2 > 192.0.2.1 echo-request
 *
 * "self" is the first address of this machine.  The words that may follow are
 * those of the protocol (see expression_words.c), and for all of them:
 *
 *	mark=0x10  dscp=ef  uid=1000  gid=1000	what only rules look at
 *	about PROTO SRC > DST			what an ICMP error quotes
 *
 * What the words leave open is chosen when the packet is made: compose.h.
 */
#ifndef POLICY_EXPRESSION_H
#define POLICY_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/packet.h"

enum {
	EXPRESSION_FAULT_LEN = 400,
	EXPRESSION_SELF_MAX = 32,
	EXPRESSION_PAYLOAD_MAX = 1400, /* fits into any Ethernet frame */
};

/* The addresses of this machine; all zero: none is known. */
struct expression_self {
	struct addr list[EXPRESSION_SELF_MAX];
	size_t count;
};

/* What "self" is in a family of which no address is known. */
#define EXPRESSION_SELF_IPV4 "192.0.2.1"
#define EXPRESSION_SELF_IPV6 "2001:db8::1"

struct expression_end {
	struct addr addr;
	uint16_t port;
	bool has_port; /* it was written */
	bool is_self;  /* by name, or since it is one of ours */
};

struct expression_flow {
	uint8_t ipversion;
	uint8_t ipproto;
	struct expression_end src;
	struct expression_end dst;
};

/* A number of TCP, relative to the first one of its sender. */
struct expression_number {
	bool is_given;
	uint32_t value;
};

struct expression {
	char indev[PACKET_IFNAME_LEN];  /* "": not given */
	char outdev[PACKET_IFNAME_LEN]; /* "": not given */
	struct expression_flow flow;
	uint8_t flags;     /* of TCP, with .has_flags */
	bool has_flags;    /* they were written */
	bool is_handshake; /* "connect": SYN, SYN-ACK and ACK */
	struct expression_number seq;
	struct expression_number ack;
	uint32_t payload;
	uint8_t icmp_type;
	uint8_t icmp_code;
	bool has_about;
	struct expression_flow about;
	uint32_t mark;
	uint32_t uid; /* of the local sender, with .has_owner */
	uint32_t gid;
	bool has_owner;
	uint8_t dscp;
};

struct expression_fault {
	size_t column;                   /* from 1 */
	char text[EXPRESSION_FAULT_LEN]; /* what is wrong, and what is right */
};

/* false: @fault is set. */
bool expression_parse(struct expression *expr, const char *text,
		      const struct expression_self *self,
		      struct expression_fault *fault);

/*
 * Adds addresses, separated by commas.  false: @fault says which part of @list
 * is none.
 */
bool expression_add_self(struct expression_self *self, const char *list,
			 struct expression_fault *fault);

/* Whether rules can ask for the ports of that protocol. */
bool expression_has_ports(uint8_t ipproto);

#endif
