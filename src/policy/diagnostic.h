/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with a configuration: where, what, and how to mend it.
 */
#ifndef POLICY_DIAGNOSTIC_H
#define POLICY_DIAGNOSTIC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/codes.h"

enum {
	DIAGNOSTICS_MAX = 100,   /* are listed; all are counted */
	DIAGNOSTIC_COLUMNS = 80, /* are shown of a line */
	DIAGNOSTIC_LINE_LEN = 2560,
};

/* All texts are UTF-8 without controls. */
struct diagnostic {
	enum code code;
	char *file;
	unsigned int line;       /* from 1; 0: the file as a whole */
	unsigned int column;     /* from 1, in characters; 0: not known */
	unsigned int end_column; /* of the first character behind it */
	char *message;           /* what is wrong, in one line */
	char *hint;              /* what would be right; "": that is plain */
	char *source; /* of the line no more than is shown; "": not known */
	unsigned int source_column; /* where that begins */
};

/* A place in a file; numbers as above. */
struct origin {
	const char *file;
	unsigned int line;
	unsigned int column;
	unsigned int end_column;
	/* The line, or what there is of it, up to a newline or NUL. */
	const char *text;         /* NULL: not known */
	unsigned int text_column; /* where that begins; 0 is as 1 */
};

/* A growing list; owns its texts.  All zero is an empty one. */
struct diagnostics {
	struct diagnostic *list;
	size_t len;
	size_t errors;
	size_t warnings;
	size_t notes;
	/* In: Unix time in seconds, for warnings of what expires; 0: unknown. */
	int64_t date;
};

/*
 * printf-like; what stands behind a newline is the hint.  When the list is
 * full, an error takes the place of something less.  What finds no place, or
 * no memory, is still counted.
 */
__attribute__((format(printf, 5, 6))) void
diagnostics_add(struct diagnostics *diags, enum code code, const char *file,
		unsigned int line, const char *format, ...);
__attribute__((format(printf, 4, 5))) void
diagnostics_add_at(struct diagnostics *diags, enum code code, struct origin at,
		   const char *format, ...);
__attribute__((format(printf, 4, 0))) void
diagnostics_vadd(struct diagnostics *diags, enum code code, struct origin at,
		 const char *format, va_list args);

enum severity diagnostic_severity(const struct diagnostic *diag);

/* In one line: "file:12:3: error: message: hint  [E101]". */
void diagnostic_format(const struct diagnostic *diag,
		       char line[DIAGNOSTIC_LINE_LEN]);

/* By file (in the order of first appearance), line and column. */
void diagnostics_sort(struct diagnostics *diags);

/*
 * One after the other, each with the line that it is about, so far as that is
 * known, and a mark below what is wrong there; and how many are not listed.
 */
void diagnostics_print(const struct diagnostics *diags, FILE *out);

void diagnostics_fini(struct diagnostics *diags);

#endif
