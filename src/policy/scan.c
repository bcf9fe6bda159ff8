/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lexical pass: characters, comments and includes.
 */
#include "policy/scan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "policy/scan_state.h"
#include "policy/utf8.h"

void scan_begin_token(struct scan_state *s)
{
	s->token = (struct mark){ s->file->pos, 0, s->file->at.line };
}

struct mark scan_token_mark(const struct scan_state *s)
{
	const struct scan_file *file = s->file;
	struct mark mark = s->token;
	const char *end = file->pos;

	/* Another file may have been read since it began. */
	if (mark.at < file->begin || mark.at >= file->end)
		end = mark.at;
	while (mark.at + mark.len < end && mark.at[mark.len] != '\n')
		mark.len++;
	/* What was not read yet is as good as its first character. */
	if (mark.len == 0 && mark.at < file->end && *mark.at != '\n')
		mark.len = (uint32_t)utf8_step(mark.at);
	return mark;
}

__attribute__((format(printf, 4, 0))) static void
vfault(struct scan_state *s, enum code code, struct mark at, const char *format,
       va_list args)
{
	diagnostics_vadd(s->diags, code, document_locate(s->doc, at), format,
			 args);
	s->doc->mended = true;
	if (s->diags->errors >= DIAGNOSTICS_MAX)
		scan_stop(s);
}

void scan_fault(struct scan_state *s, enum code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfault(s, code, scan_token_mark(s), format, args);
	va_end(args);
}

void scan_fault_at(struct scan_state *s, enum code code, struct mark at,
		   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfault(s, code, at, format, args);
	va_end(args);
}

void scan_left_out(struct scan_state *s)
{
	s->doc->incomplete = true;
}

void scan_stop(struct scan_state *s)
{
	s->stopped = true;
	scan_left_out(s);
}

bool scan_is_in_list(const struct scan_state *s)
{
	return s->depth > 0 && s->open[s->depth - 1].open != '{';
}

bool scan_wants_value(const struct scan_state *s)
{
	if (s->last == LAST_EQUALS)
		return true;
	return scan_is_in_list(s) &&
	       (s->last == LAST_OPEN || s->last == LAST_COMMA);
}

bool scan_is_comment(const char *pos, const char *end)
{
	if (*pos == '#')
		return true;
	return *pos == '/' && end - pos > 1 && (pos[1] == '/' || pos[1] == '*');
}

bool scan_next_is(const struct scan_state *s, const char *set)
{
	const char *pos = s->file->pos;

	while (pos < s->file->end && (*pos == ' ' || *pos == '\t'))
		pos++;
	return pos < s->file->end && *pos != '\0' && strchr(set, *pos);
}

static void next_line(struct scan_state *s)
{
	s->file->at.line++;
	s->new_line = true;
}

/*
 * Before what begins with @byte is put.  libconfig takes the line of a string
 * in a list from what stands behind it, so that stays in the same line.
 */
static void begin_line(struct scan_state *s, unsigned char byte)
{
	bool ends_string = s->last == LAST_STRING && scan_is_in_list(s) &&
			   strchr(",)]}", byte);

	if (!s->new_line || ends_string)
		return;
	document_begin_line(s->doc, s->file->at);
	s->new_line = false;
}

/* What is left out may have stood between two words. */
static void put_blank(struct scan_state *s)
{
	text_append(&s->doc->text, " ", 1);
}

static void skip_block_comment(struct scan_state *s)
{
	struct scan_file *file = s->file;
	const struct mark begin = { file->pos, 2, file->at.line };

	for (file->pos += 2; file->end - file->pos > 1; file->pos++) {
		if (file->pos[0] == '*' && file->pos[1] == '/') {
			file->pos += 2;
			put_blank(s);
			return;
		}
		if (*file->pos == '\n')
			next_line(s);
	}
	file->pos = file->end;
	scan_fault_at(s, CODE_COMMENT_END, begin,
		      "the comment that begins here never ends\nwrite \"*/\" "
		      "behind it");
	scan_stop(s);
}

static void skip_comment(struct scan_state *s)
{
	struct scan_file *file = s->file;

	if (file->pos[0] == '/' && file->pos[1] == '*') {
		skip_block_comment(s);
		return;
	}
	while (file->pos < file->end && *file->pos != '\n')
		file->pos++;
}

