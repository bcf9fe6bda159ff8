/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that outlive the daemon, in the directory that the environment names as
 * STATE_DIRECTORY (systemd sets it), and nowhere without that.
 */
#ifndef DAEMON_STATEFILE_H
#define DAEMON_STATEFILE_H

#include <stdbool.h>
#include <stdio.h>

/* What the name of a file ends with until it is whole. */
#define STATEFILE_UNFINISHED ".new"
enum { STATEFILE_NAME_LEN = 32 }; /* with that and NUL */

/*
 * Replaces the file of that name by what @write writes, as a whole or not at
 * all.  0, or -errno; -ENOENT: there is no directory for it.
 */
int statefile_replace(const char *name, bool (*write)(FILE *out, void *arg),
		      void *arg);

void statefile_remove(const char *name); /* if it is there */

/* To be closed; NULL: there is none that can be read. */
FILE *statefile_open(const char *name);

#endif
