/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random conversations, the same in every run, into each of which a stranger
 * throws one forged segment.
 *
 * Scenarios of the list of differences:
 *
 *	forged      the forged segment; as the packet stands "CLASS in STATE",
 *	            what it is and our state before it
 *	afterwards  a segment of the two ends that follows it, as long as the
 *	            forged one has had no effect on us; as the packet stands the
 *	            same
 *
 * And whatever the kernel says, we accept all that two ends say who keep to the
 * rules, unless we have believed the stranger.
 */
#ifndef CONNTRACK_CHATTER_H
#define CONNTRACK_CHATTER_H

#include "conntrack/contest.h"

/* @seed is not 0.  Reports by contest_report(). */
void chatter(struct contest *contest, uint64_t seed);

#endif
