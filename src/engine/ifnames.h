/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of interfaces, by a number that fits an octet: connections remember
 * those of their first packet, to be judged again when the rules change.
 */
#ifndef ENGINE_IFNAMES_H
#define ENGINE_IFNAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/packet.h"

enum { IFNAMES_MAX = 255 };

/* All zero is an empty one.  0 stands for "", and for names beyond the limit. */
struct ifnames {
	uint8_t count;
	char names[IFNAMES_MAX][PACKET_IFNAME_LEN]; /* of number i + 1 */
};

/* The number of a name, which is added if it is new. */
uint8_t ifnames_number(struct ifnames *ifnames,
		       const char name[PACKET_IFNAME_LEN]);
/* PACKET_IFNAME_LEN octets. */
const char *ifnames_name(const struct ifnames *ifnames, uint8_t number);

#endif
