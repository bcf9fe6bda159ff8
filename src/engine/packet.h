/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One packet, as the engine sees it: everything it needs to know, in host
 * order, and no pointers, so that the bytes may go once it is parsed.
 */
#ifndef ENGINE_PACKET_H
#define ENGINE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/reason.h"
#include "engine/tuple.h"

enum { PACKET_IFNAME_LEN = 16 }; /* IFNAMSIZ, with NUL */

/* Where the kernel stands with the packet: which way it goes. */
enum hook { HOOK_INPUT, HOOK_FORWARD, HOOK_OUTPUT, HOOK_COUNT };

extern const char *const hook_names[HOOK_COUNT]; /* "input" ... */

/* What is known of a packet beside its bytes. */
struct packet_meta {
	enum hook hook;
	char indev[PACKET_IFNAME_LEN];  /* "" : none, or not known */
	char outdev[PACKET_IFNAME_LEN]; /* "" : none, or not known */
	uint32_t len;  /* octets of the packet; the copy may be shorter */
	uint32_t mark; /* netfilter's packet mark */
	uint32_t uid;  /* of the local sender, with .has_owner */
	uint32_t gid;
	bool has_owner;       /* in HOOK_OUTPUT, if there is a socket */
	bool verify_checksum; /* nobody has done so; needs the whole packet */
	bool gso; /* super-packet: one header stands for several segments */
};

/* TCP header flags, RFC 9293 section 3.1. */
enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
};

struct tcp_segment {
	uint32_t seq;
	uint32_t ack;
	uint32_t len;        /* payload octets, without SYN and FIN */
	uint32_t sack_right; /* highest edge of ack and valid SACK blocks */
	uint32_t ts_val;     /* meaningful if has_ts */
	uint16_t window;     /* as sent, not scaled */
	uint8_t flags;       /* TCP_FIN ... TCP_URG */
	uint8_t wscale;      /* 0 to 14, meaningful if has_wscale */
	bool has_wscale;
	bool has_sack_ok;
	bool has_ts;
	bool has_md5_ao; /* option 19 (RFC 2385) or 29 (RFC 5925) */
	bool has_tfo;    /* a cookie of Fast Open (RFC 7413) */
};

/* An SCTP packet: its chunks matter, not their order. */
struct sctp_packet {
	uint32_t tag;      /* verification tag; 0 with an INIT and only then */
	uint32_t init_tag; /* what INIT or INIT-ACK chose; 0: there is none */
	uint16_t chunks;   /* bit n: one of class n, enum sctp_class */
	bool reflected; /* T bit: the tag is that of its receiver's packets */
};

/* The packet that an ICMP error quotes: the one that caused the error. */
struct quoted {
	struct tuple tuple; /* as it was sent; ICMP queries as proto_icmp.c */
	uint32_t seq;       /* TCP; SCTP: the verification tag */
	uint32_t init_tag;  /* SCTP: that of an INIT; 0: not quoted */
	uint32_t mtu;       /* of "fragmentation needed" or "too big" */
	bool has_mtu;
	bool no_checksum; /* UDP over IPv6, as below */
};

struct icmp_message {
	uint8_t type;
	uint8_t code;
	bool is_error;     /* then .quoted is set */
	bool is_reply;     /* answers a query */
	bool is_neighbour; /* neighbour discovery, RFC 4861 */
	struct quoted quoted;
};

/*
 * What is right only if the administrator says so: bits, for
 * ruleset_refuses().
 */
enum packet_unusual {
	PACKET_NO_CHECKSUM = 0x1, /* UDP over IPv6 (RFC 6935) */
	PACKET_QUOTES_NO_CHECKSUM = 0x2,
	PACKET_SYN_URG = 0x4,
};

struct packet {
	struct tuple tuple; /* as sent */
	enum hook hook;
	char indev[PACKET_IFNAME_LEN];
	char outdev[PACKET_IFNAME_LEN];
	uint32_t len; /* octets from the IP header on */
	uint32_t mark;
	uint32_t uid; /* of the local sender, with .has_owner */
	uint32_t gid;
	bool has_owner;
	uint8_t dscp;      /* RFC 2474: the upper six bits of the octet */
	uint8_t hop_limit; /* TTL in IPv4 */
	bool has_ports;    /* tuple.sport and dport are ports */
	uint8_t unusual;   /* enum packet_unusual, or-ed */
	union {
		struct tcp_segment tcp;   /* IPPROTO_TCP */
		struct sctp_packet sctp;  /* IPPROTO_SCTP */
		struct icmp_message icmp; /* IPPROTO_ICMP, IPPROTO_ICMPV6 */
	};
};

/*
 * Parses the packet whose first @len octets, from the IP header on, are at
 * @data; meta->len says how long it really is.  REASON_NONE: @pkt is set.
 * Else the reason to drop it; @pkt then holds as much as was understood before
 * the fault (the tuple may be all zero), enough to print but not to judge.
 *
 * Lengths come from the headers, never from the copy.  A copy that ends before
 * the headers do is REASON_SHORT_COPY.
 */
enum reason packet_parse(struct packet *pkt, const struct packet_meta *meta,
			 const void *data, size_t len);

/*
 * The tuple of the connection that the packet is about: its own, or for an
 * ICMP error that of the packet it quotes.
 */
const struct tuple *packet_subject(const struct packet *pkt);

#endif
