/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine and its twin, and what must be true of every verdict.
 *
 * The twin is spared what must not matter: packets that the engine drops, and
 * the sweeps of expired connections.  If the two ever differ in a verdict or in
 * a connection, a dropped packet has left something behind that no list shows.
 *
 * What is not true ends the program.
 */
#ifndef FUZZ_TWIN_H
#define FUZZ_TWIN_H

#include "engine/engine.h"

enum {
	TWIN_CONNS_MAX = 64, /* more than there are tuples */
	TWIN_CONNS_FEW = 6,  /* and less: then there is no twin */

	/* What the rules are like; bits of a number below TWIN_RULE_SETS. */
	TWIN_DENY_CLIENT = 1,
	TWIN_DENY_SERVER = 2,
	TWIN_LOOSE = 4,
	TWIN_STRICT = 8,  /* no simultaneous open, no data in SYNs */
	TWIN_LIMITS = 16, /* of half-open connections; with few alone */
	TWIN_RULE_SETS = 32,

	/* Connections to and from these ports are tracked that way. */
	TWIN_PORT_SLOPPY = 81,
	TWIN_PORT_LIBERAL = 82,
};

/* Who takes part: clients, servers, and a router between them. */
enum twin_host { TWIN_CLIENT, TWIN_SERVER, TWIN_ROUTER, TWIN_HOSTS };

extern const char *const twin_addresses[2][TWIN_HOSTS]; /* IPv4, IPv6 */

struct twin_view {
	struct conn_info conns[TWIN_CONNS_MAX];
	size_t count;
};

struct twin {
	bool has_few; /* and so no twin */
	struct pool *pools[2];
	struct halfopen *halfopens[2];
	struct engine *engines[2];
	unsigned int rules;
	struct rule_heir *map; /* from the rules of before */
	msec_t now;
	uint64_t last_id; /* that was seen */

	/* If not NULL, called before it is checked what must be true. */
	void (*show)(const struct twin *twin, const struct verdict *verdict);

	/* Of the last packet. */
	struct packet pkt; /* set if .was_understood */
	bool was_understood;
	struct twin_view before;
	struct twin_view after;
};

void twin_start(struct twin *twin, bool has_few);
/* Lets all connections expire, and sees whether anything is left. */
void twin_stop(struct twin *twin);

struct verdict twin_judge(struct twin *twin, const struct packet_meta *meta,
			  const void *data, size_t len);

/*
 * Limits count connections that are expired and not swept yet, so a twin that
 * is not swept has other ones: they are left out unless there are few.
 */
void twin_set_rules(struct twin *twin, unsigned int rules,
		    enum recheck recheck);
void twin_expire(struct twin *twin, size_t budget);
void twin_relieve(struct twin *twin, msec_t quiet_min, size_t budget);
void twin_note_loss(struct twin *twin);

/* The connection of that id; NULL: there is none. */
const struct conn_info *twin_find(const struct twin_view *view, uint64_t id);

/* Ends the program, saying @what is not true, unless it @holds. */
void twin_check(bool holds, const char *what);

#endif
