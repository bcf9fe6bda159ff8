/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with a packet, and why.
 */
#ifndef ENGINE_VERDICT_H
#define ENGINE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/reason.h"

struct table;

enum action { ACTION_ACCEPT, ACTION_DROP, ACTION_REJECT, ACTION_COUNT };

extern const char *const action_names[ACTION_COUNT];

/* No rule: the policy decided, or nobody asked. */
#define RULE_NONE UINT32_MAX

/* How a packet stands to the connection that it belongs to, if any. */
struct verdict_conn {
	uint64_t id; /* counts up from 1; 0: no connection */
	const char
		*state; /* after the packet, a constant; NULL: no connection */
	bool reply;     /* direction reply rather than original */
};

/*
 * What would have become of the packet without an audit: that of the first
 * rule in audit mode, or with the whole policy in audit mode its verdict.
 */
struct verdict_would {
	enum action action;
	enum reason reason; /* REASON_NONE: no audit, or the same */
	uint32_t rule;      /* in audit mode, or that would have decided */
};

/*
 * A source is over the limit of a rule, and is to go into a dynamic table.
 * The driver does that when it holds no lock of the engine's any more.
 *
 * The source is proven.  Anybody can send a SYN in the name of another; so the
 * connections count that a source has opened by a whole handshake, and only
 * when these alone use up the limit is the source put into the table.  Of other
 * protocols there is no proof, and their limits never fill a table.
 */
struct overload {
	const struct table *table; /* of the rules in force, dynamic */
	struct prefix source;
	bool kill; /* and its connections are to be closed: engine_close() */
};

struct verdict {
	enum action action;
	enum reason reason;
	uint32_t rule; /* that decided, or that opened the connection */
	bool log;      /* some rule asks for a line in the log ... */
	/* ... this one: the first in order, perhaps one that continues or is
	 * in audit mode; RULE_NONE: the policy. */
	uint32_t log_rule;
	struct verdict_conn conn;
	struct verdict_would would;
	/* The engine's, until it judges another packet; NULL: nothing. */
	const struct overload *overload;
	/*
	 * Of a packet that passes: the bits of .mark_mask in its mark become
	 * those of .mark, and the others stay as they are.
	 */
	uint32_t mark;
	uint32_t mark_mask;
};

static inline struct verdict verdict_drop(enum reason reason)
{
	return (struct verdict){ .action = ACTION_DROP,
				 .reason = reason,
				 .rule = RULE_NONE };
}

/* It ends what somebody has begun, or lets it begin: not one of many. */
static inline bool verdict_is_notable(const struct verdict *verdict)
{
	return verdict->action != ACTION_ACCEPT ||
	       verdict->reason == REASON_NEW ||
	       verdict->reason == REASON_PICKUP;
}

/* The mark with which a packet passes that came with @mark. */
static inline uint32_t verdict_mark(const struct verdict *verdict,
				    uint32_t mark)
{
	return (mark & ~verdict->mark_mask) | verdict->mark;
}

#endif
