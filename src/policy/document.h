/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One text made of a file and all that it includes, which remembers where each
 * of its lines, names and values came from.  This is what libconfig reads: it
 * never opens a file itself.
 */
#ifndef POLICY_DOCUMENT_H
#define POLICY_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/diagnostic.h"
#include "policy/text.h"

struct document_file {
	char *name;
	char *text; /* terminated */
	size_t len;
};

/* A part of a line of one of the files. */
struct mark {
	const char *at;
	uint32_t len;
	uint32_t line;
};

/* All zero is an empty one. */
struct document {
	struct text text;
	struct origin *origins; /* of line i + 1 of the text; own no names */
	size_t line_count;
	size_t line_capacity;
	/*
	 * In the order of the text: of a setting its name, then its value; of a
	 * value in a list that; of a group or list what opens it.
	 */
	struct mark *marks;
	size_t mark_count;
	size_t mark_capacity;
	struct document_file *files;
	size_t file_count;
	size_t file_len; /* of all together */
	bool mended;     /* something faulty was reported and replaced */
	bool incomplete; /* and a name that was written is not there */
	bool unbalanced; /* brackets are open: nothing is where it belongs */
};

/*
 * A copy that lives as long as the document, or until the next file is added;
 * its name and text stay where they are.  NULL: no memory.
 */
const struct document_file *document_add_file(struct document *doc,
					      const char *name,
					      const char *text, size_t len);
/* The text goes on in a new line, which is that of @origin. */
void document_begin_line(struct document *doc, struct origin origin);
/* And with a name or value that stands there. */
void document_add_mark(struct document *doc, struct mark mark);
/* Where line @line of the text, from 1, came from. */
struct origin document_origin(const struct document *doc, unsigned int line);
/* The same for a part of a line, with its columns and the line itself. */
struct origin document_locate(const struct document *doc, struct mark mark);
void document_fini(struct document *doc);

#endif
