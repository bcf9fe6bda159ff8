/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tool tells its user on standard error.
 */
#ifndef TOOL_USAGE_H
#define TOOL_USAGE_H

#include "policy/suggest.h"

#define TOOL_FORMAT(n, args) __attribute__((format(printf, n, args)))

/* "statewall: " and the message, printf-like, on a line of its own. */
TOOL_FORMAT(1, 2) void complain(const char *format, ...);

/* The same for something about a file: "FILE: " and the message. */
TOOL_FORMAT(2, 3) void complain_of(const char *file, const char *format, ...);

/* The word that was probably meant, or NULL. */
const char *usage_nearest(const char *word, const struct choices *choices);

#endif
