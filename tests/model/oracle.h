/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firewall may do, and what it may not.
 *
 *  A. A segment that changes an endpoint's state is never dropped.
 *  B. A forged segment never changes what the firewall knows, and never has a
 *     legitimate one dropped.
 *
 * The exceptions are in oracle.c, each with the reason why the endpoints
 * recover; that they do is seen by playing every world to its end.
 */
#ifndef MODEL_ORACLE_H
#define MODEL_ORACLE_H

#include "engine/engine.h"
#include "model/attacker.h"
#include "model/channel.h"

/*
 * The endpoint @to gets the segment that was dropped, for parcel->reason.  NULL,
 * or what it would have been needed for.
 */
const char *oracle_judge_drop(const struct parcel *parcel,
			      const struct endpoint *from,
			      const struct endpoint *to, msec_t now);

/* A connection as the firewall shows it, if it does. */
struct view {
	bool exists;
	struct conn_info info;
};

/* What a forged segment, or a segment after it, did to the firewall. */
enum harm {
	HARM_NONE,
	HARM_EXCUSED, /* one of the exceptions */
	HARM_DONE,
};

/* From the views before and after a forged segment. */
enum harm oracle_judge_forgery(const struct forgery *forgery,
			       const struct view *before,
			       const struct view *after);

/*
 * From the verdicts on a legitimate segment: of the firewall that was attacked,
 * and of one that was not.
 */
enum harm oracle_compare(const struct verdict *attacked,
			 const struct verdict *other);

/* A forged segment has reached an endpoint. */
const char *oracle_judge_hit(const struct endpoint *ep,
			     const struct segment *seg, msec_t now);

#endif
