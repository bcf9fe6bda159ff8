/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lexical pass: strings, numbers and words without quotes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/scan.h"
#include "policy/scan_state.h"

static const char digits[] = "0123456789";
static const char hex_digits[] = "0123456789abcdefABCDEF";
static const char letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* Words that people write for the two that libconfig knows. */
static const struct {
	const char *word;
	const char *boolean;
} booleans[] = {
	{ "yes", "true" }, { "on", "true" },   { "enable", "true" },
	{ "no", "false" }, { "off", "false" }, { "disable", "false" },
};

static bool is_word(struct scan_word word, const char *text)
{
	if (strlen(text) != word.len)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != text[i])
			return false;
	}
	return true;
}

/* How many of the first octets of @word, from @from on, are in @set. */
static size_t span(struct scan_word word, size_t from, const char *set)
{
	size_t i = from;

	while (i < word.len && word.at[i] != '\0' && strchr(set, word.at[i]))
		i++;
	return i - from;
}

/* Where a string ends: at its quote, or without one at the end of the line. */
static const char *string_end(const struct scan_file *file)
{
	const char *pos = file->pos + 1;
	bool escaped = false;

	for (; pos < file->end && *pos != '\n' && *pos != '\0'; pos++) {
		if (*pos == '"' && !escaped)
			break;
		escaped = *pos == '\\' && !escaped;
	}
	return pos;
}

/* "\x00" would end the string where nobody sees it. */
static bool has_control(struct scan_word word)
{
	for (size_t i = 0; i < word.len; i++) {
		unsigned char byte = (unsigned char)word.at[i];

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			return true;
		if (byte != '\\' || i + 1 == word.len)
			continue;
		i++;
		if (strchr("xXnrtf", word.at[i]))
			return true;
	}
	return false;
}

/* A string that stands where none may. */
static void misplaced_string(struct scan_state *s, struct scan_word word)
{
	int shown = scan_shown(word.len);

	/* Where it was left out, two words do not become one. */
	text_append(&s->doc->text, " ", 1);
	if (scan_is_in_list(s)) {
		scan_fault(s, CODE_COMMA_MISSING,
			   "a comma is missing before \"%.*s\"", shown,
			   word.at);
	} else if (s->last == LAST_NAME) {
		scan_fault(s, CODE_EQUALS, "'=' is missing before \"%.*s\"",
			   shown, word.at);
		scan_put_mended_setting(s);
	} else if (scan_next_is(s, "=:")) {
		scan_fault(s, CODE_NAME_FORM,
			   "names have no quotes\nwrite %.*s = ...", shown,
			   word.at);
		scan_left_out(s);
		scan_put_mended_name(s);
	} else if (s->last == LAST_STRING) {
		scan_fault(s, CODE_STRING_EXTRA,
			   "\"%.*s\" follows another string\nwrite one "
			   "string, or several in [ ] with commas between them",
			   shown, word.at);
	} else {
		scan_fault(s, CODE_NAME_MISSING,
			   "\"%.*s\" is not expected here\n\"name = \" is "
			   "missing before it",
			   shown, word.at);
	}
}

/* Most often the quote was forgotten before what ends a value. */
static void unterminated_string(struct scan_state *s, const char *line_end)
{
	const char *ends = scan_is_in_list(s) ? ",;)}]" : ";)}]";
	struct scan_file *file = s->file;

	scan_fault(s, CODE_STRING_END,
		   "the string that begins here never ends\nits second quote "
		   "is missing in this line");
	scan_left_out(s);
	while (file->pos < line_end && !strchr(ends, *file->pos))
		file->pos++;
	if (scan_wants_value(s))
		scan_put_mended_value(s);
	else
		scan_put_mended_setting(s);
}

