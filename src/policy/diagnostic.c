/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of faults.
 *
 * Messages quote what the user wrote, which may be anything: bytes that would
 * move the cursor of a terminal are printed as '?'.  A file that is not a
 * configuration at all has a fault in every line; the list stops at a number
 * that nobody reads to the end, and goes on counting.
 */
#include "policy/diagnostic.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_LEN = 1024 };

const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_ERROR] = "error",
	[SEVERITY_WARNING] = "warning",
};

static char *copy_printable(const char *text)
{
	size_t len = strlen(text);
	char *copy = calloc(1, len + 1);

	if (!copy)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		copy[i] = byte < ' ' || byte == 0x7f ? '?' : text[i];
	}
	return copy;
}

static struct diagnostic *grow(struct diagnostics *diags)
{
	struct diagnostic *grown;

	if (diags->len >= DIAGNOSTICS_MAX)
		return NULL;
	grown = realloc(diags->list, (diags->len + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	diags->list = grown;
	return &grown[diags->len];
}

void diagnostics_add(struct diagnostics *diags, enum severity severity,
		     const char *file, unsigned int line, const char *format,
		     ...)
{
	char message[MESSAGE_LEN];
	struct diagnostic *diag;
	va_list args;

	if (severity == SEVERITY_ERROR)
		diags->errors++;
	else
		diags->warnings++;
	diag = grow(diags);
	if (!diag)
		return;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	*diag = (struct diagnostic){ .severity = severity,
				     .file = copy_printable(file),
				     .line = line,
				     .message = copy_printable(message) };
	if (diag->file && diag->message) {
		diags->len++;
		return;
	}
	free(diag->file);
	free(diag->message);
}

/* Where the file of @diag first appears. */
static size_t file_rank(const struct diagnostics *diags,
			const struct diagnostic *diag)
{
	size_t i = 0;

	while (strcmp(diags->list[i].file, diag->file) != 0)
		i++;
	return i;
}

void diagnostics_sort(struct diagnostics *diags)
{
	size_t ranks[DIAGNOSTICS_MAX];

	for (size_t i = 0; i < diags->len; i++)
		ranks[i] = file_rank(diags, &diags->list[i]);
	/* By insertion: the list is short, and equal lines keep their order. */
	for (size_t i = 1; i < diags->len; i++) {
		struct diagnostic moving = diags->list[i];
		size_t rank = ranks[i];
		size_t at = i;

		for (; at > 0; at--) {
			const struct diagnostic *before = &diags->list[at - 1];

			if (ranks[at - 1] < rank ||
			    (ranks[at - 1] == rank &&
			     before->line <= moving.line))
				break;
			diags->list[at] = *before;
			ranks[at] = ranks[at - 1];
		}
		diags->list[at] = moving;
		ranks[at] = rank;
	}
}

void diagnostics_print(const struct diagnostics *diags, FILE *out)
{
	for (size_t i = 0; i < diags->len; i++) {
		const struct diagnostic *diag = &diags->list[i];

		if (diag->line > 0)
			fprintf(out, "%s:%u: %s: %s\n", diag->file, diag->line,
				severity_names[diag->severity], diag->message);
		else
			fprintf(out, "%s: %s: %s\n", diag->file,
				severity_names[diag->severity], diag->message);
	}
	if (diags->len == DIAGNOSTICS_MAX)
		fprintf(out, "only the first %d faults are shown\n",
			DIAGNOSTICS_MAX);
}

void diagnostics_fini(struct diagnostics *diags)
{
	for (size_t i = 0; i < diags->len; i++) {
		free(diags->list[i].file);
		free(diags->list[i].message);
	}
	free(diags->list);
	*diags = (struct diagnostics){ 0 };
}
