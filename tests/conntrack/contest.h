/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two judges, one packet at a time, and what becomes of their disagreements.
 */
#ifndef CONNTRACK_CONTEST_H
#define CONNTRACK_CONTEST_H

#include "conntrack/differences.h"
#include "conntrack/kernel.h"
#include "conntrack/ours.h"

struct contest {
	struct kernel *kernel;
	struct ours *ours;
	struct differences known;
	/* Since the last contest_report(). */
	size_t packets;
	size_t explained;   /* disputes that the list has */
	size_t unexplained; /* and those that it has not */
	size_t wrong;       /* see contest_object() */
	bool has_failed;
};

/* A packet, and how it is called where people read of it. */
struct trial {
	const char *scenario;
	const char *name;
	bool from_inside;
	const uint8_t *packet;
	size_t len;
	msec_t now; /* since the start */
};

/*
 * Something new begins, of hosts or ports that were not there before: our side
 * forgets what it knows, the kernel may keep it.  All terms are false.
 */
void contest_begin(struct contest *contest);

void contest_set_terms(struct contest *contest, const struct terms *terms);

struct outcome {
	bool kernel_accepts;
	struct verdict ours;
};

/* Judges it twice; a dispute that the list has not is printed. */
struct outcome contest_judge(struct contest *contest,
			     const struct trial *trial);

/* Our verdict on it is wrong, whatever the kernel says. */
void contest_object(struct contest *contest, const struct trial *trial,
		    const struct outcome *outcome);

/* Prints "ok", "skip" or "FAIL", and the figures since the last time. */
void contest_report(struct contest *contest, const char *name);

/* What the list has in vain. */
void contest_finish(struct contest *contest);

#endif
