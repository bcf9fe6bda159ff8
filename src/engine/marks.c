/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks of connections, numbered.
 */
#include "engine/marks.h"

#include <stdlib.h>

enum { CAPACITY_MIN = 16 };

void marks_fini(struct marks *marks)
{
	free(marks->list);
	*marks = (struct marks){ 0 };
}

static bool grow(struct marks *marks)
{
	unsigned int capacity =
		marks->capacity ? 2U * marks->capacity : CAPACITY_MIN;
	struct marking *list =
		realloc(marks->list, capacity * sizeof(marks->list[0]));

	if (!list)
		return false;
	marks->list = list;
	marks->capacity = (uint16_t)capacity;
	return true;
}

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
		if (i == MARKS_MAX || (i == marks->capacity && !grow(marks)))
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
