/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All the queues of the daemon, each with its worker and its packet log.
 */
#ifndef DAEMON_LANES_H
#define DAEMON_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/dataplane.h"
#include "daemon/queue.h"

struct lanes;

struct fdstore;
struct recorder;

struct lanes_params {
	uint16_t first; /* numbers of the queues */
	uint16_t last;
	uint32_t length; /* packets that may wait in each */
	struct queue_marks marks;
	bool fails_open;
	struct dataplane *dataplane; /* not owned, as the next one */
	struct fdstore *store;       /* with sockets of the process before */
};

/*
 * Binds all queues, or none: NULL, and the log says why.  Until they are
 * started, packets wait in them.
 */
struct lanes *lanes_open(const struct lanes_params *params,
			 enum queue_fault *fault);
/*
 * Workers must be stopped.  Packets that wait are for the next process, or are
 * dropped by the kernel if systemd does not keep the sockets.
 */
void lanes_close(struct lanes *lanes);

/* @caged: see cage.h.  false: not every worker started. */
bool lanes_start(struct lanes *lanes, bool caged);
void lanes_stop(struct lanes *lanes); /* waits for the workers */

/* Whether every worker has moved since the last call that said so. */
bool lanes_all_moved(struct lanes *lanes);
/* Whether a queue is lost; the log says which. */
bool lanes_have_failed(const struct lanes *lanes);

/* Packets that were dropped, since nobody would have answered a reject. */
uint64_t lanes_unanswered(const struct lanes *lanes);

/* What the workers had to log. */
void lanes_drain_logs(struct lanes *lanes, void (*write)(const char *line));
void lanes_report(const struct lanes *lanes, void (*write)(const char *line));

/*
 * What worker @number has decided; NULL: there are not so many, or @lanes is
 * NULL.
 */
const struct recorder *lanes_recorder(const struct lanes *lanes, size_t number);

#endif
