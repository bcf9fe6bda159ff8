/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON for programs: one object a line.
 */
#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * A string, or null for NULL.  JSON is UTF-8, names of files are any octets:
 * if @text is not UTF-8, each octet of it that is not ASCII becomes '?'.
 */
json_t *output_text(const char *text);

/* Prints the object on a line of its own, and frees it.  false: no memory. */
bool output_line(json_t *object, FILE *out);

#endif
