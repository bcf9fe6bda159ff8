/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets to be logged, on their way from a worker to the main thread.
 *
 * A ring with one writer and one reader, and no lock: a worker never waits for
 * the log.  When the ring is full, packets are counted instead.
 */
#ifndef DAEMON_PACKETLOG_H
#define DAEMON_PACKETLOG_H

#include "daemon/dataplane.h"
#include "engine/packet.h"

struct packetlog;

struct packetlog *packetlog_create(void); /* NULL: no memory */
void packetlog_destroy(struct packetlog *log);

/* Called by the worker alone. */
void packetlog_put(struct packetlog *log, const struct packet *pkt,
		   const struct judged *judged);

/*
 * Called by the main thread alone: one line for each packet that is there now,
 * and one for those that were left out.
 */
void packetlog_drain(struct packetlog *log, void (*write)(const char *line));

#endif
