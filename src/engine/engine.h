/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline: a packet and the time in, a verdict out.
 *
 * An engine is one shard of the connection table with its counters.  It knows
 * no clock, no thread and no socket.  Whoever drives it gives every packet of
 * a pair of hosts to the same engine (see engine_shard()) and never two at a
 * time.  Several engines share one pool, so that each may use all of it.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/packet.h"
#include "engine/pool.h"
#include "engine/ruleset.h"
#include "engine/siphash.h"
#include "engine/timeout.h"
#include "engine/verdict.h"

struct engine;
struct flood;
struct halfopen;
struct meanings;
struct restored;
struct sources;

struct engine_stats {
	uint64_t packets[ACTION_COUNT];
	uint64_t reasons[REASON_COUNT];
	uint64_t created; /* connections, since the start */
	uint64_t evicted; /* of them, before their time, to make room */
	uint64_t conns;   /* connections, now */
	uint64_t policy[HOOK_COUNT]; /* packets that no rule matched */
	/* Packets that passed in audit mode only, by what they were spared. */
	uint64_t would[REASON_COUNT];
};

/* What a rule did, since it was first loaded under its name. */
struct rule_stats {
	uint64_t matches; /* packets about which it was asked and matched */
	uint64_t packets; /* these, and those of the connections it let in */
	uint64_t bytes;   /* of the same */
	uint64_t limited; /* packets that were over its limit or its maximum */
	uint64_t would; /* packets that it would have refused, in audit mode */
	msec_t last;    /* when it last matched; meaningless without .matches */
};

/*
 * @pool must outlive the engine; it is not owned.  @number of @count makes the
 * ids of connections differ between the engines that share a pool.  NULL: no
 * memory.
 */
struct engine_params {
	const struct ruleset *rules; /* not owned: see engine_set_rules() */
	struct pool *pool;
	struct halfopen *halfopen; /* as @pool; NULL: no limits of that kind */
	struct sources *sources;   /* as @pool; NULL: no limits per source */
	struct flood *flood;       /* as @pool; NULL: floods are not noticed */
	struct hash_key key;
	uint32_t number;
	uint32_t count;
	msec_t start; /* the time now; connections may be older */
	/* Unix time in ms when the monotonic clock was 0: for rules with a date. */
	int64_t wall;
	/*
	 * Where a process that comes after this one will look for what the
	 * connections in the pool mean: an empty meanings.h, and what conntrack.h
	 * says.  Not owned; NULL: nobody will.
	 */
	struct meanings *meanings;
	uint32_t *touched;
};

struct engine *engine_create(const struct engine_params *params);
void engine_destroy(struct engine *eng);

/* The wall clock was set: see struct engine_params.wall. */
void engine_set_wall(struct engine *eng, int64_t wall);
/* So many seconds the local time is ahead of UTC now: for schedules. */
void engine_set_offset(struct engine *eng, int32_t offset);

/*
 * Which of @count engines (a power of two) is responsible for the packet.  It
 * depends only on the hosts of the connection that the packet is about, so
 * that a connection and the ICMP errors about it meet.
 */
size_t engine_shard(const struct packet *pkt, const struct hash_key *key,
		    size_t count);

/* Counters for an engine that is to get these rules.  NULL: no memory. */
struct rule_stats *rule_stats_create(const struct ruleset *rules);

/*
 * From its return on @rules are in force.  @map, of ruleset_map(), leads from
 * the rules of before to these: counters are kept by name, and connections go
 * on until engine_recheck() comes to them.  @rules and @map must live until
 * others replace them; @stats is the engine's from now on.
 */
void engine_set_rules(struct engine *eng, const struct ruleset *rules,
		      const struct rule_heir *map, struct rule_stats *stats);

/* What happens to connections when the rules have changed. */
enum recheck {
	RECHECK_KEEP,  /* they go on */
	RECHECK_JUDGE, /* those go on that the rules would let in now */
	RECHECK_FLUSH, /* they are closed */
};

struct conn_info;

/*
 * Goes on with that, through a bounded part of the table; @closed is told of
 * each connection that ends by it, and why.  true: all are done.
 */
bool engine_recheck(struct engine *eng, enum recheck recheck, msec_t now,
		    void (*closed)(const struct conn_info *conn,
				   const struct verdict *verdict, void *arg),
		    void *arg);

/*
 * Judges a packet that packet_parse() understood.  The state is committed when
 * this returns.
 */
struct verdict engine_decide(struct engine *eng, const struct packet *pkt,
			     msec_t now);

