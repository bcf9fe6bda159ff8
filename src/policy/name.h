/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that users give: of rules, zones and tables.
 */
#ifndef POLICY_NAME_H
#define POLICY_NAME_H

#include <stdbool.h>

enum { NAME_MAX_LEN = 48 };

/* Up to NAME_MAX_LEN letters, digits, '-' and '_'; not none. */
bool name_is_valid(const char *name);

#endif
