/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The phases of an explanation in words: for explain.c alone.
 */
#ifndef POLICY_EXPLAIN_PHASE_H
#define POLICY_EXPLAIN_PHASE_H

#include "policy/explain.h"

/* Whether it was refused, or would have been, for where it came from. */
bool explain_is_origin(const struct verdict *verdict);

/* All but .phases and the place of the decision is set, and sets these. */
void explain_phases(struct explanation *e);

#endif
