/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts of conditions.
 */
#include "policy/match_text.h"

#include <stdlib.h>

char *match_text(const struct match_type *type, const struct match *match)
{
	char none[1];
	size_t size = (size_t)type->format(match, none, sizeof(none)) + 1;
	char *text = calloc(1, size);

	if (text)
		(void)type->format(match, text, size);
	return text;
}
