/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of faults.
 *
 * Messages quote what the user wrote, which may be anything: what would move
 * the cursor of a terminal, or is not UTF-8, is printed as '?'.  A file that is
 * not a configuration at all has a fault in every line; the list stops at a
 * number that nobody reads to the end, and goes on counting.
 */
#include "policy/diagnostic.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "policy/utf8.h"

enum { MESSAGE_LEN = 1024 };

/* In a long line so much is shown of what stands before. */
enum { WINDOW_BEFORE = 40 };

static char *copy_printable(const char *text)
{
	char *copy = calloc(1, strlen(text) + 1);
	char *end = copy;

	while (copy && *text) {
		size_t len = utf8_len(text);

		if (len > 0 && !utf8_is_control(text)) {
			memcpy(end, text, len);
			end += len;
		} else {
			*end++ = '?';
		}
		text += len > 0 ? len : 1;
	}
	return copy;
}

static void clear(struct diagnostic *diag)
{
	free(diag->file);
	free(diag->message);
	free(diag->hint);
	free(diag->source);
}

enum severity diagnostic_severity(const struct diagnostic *diag)
{
	return code_info[diag->code].severity;
}

/* Removes the last that is no error; false: there is none. */
static bool drop_warning(struct diagnostics *diags)
{
	size_t i = diags->len;

	while (i > 0 &&
	       diagnostic_severity(&diags->list[i - 1]) == SEVERITY_ERROR)
		i--;
	if (i == 0)
		return false;
	clear(&diags->list[i - 1]);
	memmove(&diags->list[i - 1], &diags->list[i],
		(diags->len - i) * sizeof(*diags->list));
	diags->len--;
	return true;
}

/* Room for one more at the end of the list; NULL: there is none. */
static struct diagnostic *reserve(struct diagnostics *diags,
				  enum severity severity)
{
	struct diagnostic *grown;

	if (diags->len == DIAGNOSTICS_MAX &&
	    (severity != SEVERITY_ERROR || !drop_warning(diags)))
		return NULL;
	grown = realloc(diags->list, (diags->len + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	diags->list = grown;
	return &grown[diags->len];
}

static void count(struct diagnostics *diags, enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		diags->errors++;
		break;
	case SEVERITY_WARNING:
		diags->warnings++;
		break;
	case SEVERITY_NOTE:
	case SEVERITY_COUNT:
		diags->notes++;
		break;
	}
}

/* Of the line at @at, from its column @column on, as much as is shown. */
static char *copy_window(struct origin at, unsigned int column)
{
	unsigned int skip = column - (at.text_column ? at.text_column : 1);
	const char *pos = at.text ? at.text : "";
	char window[DIAGNOSTIC_COLUMNS * UTF8_LEN_MAX + 1];
	size_t used = 0;

	for (; skip > 0 && *pos && *pos != '\n'; skip--)
		pos += utf8_step(pos);
	for (int i = 0; i < DIAGNOSTIC_COLUMNS && *pos && *pos != '\n'; i++) {
		size_t len = utf8_step(pos);

		memcpy(window + used, pos, len);
		/* It counts as one column, and is to look like one. */
		if (*pos == '\t')
			window[used] = ' ';
		used += len;
		pos += len;
	}
	while (used > 0 && strchr(" \r", window[used - 1]))
		used--;
	window[used] = '\0';
	return copy_printable(window);
}

/* Where the window begins that shows these columns. */
static unsigned int window_column(struct origin at)
{
	if (at.end_column <= DIAGNOSTIC_COLUMNS + 1 ||
	    at.column <= WINDOW_BEFORE)
		return 1;
	return at.column - WINDOW_BEFORE;
}

void diagnostics_vadd(struct diagnostics *diags, enum code code,
		      struct origin at, const char *format, va_list args)
{
	struct diagnostic *diag = reserve(diags, code_info[code].severity);
	char message[MESSAGE_LEN] = "";
	size_t len;

