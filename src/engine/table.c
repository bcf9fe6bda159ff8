/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of networks.
 *
 * Invariant after sealing: ranges are sorted, do not touch, and each is of one
 * family, so that bisection needs no other key than the address.  An IPv6
 * range that spans ::ffff:0:0/96, where the IPv4 addresses live, is therefore
 * stored as the parts on both sides of it: ::/0 holds no IPv4 address.
 */
#include "engine/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/live.h"

struct table {
	char *name;
	struct table_options options;
	struct live_set *live; /* NULL: not dynamic */
	bool owns_live;
	struct addr_range *ranges;
	size_t len;
	size_t capacity;
	bool sealed;
};

/* The addresses next to ::ffff:0:0/96, on both sides. */
static const struct addr below_ipv4 = { { [10] = 0xff,
					  [11] = 0xfe,
					  [12] = 0xff,
					  [13] = 0xff,
					  [14] = 0xff,
					  [15] = 0xff } };
static const struct addr above_ipv4 = { { [9] = 1 } };

struct table *table_create(const char *name)
{
	size_t size = strlen(name) + 1;
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->name = calloc(1, size);
	if (!table->name) {
		free(table);
		return NULL;
	}
	memcpy(table->name, name, size);
	return table;
}

static void disown_live(struct table *table)
{
	if (table->owns_live)
		live_destroy(table->live);
}

void table_destroy(struct table *table)
{
	if (!table)
		return;
	disown_live(table);
	free(table->ranges);
	free(table->name);
	free(table);
}

const char *table_name(const struct table *table)
{
	return table->name;
}

static int append(struct table *table, const struct addr *first,
		  const struct addr *last)
{
	size_t capacity = table->capacity > 0 ? 2 * table->capacity : 8;
	struct addr_range *grown;

	if (table->len == table->capacity) {
		grown = realloc(table->ranges, capacity * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		table->ranges = grown;
		table->capacity = capacity;
	}
	table->ranges[table->len++] =
		(struct addr_range){ .first = *first, .last = *last };
	table->sealed = false;
	return 0;
}

int table_add(struct table *table, const struct addr_range *range)
{
	const struct addr *first = &range->first;
	const struct addr *last = &range->last;

	if (addr_is_ipv4(first) == addr_is_ipv4(last) &&
	    (addr_is_ipv4(first) || addr_compare(first, &below_ipv4) > 0 ||
	     addr_compare(last, &above_ipv4) < 0))
		return append(table, first, last);
	if (append(table, first, &below_ipv4) < 0)
		return -ENOMEM;
	return append(table, &above_ipv4, last);
}

static int compare_first(const void *a, const void *b)
{
	const struct addr_range *left = a;
	const struct addr_range *right = b;

	return addr_compare(&left->first, &right->first);
}

/* @addr is not the highest one. */
static struct addr next_addr(struct addr addr)
{
	for (size_t i = sizeof(addr.bytes); i > 0; i--)
		if (++addr.bytes[i - 1] != 0)
			break;
	return addr;
}

/* Whether @next begins inside @range or right behind it, same family. */
static bool touches(const struct addr_range *range,
		    const struct addr_range *next)
{
	struct addr after = next_addr(range->last);

	return addr_is_ipv4(&range->first) == addr_is_ipv4(&next->first) &&
	       (addr_compare(&next->first, &range->last) <= 0 ||
		addr_equal(&next->first, &after));
}

void table_seal(struct table *table)
{
	struct addr_range *ranges = table->ranges;
	size_t merged = 0;

	table->sealed = true;
	if (table->len == 0)
		return;
	qsort(ranges, table->len, sizeof(*ranges), compare_first);
	for (size_t i = 1; i < table->len; i++) {
		if (!touches(&ranges[merged], &ranges[i]))
			ranges[++merged] = ranges[i];
		else if (addr_compare(&ranges[i].last, &ranges[merged].last) >
			 0)
			ranges[merged].last = ranges[i].last;
	}
	table->len = merged + 1;
}

size_t table_range_count(const struct table *table)
{
	assert(table->sealed);
	return table->len;
}

const struct addr_range *table_range(const struct table *table, size_t index)
{
	assert(table->sealed && index < table->len);
	return &table->ranges[index];
}

/* The first range that does not end before @addr; .len: there is none. */
static size_t find_range(const struct table *table, const struct addr *addr)
{
	size_t low = 0;
	size_t high = table->len;

	assert(table->sealed);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (addr_compare(&table->ranges[middle].last, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool table_contains(const struct table *table, const struct addr *addr)
{
	size_t i = find_range(table, addr);

	return i < table->len && addr_range_contains(&table->ranges[i], addr);
}

bool table_overlaps(const struct table *table, const struct addr_range *range)
{
	size_t i = find_range(table, &range->first);

	return i < table->len &&
	       addr_compare(&table->ranges[i].first, &range->last) <= 0;
}

int table_set_options(struct table *table, const struct table_options *options)
{
	size_t max = options->max_entries;
	struct live_set *live = NULL;

	if (options->dynamic) {
		live = live_create(max ? max : TABLE_LIVE_DEFAULT);
		if (!live)
			return -ENOMEM;
	}
	disown_live(table);
	table->live = live;
	table->owns_live = true;
	table->options = *options;
	return 0;
}

const struct table_options *table_options(const struct table *table)
{
	return &table->options;
}

struct live_set *table_live(const struct table *table)
{
	return table->live;
}

void table_inherit(struct table *table, struct table *from)
{
	if (!table->live || !from->live)
		return;
	if (live_max(table->live) != live_max(from->live)) {
		(void)live_copy(table->live, from->live);
		return;
	}
	disown_live(table);
	table->live = from->live;
	from->owns_live = false;
}

bool table_has(const struct table *table, const struct addr *addr, msec_t now)
{
	if (table_contains(table, addr))
		return true;
	return table->live && live_find(table->live, addr, now, NULL);
}
