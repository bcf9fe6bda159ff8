/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One text made of a file and all that it includes, which remembers where each
 * of its lines came from.  This is what libconfig reads: it never opens a file
 * itself.
 */
#ifndef POLICY_DOCUMENT_H
#define POLICY_DOCUMENT_H

#include <stddef.h>

#include "policy/diagnostic.h"
#include "policy/text.h"

/* All zero is an empty one. */
struct document {
	struct text text;
	struct origin *origins; /* of line i + 1 of the text; own no names */
	size_t line_count;
	size_t line_capacity;
	char **files;
	size_t file_count;
	bool mended;     /* something faulty was reported and replaced */
	bool incomplete; /* and a name that was written is not there */
	bool unbalanced; /* brackets are open: nothing is where it belongs */
};

/* A copy of @name that lives as long as the document; NULL: no memory. */
const char *document_add_file(struct document *doc, const char *name);
/* The text goes on in a new line, which is that of @origin. */
void document_begin_line(struct document *doc, struct origin origin);
/* Where line @line of the text, from 1, came from. */
struct origin document_origin(const struct document *doc, unsigned int line);
void document_fini(struct document *doc);

#endif
