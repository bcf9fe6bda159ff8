/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Goes through a scenario packet by packet, as far as two judges can follow.
 * What the scenario expects is no matter here.
 *
 * The kernel's clock cannot be moved.  Until WALK_KERNEL_WAITS, which is less
 * than the shortest timeout of either side, it makes no difference to the kernel
 * whether time has passed, so waits up to there, added up, are done by our
 * clock alone.  A scenario that waits for longer ends for us before that.
 *
 * So does one that says "loss", "hook", or "set" of what the kernel has nothing
 * for: it knows "set pickup" and "set tracking full|liberal".
 */
#ifndef CONNTRACK_WALK_H
#define CONNTRACK_WALK_H

#include "conntrack/terms.h"
#include "engine/timeout.h"
#include "scenarios/script.h"
#include "scenarios/shot.h"

enum { WALK_KERNEL_WAITS = 9999 /* ms */ };

struct walk {
	/* Set these. */
	const struct script *script;
	const struct block *block;
	struct cast cast;
	msec_t wait_max; /* in all */
	void (*packet)(struct walk *walk, const struct shot *shot);
	void (*terms_changed)(struct walk *walk);
	void *arg;

	/* Read these. */
	const struct line *line; /* where we are */
	struct terms terms;
	msec_t now; /* since the start */

	bool is_cut; /* we cannot follow it further; may be set */

	bool is_over;
	struct shot shot; /* the last packet */
};

/* What cannot be understood ends the program with a message. */
void walk_through(struct walk *walk);

#endif
