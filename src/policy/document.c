/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documents: text with origins.
 *
 * Columns are counted when somebody asks, which is for faults only: most
 * marks are never looked at.
 */
#include "policy/document.h"

#include <stdlib.h>
#include <string.h>

#include "policy/utf8.h"

/* Terminated; NULL: no memory. */
static char *copy(const char *bytes, size_t len)
{
	char *copied = calloc(1, len + 1);

	if (copied && len > 0)
		memcpy(copied, bytes, len);
	return copied;
}

const struct document_file *document_add_file(struct document *doc,
					      const char *name,
					      const char *text, size_t len)
{
	struct document_file *grown =
		realloc(doc->files, (doc->file_count + 1) * sizeof(*grown));
	struct document_file *file;

	if (!grown)
		return NULL;
	doc->files = grown;
	file = &grown[doc->file_count];
	*file = (struct document_file){
		.name = copy(name, strlen(name)),
		.text = copy(text, len),
		.len = len,
	};
	if (file->name && file->text) {
		doc->file_count++;
		doc->file_len += len;
		return file;
	}
	free(file->name);
	free(file->text);
	return NULL;
}

/* Room for one more; NULL: no memory, and @list is as it was. */
static void *reserve(void *list, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity > 0 ? 2 * *capacity : 64;
	void *grown;

	if (count < *capacity)
		return list;
	grown = realloc(list, wanted * size);
	if (grown)
		*capacity = wanted;
	return grown;
}

void document_begin_line(struct document *doc, struct origin origin)
{
	struct origin *grown = reserve(doc->origins, doc->line_count,
				       &doc->line_capacity, sizeof(*grown));

	if (!grown) {
		doc->text.failed = true;
		return;
	}
	doc->origins = grown;
	if (doc->line_count > 0)
		text_append(&doc->text, "\n", 1);
	doc->origins[doc->line_count++] = origin;
}

void document_add_mark(struct document *doc, struct mark mark)
{
	struct mark *grown = reserve(doc->marks, doc->mark_count,
				     &doc->mark_capacity, sizeof(*grown));

	if (!grown) {
		doc->text.failed = true;
		return;
	}
	doc->marks = grown;
	doc->marks[doc->mark_count++] = mark;
}

struct origin document_origin(const struct document *doc, unsigned int line)
{
	if (doc->line_count == 0)
		return (struct origin){ .file = "" };
	if (line < 1 || line > doc->line_count)
		line = line < 1 ? 1 : (unsigned int)doc->line_count;
	return doc->origins[line - 1];
}

/* The file that has it; NULL: none. */
static const struct document_file *file_of(const struct document *doc,
					   const char *at)
{
	for (size_t i = 0; i < doc->file_count; i++)
		if (at >= doc->files[i].text &&
		    at <= doc->files[i].text + doc->files[i].len)
			return &doc->files[i];
	return NULL;
}

struct origin document_locate(const struct document *doc, struct mark mark)
{
	const struct document_file *file = file_of(doc, mark.at);
	const char *begin = mark.at;
	unsigned int column;

	if (!file)
		return (struct origin){ .file = "", .line = mark.line };
	while (begin > file->text && begin[-1] != '\n')
		begin--;
	column = (unsigned int)utf8_count(begin, mark.at) + 1;
	return (struct origin){
		.file = file->name,
		.line = mark.line,
		.column = column,
		.end_column = column + (unsigned int)utf8_count(
					       mark.at, mark.at + mark.len),
		.text = begin,
	};
}

void document_fini(struct document *doc)
{
	for (size_t i = 0; i < doc->file_count; i++) {
		free(doc->files[i].name);
		free(doc->files[i].text);
	}
	free(doc->files);
	free(doc->origins);
	free(doc->marks);
	text_fini(&doc->text);
	*doc = (struct document){ 0 };
}
