/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, networks and ranges that people write.
 */
#ifndef POLICY_RANGE_H
#define POLICY_RANGE_H

#include <stdbool.h>

#include "engine/addr.h"

/*
 * An address, network or range.  false: @why is the end of a sentence whose
 * beginning is the quoted word, and behind a newline what would be right.
 */
enum { WHY_LEN = 400 };
bool range_parse(const char *word, struct addr_range *range, char why[WHY_LEN]);

#endif
