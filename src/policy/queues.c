/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of queues.
 */
#include "policy/queues.h"

#include <string.h>

#include "engine/match_item.h"

enum queues_error queues_parse(const char *text, uint16_t *first,
			       uint16_t *last)
{
	size_t dash = strcspn(text, "-");
	unsigned long numbers[2];
	char word[8];

	if (dash >= sizeof(word))
		return QUEUES_SYNTAX;
	memcpy(word, text, dash);
	word[dash] = '\0';
	if (!match_number(word, UINT16_MAX, &numbers[0]))
		return QUEUES_SYNTAX;
	numbers[1] = numbers[0];
	if (text[dash] != '\0' &&
	    !match_number(text + dash + 1, UINT16_MAX, &numbers[1]))
		return QUEUES_SYNTAX;
	*first = (uint16_t)numbers[0];
	*last = (uint16_t)numbers[1];
	if (*first > *last)
		return QUEUES_REVERSED;
	return *last - *first >= QUEUES_MAX ? QUEUES_TOO_MANY : QUEUES_OK;
}
