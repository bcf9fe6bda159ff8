/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of networks: sorted, merged ranges, found by bisection.
 *
 * A range costs 8 octets in IPv4 and 32 in IPv6, so that a million of them is
 * nothing to think about.
 */
#ifndef ENGINE_NETWORKS_H
#define ENGINE_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"

/* Ranges of two addresses each, first and last, in network order. */
struct network_list {
	uint8_t *bytes;
	size_t len; /* ranges */
	size_t capacity;
};

struct network_family {
	size_t width; /* octets of an address */
	struct network_list ranges;
	struct network_list holes; /* what is taken out; empty once sealed */
};

struct networks {
	struct network_family ipv4;
	struct network_family ipv6;
	/*
	 * By the upper half of an IPv4 address: the first range that does not
	 * end before this half.  Bisection would touch a new cache line at
	 * each step but the last few.  NULL: there are few ranges.
	 */
	uint32_t *directory;
};

void networks_init(struct networks *networks);
void networks_fini(struct networks *networks);

/*
 * Adds a range, or takes one out whatever else is added, in any order; a range
 * is of one family.  0 or -ENOMEM.
 */
int networks_add(struct networks *networks, const struct addr_range *range);
int networks_exclude(struct networks *networks, const struct addr_range *range);
/*
 * Sorts and merges; to be called after the last of the above, and before any of
 * the following.  0, or -ENOMEM: they must not be called.
 */
int networks_seal(struct networks *networks);

/* The ranges, IPv4 first, in the order of addresses. */
size_t networks_count(const struct networks *networks);
struct addr_range networks_range(const struct networks *networks, size_t index);
/* Whether there are any of that family, 4 or 6. */
bool networks_have(const struct networks *networks, unsigned int ipversion);
bool networks_contain(const struct networks *networks, const struct addr *addr);
/* Whether any address of @range is in it. */
bool networks_overlap(const struct networks *networks,
		      const struct addr_range *range);

#endif
