/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one capability that the daemon needs, and giving up the others.
 */
#ifndef DAEMON_PRIVILEGE_H
#define DAEMON_PRIVILEGE_H

#include <stdbool.h>

/* Whether the process may configure the network of its namespace. */
bool privilege_has_net_admin(void);

/*
 * Keeps CAP_NET_ADMIN alone, and makes sure that no program started from here
 * gets more.  0 or -errno.
 */
int privilege_drop(void);

/* Keeps no capability at all, as far as that is possible. */
void privilege_drop_all(void);

#endif
