/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON, by jansson.
 */
#include "tool/output.h"

#include <stdlib.h>
#include <string.h>

enum { REAL_DIGITS = 9 }; /* what is measured has no more */

static json_t *ascii_text(const char *text)
{
	char *copy = strdup(text);
	json_t *string;

	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

json_t *output_text(const char *text)
{
	json_t *string;

	if (!text)
		return json_null();
	string = json_string(text);
	return string ? string : ascii_text(text);
}

bool output_line(json_t *object, FILE *out)
{
	if (!object)
		return false;
	/* A fault of @out is found by who closes it. */
	(void)json_dumpf(object, out,
			 JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
	fputc('\n', out);
	json_decref(object);
	return true;
}
