/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical text of a condition, however long.
 */
#ifndef POLICY_MATCH_TEXT_H
#define POLICY_MATCH_TEXT_H

#include "engine/match.h"

/* The caller frees it; NULL: no memory. */
char *match_text(const struct match_type *type, const struct match *match);

#endif
