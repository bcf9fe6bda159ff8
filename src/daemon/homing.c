/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters of each processor, and the thread's affinity.
 */
#include "daemon/homing.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/placement.h"

/* A processor is a line of 135 octets. */
enum { TEXT_LEN = 1 << 16 };

struct homing {
	struct placement placement;
	int counters; /* open file */
	uint32_t processed[CPU_SETSIZE];
	char text[TEXT_LEN];
};

struct homing *homing_start(void)
{
	struct homing *homing = calloc(1, sizeof(*homing));
	cpu_set_t allowed;
	int cpu = sched_getcpu();

	if (!homing)
		return NULL;
	if (cpu < 0 || sched_getaffinity(0, sizeof(allowed), &allowed) < 0 ||
	    CPU_COUNT(&allowed) < 2)
		goto err;
	homing->counters = open("/proc/thread-self/net/softnet_stat",
				O_RDONLY | O_CLOEXEC);
	if (homing->counters < 0)
		goto err;
	placement_init(&homing->placement, &allowed, (unsigned int)cpu);
	return homing;

err:
	free(homing);
	return NULL;
}

void homing_end(struct homing *homing)
{
	if (!homing)
		return;
	(void)close(homing->counters);
	free(homing);
}

static bool look(struct homing *homing, msec_t now)
{
	ssize_t len = pread(homing->counters, homing->text, TEXT_LEN - 1, 0);
	int cpu = sched_getcpu();
	size_t count;

	if (len < 0 || cpu < 0)
		return false;
	homing->text[len] = '\0';
	count = placement_read(homing->text, homing->processed, CPU_SETSIZE);
	return placement_compare(&homing->placement, homing->processed, count,
				 (unsigned int)cpu, now);
}

/* Where it may not be moved it stays, which is slower and no more. */
static void move(const struct homing *homing)
{
	cpu_set_t cpus = placement_cpus(&homing->placement);

	(void)sched_setaffinity(0, sizeof(cpus), &cpus);
}

void homing_note(struct homing *homing, size_t packets, msec_t now)
{
	bool moves;

	if (!homing)
		return;
	moves = placement_note(&homing->placement, packets);
	if (placement_is_due(&homing->placement, now))
		moves |= look(homing, now);
	if (moves)
		move(homing);
}
