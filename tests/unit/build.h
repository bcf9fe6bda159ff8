/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds packets for tests: real octets, with right lengths and checksums
 * unless the test says otherwise.
 *
 * All fields have a useful zero.  Where 0 stands for "the right value",
 * BUILD_ZERO is a 0 in the packet.
 */
#ifndef UNIT_BUILD_H
#define UNIT_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BUILD_ZERO = -1,
	BUILD_OPTIONS_LEN = 40,
	BUILD_EXT_COUNT = 12,
	BUILD_CHUNKS_LEN = 64,
};

/* Bits of struct build_tcp.flags beside TCP_FIN ... TCP_URG. */
enum { BUILD_ECE = 0x40, BUILD_CWR = 0x80 };

/* Options of TCP or of IPv4, as they stand in the packet. */
struct build_options {
	uint8_t bytes[BUILD_OPTIONS_LEN];
	size_t len; /* padded with zeros to a multiple of four */
};

/* An IPv6 extension header. */
struct build_ext {
	uint8_t type;  /* 0 hop-by-hop, 43 routing, 44 fragment, 60 options */
	uint8_t units; /* 8 octets each, beyond the first 8 */
	/*
	 * Octets 2 and 3: type and segments left of a routing header; offset
	 * << 3 | more of a fragment header.
	 */
	uint16_t word;
};

struct build_ip {
	uint8_t version; /* 4 or 6 */
	const char *src; /* text */
	const char *dst;
	uint8_t ipproto;
	uint8_t tos;   /* DSCP and ECN */
	int hop_limit; /* 0: 64 */
	int ihl;       /* in words; 0: the right one */
	int len;       /* total length of IPv4, payload length of IPv6 */
	int checksum;
	uint16_t fragment; /* IPv4: flags and offset */
	struct build_options options;
	struct build_ext ext[BUILD_EXT_COUNT];
	size_t ext_count;
};

struct build_tcp {
	uint32_t seq;
	uint32_t ack;
	uint8_t flags;
	uint8_t reserved; /* AE and the reserved bits: low nibble of octet 12 */
	uint16_t window;
	uint16_t urgent;
	int data_offset; /* in words; 0: the right one */
	struct build_options options;
};

struct build_icmp {
	uint8_t type;
	uint8_t code;
	uint32_t rest; /* octets 4 to 7: id and sequence, MTU ... */
};

/* Chunks of SCTP, which are the payload of its header: see build_chunk(). */
struct build_chunks {
	uint8_t bytes[BUILD_CHUNKS_LEN];
	size_t len;
};

/* Bits of struct build.gre_flags: which fields follow, and the version. */
enum {
	BUILD_GRE_CHECKSUM = 0x8000,
	BUILD_GRE_ROUTING = 0x4000,
	BUILD_GRE_KEY = 0x2000,
	BUILD_GRE_SEQUENCE = 0x1000,
	BUILD_GRE_ACK = 0x0080,
	BUILD_GRE_PPTP = 0x0001, /* version 1 */
};

/* .ip.ipproto says which of the transports is used; none for others. */
struct build {
	struct build_ip ip;
	uint16_t sport; /* TCP, UDP, UDP-Lite, SCTP and DCCP */
	uint16_t dport;
	struct build_tcp tcp;
	struct build_icmp icmp;
	uint32_t key; /* the tag of SCTP, the key of GRE, the SPI of IPsec */
	uint16_t gre_flags;
	uint16_t gre_protocol;
	int udp_len;  /* of UDP-Lite: what the checksum covers */
	int checksum; /* of the transport */
	bool bad_checksum;
	const void *payload; /* NULL: .payload_len zeros */
	size_t payload_len;
};

/* Writes the packet to @packet, which is large enough; returns its length. */
size_t build_packet(const struct build *b, uint8_t *packet, size_t size);

/* Appends an option to @options, which has room for it. */
void build_bytes(struct build_options *options, const void *bytes, size_t len);
void build_mss(struct build_options *options, uint16_t mss);
void build_wscale(struct build_options *options, uint8_t shift);
void build_sack_ok(struct build_options *options);
void build_sack(struct build_options *options, uint32_t left, uint32_t right);
void build_timestamp(struct build_options *options, uint32_t val, uint32_t ecr);
void build_md5(struct build_options *options);

/*
 * Appends a chunk of SCTP with that value, and padding; @value may be NULL:
 * zeros.
 */
void build_chunk(struct build_chunks *chunks, uint8_t type, uint8_t flags,
		 const void *value, size_t len);

#endif
