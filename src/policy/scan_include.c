/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lexical pass: other files.
 *
 * "@include" puts the text of a file where it stands, in whatever group.  The
 * setting include reads files as documents of their own: their sections are
 * parts of the sections of the same name.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "policy/scan_state.h"
#include "policy/source.h"

enum { INCLUDE_DEPTH = 9, FILES_MAX = 1000 };

/* Whether nothing but blanks stands before the position in its line. */
static bool begins_line(const struct scan_file *file)
{
	const char *pos = file->pos;

	while (pos > file->begin && (pos[-1] == ' ' || pos[-1] == '\t'))
		pos--;
	return pos == file->begin || pos[-1] == '\n';
}

/* The path between the quotes behind "@include"; false: there is none. */
static bool take_path(struct scan_file *file, struct scan_word *path)
{
	const char *pos = file->pos + strlen(SCAN_INCLUDE_WORD);

	while (pos < file->end && (*pos == ' ' || *pos == '\t'))
		pos++;
	if (pos == file->end || *pos != '"')
		return false;
	path->at = ++pos;
	while (pos < file->end && *pos != '"' && *pos != '\n' && *pos != '\\' &&
	       *pos != '\0')
		pos++;
	if (pos == file->end || *pos != '"' || pos == path->at)
		return false;
	path->len = (size_t)(pos - path->at);
	file->pos = pos + 1;
	return true;
}

/* Relative to the file that includes, as people expect. */
static bool resolve(const struct scan_file *file, struct scan_word word,
		    char resolved[SOURCE_PATH_LEN])
{
	char path[SOURCE_PATH_LEN];

	if (word.len >= sizeof(path))
		return false;
	memcpy(path, word.at, word.len);
	path[word.len] = '\0';
	return source_beside(file->at.file, path, resolved);
}

static bool is_circle(const struct scan_file *file, const struct source *source)
{
	for (; file; file = file->outer)
		if (file->ino == source->ino && file->dev == source->dev)
			return true;
	return false;
}

/* NULL: @source is to be scanned. */
static const char *read_include(const struct scan_state *s, const char *path,
				struct source *source)
{
	const char *problem;

	*source = (struct source){ 0 };
	if (s->file->depth >= INCLUDE_DEPTH)
		return "includes are nested more than 9 deep";
	/* Few files that include each other often are many. */
	if (s->doc->file_count >= FILES_MAX)
		return "more than 1000 files are included";
	problem = source_read(source, path);
	if (problem)
		return problem;
	if (is_circle(s->file, source))
		return "the file includes itself";
	if (source->len > SOURCE_MAX - s->doc->file_len)
		return "the files are larger than 16 MiB together";
	return NULL;
}

static void scan_included(struct scan_state *s, const char *path,
			  const struct source *source, bool is_document)
{
	const struct document_file *text =
		document_add_file(s->doc, path, source->text, source->len);
	struct scan_file *outer = s->file;
	struct mark token = s->token;
	struct scan_file file = {
		.outer = outer,
		.depth = outer->depth + 1,
		.document = outer->document,
		.dev = source->dev,
		.ino = source->ino,
	};

	source_warn(source, path, s->diags);
	if (!text) {
		s->doc->text.failed = true;
		return;
	}
	scan_begin_file(&file, text);
	s->new_line = true;
	if (is_document)
		file.document = ++s->documents;
	scan_file(s, &file);
	if (is_document)
		scan_end_document(s);
	s->file = outer;
	s->token = token;
	s->new_line = true;
}

