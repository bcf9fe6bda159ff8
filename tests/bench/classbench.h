/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as large sites have them, made up: after D. E. Taylor, J. S. Turner,
 * "ClassBench: A Packet Classification Benchmark", 2005, in three families that
 * differ in what rules leave open.  IPv4, so that every peer can have them.
 *
 * The same seed makes the same rules and packets.
 */
#ifndef BENCH_CLASSBENCH_H
#define BENCH_CLASSBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cb_family {
	CB_ACCESS,   /* access control: one host, one service */
	CB_FIREWALL, /* much is open, ports are ranges */
	CB_CHAIN,    /* IP chains: networks to networks, any protocol */
	CB_FAMILY_COUNT
};

extern const char *const cb_family_names[CB_FAMILY_COUNT];

struct cb_network {
	uint32_t address; /* its first one */
	uint8_t len;      /* of the prefix; 0: any */
};

struct cb_ports {
	uint16_t first; /* 0 to 65535: any */
	uint16_t last;
};

struct cb_rule {
	struct cb_network src;
	struct cb_network dst;
	struct cb_ports sport; /* both meaningless but for TCP and UDP */
	struct cb_ports dport;
	uint8_t ipproto; /* 0: any */
	bool drop;
};

struct cb_packet {
	uint32_t src;
	uint32_t dst;
	uint16_t sport;
	uint16_t dport;
	uint8_t ipproto;
};

void cb_make_rules(struct cb_rule *rules, size_t count, enum cb_family family,
		   uint64_t seed);
/* Every other one in the middle of some rule, the others from anywhere. */
void cb_make_packets(struct cb_packet *packets, size_t count,
		     const struct cb_rule *rules, size_t rule_count,
		     uint64_t seed);

bool cb_has_ports(const struct cb_rule *rule);
bool cb_is_any(const struct cb_ports *ports);

/* "192.0.2.0/24", "80-443": in words that all of the peers understand. */
enum { CB_TEXT_LEN = 32 };
const char *cb_network_text(const struct cb_network *network,
			    char text[CB_TEXT_LEN]);
const char *cb_ports_text(const struct cb_ports *ports, char separator,
			  char text[CB_TEXT_LEN]);

#endif
