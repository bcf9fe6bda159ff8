/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the calling thread where placement.h says it should run.
 */
#ifndef DAEMON_HOMING_H
#define DAEMON_HOMING_H

#include <stddef.h>

#include "engine/timeout.h"

struct homing;

/*
 * For the calling thread, which has to make all the other calls too.  NULL: it
 * stays where the scheduler puts it, since it may run on one processor only,
 * or the kernel does not say where packets come in.
 */
struct homing *homing_start(void);
void homing_end(struct homing *homing);

/* A batch of that many packets was judged. */
void homing_note(struct homing *homing, size_t packets, msec_t now);

#endif
