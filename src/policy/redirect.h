/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel hands to the daemon, and the little that it decides by
 * itself while nobody is there: the sections redirect and rescue.
 */
#ifndef POLICY_REDIRECT_H
#define POLICY_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/packet.h"

/* What becomes of packets while the daemon is away, or its queue is full. */
enum on_failure {
	FAILURE_RESCUE, /* struct rescue decides */
	FAILURE_CLOSED, /* they are dropped */
	FAILURE_OPEN,   /* they pass */
	FAILURE_COUNT
};

/* Of addresses; iptables has a program for each. */
enum family { FAMILY_INET, FAMILY_INET6, FAMILY_COUNT };

enum {
	REDIRECT_SKIP_MAX = 16,
	RESCUE_PORTS_MAX = 8,
	RESCUE_NETWORKS_MAX = 64,
};

struct redirect {
	bool given; /* the file has the section */
	unsigned int
		hooks; /* bits, 1 << enum hook; 0: nothing is handed over */
	unsigned int families; /* bits, 1 << enum family; never 0 */
	/* Interfaces that are passed over; a '*' at the end is any rest. */
	char skip[REDIRECT_SKIP_MAX][PACKET_IFNAME_LEN];
	size_t skip_count;
	enum on_failure on_failure;
	uint32_t accept_mark; /* one bit each, and not the same */
	uint32_t reject_mark;
	bool self_heal;
};

struct rescue {
	bool given;
	uint16_t ssh_ports[RESCUE_PORTS_MAX];
	size_t ssh_port_count;
	/* Who may use them; of no network: nobody. */
	struct addr_range ssh_from[RESCUE_NETWORKS_MAX];
	size_t ssh_from_count;
	bool ssh_from_any;
	bool output;      /* what this machine sends passes */
	bool established; /* so does what the kernel has seen the beginning of */
};

extern const char *const redirect_failure_names[FAILURE_COUNT];
extern const char *const redirect_family_names[FAMILY_COUNT];

/* The defaults. */
struct redirect redirect_defaults(void);
struct rescue rescue_defaults(void);

/*
 * Whether @word is the name of an interface, or its beginning and a '*'; of
 * those that the kernel allows, one that means itself in a file of
 * iptables-restore.
 */
bool redirect_is_interface(const char *word);

#endif