	count(diags, code_info[code].severity);
	if (!diag)
		return;
	(void)vsnprintf(message, sizeof(message) - 1, format, args);
	len = strcspn(message, "\n");
	/* Where there is no hint, the text ends twice. */
	message[strlen(message) + 1] = '\0';
	message[len] = '\0';
	*diag = (struct diagnostic){
		.code = code,
		.file = copy_printable(at.file),
		.line = at.line,
		.column = at.column,
		.end_column = at.end_column,
		.message = copy_printable(message),
		.hint = copy_printable(message + len + 1),
		.source = copy_window(at, window_column(at)),
		.source_column = window_column(at),
	};
	if (diag->file && diag->message && diag->hint && diag->source)
		diags->len++;
	else
		clear(diag);
}

void diagnostics_add_at(struct diagnostics *diags, enum code code,
			struct origin at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diagnostics_vadd(diags, code, at, format, args);
	va_end(args);
}

void diagnostics_add(struct diagnostics *diags, enum code code,
		     const char *file, unsigned int line, const char *format,
		     ...)
{
	const struct origin at = { .file = file, .line = line };
	va_list args;

	va_start(args, format);
	diagnostics_vadd(diags, code, at, format, args);
	va_end(args);
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

/* Whether @left stands where @right does, or before it, in one file. */
static bool is_before(const struct diagnostic *left,
		      const struct diagnostic *right)
{
	if (left->line != right->line)
		return left->line < right->line;
	return left->column <= right->column;
}

void diagnostics_sort(struct diagnostics *diags)
{
	size_t ranks[DIAGNOSTICS_MAX];

	for (size_t i = 0; i < diags->len; i++)
		ranks[i] = file_rank(diags, &diags->list[i]);
	/* By insertion: the list is short, and equals keep their order. */
	for (size_t i = 1; i < diags->len; i++) {
		struct diagnostic moving = diags->list[i];
		size_t rank = ranks[i];
		size_t at = i;

		for (; at > 0; at--) {
			const struct diagnostic *before = &diags->list[at - 1];

			if (ranks[at - 1] < rank ||
			    (ranks[at - 1] == rank &&
			     is_before(before, &moving)))
				break;
			diags->list[at] = *before;
			ranks[at] = ranks[at - 1];
		}
		diags->list[at] = moving;
		ranks[at] = rank;
	}
}

/* Both with the hint behind the message, or without a hint. */
static void format_line(const struct diagnostic *diag, const char *hint,
			char line[DIAGNOSTIC_LINE_LEN])
{
	char place[32] = "";

	if (diag->line > 0 && diag->column > 0)
		(void)snprintf(place, sizeof(place), ":%u:%u", diag->line,
			       diag->column);
	else if (diag->line > 0)
		(void)snprintf(place, sizeof(place), ":%u", diag->line);
	(void)snprintf(line, DIAGNOSTIC_LINE_LEN, "%s%s: %s: %s%s%s  [%s]",
		       diag->file, place,
		       severity_names[diagnostic_severity(diag)], diag->message,
		       *hint ? ": " : "", hint, code_info[diag->code].id);
}

void diagnostic_format(const struct diagnostic *diag,
		       char line[DIAGNOSTIC_LINE_LEN])
{
	format_line(diag, diag->hint, line);
}

/* "      |     ^~~~ did you mean ...?" */
static void print_caret(const struct diagnostic *diag, FILE *out)
{
	unsigned int blanks = diag->column - diag->source_column;
	unsigned int len = 1;

	if (diag->end_column > diag->column)
		len = diag->end_column - diag->column;
	if (len > DIAGNOSTIC_COLUMNS - blanks)
		len = DIAGNOSTIC_COLUMNS - blanks;
	fprintf(out, "      | %*s^", (int)blanks, "");
	for (unsigned int i = 1; i < len; i++)
		fputc('~', out);
	fprintf(out, "%s%s\n", *diag->hint ? " " : "", diag->hint);
}

static void print_one(const struct diagnostic *diag, FILE *out)
{
	char line[DIAGNOSTIC_LINE_LEN];
	bool shown = *diag->source && diag->column >= diag->source_column &&
		     diag->column - diag->source_column < DIAGNOSTIC_COLUMNS;

	format_line(diag, shown ? "" : diag->hint, line);
	fprintf(out, "%s\n", line);
	if (!shown)
		return;
	fprintf(out, "%5u | %s\n", diag->line, diag->source);
	print_caret(diag, out);
}

void diagnostics_print(const struct diagnostics *diags, FILE *out)
{
	size_t hidden =
		diags->errors + diags->warnings + diags->notes - diags->len;

	for (size_t i = 0; i < diags->len; i++)
		print_one(&diags->list[i], out);
	if (hidden > 0)
		fprintf(out, "%zu more %s not shown\n", hidden,
			hidden == 1 ? "is" : "are");
}

void diagnostics_fini(struct diagnostics *diags)
{
	for (size_t i = 0; i < diags->len; i++)
		clear(&diags->list[i]);
	free(diags->list);
	*diags = (struct diagnostics){ 0 };
}
