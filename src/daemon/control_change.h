/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes, on their way from the thread of the control sockets to the main
 * thread and back.  The main thread does one at a time, in the order in which
 * they came, and says in the log who made it.
 */
#ifndef DAEMON_CONTROL_CHANGE_H
#define DAEMON_CONTROL_CHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "daemon/control_method.h"
#include "daemon/event.h"
#include "daemon/reload.h"

struct changes;

/* Whom the kernel says to be at the other end: SO_PEERCRED. */
struct control_peer {
	uid_t uid;
	pid_t pid;
	char text[INFORCE_AUTHOR_LEN]; /* "anna (uid 1000, pid 4711)" */
};

struct change {
	const struct control_context *context;
	struct reload *reload;
	const struct control_method *method;
	json_t *parameters; /* owned */
	struct control_peer peer;
	struct changes *changes;
	/* What only one method knows. */
	void *state;
	/* Of the thread of the sockets. */
	uint64_t client;
	json_t *reply; /* owned */
	struct change *next;
};

/* For the main thread.  NULL: no memory or descriptors. */
struct changes *changes_create(const struct control_context *context,
			       struct reload *reload, struct event_loop *loop);
void changes_destroy(struct changes *changes);
/*
 * Begins one change if none is going on: the handler of the event loop, which
 * comes again for the next one.
 */
void changes_turn(void *arg); /* struct changes */
/* Whether tables have changed since the last call. */
bool changes_of_tables(struct changes *changes);
void changes_note_tables(struct changes *changes);

/*
 * A method has done its change: @reply (NULL: no memory) goes to who asked for
 * it, and @change is gone.  It may do so later than it returns.
 */
void change_finish(struct change *change, json_t *reply);
/* Who does what goes to the log, printf-like. */
__attribute__((format(printf, 2, 3))) void
change_log(const struct change *change, const char *format, ...);

/* For the thread of the sockets. */

/* Takes @parameters.  false: no memory; they are freed. */
bool changes_put(struct changes *changes, const struct control_method *method,
		 json_t *parameters, const struct control_peer *peer,
		 uint64_t client);
/* Becomes readable when changes_collect() has something. */
int changes_fd(const struct changes *changes);
/* One that is done, to be freed with change_destroy(); NULL: there is none. */
struct change *changes_collect(struct changes *changes);
void change_destroy(struct change *change);

#endif
