/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to stay at home, and where that is.
 */
#include "daemon/placement.h"

#include <stdlib.h>
#include <string.h>

enum {
	ONE = 1024,        /* packet in a batch */
	WEIGHT = 32,       /* batches that the average remembers */
	FREE_ABOVE = 1638, /* 1.6: it has begun to fall behind */
	BIND_BELOW = 1178, /* 1.15 */
	PAUSE = 50,        /* ms between two looks */
	JUDGED_MIN = 16,   /* packets, fewer say nothing */
	COLUMN_PROCESSED = 0,
	COLUMN_CPU = 12, /* since Linux 5.10; before, the number of the line */
};

void placement_init(struct placement *placement, const cpu_set_t *allowed,
		    unsigned int cpu)
{
	memset(placement, 0, sizeof(*placement));
	placement->allowed = *allowed;
	placement->home = cpu;
	placement->is_free = true;
	placement->average = 2 * ONE;
}

bool placement_note(struct placement *placement, size_t packets)
{
	uint32_t batch = (packets < ONE ? (uint32_t)packets : ONE) * ONE;
	bool was_free = placement->is_free;

	placement->judged += packets;
	placement->average -= placement->average / WEIGHT;
	placement->average += batch / WEIGHT;
	if (placement->average > FREE_ABOVE)
		placement->is_free = true;
	else if (placement->average < BIND_BELOW)
		placement->is_free = false;
	return placement->is_free != was_free;
}

bool placement_is_due(const struct placement *placement, msec_t now)
{
	return placement->judged >= JUDGED_MIN &&
	       now - placement->looked >= PAUSE;
}

static bool is_allowed(const struct placement *placement, size_t cpu)
{
	return CPU_ISSET(cpu, &placement->allowed);
}

/* What came in on that processor, but for what we have sent on ourselves. */
static uint64_t received(const struct placement *placement,
			 const uint32_t *processed, size_t cpu,
			 unsigned int own)
{
	/* The counters have 32 bits. */
	uint32_t delta = processed[cpu] - placement->processed[cpu];

	if (cpu != own)
		return delta;
	return delta > placement->judged ? delta - placement->judged : 0;
}

bool placement_compare(struct placement *placement, const uint32_t *processed,
		       size_t cpus, unsigned int cpu, msec_t now)
{
	bool is_first = placement->looked == 0;
	uint64_t total = 0;
	uint64_t most = 0;
	unsigned int busiest = placement->home;
	bool moves;

	for (size_t i = 0; i < cpus; i++) {
		uint64_t count = received(placement, processed, i, cpu);

		total += count;
		if (count > most && is_allowed(placement, i)) {
			most = count;
			busiest = (unsigned int)i;
		}
	}
	/* Twice as much as all the others, and no less than half of ours. */
	moves = !is_first && busiest != placement->home &&
		most > 2 * (total - most) && 2 * most >= placement->judged;
	if (moves)
		placement->home = busiest;
	memcpy(placement->processed, processed, cpus * sizeof(*processed));
	placement->judged = 0;
	placement->looked = now;
	return moves;
}

cpu_set_t placement_cpus(const struct placement *placement)
{
	cpu_set_t home;

	if (placement->is_free || !is_allowed(placement, placement->home))
		return placement->allowed;
	CPU_ZERO(&home);
	CPU_SET(placement->home, &home);
	return home;
}

/* The number in that column of the line at @text. */
static uint64_t read_column(const char *text, int column, uint64_t otherwise)
{
	uint64_t value = otherwise;
	char *end;

	for (int i = 0; i <= column; i++) {
		value = strtoull(text, &end, 16);
		if (end == text || (*end != ' ' && *end != '\n'))
			return otherwise;
		if (*end == '\n' && i < column)
			return otherwise;
		text = end;
	}
	return value;
}

size_t placement_read(const char *text, uint32_t *processed, size_t max)
{
	size_t count = 0;
	uint64_t line = 0;

	memset(processed, 0, max * sizeof(*processed));
	for (; text && *text; text = strchr(text, '\n')) {
		uint64_t cpu;

		text += *text == '\n';
		if (!*text)
			break;
		cpu = read_column(text, COLUMN_CPU, line++);
		if (cpu >= max)
			continue;
		processed[cpu] =
			(uint32_t)read_column(text, COLUMN_PROCESSED, 0);
		if (count <= cpu)
			count = cpu + 1;
	}
	return count;
}
