/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A named set of networks: those of the configuration (networks.h), and, if it
 * is dynamic, those that are added while packets pass (live.h).
 */
#ifndef ENGINE_TABLE_H
#define ENGINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/addr.h"
#include "engine/timeout.h"

struct live_set;
struct table;

/* All zero at the start. */
struct table_options {
	/* Rules and people add to it while packets pass: it has a live set. */
	bool dynamic;
	msec_t timeout;     /* what is added stays so long; 0: for ever */
	size_t max_entries; /* of the live set; 0: TABLE_LIVE_DEFAULT */
	bool never_block;   /* what is in it goes into no dynamic table */
	bool persist; /* what is added outlives the program: for drivers */
	bool block;   /* "block = true": for print; the rule is a rule */
};

enum { TABLE_LIVE_DEFAULT = 65536, TABLE_LIVE_MAX = 1 << 20 };

struct table *table_create(const char *name);
void table_destroy(struct table *table);
const char *table_name(const struct table *table);

/* As networks_add() and so on. */
int table_add(struct table *table, const struct addr_range *range);
int table_exclude(struct table *table, const struct addr_range *range);
int table_seal(struct table *table);

/* Of a sealed table. */
size_t table_range_count(const struct table *table);
struct addr_range table_range(const struct table *table, size_t index);
/* Whether it has networks of that family, 4 or 6. */
bool table_has_family(const struct table *table, unsigned int ipversion);
bool table_contains(const struct table *table, const struct addr *addr);
/* Whether any address of @range is in it. */
bool table_overlaps(const struct table *table, const struct addr_range *range);

/* -ENOMEM: there is no room for the live set. */
int table_set_options(struct table *table, const struct table_options *options);
const struct table_options *table_options(const struct table *table);

/*
 * What was added since the rules are in force; NULL: the table is not dynamic.
 * It is not part of what table_contains() says: see table_has().
 */
struct live_set *table_live(const struct table *table);
/*
 * The live set of @table is from now on that of @from, of the same name, or has
 * a copy of its entries; @from uses it until it is destroyed.
 */
void table_inherit(struct table *table, struct table *from);
/* Either. */
bool table_has(const struct table *table, const struct addr *addr, msec_t now);

#endif
