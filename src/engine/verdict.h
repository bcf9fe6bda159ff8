/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with a packet, and why.
 */
#ifndef ENGINE_VERDICT_H
#define ENGINE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/reason.h"

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

struct verdict {
	enum action action;
	enum reason reason;
	uint32_t rule; /* that decided, or that opened the connection */
	bool log;      /* the rule asks for a line in the log */
	struct verdict_conn conn;
};

static inline struct verdict verdict_drop(enum reason reason)
{
	return (struct verdict){ .action = ACTION_DROP,
				 .reason = reason,
				 .rule = RULE_NONE };
}

#endif
