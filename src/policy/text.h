/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A text that grows at its end.
 */
#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct text {
	char *at; /* always terminated, NULL while empty */
	size_t len;
	size_t capacity;
	bool failed; /* memory ran out; what is there is incomplete */
};

void text_append(struct text *text, const char *bytes, size_t len);
void text_append_string(struct text *text, const char *string);
/* Adds a word to a comma separated list. */
void text_append_item(struct text *text, const char *word);
void text_fini(struct text *text);

#endif
