/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with a configuration: where, what, and how to mend it.
 */
#ifndef POLICY_DIAGNOSTIC_H
#define POLICY_DIAGNOSTIC_H

#include <stddef.h>
#include <stdio.h>

enum { DIAGNOSTICS_MAX = 100 }; /* are kept; all are counted */

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_COUNT };

extern const char *const severity_names[SEVERITY_COUNT]; /* "error" ... */

struct diagnostic {
	enum severity severity;
	char *file;
	unsigned int line; /* from 1; 0: the file as a whole */
	char *message;     /* one line: what, and what would be right */
};

/* A growing list; owns its texts.  All zero is an empty one. */
struct diagnostics {
	struct diagnostic *list;
	size_t len;
	size_t errors;
	size_t warnings;
};

/* printf-like.  When memory runs out, the count still grows. */
__attribute__((format(printf, 5, 6))) void
diagnostics_add(struct diagnostics *diags, enum severity severity,
		const char *file, unsigned int line, const char *format, ...);

/* By file (in the order of first appearance) and line. */
void diagnostics_sort(struct diagnostics *diags);

/* "file:line: error: message", one a line. */
void diagnostics_print(const struct diagnostics *diags, FILE *out);

void diagnostics_fini(struct diagnostics *diags);

#endif
