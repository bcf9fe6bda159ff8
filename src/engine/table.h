/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A named set of networks: sorted, merged ranges, found by bisection.
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

/* Adds a range; -ENOMEM.  Ranges may overlap, in any order. */
int table_add(struct table *table, const struct addr_range *range);
/* Sorts and merges; must be called after the last table_add(). */
void table_seal(struct table *table);

size_t table_range_count(const struct table *table); /* after sealing */
const struct addr_range *table_range(const struct table *table, size_t index);
bool table_contains(const struct table *table, const struct addr *addr);

#endif
