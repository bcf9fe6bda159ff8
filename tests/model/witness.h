/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firewall can know of the connections of a line, by what it has got
 * to see of them: so that nobody blames it for what it cannot.
 */
#ifndef MODEL_WITNESS_H
#define MODEL_WITNESS_H

#include "model/channel.h"
#include "model/line.h"

/* A segment was judged; what is known of its connection is noted in it. */
void witness_note(struct line *line, struct parcel *parcel);

/* A segment has passed unseen. */
void witness_miss(struct line *line, const struct parcel *parcel);

/* The firewall need not know the connection that there is. */
void witness_dismiss(struct line *line);

#endif
