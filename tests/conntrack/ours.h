/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our engine as a judge.  What is wrong ends the program.
 */
#ifndef CONNTRACK_OURS_H
#define CONNTRACK_OURS_H

#include "conntrack/terms.h"
#include "engine/engine.h"

struct ours;

/* With all of struct terms false. */
struct ours *ours_create(void);
void ours_destroy(struct ours *ours);

/* Forgets all connections; the terms are all false again. */
void ours_restart(struct ours *ours);

/* From the next packet on. */
void ours_set_terms(struct ours *ours, const struct terms *terms);

/* @now counts from the start.  Checksums are not verified. */
struct verdict ours_judge(struct ours *ours, bool from_inside,
			  const uint8_t *packet, size_t len, msec_t now);

#endif
