/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents: text with origins.
 */
#include "policy/document.h"

#include <stdlib.h>
#include <string.h>

const char *document_add_file(struct document *doc, const char *name)
{
	size_t size = strlen(name) + 1;
	char **grown =
		realloc(doc->files, (doc->file_count + 1) * sizeof(*grown));
	char *copy;

	if (!grown)
		return NULL;
	doc->files = grown;
	copy = calloc(1, size);
	if (!copy)
		return NULL;
	memcpy(copy, name, size);
	doc->files[doc->file_count++] = copy;
	return copy;
}

static bool reserve_line(struct document *doc)
{
	size_t capacity = doc->line_capacity > 0 ? 2 * doc->line_capacity : 64;
	struct origin *grown;

	if (doc->line_count < doc->line_capacity)
		return true;
	grown = realloc(doc->origins, capacity * sizeof(*grown));
	if (!grown) {
		doc->text.failed = true;
		return false;
	}
	doc->origins = grown;
	doc->line_capacity = capacity;
	return true;
}

void document_begin_line(struct document *doc, struct origin origin)
{
	if (!reserve_line(doc))
		return;
	if (doc->line_count > 0)
		text_append(&doc->text, "\n", 1);
	doc->origins[doc->line_count++] = origin;
}

struct origin document_origin(const struct document *doc, unsigned int line)
{
	if (doc->line_count == 0)
		return (struct origin){ "", 0 };
	if (line < 1 || line > doc->line_count)
		line = line < 1 ? 1 : (unsigned int)doc->line_count;
	return doc->origins[line - 1];
}

void document_fini(struct document *doc)
{
	for (size_t i = 0; i < doc->file_count; i++)
		free(doc->files[i]);
	free(doc->files);
	free(doc->origins);
	text_fini(&doc->text);
	*doc = (struct document){ 0 };
}
