/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading files of addresses, which have a million lines.
 */
#include "policy/table_file.h"

#include <string.h>

#include "policy/range.h"
#include "policy/source.h"
#include "policy/utf8.h"

enum { WORD_LEN = 128 };

/* A line of the file, and what of it is looked at. */
struct table_line {
	const char *begin;
	unsigned int number;
	const char *at;
	const char *end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes off a comment, and the blanks on both sides. */
static void trim(struct table_line *line)
{
	const char *pos = line->at;

	while (pos < line->end && *pos != '#' && *pos != ';')
		pos++;
	line->end = pos;
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	while (line->end > line->at && is_blank(line->end[-1]))
		line->end--;
}

static enum code code_of(const struct table_file *file)
{
	return file->strict ? CODE_TABLE_LINE : CODE_LINE_LEFT_OUT;
}

static void report(struct table_file *file, struct diagnostics *diags,
		   const struct table_line *line, const char *word,
		   const char *why)
{
	struct origin at = {
		.file = file->path,
		.line = line->number,
		.column = 1 + (unsigned int)utf8_count(line->begin, line->at),
		.text = line->begin,
	};

	at.end_column =
		at.column + (unsigned int)utf8_count(line->at, line->end);
	file->faults++;
	if (file->faults == TABLE_FILE_FAULTS + 1)
		file->first_hidden = line->number;
	if (file->faults <= TABLE_FILE_FAULTS)
		diagnostics_add_at(
			diags, code_of(file), at, "table %s: \"%.60s\" %s%s",
			table_name(file->table), word, why,
			file->strict ? "" : ": the line is left out");
}

/* A word that is an entry or should be one. */
static void take_word(struct table_file *file, struct diagnostics *diags,
		      const struct table_line *line, const char *word)
{
	bool excluded = *word == '!';
	struct addr_range range;
	char why[WHY_LEN];
	int error;

	if (!range_parse(word + excluded, &range, why)) {
		report(file, diags, line, word + excluded, why);
		return;
	}
	error = excluded ? table_exclude(file->table, &range)
			 : table_add(file->table, &range);
	file->no_memory = file->no_memory || error < 0;
	file->entries++;
}

static void take_line(struct table_file *file, struct diagnostics *diags,
		      struct table_line *line)
{
	char word[WORD_LEN];
	size_t len;

	trim(line);
	len = (size_t)(line->end - line->at);
	if (len == 0)
		return;
	/* The end of one that is too long is not needed to refuse it. */
	if (len >= sizeof(word))
		len = sizeof(word) - 1;
	memcpy(word, line->at, len);
	word[len] = '\0';
	if (memchr(word, '\0', len))
		report(file, diags, line, word,
		       "is followed by a NUL octet\nthis is not a text file");
	else
		take_word(file, diags, line, word);
}

static void take_lines(struct table_file *file, struct diagnostics *diags,
		       const struct source *source)
{
	const char *at = source->text;
	const char *end = at + source->len;

	for (unsigned int number = 1; at < end && !file->no_memory; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		struct table_line line = { at, number, at,
					   newline ? newline : end };

		at = line.end + 1;
		take_line(file, diags, &line);
	}
}

const char *table_file_read(struct table_file *file, struct diagnostics *diags)
{
	struct source source;
	const char *problem = source_read_table(&source, file->path);

	file->fault = source_fault(&source, CODE_TABLE_FILE);
	if (problem)
		return problem;
	source_warn(&source, file->path, diags);
	take_lines(file, diags, &source);
	source_fini(&source);
	if (file->faults > TABLE_FILE_FAULTS)
		diagnostics_add(diags, code_of(file), file->path,
				file->first_hidden,
				"table %s: from here on %zu more lines are not "
				"understood",
				table_name(file->table),
				file->faults - TABLE_FILE_FAULTS);
	return NULL;
}
