/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A named set of networks: sorted, merged ranges, found by bisection.
 *
 * A range costs 8 octets in IPv4 and 32 in IPv6, so that a million of them is
 * nothing to think about.
 */
#ifndef ENGINE_TABLE_H
#define ENGINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/addr.h"

struct table;

struct table *table_create(const char *name);
void table_destroy(struct table *table);
const char *table_name(const struct table *table);

/*
 * Adds a range, or takes one out whatever else is added, in any order; @range
 * is of one family.  0 or -ENOMEM.
 */
int table_add(struct table *table, const struct addr_range *range);
int table_exclude(struct table *table, const struct addr_range *range);
/*
 * Sorts and merges; to be called after the last of the above.  0 or -ENOMEM,
 * and then the table must not be used.
 */
int table_seal(struct table *table);

/* Of a sealed table: IPv4 first, in the order of addresses. */
size_t table_range_count(const struct table *table);
struct addr_range table_range(const struct table *table, size_t index);
/* @ipversion: 4 or 6. */
bool table_has_family(const struct table *table, unsigned int ipversion);
bool table_contains(const struct table *table, unsigned int ipversion,
		    const struct addr *addr);

#endif
