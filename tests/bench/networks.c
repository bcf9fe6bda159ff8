/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a table of a million networks costs: reading it from a file, its memory,
 * asking it, and adding to a dynamic one while others ask.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/figures.h"
#include "engine/live.h"
#include "engine/table.h"
#include "policy/table_file.h"
#include "unit/random.h"

enum { NETWORKS = 1000000, LOOKUPS = 1 << 20, ADDITIONS = 200000, NOW = 1 };

static void print(const char *name, const char *unit, const struct runs *runs,
		  double at_most)
{
	const struct figure figure = { "networks", name, unit, at_most, 0 };

	figure_print(&figure, runs);
}

/* No two alike, and none next to another, so that all of them stay. */
static void store_network(uint8_t octets[4], uint32_t number)
{
	uint32_t scattered = number * 2654435761U;

	octets[0] = (uint8_t)(1 + (scattered >> 24) % 220);
	octets[1] = (uint8_t)(scattered >> 16);
	octets[2] = (uint8_t)(scattered >> 8);
	octets[3] = (uint8_t)(scattered & 0xfe);
}

static void write_file(const char *path)
{
	FILE *file = fopen(path, "w");

	need(file != NULL, "the file of networks cannot be written");
	for (uint32_t i = 0; i < NETWORKS; i++) {
		uint8_t octets[4];

		store_network(octets, i);
		(void)fprintf(file, "%u.%u.%u.%u\n", octets[0], octets[1],
			      octets[2], octets[3]);
	}
	need(fclose(file) == 0, "the file of networks cannot be written");
}

static struct table *load(const char *path, struct runs *time)
{
	struct table *table = table_create("bench");
	struct table_file file = { .table = table, .path = path };
	struct diagnostics diags = { 0 };
	uint64_t start = clock_cpu();

	need(table && !table_file_read(&file, &diags) &&
		     table_seal(table) == 0 && file.entries == NETWORKS,
	     "the table cannot be loaded");
	runs_add(time, (double)(clock_cpu() - start) / 1e6);
	diagnostics_fini(&diags);
	return table;
}

static struct addr random_addr(uint64_t *seed)
{
	uint8_t octets[4];

	/* Every other one is in it. */
	if (random_below(seed, 2)) {
		store_network(octets, random_below(seed, NETWORKS));
	} else {
		uint32_t number = random_next(seed);

		memcpy(octets, &number, sizeof(octets));
	}
	return addr_from_ipv4(octets);
}

static void ask(const struct table *table, struct runs *time)
{
	static struct addr addrs[LOOKUPS];
	uint64_t seed = 7;
	size_t found = 0;
	uint64_t start;

	for (size_t i = 0; i < LOOKUPS; i++)
		addrs[i] = random_addr(&seed);
	start = clock_cpu();
	for (size_t i = 0; i < LOOKUPS; i++)
		found += table_contains(table, &addrs[i]);
	runs_add(time, (double)(clock_cpu() - start) / LOOKUPS);
	need(found > LOOKUPS / 3, "networks are not found");
}

static void measure_table(void)
{
	char path[] = "/tmp/statewall-bench-XXXXXX";
	int fd = mkstemp(path);
	struct runs loading = { 0 };
	struct runs asking = { 0 };
	struct runs memory = { 0 };

	need(fd >= 0 && close(fd) == 0, "there is no room for a file");
	write_file(path);
	for (int i = 0; i < RUNS; i++) {
		size_t before = memory_used();
		struct table *table = load(path, &loading);

		runs_add(&memory, (double)(memory_used() - before) / NETWORKS);
		ask(table, &asking);
		table_destroy(table);
	}
	(void)unlink(path);
	print("a million, loaded from a file", "ms", &loading, 1000);
	print("memory of one of IPv4", "octets", &memory, 16);
	print("a lookup in a million", "ns", &asking, 500);
}

/* Another thread that asks all the time. */
struct asker {
	const struct live_set *set;
	_Atomic bool stop;
	size_t found;
};

static void *ask_on(void *arg)
{
	struct asker *asker = arg;
	uint64_t seed = 9;

	pin_to_cpu(0);
	while (!atomic_load(&asker->stop)) {
		struct addr addr = random_addr(&seed);

		asker->found += live_find(asker->set, &addr, NOW, NULL);
	}
	return NULL;
}

/* The longest of all that were added in a run, and the mean. */
static void add_all(struct live_set *set, struct runs *mean, struct runs *most)
{
	uint64_t sum = 0;
	uint64_t max = 0;

	for (uint32_t i = 0; i < ADDITIONS; i++) {
		struct live_entry entry = { .expires = LIVE_FOREVER };
		uint8_t octets[4];
		struct addr addr;
		uint64_t spent;

		store_network(octets, i);
		addr = addr_from_ipv4(octets);
		entry.prefix = prefix_of(&addr, 128);
		spent = clock_cpu();
		need(live_add(set, &entry, NOW) == LIVE_ADDED, "it is full");
		spent = clock_cpu() - spent;
		sum += spent;
		max = spent > max ? spent : max;
	}
	runs_add(mean, (double)sum / ADDITIONS);
	runs_add(most, (double)max);
}

static void measure_additions(void)
{
	struct live_set *set = live_create(TABLE_LIVE_MAX);
	struct asker asker = { .set = set };
	struct runs mean = { 0 };
	struct runs most = { 0 };
	pthread_t thread;

	need(set && pthread_create(&thread, NULL, ask_on, &asker) == 0,
	     "no memory");
	for (int i = 0; i < RUNS; i++) {
		add_all(set, &mean, &most);
		live_clear(set);
	}
	atomic_store(&asker.stop, true);
	(void)pthread_join(thread, NULL);
	live_destroy(set);
	print("adding one while others ask, mean", "ns", &mean, 1e6);
	print("adding one while others ask, slowest of 200,000", "ns", &most,
	      0);
}

int main(void)
{
	pin_to_cpu(1);
	figure_print_noise("networks");
	measure_table();
	measure_additions();
	return EXIT_SUCCESS;
}
