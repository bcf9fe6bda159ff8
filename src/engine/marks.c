/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks of connections, numbered.
 */
#include "engine/marks.h"

bool marks_number(struct marks *marks, struct marking mark, uint16_t *number)
{
	uint16_t i = 0;

	if (mark.mask == 0) {
		*number = 0;
		return true;
	}
	while (i < marks->count && (marks->list[i].mark != mark.mark ||
				    marks->list[i].mask != mark.mask))
		i++;
	if (i == marks->count) {
		if (i == MARKS_MAX)
			return false;
		marks->list[i] = mark;
		marks->count++;
	}
	*number = (uint16_t)(i + 1);
	return true;
}

struct marking marks_mark(const struct marks *marks, uint16_t number)
{
	return number ? marks->list[number - 1] : (struct marking){ 0 };
}