void scan_include_line(struct scan_state *s)
{
	struct scan_word word = { "", 0 };
	char path[SOURCE_PATH_LEN];
	struct source source;
	const char *problem;

	if (!begins_line(s->file) || !take_path(s->file, &word)) {
		scan_fault(s, CODE_INCLUDE_FORM,
			   "this @include is not understood\nwrite @include "
			   "\"FILE\" on a line of its own");
		scan_left_out(s);
		while (s->file->pos < s->file->end && *s->file->pos != '\n')
			s->file->pos++;
		return;
	}
	if (!resolve(s->file, word, path)) {
		scan_fault(s, CODE_INCLUDE,
			   "the name of the included file is too long");
		scan_left_out(s);
		return;
	}
	problem = read_include(s, path, &source);
	if (problem) {
		scan_fault(s, source_fault(&source, CODE_INCLUDE),
			   "@include \"%.*s\": %s", scan_shown(word.len),
			   word.at, problem);
		scan_left_out(s);
	} else {
		scan_included(s, path, &source, false);
	}
	source_fini(&source);
}

static void include_document(struct scan_state *s, const char *path)
{
	struct source source;
	const char *problem = read_include(s, path, &source);

	if (problem) {
		scan_fault(s, source_fault(&source, CODE_INCLUDE),
			   "include: %.200s: %s", path, problem);
		scan_left_out(s);
	} else {
		scan_included(s, path, &source, true);
	}
	source_fini(&source);
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of their octets, whatever the locale. */
static void include_matches(struct scan_state *s, const char *pattern)
{
	glob_t found = { 0 };
	int error = glob(pattern, GLOB_NOSORT, NULL, &found);

	if (error == 0)
		qsort(found.gl_pathv, found.gl_pathc, sizeof(char *),
		      compare_paths);
	else if (error == GLOB_NOSPACE)
		s->doc->text.failed = true;
	/* A directory of fragments may be empty, but not a name be wrong. */
	else if (!strpbrk(pattern, "*?["))
		include_document(s, pattern);
	for (size_t i = 0; error == 0 && i < found.gl_pathc && !s->stopped; i++)
		include_document(s, found.gl_pathv[i]);
	globfree(&found);
}

/* A string with a pattern; false: there is none. */
static bool include_string(struct scan_state *s)
{
	struct scan_file *file = s->file;
	struct scan_word word = { file->pos + 1, 0 };
	char pattern[SOURCE_PATH_LEN];

	if (file->pos == file->end || *file->pos != '"')
		return false;
	scan_begin_token(s);
	while (word.at + word.len < file->end &&
	       !strchr("\"\n\\", word.at[word.len]))
		word.len++;
	if (word.at + word.len == file->end || word.at[word.len] != '"' ||
	    word.len == 0)
		return false;
	file->pos = word.at + word.len + 1;
	if (resolve(file, word, pattern)) {
		include_matches(s, pattern);
	} else {
		scan_fault(s, CODE_INCLUDE,
			   "the name of the included file is too long");
		scan_left_out(s);
	}
	return true;
}

/* Takes @c if it is next. */
static bool take(struct scan_state *s, const char *set)
{
	struct scan_file *file = s->file;

	scan_skip_blanks(s);
	if (file->pos == file->end || *file->pos == '\0' ||
	    !strchr(set, *file->pos))
		return false;
	file->pos++;
	scan_skip_blanks(s);
	return true;
}

static bool include_list(struct scan_state *s)
{
	do {
		if (!include_string(s))
			return false;
	} while (!s->stopped && take(s, ","));
	return s->stopped || take(s, ")]");
}

void scan_include_setting(struct scan_state *s)
{
	const struct mark begin = scan_token_mark(s);
	bool ok = take(s, "=:");

	if (ok)
		ok = take(s, "[(") ? include_list(s) : include_string(s);
	s->last = LAST_NOTHING;
	s->new_line = true;
	if (ok) {
		(void)take(s, ";,");
		return;
	}
	scan_fault_at(s, CODE_INCLUDE_FORM, begin,
		      "this include is not understood\nwrite include = [ "
		      "\"conf.d/*.conf\" ];");
	scan_left_out(s);
	while (s->file->pos < s->file->end && *s->file->pos != '\n')
		s->file->pos++;
}
