/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that systemd keeps for the next process of the service: see
 * FDSTORE=1 in sd_notify(3).  Without systemd there are none, and nothing is
 * kept.
 */
#ifndef DAEMON_FDSTORE_H
#define DAEMON_FDSTORE_H

#include <stddef.h>

struct fdstore; /* NULL: an empty one */

/*
 * Those that came with the start of this process.  To be called once, before
 * any other process is started: until then they would inherit them.  NULL: no
 * memory.
 */
struct fdstore *fdstore_open(void);

/* Closes those that nobody took; systemd still has them. */
void fdstore_close(struct fdstore *store);
/* The same, and systemd forgets them. */
void fdstore_settle(struct fdstore *store);

/* The name of the @i-th that nobody took, or NULL behind the last one. */
const char *fdstore_name(const struct fdstore *store, size_t i);

/* Its descriptor, which stays the store's. */
int fdstore_fd(const struct fdstore *store, size_t i);

/* It is the caller's from now on, and systemd still has it; -1: there is none. */
int fdstore_take(struct fdstore *store, const char *name);

/* systemd keeps @fd as well from now on. */
void fdstore_put(const char *name, int fd);

/* systemd closes all that it has by that name. */
void fdstore_forget(const char *name);

#endif
