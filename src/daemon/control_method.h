/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The methods of the control sockets.
 *
 * Methods that read run in the thread of the sockets, a small part of their
 * work at a time; those that change something run in the main thread, one after
 * the other.  To add one: its function in a file control_*.c, its declaration
 * below and its row in control_method.c; statewalld(8) lists them.
 */
#ifndef DAEMON_CONTROL_METHOD_H
#define DAEMON_CONTROL_METHOD_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/control_message.h"
#include "daemon/dataplane.h"
#include "daemon/inforce.h"

struct change;
struct lanes;

/* What has happened a second, of late; see control_rates.h. */
struct control_rates;

/* What methods look at; nothing is owned. */
struct control_context {
	struct inforce *inforce;
	struct dataplane *dataplane;
	const struct lanes *lanes;
	const char *path; /* of the configuration */
	uint16_t queue_first;
	uint16_t queue_last;
	uint32_t queue_length;
	size_t max_conns;
	msec_t start;
};

/* Of clients, over both sockets: written by their thread, for Status. */
struct control_counts {
	_Atomic uint64_t served;  /* requests */
	_Atomic uint64_t refused; /* clients, for there are too many */
	_Atomic uint64_t slow;    /* clients that did not read, or not finish */
};

/* A request that is being answered. */
struct control_call {
	const struct control_context *context;
	const struct control_rates *rates;
	const struct control_counts *counts;
	const json_t *parameters;
	void *state; /* of a method with .begin, until .end */
	bool last;   /* set by .next: there is no more to come */
	bool waits;  /* set by .next: there is nothing for some time */
};

struct control_method {
	const char *name; /* behind CONTROL_INTERFACE */
	/* One reply, or an error. */
	json_t *(*answer)(const struct control_call *call);
	/*
	 * Or many: .begin returns NULL or an error; .next the next reply's
	 * parameters, or NULL: none now.
	 */
	json_t *(*begin)(struct control_call *call);
	json_t *(*next)(struct control_call *call);
	void (*end)(struct control_call *call);
	/* Or a change; see control_change.h. */
	void (*change)(struct change *change);
};

/* NULL: there is none of that name, which has CONTROL_INTERFACE. */
const struct control_method *control_method_find(const char *name);

/* Parameters: NULL if it is not there or no string. */
const char *control_string(const json_t *parameters, const char *key);
/* An error about it. */
json_t *control_wrong(const char *key, const char *what);

/* control_status.c */
json_t *control_status(const struct control_call *call);

/* control_conns.c */
json_t *control_conns_begin(struct control_call *call);
json_t *control_conns_next(struct control_call *call);
void control_conns_end(struct control_call *call);
void control_kill(struct change *change);

/* control_decisions.c */
json_t *control_decisions_begin(struct control_call *call);
json_t *control_decisions_next(struct control_call *call);
void control_decisions_end(struct control_call *call);

/* control_rules.c */
json_t *control_rules_begin(struct control_call *call);
json_t *control_rules_next(struct control_call *call);
void control_rules_end(struct control_call *call);

/* control_tables.c */
json_t *control_tables(const struct control_call *call);
json_t *control_entries_begin(struct control_call *call);
json_t *control_entries_next(struct control_call *call);
void control_entries_end(struct control_call *call);
json_t *control_table_test(const struct control_call *call);

/* control_table_change.c */
void control_table_add(struct change *change);
void control_table_delete(struct change *change);
void control_table_flush(struct change *change);

/* control_reload.c */
void control_reload(struct change *change);

#endif
