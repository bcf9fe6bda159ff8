/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread for each queue: waits, reads the clock, has packets judged.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/dataplane.h"
#include "daemon/packetlog.h"
#include "daemon/queue.h"

struct worker;

/* None of these is owned; they must outlive the worker. */
struct worker_params {
	struct queue *queue;
	struct dataplane *dataplane;
	struct packetlog *log;
	struct recorder *recorder;
	bool caged; /* see cage.h */
};

/* NULL: no thread. */
struct worker *worker_start(const struct worker_params *params);
/* Asks the thread to end: it answers the packets it has, and no more. */
void worker_ask_to_stop(struct worker *worker);
/* Asks, and waits for it, a quarter of a second at most. */
void worker_stop(struct worker *worker);

/* Counts up at least once in half a second, with or without packets. */
uint64_t worker_heartbeat(const struct worker *worker);
/* Whether its queue is lost, for good. */
int worker_error(const struct worker *worker); /* 0 or errno */

#endif
