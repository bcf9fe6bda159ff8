/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control sockets, and their thread.
 *
 * monitor.sock answers questions, control.sock takes changes as well.  Their
 * thread only looks: it takes copies of a small part at a time, and writes to
 * nobody while it holds a lock.  So whatever a client does or leaves undone, no
 * packet and no other part of the daemon waits for it.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "daemon/control_change.h"
#include "daemon/control_method.h"

enum {
	CONTROL_CLIENTS_MAX = 32, /* of each socket */
	CONTROL_STREAMS_MAX = 16, /* of them, with a request of many replies */
};

struct control;

/*
 * Opens both sockets in @directory; NULL: in that of RUNTIME_DIRECTORY, or in
 * /run/statewall.  A socket that cannot be opened is told in the log, and there
 * is none: a filter is needed more than its tool.  NULL: no memory.
 */
struct control *control_open(const char *directory);
/* Starts the thread.  Nothing is owned, @context is copied.  false: it did not start. */
bool control_start(struct control *control,
		   const struct control_context *context,
		   struct changes *changes);
/* Ends the thread, and closes all. */
void control_close(struct control *control);

#endif
