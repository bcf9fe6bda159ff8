/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lexical pass: brackets, separators and names.
 *
 * An array becomes a list on the way: libconfig wants the values of an array
 * to be of one type, which is of no use to us and surprises people.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/scan.h"
#include "policy/scan_state.h"

static const char *closing_of(char open)
{
	switch (open) {
	case '{':
		return "}";
	case '(':
		return ")";
	default:
		return "]";
	}
}

static void put(struct scan_state *s, char c)
{
	text_append(&s->doc->text, &c, 1);
}

static void put_equals(struct scan_state *s)
{
	put(s, '=');
	s->last = LAST_EQUALS;
}

static void put_comma(struct scan_state *s)
{
	s->comma = s->doc->text.len;
	put(s, ',');
	s->last = LAST_COMMA;
}

void scan_put_mended_name(struct scan_state *s)
{
	char name[32];

	(void)snprintf(name, sizeof(name), " " SCAN_MENDED_NAME "%u",
		       s->mended++);
	text_append_string(&s->doc->text, name);
	document_add_mark(s->doc, scan_token_mark(s));
	s->last = LAST_NAME;
}

void scan_put_mended_value(struct scan_state *s)
{
	text_append_string(&s->doc->text, "\"" SCAN_MENDED_VALUE "\"");
	document_add_mark(s->doc, scan_token_mark(s));
	s->last = LAST_VALUE;
}

/* A bracket where no value may stand. */
static void misplaced_open(struct scan_state *s, char open)
{
	if (scan_is_in_list(s)) {
		scan_fault(s, CODE_COMMA_MISSING,
			   "a comma is missing before '%c'", open);
		put_comma(s);
	} else if (s->last == LAST_NAME) {
		scan_fault(s, CODE_EQUALS, "'=' is missing before '%c'", open);
		put_equals(s);
	} else {
		scan_fault(s, CODE_NAME_MISSING,
			   "'%c' is not expected here\n\"name = \" is missing "
			   "before it, or ( ) around a list of groups",
			   open);
		scan_left_out(s);
		scan_put_mended_name(s);
		put_equals(s);
	}
}

/* Before a bracket opens: may it stand here? */
static void check_open(struct scan_state *s, char open)
{
	struct scan_bracket *outer =
		s->depth > 0 ? &s->open[s->depth - 1] : NULL;

	if (!scan_wants_value(s)) {
		misplaced_open(s, open);
	} else if (outer && outer->open == '[' && !outer->blamed) {
		scan_fault(s, CODE_BRACKET_KIND,
			   "[ ] holds plain values only\nuse ( ) to hold "
			   "groups and lists");
		outer->blamed = true;
	}
}

static void push(struct scan_state *s, char open, bool implied)
{
	if (s->depth == SCAN_NESTING) {
		scan_fault(s, CODE_NESTING,
			   "brackets are nested more than %d deep\nno setting "
			   "needs that",
			   SCAN_NESTING);
		scan_stop(s);
		return;
	}
	s->open[s->depth++] = (struct scan_bracket){ .open = open,
						     .implied = implied,
						     .at = scan_token_mark(s) };
	document_add_mark(s->doc, scan_token_mark(s));
	if (open == '[')
		open = '(';
	put(s, open);
	s->last = LAST_OPEN;
}

void scan_open(struct scan_state *s)
{
	char open = *s->file->pos++;

	check_open(s, open);
	push(s, open, false);
}

void scan_open_implied(struct scan_state *s)
{
	push(s, '{', true);
}

/* Leaves the innermost bracket. */
static void pop(struct scan_state *s)
{
	while (s->name_count > 0 &&
	       s->names[s->name_count - 1].depth == s->depth)
		s->name_count--;
	s->depth--;
	put(s, s->open[s->depth].open == '{' ? '}' : ')');
}

void scan_put_mended_setting(struct scan_state *s)
{
	if (s->last == LAST_NAME)
		put_equals(s);
	if (s->last == LAST_EQUALS)
		scan_put_mended_value(s);
}

/* @what stands where a value should. */
static void check_value_before(struct scan_state *s, char what)
{
	if (s->last == LAST_EQUALS)
		scan_fault(s, CODE_VALUE_MISSING,
			   "a value is missing between '=' and '%c'", what);
	else if (s->last == LAST_NAME)
		scan_fault(s, CODE_VALUE_MISSING,
			   "\"= VALUE\" is missing before '%c'", what);
	scan_put_mended_setting(s);
}

