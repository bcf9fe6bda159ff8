/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace of the test's own: whatever it sends stays in there.
 */
#ifndef UNIT_NETNS_H
#define UNIT_NETNS_H

#include <stdbool.h>

/*
 * Whether this process may make one.  If not, prints "skip NAME: ...", which
 * tests/run counts.
 */
bool netns_is_permitted(const char *name);

/* Moves the process into a new one, where loopback is up.  Or ends the test. */
void netns_enter(void);

/*
 * Runs a command and waits for it; the test ends if it fails.  @command is
 * split at spaces.
 */
void netns_run(const char *command);

#endif
