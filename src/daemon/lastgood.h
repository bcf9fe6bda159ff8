/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last policy that was in force, kept for a start at which the file cannot
 * be used: a slip of the pen must not decide at boot whether there is a filter.
 *
 * It is kept in the directory that the environment names as STATE_DIRECTORY
 * (systemd sets it), and nowhere without that.
 */
#ifndef DAEMON_LASTGOOD_H
#define DAEMON_LASTGOOD_H

#include "policy/policy.h"

/*
 * Replaces the one that is kept, as a whole or not at all.  0, or -errno;
 * -ENOENT: there is no directory for it.
 */
int lastgood_save(const struct policy *policy);

/*
 * The caller destroys it.  NULL: there is none, or not one that this version
 * of the program can read.
 */
struct policy *lastgood_load(void);

#endif
