/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing that sends packets may do so in the machine's own network.
 */
#ifndef SYSTEM_GUARD_H
#define SYSTEM_GUARD_H

/*
 * Ends the program with a message unless the calling thread is in a network
 * namespace of the sandbox that tests/system/lib.sh makes.
 */
void guard_namespace(void);

/* Enters the network namespace at @path, then the same. */
void guard_enter(const char *path);

#endif
