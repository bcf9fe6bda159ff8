/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is written to standard error, caught in memory.
 */
#ifndef UNIT_CAPTURE_H
#define UNIT_CAPTURE_H

enum { CAPTURE_MAX = 4096 };

/* From here on it goes to memory. */
void capture_start(void);

/*
 * From here on it goes where it went before.  Returns what came meanwhile, cut
 * at CAPTURE_MAX; valid until the next call.
 */
const char *capture_stop(void);

#endif
