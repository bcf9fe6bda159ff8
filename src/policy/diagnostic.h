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

enum { DIAGNOSTICS_MAX = 100 }; /* are listed; all are counted */

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_COUNT };

extern const char *const severity_names[SEVERITY_COUNT]; /* "error" ... */

struct diagnostic {
	enum severity severity;
	char *file;        /* both texts are UTF-8 without controls */
	unsigned int line; /* from 1; 0: the file as a whole */
	char *message;     /* one line: what, and what would be right */
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
	/* In: Unix time in seconds, for warnings of what expires; 0: unknown. */
	int64_t date;
};

/*
 * printf-like.  When the list is full, an error takes the place of a warning.
 * What finds no place, or no memory, is still counted.
 */
__attribute__((format(printf, 5, 6))) void
diagnostics_add(struct diagnostics *diags, enum severity severity,
		const char *file, unsigned int line, const char *format, ...);
__attribute__((format(printf, 4, 0))) void
diagnostics_vadd(struct diagnostics *diags, enum severity severity,
		 struct origin at, const char *format, va_list args);

/* By file (in the order of first appearance) and line. */
void diagnostics_sort(struct diagnostics *diags);

/* "file:line: error: message", one a line; and how many are not listed. */
void diagnostics_print(const struct diagnostics *diags, FILE *out);

void diagnostics_fini(struct diagnostics *diags);

#endif