/*
 * The same in steps, for a batch of packets.  With many connections their
 * memory is far away, and a packet that waits for it alone waits longer than
 * all of its judgement takes; so it is asked for ahead: first look ahead for
 * all packets of the batch, then fetch for all, then judge each.  Any thread
 * may do the first two while another one drives the engine; they change
 * nothing.  @key is that of @pkt, made by the same engine at any time.
 */
void engine_look_ahead(const struct engine *eng, const struct packet *pkt,
		       struct tuple_key *key);
void engine_fetch(const struct engine *eng, const struct tuple_key *key);
void engine_judge(struct engine *eng, const struct packet *pkt,
		  const struct tuple_key *key, msec_t now,
		  struct verdict *verdict);

/* Counts a packet that packet_parse() refused, and makes its verdict. */
struct verdict engine_refuse(struct engine *eng, enum reason reason);

/* What became of the connections that were there before the start. */
enum engine_past {
	ENGINE_PAST_NONE, /* nobody knows of any: as at the start */
	ENGINE_PAST_KEPT, /* they are here */
	ENGINE_PAST_LOST,
};

/*
 * Whether ends of connections that the start has cut may go on, for as long as
 * tcp.pickup_grace says: if they are here none has to, and if they are lost
 * they may although tcp.pickup is strict.
 */
void engine_set_past(struct engine *eng, enum engine_past past);

/*
 * Takes over a connection of a process that has ended; false: there is no room
 * for it, or its tuple is here already.  When all are here, new connections are
 * to have larger ids.
 */
bool engine_restore(struct engine *eng, const struct restored *restored,
		    msec_t now);
void engine_skip_ids(struct engine *eng, uint64_t id);

/*
 * Has all connections judged again by the rules in force, as if these were new:
 * engine_recheck() does it.  @map leads from each rule to itself, and must live
 * until the rules are replaced.
 */
void engine_renew_rules(struct engine *eng, const struct rule_heir *map);

/*
 * Ends the recheck that goes on: connections that it has not come to go on by
 * the rules in force.
 */
void engine_finish_recheck(struct engine *eng);

/*
 * Packets may have passed unseen, in a queue that overran or failed open: from
 * now on the connections of before are believed to have sent what they say.
 */
void engine_note_loss(struct engine *eng, msec_t now);

/*
 * Forgets up to @budget connections whose time is over.  To be called a few
 * times a second; correctness does not depend on it.  Returns how many.
 */
size_t engine_expire(struct engine *eng, msec_t now, size_t budget);

/*
 * Makes room until the table is full to nine tenths: removes up to @budget
 * connections that may go and did not move for @quiet_min.  Engines that share
 * a pool are to be called in turn, with less and less of that, or one gives up
 * what is young while another keeps what is old.  Returns how many.
 */
size_t engine_relieve(struct engine *eng, msec_t quiet_min, msec_t now,
		      size_t budget);

const struct engine_stats *engine_stats(const struct engine *eng);
/* Of the rule of that number in the rules in force. */
const struct rule_stats *engine_rule_stats(const struct engine *eng,
					   size_t rule);

/* A connection as people see it: a copy that stays valid. */
struct conn_info {
	uint64_t id;
	struct tuple tuple; /* as its first packet had it */
	const char *state;  /* a constant */
	bool assured;
	uint32_t rule; /* in the rules in force, or RULE_NONE */
	/* Of its first packet; "": none, or not known. */
	enum hook hook;
	char indev[PACKET_IFNAME_LEN];
	char outdev[PACKET_IFNAME_LEN];
	uint32_t mark; /* of its packets, in .mark_mask: see struct verdict */
	uint32_t mark_mask;
	msec_t created;
	msec_t expires;
	uint64_t packets[DIR_COUNT];
	uint64_t bytes[DIR_COUNT];
};

/*
 * Copies up to @max live connections from position *@cursor on (start with 0)
 * and advances it.  Returns how many; *@cursor is SIZE_MAX after the last one.
 * The work of one call is bounded, so it may return 0 before the end.
 */
size_t engine_list(const struct engine *eng, msec_t now, size_t *cursor,
		   struct conn_info *list, size_t max);

struct engine_close {
	bool (*wanted)(const struct conn_info *conn, void *arg);
	void (*closed)(const struct conn_info *conn, void *arg); /* or NULL */
	void *arg;
};

/*
 * Closes the connections that are wanted, and tells of each, from position
 * *@cursor on as engine_list() has it.  The work of one call is bounded.
 * Returns how many it closed.
 */
size_t engine_close(struct engine *eng, msec_t now, size_t *cursor,
		    const struct engine_close *close);

#endif
