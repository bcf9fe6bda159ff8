/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amounts and rates: "500", "64KiB", "10/1m", "1MiB/s".
 */
#ifndef POLICY_AMOUNT_H
#define POLICY_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/rule.h"

enum { AMOUNT_TEXT_LEN = 24, RATE_TEXT_LEN = AMOUNT_TEXT_LEN + 48 };

/*
 * A number from 1 to LIMIT_AMOUNT_MAX; with @bytes it may have a unit, which is
 * KiB, MiB or GiB.  false: it is none.
 */
bool amount_parse(uint64_t *amount, const char *text, bool bytes);

/* "80%", in whole numbers up to 9999; false: it is none. */
bool percent_parse(uint32_t *percent, const char *text);

/*
 * An amount, a slash and a duration, whose number may be missing: "20/s".
 * Sets .amount and .period.  NULL, or what would be right.
 */
const char *rate_parse(struct rate *rate, const char *text, bool bytes);
/* Without a unit: "1048576/1s". */
void rate_format(const struct rate *rate, char text[RATE_TEXT_LEN]);

#endif
