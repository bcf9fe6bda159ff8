/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last decisions of a worker that somebody may ask about: packets that did
 * not pass, and those that opened a connection.
 *
 * A ring that forgets the oldest, with one writer that never waits and any
 * number of readers.
 */
#ifndef DAEMON_RECORDER_H
#define DAEMON_RECORDER_H

#include "daemon/dataplane.h"
#include "engine/packet.h"

enum { RECORDER_LEN = 4096 /* decisions; a power of two */ };

struct decision {
	msec_t when;
	struct tuple tuple; /* .ipversion 0: nothing was understood of it */
	uint8_t hook;
	uint8_t action;
	uint8_t reason;
	char rule[NAME_MAX_LEN + 1]; /* "": the policy, or nobody asked one */
};

struct recorder;

struct recorder *recorder_create(void); /* NULL: no memory */
void recorder_destroy(struct recorder *recorder);

/* Called by the worker alone, for verdict_is_notable(). */
void recorder_put(struct recorder *recorder, const struct packet *pkt,
		  const struct judged *judged, msec_t now);

/* For any thread: how many there were since the start. */
uint64_t recorder_count(const struct recorder *recorder);
/* Number @number of them, from 0; false: it is forgotten, or yet to come. */
bool recorder_get(const struct recorder *recorder, uint64_t number,
		  struct decision *decision);

#endif
