/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables: networks of the configuration, and what is added at run time.
 */
#include "engine/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/live.h"
#include "engine/networks.h"

struct table {
	char *name;
	struct table_options options;
	struct live_set *live; /* NULL: not dynamic */
	bool owns_live;
	struct networks networks;
	bool sealed;
};

struct table *table_create(const char *name)
{
	size_t size = strlen(name) + 1;
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	networks_init(&table->networks);
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
	networks_fini(&table->networks);
	free(table->name);
	free(table);
}

const char *table_name(const struct table *table)
{
	return table->name;
}

int table_add(struct table *table, const struct addr_range *range)
{
	table->sealed = false;
	return networks_add(&table->networks, range);
}

int table_exclude(struct table *table, const struct addr_range *range)
{
	table->sealed = false;
	return networks_exclude(&table->networks, range);
}

int table_seal(struct table *table)
{
	table->sealed = true;
	return networks_seal(&table->networks);
}

size_t table_range_count(const struct table *table)
{
	assert(table->sealed);
	return networks_count(&table->networks);
}

struct addr_range table_range(const struct table *table, size_t index)
{
	assert(table->sealed);
	return networks_range(&table->networks, index);
}

bool table_has_family(const struct table *table, unsigned int ipversion)
{
	assert(table->sealed);
	return networks_have(&table->networks, ipversion);
}

bool table_contains(const struct table *table, const struct addr *addr)
{
	assert(table->sealed);
	return networks_contain(&table->networks, addr);
}

bool table_overlaps(const struct table *table, const struct addr_range *range)
{
	assert(table->sealed);
	return networks_overlap(&table->networks, range);
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
