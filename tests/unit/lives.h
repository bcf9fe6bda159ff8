/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that come one after the other, and a store of descriptors that
 * outlives them as that of systemd does: see sd_notify(3).
 *
 * A life is a process of its own, which a test cannot fail in: it returns
 * whether all was as expected.
 */
#ifndef UNIT_LIVES_H
#define UNIT_LIVES_H

#include <stdbool.h>
#include <stdio.h>

/* Says what is not as expected, and ends the life. */
#define EXPECT(condition)                                                  \
	do {                                                               \
		if (!(condition)) {                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
				#condition);                               \
			return false;                                      \
		}                                                          \
	} while (0)

/* NOTIFY_SOCKET and STATE_DIRECTORY are in a directory of the test's own. */
void lives_setup(void);
void lives_teardown(void);

/*
 * Runs @life with what is in the store.  When it has returned its process is
 * gone as if it had been killed, and what it sent to the store is in there.
 */
void lives_run(bool (*life)(void));

/* How many there are, by a name that begins like that. */
size_t lives_stored(const char *prefix);

#endif
