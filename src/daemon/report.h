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

/*
 * A line for each live connection, REPORT_CONNECTIONS_MAX at most, and how many
 * there are beyond: writing all of a large table would hold up the main thread
 * for seconds.
 */
enum { REPORT_CONNECTIONS_MAX = 1000 };

void report_connections(struct dataplane *dp, msec_t now,
			void (*write)(const char *line));

/* How many connections a new policy has closed, and a line for the first. */
void report_closed(const struct recheck_report *report,
		   void (*write)(const char *line));

#endif