void scan_string(struct scan_state *s)
{
	struct scan_file *file = s->file;
	const char *end = string_end(file);
	struct scan_word word = { file->pos + 1,
				  (size_t)(end - file->pos - 1) };

	if (end == file->end || *end != '"') {
		unterminated_string(s, end);
		return;
	}
	file->pos = end + 1;
	if (!scan_wants_value(s)) {
		misplaced_string(s, word);
		return;
	}
	if (has_control(word)) {
		scan_fault(s, CODE_STRING_CONTROL,
			   "\"%.*s\" contains a control character or an "
			   "escape\nwrite plain text",
			   scan_shown(word.len), word.at);
		scan_put_mended_value(s);
		return;
	}
	text_append(&s->doc->text, word.at - 1, word.len + 2);
	document_add_mark(s->doc, scan_token_mark(s));
	s->last = LAST_STRING;
}

/* The next characters that are meant as one word. */
static struct scan_word take_word(struct scan_state *s)
{
	struct scan_file *file = s->file;
	const char *ends =
		scan_wants_value(s) ? ";,(){}[]\"=#" : ";,(){}[]\"=:#";
	struct scan_word word = { file->pos, 0 };

	do {
		file->pos++;
	} while (file->pos < file->end && (unsigned char)*file->pos > ' ' &&
		 !strchr(ends, *file->pos) &&
		 !scan_is_comment(file->pos, file->end));
	word.len = (size_t)(file->pos - word.at);
	return word;
}

/* libconfig takes these for values wherever they stand. */
static bool is_boolean(struct scan_word word)
{
	return is_word(word, "true") || is_word(word, "false");
}

/* What libconfig takes for one; '*' in front is left to ours. */
static bool is_name(struct scan_word word)
{
	size_t len = 0;

	if (span(word, 0, letters) == 0 || is_boolean(word))
		return false;
	while (len < word.len &&
	       (span(word, len, letters) || span(word, len, digits) ||
		span(word, len, "-_*")))
		len++;
	return len == word.len;
}

/* A word that may be a name, but cannot be one. */
static void misplaced_word(struct scan_state *s, struct scan_word word)
{
	int shown = scan_shown(word.len);

	if (word.len > 1 && memcmp(word.at, "*/", 2) == 0) {
		scan_fault(s, CODE_COMMENT_END,
			   "\"*/\" ends no comment\na comment ends with the "
			   "first one, and cannot contain another");
	} else if (scan_next_is(s, "=:{([")) {
		scan_fault(
			s, CODE_NAME_FORM, "\"%.*s\" cannot be a name\n%s",
			shown, word.at,
			is_boolean(word)
				? "it is a value"
				: "names begin with a letter and go on with letters, digits, '-' and '_'");
		scan_left_out(s);
		scan_put_mended_name(s);
	} else {
		scan_fault(s, CODE_NAME_MISSING,
			   "\"%.*s\" is not expected here\n\"name = \" is "
			   "missing before it",
			   shown, word.at);
	}
}

/* A word where only a name may stand. */
static void scan_left_word(struct scan_state *s, struct scan_word word)
{
	int shown = scan_shown(word.len);

	if (scan_is_in_list(s)) {
		scan_fault(s, CODE_COMMA_MISSING,
			   "a comma is missing before \"%.*s\"", shown,
			   word.at);
	} else if (s->last == LAST_NAME) {
		scan_fault(s, CODE_EQUALS, "'=' is missing before \"%.*s\"",
			   shown, word.at);
		scan_put_mended_setting(s);
	} else if (s->depth == 0 && is_word(word, "include")) {
		scan_include_setting(s);
	} else if (is_name(word)) {
		scan_name(s, word);
	} else {
		misplaced_word(s, word);
	}
}

enum number { NUMBER_NOT, NUMBER_FITS, NUMBER_TOO_LARGE, NUMBER_OCTAL };

/* strtoull() with a bound: the word is not terminated. */
static bool fits(struct scan_word word, size_t from, unsigned int base,
		 uint64_t max)
{
	uint64_t value = 0;

	for (size_t i = from; i < word.len; i++) {
		char c = word.at[i];
		unsigned int digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned int)(c - '0');
		else
			digit = (unsigned int)((c | 0x20) - 'a' + 10);
		value = value * base + digit;
		if (value > max)
			return false;
	}
	return true;
}

static enum number classify_number(struct scan_word word)
{
	size_t sign = word.at[0] == '-' || word.at[0] == '+';
	size_t len;

