/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing texts.
 */
#include "policy/text.h"

#include <stdlib.h>
#include <string.h>

static bool reserve(struct text *text, size_t len)
{
	size_t capacity = text->capacity > 0 ? text->capacity : 64;
	char *grown;

	while (capacity - text->len <= len)
		capacity *= 2;
	if (capacity == text->capacity)
		return true;
	grown = realloc(text->at, capacity);
	if (!grown) {
		text->failed = true;
		return false;
	}
	text->at = grown;
	text->capacity = capacity;
	return true;
}

void text_append(struct text *text, const char *bytes, size_t len)
{
	if (!reserve(text, len))
		return;
	memcpy(text->at + text->len, bytes, len);
	text->len += len;
	text->at[text->len] = '\0';
}

void text_append_string(struct text *text, const char *string)
{
	text_append(text, string, strlen(string));
}

void text_append_item(struct text *text, const char *word)
{
	if (text->len > 0)
		text_append(text, ",", 1);
	text_append_string(text, word);
}

void text_fini(struct text *text)
{
	free(text->at);
	*text = (struct text){ 0 };
}