void scan_skip_blanks(struct scan_state *s)
{
	struct scan_file *file = s->file;

	while (file->pos < file->end && !s->stopped) {
		if (*file->pos == '\n')
			next_line(s);
		else if (scan_is_comment(file->pos, file->end)) {
			skip_comment(s);
			continue;
		} else if (!strchr(" \t\r\f", *file->pos) ||
			   *file->pos == '\0') {
			return;
		}
		file->pos++;
	}
}

static bool begins_with(const struct scan_file *file, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(file->end - file->pos) >= len &&
	       memcmp(file->pos, word, len) == 0;
}

static void scan_foreign(struct scan_state *s)
{
	unsigned char byte = (unsigned char)*s->file->pos;

	if (byte == '\0') {
		scan_fault(s, CODE_NOT_TEXT,
			   "a NUL byte\nthis is not a text file");
		scan_stop(s);
		return;
	}
	s->file->pos++;
	put_blank(s);
	scan_fault(s, CODE_NOT_TEXT,
		   "a control character (byte 0x%02x)\nremove it", byte);
}

/* A token that libconfig is to see, which begins with @byte. */
static void scan_visible(struct scan_state *s, unsigned char byte)
{
	begin_line(s, byte);
	if (byte == '"')
		scan_string(s);
	else if (strchr("({[", byte))
		scan_open(s);
	else if (strchr(")}]", byte))
		scan_close(s);
	else if (strchr("=:,;", byte))
		scan_separator(s);
	else
		scan_word(s);
}

/* No blank and no comment, which begins with @byte. */
static void scan_something(struct scan_state *s, unsigned char byte)
{
	if (byte < ' ' || byte == 0x7f) {
		scan_foreign(s);
	} else if (begins_with(s->file, SCAN_INCLUDE_WORD)) {
		scan_include_line(s);
	} else {
		scan_visible(s, byte);
	}
}

static void scan_token(struct scan_state *s)
{
	struct scan_file *file = s->file;
	unsigned char byte = (unsigned char)*file->pos;

	if (byte == '\n') {
		file->pos++;
		next_line(s);
	} else if (byte == ' ' || byte == '\t' || byte == '\r' ||
		   byte == '\f') {
		file->pos++;
		put_blank(s);
	} else if (scan_is_comment(file->pos, file->end)) {
		skip_comment(s);
	} else {
		scan_begin_token(s);
		scan_something(s, byte);
	}
}

/* What some editors put in front of a text. */
static void skip_mark(struct scan_state *s)
{
	if (begins_with(s->file, "\xff\xfe") ||
	    begins_with(s->file, "\xfe\xff")) {
		scan_fault(s, CODE_NOT_TEXT,
			   "the file is UTF-16\nsave it as UTF-8");
		scan_stop(s);
	} else if (begins_with(s->file, "\xef\xbb\xbf")) {
		scan_fault(s, CODE_NOT_TEXT,
			   "the file begins with a byte order mark\nsave it "
			   "as UTF-8 without one");
		s->file->pos += 3;
	}
}

void scan_begin_file(struct scan_file *file, const struct document_file *text)
{
	file->begin = text->text;
	file->pos = text->text;
	file->end = text->text + text->len;
	file->at = (struct origin){ .file = text->name, .line = 1 };
}

void scan_file(struct scan_state *s, struct scan_file *file)
{
	s->file = file;
	scan_begin_token(s);
	skip_mark(s);
	while (!s->stopped && !s->doc->text.failed && file->pos < file->end)
		scan_token(s);
}

void scan(struct document *doc, const struct scan_input *input,
	  struct diagnostics *diags)
{
	struct scan_state s = { .doc = doc, .diags = diags };
	const struct document_file *text =
		document_add_file(doc, input->name, input->text, input->len);
	struct scan_file file = { .dev = input->dev, .ino = input->ino };

	if (!text) {
		doc->text.failed = true;
		return;
	}
	scan_begin_file(&file, text);
	s.new_line = true;
	scan_file(&s, &file);
	scan_finish(&s);
	free(s.names);
}