	/* The suffix says 64 bits; none of our numbers needs them. */
	for (int i = 0; i < 2 && word.len > 1; i++)
		if (word.at[word.len - 1] == 'L')
			word.len--;
	if (word.len > 2 && word.at[0] == '0' && (word.at[1] | 0x20) == 'x' &&
	    span(word, 2, hex_digits) == word.len - 2)
		return fits(word, 2, 16, INT32_MAX) ? NUMBER_FITS
						    : NUMBER_TOO_LARGE;
	len = span(word, sign, digits);
	if (len == 0 || sign + len != word.len)
		return NUMBER_NOT;
	if (len > 1 && word.at[sign] == '0')
		return NUMBER_OCTAL;
	return fits(word, sign, 10, (uint64_t)INT32_MAX + (word.at[0] == '-'))
		       ? NUMBER_FITS
		       : NUMBER_TOO_LARGE;
}

/* "1.5", "1e6" */
static bool is_fraction(struct scan_word word)
{
	size_t whole = span(word, 0, digits);
	size_t part = span(word, whole + 1, digits);

	return whole > 0 && part > 0 && whole + 1 + part == word.len &&
	       strchr(".eE", word.at[whole]);
}

static void fault_bare_word(struct scan_state *s, struct scan_word word)
{
	int shown = scan_shown(word.len);

	for (size_t i = 0; i < sizeof(booleans) / sizeof(booleans[0]); i++) {
		if (!is_word(word, booleans[i].word))
			continue;
		scan_fault(s, CODE_BOOLEAN,
			   "%.*s is not a value\nwrite %s, without quotes",
			   shown, word.at, booleans[i].boolean);
		return;
	}
	if (word.len > 2 && word.at[0] == '\'' && word.at[word.len - 1] == '\'')
		scan_fault(s, CODE_NO_QUOTES,
			   "%.*s is not in double quotes\nwrite \"%.*s\"",
			   shown, word.at, scan_shown(word.len - 2),
			   word.at + 1);
	else
		scan_fault(s, CODE_NO_QUOTES,
			   "%.*s is not in quotes\nwrite \"%.*s\"", shown,
			   word.at, shown, word.at);
}

/* "( name = ..." */
static bool is_implied_group(const struct scan_state *s, struct scan_word word)
{
	return scan_is_in_list(s) && is_name(word) && scan_next_is(s, "=");
}

static void scan_implied_group(struct scan_state *s, struct scan_word word)
{
	scan_fault(s, CODE_BRACKET_MISSING,
		   "'{' is missing before \"%.*s\"\nwrite the settings of a "
		   "group in { }",
		   scan_shown(word.len), word.at);
	scan_open_implied(s);
	if (!s->stopped)
		scan_name(s, word);
}

/* A word where a value may stand. */
static void scan_right_word(struct scan_state *s, struct scan_word word)
{
	enum number number = classify_number(word);
	int shown = scan_shown(word.len);

	if (number == NUMBER_TOO_LARGE)
		scan_fault(s, CODE_NUMBER_FORM,
			   "%.*s is too large\nnumbers go from -2147483648 to "
			   "2147483647",
			   shown, word.at);
	else if (number == NUMBER_OCTAL)
		scan_fault(s, CODE_NUMBER_FORM,
			   "%.*s begins with zeros\nwrite the number without "
			   "them",
			   shown, word.at);
	else if (is_fraction(word))
		scan_fault(s, CODE_NUMBER_FORM,
			   "%.*s is not a whole number\nwrite one", shown,
			   word.at);
	else if (number == NUMBER_NOT && !is_boolean(word))
		fault_bare_word(s, word);
	else {
		text_append(&s->doc->text, word.at, word.len);
		document_add_mark(s->doc, scan_token_mark(s));
		s->last = LAST_VALUE;
		return;
	}
	scan_put_mended_value(s);
}

void scan_word(struct scan_state *s)
{
	bool right = scan_wants_value(s);
	struct scan_word word = take_word(s);

	if (right && is_implied_group(s, word))
		scan_implied_group(s, word);
	else if (right)
		scan_right_word(s, word);
	else
		scan_left_word(s, word);
}