static void remove_comma(struct scan_state *s)
{
	if (s->last == LAST_COMMA && !s->doc->text.failed)
		s->doc->text.at[s->comma] = ' ';
}

/* Ends the groups that no bracket opened, so none need close them. */
static void close_implied(struct scan_state *s)
{
	while (s->depth > 0 && s->open[s->depth - 1].implied) {
		pop(s);
		s->last = LAST_VALUE;
	}
}

/* How many brackets must go so that @closing fits; 0: none is like it. */
static size_t depth_of(const struct scan_state *s, char closing)
{
	for (size_t i = s->depth; i > 0; i--)
		if (*closing_of(s->open[i - 1].open) == closing)
			return s->depth - i + 1;
	return 0;
}

/*
 * The same, and reports what does not fit.  A ']' for a ')' is a slip, and a
 * bracket too many does no harm if it is left out.
 */
static size_t check_close(struct scan_state *s, char closing)
{
	const struct scan_bracket *inner =
		s->depth > 0 ? &s->open[s->depth - 1] : NULL;
	size_t count = depth_of(s, closing);

	if (count == 1)
		return count;
	if (!inner || (count == 0 && (inner->open == '{' || closing == '}'))) {
		scan_fault(s, CODE_BRACKET_EXTRA,
			   "'%c' closes nothing\nremove it", closing);
		return 0;
	}
	if (count == 0) {
		scan_fault(s, CODE_BRACKET_OTHER,
			   "'%c' does not close the '%c' of line %u\nwrite "
			   "'%s'",
			   closing, inner->open, inner->at.line,
			   closing_of(inner->open));
		return 1;
	}
	scan_fault(s, CODE_BRACKET_OTHER,
		   "'%c' does not close the '%c' of line %u\n'%s' is missing "
		   "before it",
		   closing, inner->open, inner->at.line,
		   closing_of(inner->open));
	return count;
}

void scan_close(struct scan_state *s)
{
	char closing = *s->file->pos++;
	size_t count;

	check_value_before(s, closing);
	if (closing != '}')
		close_implied(s);
	count = check_close(s, closing);
	if (count == 0) {
		/* It may have stood between two words. */
		put(s, ' ');
		return;
	}
	if (s->last == LAST_COMMA && scan_is_in_list(s)) {
		scan_fault(s, CODE_COMMA_EXTRA,
			   "a comma stands before '%c'\nremove the comma",
			   closing);
		remove_comma(s);
	}
	for (; count > 0; count--)
		pop(s);
	s->last = LAST_VALUE;
}

static void scan_equals(struct scan_state *s, char c)
{
	if (s->last == LAST_EQUALS) {
		scan_fault(s, CODE_EQUALS,
			   "'%c' stands here twice\nwrite it once", c);
		return;
	}
	if (scan_is_in_list(s)) {
		scan_fault(s, CODE_EQUALS, "'%c' is not expected in a list", c);
		return;
	}
	if (s->last != LAST_NAME) {
		scan_fault(s, CODE_NAME_MISSING,
			   "a name is missing before '%c'", c);
		scan_left_out(s);
		scan_put_mended_name(s);
	}
	put_equals(s);
}

static void scan_comma(struct scan_state *s)
{
	check_value_before(s, ',');
	if (scan_is_in_list(s) &&
	    (s->last == LAST_COMMA || s->last == LAST_OPEN)) {
		scan_fault(s, CODE_VALUE_MISSING,
			   "a value is missing before ','");
		return;
	}
	if (scan_is_in_list(s)) {
		put_comma(s);
		return;
	}
	/* Between settings it is as good as a semicolon. */
	put(s, ' ');
	s->last = LAST_NOTHING;
}

static void scan_semicolon(struct scan_state *s)
{
	check_value_before(s, ';');
	if (scan_is_in_list(s)) {
		scan_fault(s, CODE_SEMICOLON,
			   "';' inside of %c %s\nwrite ',' between values",
			   s->open[s->depth - 1].open,
			   closing_of(s->open[s->depth - 1].open));
		if (s->last != LAST_COMMA && s->last != LAST_OPEN)
			put_comma(s);
		return;
	}
	/* Where libconfig takes one ';' at most, any number does no harm. */
	if (s->last != LAST_NOTHING && s->last != LAST_OPEN)
		put(s, ';');
	s->last = LAST_NOTHING;
}

