/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table like that of the engine: buckets of numbers, and connections.
 */
#include "bench/memory.h"

#include <stdlib.h>

#include "bench/figures.h"
#include "engine/conn.h"
#include "unit/random.h"

enum { PART = 32, LINE = 64, BUCKETS_PER_CONN = 2 };

struct memory {
	size_t conns;
	size_t buckets;     /* a power of two */
	uint32_t *numbers;  /* by bucket */
	struct conn *table; /* of which CONN_HOT_LEN octets each are touched */
	uint32_t *order;    /* buckets, of connections in random order */
	size_t next;
	uint64_t sum;
};

struct memory *memory_create(size_t conns)
{
	struct memory *m = calloc(1, sizeof(*m));
	uint64_t seed = 7;

	need(m != NULL, "no memory");
	m->conns = conns;
	m->buckets = 1;
	while (m->buckets < conns * BUCKETS_PER_CONN)
		m->buckets *= 2;
	m->numbers = calloc(m->buckets, sizeof(*m->numbers));
	m->table = calloc(conns, sizeof(*m->table));
	m->order = calloc(conns, sizeof(*m->order));
	need(m->numbers && m->table && m->order, "no memory");
	for (size_t i = 0; i < conns; i++) {
		uint32_t bucket = random_below(&seed, (uint32_t)m->buckets);

		m->numbers[bucket] = (uint32_t)i;
		m->order[i] = bucket;
		m->table[i].created = (msec_t)i;
	}
	for (size_t i = conns - 1; i > 0; i--) {
		size_t j = random_below(&seed, (uint32_t)i + 1);
		uint32_t other = m->order[j];

		m->order[j] = m->order[i];
		m->order[i] = other;
	}
	return m;
}

void memory_destroy(struct memory *m)
{
	free(m->numbers);
	free(m->table);
	free(m->order);
	free(m);
}

/* As a packet that is accepted writes to each of them. */
static void touch(struct memory *m, uint32_t bucket)
{
	uint8_t *conn = (uint8_t *)&m->table[m->numbers[bucket]];

	for (size_t i = 0; i < CONN_HOT_LEN; i += LINE)
		m->sum += conn[i]++;
	m->sum += conn[CONN_HOT_LEN - 1]++;
}

static void fetch(const struct memory *m, uint32_t bucket)
{
	const uint8_t *conn = (const uint8_t *)&m->table[m->numbers[bucket]];

	for (size_t i = 0; i < CONN_HOT_LEN; i += LINE)
		__builtin_prefetch(&conn[i]);
	__builtin_prefetch(&conn[CONN_HOT_LEN - 1]);
}

static void run_part(struct memory *m)
{
	uint32_t buckets[PART];

	for (size_t i = 0; i < PART; i++) {
		buckets[i] = m->order[m->next];
		m->next = m->next + 1 < m->conns ? m->next + 1 : 0;
		__builtin_prefetch(&m->numbers[buckets[i]]);
	}
	for (size_t i = 0; i < PART; i++)
		fetch(m, buckets[i]);
	for (size_t i = 0; i < PART; i++)
		touch(m, buckets[i]);
}

double memory_run(struct memory *m, size_t count)
{
	uint64_t start = clock_cpu();

	for (size_t i = 0; i < count; i += PART)
		run_part(m);
	return (double)(clock_cpu() - start) / (double)count;
}
