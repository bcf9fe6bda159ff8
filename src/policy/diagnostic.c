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

enum { MESSAGE_LEN = 1024 };

/* The octets of the UTF-8 character at @at, 0: there is none (RFC 3629). */
static size_t utf8_len(const char *at)
{
	unsigned char first = (unsigned char)at[0];
	unsigned char second = first ? (unsigned char)at[1] : 0;
	size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (len == 1)
		return 1;
	/* No lead octet, too long a form, a surrogate, beyond U+10FFFF. */
	if (first < 0xc2 || first > 0xf4 || (first == 0xe0 && second < 0xa0) ||
	    (first == 0xed && second > 0x9f) ||
	    (first == 0xf0 && second < 0x90) ||
	    (first == 0xf4 && second > 0x8f))
		return 0;
	for (size_t i = 1; i < len; i++)
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Some terminals obey U+0080 to U+009F like the controls below the blank. */
static bool is_control(const char *at)
{
	unsigned char first = (unsigned char)at[0];

	return first < ' ' || first == 0x7f ||
	       (first == 0xc2 && (unsigned char)at[1] < 0xa0);
}

static char *copy_printable(const char *text)
{
	char *copy = calloc(1, strlen(text) + 1);
	char *end = copy;

	while (copy && *text) {
		size_t len = utf8_len(text);

		if (len > 0 && !is_control(text)) {
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
static struct diagnostic *reserve(struct diagnostics *diags, enum code code)
{
	struct diagnostic *grown;

	if (diags->len == DIAGNOSTICS_MAX &&
	    (code_info[code].severity != SEVERITY_ERROR ||
	     !drop_warning(diags)))
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

void diagnostics_vadd(struct diagnostics *diags, enum code code,
		      struct origin at, const char *format, va_list args)
{
	struct diagnostic *diag = reserve(diags, code);
	char message[MESSAGE_LEN];
	size_t len;

	count(diags, code_info[code].severity);
	if (!diag)
		return;
	(void)vsnprintf(message, sizeof(message) - 1, format, args);
	len = strcspn(message, "\n");
	/* Where there is no hint, the text ends twice. */
	message[strlen(message) + 1] = '\0';
	message[len] = '\0';
	*diag = (struct diagnostic){ .code = code,
				     .file = copy_printable(at.file),
				     .line = at.line,
				     .message = copy_printable(message),
				     .hint = copy_printable(message + len +
							    1) };
	if (diag->file && diag->message && diag->hint)
		diags->len++;
	else
		clear(diag);
}

void diagnostics_add(struct diagnostics *diags, enum code code,
		     const char *file, unsigned int line, const char *format,
		     ...)
{
	const struct origin at = { file, line };
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

void diagnostic_format(const struct diagnostic *diag,
		       char line[DIAGNOSTIC_LINE_LEN])
{
	char place[32] = "";

	if (diag->line > 0)
		(void)snprintf(place, sizeof(place), ":%u", diag->line);
	(void)snprintf(line, DIAGNOSTIC_LINE_LEN, "%s%s: %s: %s%s%s  [%s]",
		       diag->file, place,
		       severity_names[diagnostic_severity(diag)], diag->message,
		       *diag->hint ? ": " : "", diag->hint,
		       code_info[diag->code].id);
}

static void print_one(const struct diagnostic *diag, FILE *out)
{
	char line[DIAGNOSTIC_LINE_LEN];

	diagnostic_format(diag, line);
	fprintf(out, "%s\n", line);
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
