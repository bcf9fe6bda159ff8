/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls that a thread may make from some moment on (seccomp(2)).
 *
 * What is not on its list fails with EPERM, and the kernel's audit log has it
 * unless a reader did it: a new libc may do something in another way, and a filter that ends for that
 * is none.  What only an intruder does ends the process.
 */
#ifndef DAEMON_CAGE_H
#define DAEMON_CAGE_H

enum cage {
	CAGE_MAIN,   /* events, logs, files, and starting who reads policies */
	CAGE_WORKER, /* packets, and nothing else */
	CAGE_READER, /* reads a policy, and writes to what is open */
};

/*
 * For this thread, and those and the processes that it starts; on top of what
 * was entered before.  0 or -errno.
 */
int cage_enter(enum cage cage);

#endif
