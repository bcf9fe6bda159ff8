/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in words, played to the daemon's engine with an empty table and a
 * clock of one's own.
 */
#ifndef POLICY_REHEARSAL_H
#define POLICY_REHEARSAL_H

#include "policy/expression.h"
#include "policy/passage.h"
#include "policy/policy.h"

struct rehearsal;

/*
 * It begins at time 0, which is @wall by Unix time in ms.  What packets have
 * changed of the rules is forgotten.  One at a time for a policy, which must
 * outlive it.  NULL: no memory.
 */
struct rehearsal *rehearsal_create(struct policy *policy, int64_t wall);
void rehearsal_destroy(struct rehearsal *rehearsal);

struct played {
	struct passage passage;
	struct packet pkt;  /* as much of it as was understood */
	enum reason decode; /* of packet_parse() */
	struct verdict verdict;
};

/*
 * Of a handshake the segments are played until one does not pass; the last one
 * counts.
 */
void rehearsal_play(struct rehearsal *rehearsal, const struct expression *expr,
		    struct played *played);
/* What is said from now on belongs to no conversation of before. */
void rehearsal_change_subject(struct rehearsal *rehearsal);

void rehearsal_wait(struct rehearsal *rehearsal, msec_t duration);
msec_t rehearsal_now(const struct rehearsal *rehearsal);
const struct engine *rehearsal_engine(const struct rehearsal *rehearsal);

#endif