void scan_separator(struct scan_state *s)
{
	char c = *s->file->pos++;

	switch (c) {
	case ',':
		scan_comma(s);
		break;
	case ';':
		scan_semicolon(s);
		break;
	default:
		scan_equals(s, c);
		break;
	}
}

static const struct scan_name *find_name(const struct scan_state *s,
					 struct scan_word word)
{
	for (size_t i = s->name_count; i > 0; i--) {
		const struct scan_name *name = &s->names[i - 1];

		if (name->depth != s->depth)
			return NULL;
		if (name->document == s->file->document &&
		    name->len == word.len &&
		    memcmp(s->doc->text.at + name->offset, word.at, word.len) ==
			    0)
			return name;
	}
	return NULL;
}

static void add_name(struct scan_state *s, struct scan_word word)
{
	size_t capacity = s->name_capacity > 0 ? 2 * s->name_capacity : 64;
	struct scan_name *grown = s->names;

	if (s->name_count == s->name_capacity) {
		grown = realloc(s->names, capacity * sizeof(*grown));
		if (!grown) {
			s->doc->text.failed = true;
			return;
		}
		s->names = grown;
		s->name_capacity = capacity;
	}
	grown[s->name_count++] = (struct scan_name){
		.offset = s->doc->text.len,
		.len = word.len,
		.depth = s->depth,
		.document = s->file->document,
		.at = scan_token_mark(s),
	};
}

/* libconfig wants the names of a group to differ: see scan.h. */
static void put_part(struct scan_state *s, struct scan_word word)
{
	char prefix[32];
	size_t i = 0;

	while (i < s->name_count &&
	       (s->names[i].len != word.len ||
		memcmp(s->doc->text.at + s->names[i].offset, word.at,
		       word.len) != 0))
		i++;
	if (s->depth > 0 || i == s->name_count)
		return;
	(void)snprintf(prefix, sizeof(prefix), "*%u*", s->parts++);
	text_append_string(&s->doc->text, prefix);
}

/* The names of a group stand behind those of the groups around it. */
static bool is_full(const struct scan_state *s)
{
	return s->name_count >= SCAN_GROUP_MAX &&
	       s->names[s->name_count - SCAN_GROUP_MAX].depth == s->depth;
}

void scan_name(struct scan_state *s, struct scan_word word)
{
	const struct scan_name *first = find_name(s, word);
	struct origin place;

	if (is_full(s)) {
		scan_fault(s, CODE_GROUP_FULL,
			   "more than %d settings in one group",
			   SCAN_GROUP_MAX);
		scan_stop(s);
		return;
	}
	s->last = LAST_NAME;
	if (!first) {
		put_part(s, word);
		add_name(s, word);
		document_add_mark(s->doc, scan_token_mark(s));
		text_append(&s->doc->text, word.at, word.len);
		return;
	}
	/* The first one is there: nothing is missing. */
	place = document_locate(s->doc, first->at);
	if (strcmp(place.file, s->file->at.file) == 0)
		scan_fault(s, CODE_GIVEN_BEFORE,
			   "\"%.*s\" was given before, in line %u\nremove one",
			   scan_shown(word.len), word.at, place.line);
	else
		scan_fault(s, CODE_GIVEN_BEFORE,
			   "\"%.*s\" was given before, at %s:%u\nremove one",
			   scan_shown(word.len), word.at, place.file,
			   place.line);
	scan_put_mended_name(s);
}

void scan_end_document(struct scan_state *s)
{
	if (s->stopped)
		return;
	if (s->last == LAST_EQUALS || s->last == LAST_NAME)
		scan_fault(s, CODE_VALUE_MISSING,
			   "the file ends where a value should be");
	scan_put_mended_setting(s);
	close_implied(s);
	if (s->depth > 0) {
		s->doc->unbalanced = true;
		scan_fault_at(s, CODE_BRACKET_NOT_CLOSED,
			      s->open[s->depth - 1].at,
			      "the '%c' that opens here is never closed\n'%s' "
			      "is missing behind it",
			      s->open[s->depth - 1].open,
			      closing_of(s->open[s->depth - 1].open));
	}
	remove_comma(s);
	while (s->depth > 0)
		pop(s);
	/* Another one goes on behind it; libconfig takes one ';' at most. */
	if (s->file->document > 0 && s->last != LAST_NOTHING)
		put(s, ';');
	s->last = LAST_NOTHING;
}

void scan_finish(struct scan_state *s)
{
	scan_end_document(s);
	scan_put_mended_setting(s);
	remove_comma(s);
	while (s->depth > 0)
		pop(s);
}
