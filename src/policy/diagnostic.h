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

enum { DIAGNOSTICS_MAX = 100 }; /* are listed; all are counted */

struct diagnostic {
	enum code code;
	char *file;        /* all texts are UTF-8 without controls */
	unsigned int line; /* from 1; 0: the file as a whole */
	char *message;     /* what is wrong, in one line */
	char *hint;        /* what would be right; "": that is plain */
};

/* A place in a file; @line as above. */
struct origin {
	const char *file;
	unsigned int line;
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
__attribute__((format(printf, 4, 0))) void
diagnostics_vadd(struct diagnostics *diags, enum code code, struct origin at,
		 const char *format, va_list args);

enum severity diagnostic_severity(const struct diagnostic *diag);
/* All of it in one line: "file:12: error: message: hint  [E101]". */
enum { DIAGNOSTIC_LINE_LEN = 2560 };
void diagnostic_format(const struct diagnostic *diag,
		       char line[DIAGNOSTIC_LINE_LEN]);

/* By file (in the order of first appearance) and line. */
void diagnostics_sort(struct diagnostics *diags);

/* One a line; and how many are not listed. */
void diagnostics_print(const struct diagnostics *diags, FILE *out);

void diagnostics_fini(struct diagnostics *diags);

#endif
