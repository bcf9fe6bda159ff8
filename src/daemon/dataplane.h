/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine for many threads: shards of {lock, engine, rules}.
 *
 * The shard is chosen by our own hash of the two hosts, so that a connection
 * and the ICMP errors about it meet in one shard, whichever queue and thread
 * they came by.  A lock is held for one packet, or for one slice of
 * housekeeping, and never two at once.
 */
#ifndef DAEMON_DATAPLANE_H
#define DAEMON_DATAPLANE_H

#include <stddef.h>

#include "engine/engine.h"
#include "policy/name.h"

enum { RECHECK_LISTED_MAX = 100 };

struct conntrack_image;
struct dataplane;
struct restore;

/* A verdict with what it needs to be told after the rules have changed. */
struct judged {
	struct verdict verdict;
	/* If it is to be logged: the rule that asks for it; "": the policy. */
	char rule[NAME_MAX_LEN + 1];
	/* Of one that is notable, the rule that decided; "": the policy. */
	char decider[NAME_MAX_LEN + 1];
};

/*
 * Room for @max_conns connections over all shards.  Owns @rules if it
 * succeeds.  NULL: no memory.
 */
struct dataplane *dataplane_create(size_t max_conns, const struct hash_key *key,
				   struct ruleset *rules, msec_t now);
/*
 * The same with its connections in @image, which was made for as many, the same
 * key and DATAPLANE_SHARDS shards.  It must outlive the dataplane.
 */
enum { DATAPLANE_SHARDS = 16 /* a power of two; many times the threads */ };

struct dataplane *dataplane_create_in(struct conntrack_image *image,
				      size_t max_conns,
				      const struct hash_key *key,
				      struct ruleset *rules, msec_t now);
void dataplane_destroy(struct dataplane *dp);

struct judged dataplane_decide(struct dataplane *dp, const struct packet *pkt,
			       msec_t now);
/*
 * The same for up to DATAPLANE_PART_MAX packets at once, in their order: their
 * connections are asked of the memory together (see engine_look_ahead()).
 */
enum { DATAPLANE_PART_MAX = 32 };

void dataplane_judge(struct dataplane *dp, const struct packet *packets,
		     size_t count, msec_t now, struct judged *judged);
/* A packet that cannot be parsed. */
struct verdict dataplane_refuse(struct dataplane *dp, enum reason reason);

/*
 * From its return on every packet is judged by @rules, which it owns; the old
 * ones are freed.  Call dataplane_recheck() until it is done.  false: no
 * memory; nothing has changed, and @rules are still the caller's.
 */
bool dataplane_set_rules(struct dataplane *dp, struct ruleset *rules);

/*
 * Those in force.  For the thread that changes them, which alone changes what
 * is in their tables as well.
 */
const struct ruleset *dataplane_rules(const struct dataplane *dp);

/* Of the connections of a process that has ended. */
struct restore_counts {
	size_t restored;
	size_t damaged; /* left out */
	size_t no_room; /* left out, in a table that is smaller now */
};

/*
 * Before the first packet: takes over all of @restore.  Then the rules in force
 * are to judge them, as if they were new: call dataplane_recheck() until it is
 * done.  false: no memory, and they will not be judged.
 */
bool dataplane_restore(struct dataplane *dp, struct restore *restore,
		       msec_t now, struct restore_counts *counts);

/* See engine_set_past(). */
void dataplane_set_past(struct dataplane *dp, enum engine_past past);

/* A connection that the new rules have closed. */
struct closed_conn {
	struct conn_info conn;
	enum reason reason;
	char rule[NAME_MAX_LEN + 1]; /* that would refuse it; "": the policy */
};

/* What a recheck did so far. */
struct recheck_report {
	uint64_t closed;
	size_t listed; /* the first ones */
	struct closed_conn list[RECHECK_LISTED_MAX];
};

/*
 * Does a bounded part of the work that new rules make with the connections,
 * and adds to @report.  true: all is done.
 */
bool dataplane_recheck(struct dataplane *dp, enum recheck recheck, msec_t now,
		       struct recheck_report *report);

/*
 * Forgets connections whose time is over, and makes room in a table that is
 * nearly full: looks at up to @budget connections of each shard.
 */
void dataplane_expire(struct dataplane *dp, msec_t now, size_t budget);

/*
 * Puts those who were over a limit since the last call into the tables that
 * their rules name, and closes their connections if the rules say so.  @told
 * hears of each that was not in there; @full: there was no room for it.
 * Returns how many there were.
 */
size_t dataplane_keep_out(struct dataplane *dp, msec_t now,
			  void (*told)(const struct table *table,
				       const struct prefix *source, bool full));

/* See engine_set_wall() and engine_set_offset(). */
void dataplane_set_wall(struct dataplane *dp, int64_t wall, int32_t offset);

/* Packets may have passed unseen: see engine_note_loss(). */
void dataplane_note_loss(struct dataplane *dp, msec_t now);

struct engine_stats dataplane_stats(struct dataplane *dp);

/* Of @count rules from number @first on, which must be there. */
void dataplane_rule_stats(struct dataplane *dp, size_t first, size_t count,
			  struct rule_stats *stats);

/* Calls @visit for each live connection, with no lock held. */
void dataplane_list(struct dataplane *dp, msec_t now,
		    void (*visit)(const struct conn_info *conn, void *arg),
		    void *arg);

/* The same in parts.  Where the next one begins; all zero: with the first. */
struct dataplane_cursor {
	size_t shard;
	size_t position; /* in it */
};

enum { DATAPLANE_LIST_MAX = 16 };

/*
 * The next connections, DATAPLANE_LIST_MAX at most; *@len is how many, which may
 * be 0 before the end.  false: it is the end.
 */
bool dataplane_list_part(struct dataplane *dp, msec_t now,
			 struct dataplane_cursor *cursor,
			 struct conn_info *list, size_t *len);

/*
 * Closes the connections that are wanted; both functions of @close are called
 * with a shard's lock held.  Returns how many.
 */
size_t dataplane_close(struct dataplane *dp, msec_t now,
		       const struct engine_close *close);

#endif
