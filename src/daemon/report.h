/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon has done and what it knows, as lines for the log.
 */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

#include "daemon/dataplane.h"
#include "daemon/queue.h"

/* How many packets, by verdict and by reason, and how many connections. */
void report_verdicts(struct dataplane *dp, void (*write)(const char *line));

void report_queue(const struct queue *queue, void (*write)(const char *line));

/* A line for each live connection. */
void report_connections(struct dataplane *dp, msec_t now,
			void (*write)(const char *line));

#endif
