/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the lexical pass share: scan.c (characters),
 * scan_include.c (other files), scan_value.c (words, numbers, strings) and scan_nest.c (brackets, names).
 */
#ifndef POLICY_SCAN_STATE_H
#define POLICY_SCAN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/diagnostic.h"
#include "policy/document.h"

enum { SCAN_NESTING = 32 };

/* What stood before, which says what may follow. */
enum scan_last {
	LAST_NOTHING, /* the beginning, or a ';' */
	LAST_NAME,
	LAST_EQUALS,
	LAST_VALUE,
	LAST_STRING,
	LAST_COMMA,
	LAST_OPEN,
};

struct scan_file {
	const char *begin;
	const char *pos;
	const char *end;
	struct origin at;              /* name and line only */
	const struct scan_file *outer; /* NULL: the main file */
	unsigned int depth;
	unsigned int document; /* 0: the main one, and what it has @included */
	dev_t dev;
	ino_t ino;
};

struct scan_bracket {
	char open;
	bool implied; /* it should be there, and that is reported */
	bool blamed;  /* what is in it does not belong there, same */
	struct mark at;
};

struct scan_name {
	size_t offset; /* in the text of the document */
	size_t len;
	size_t depth; /* of the group that it is in */
	unsigned int document;
	struct mark at;
};

struct scan_state {
	struct document *doc;
	struct diagnostics *diags;
	struct scan_file *file;
	struct mark token; /* what is being read began there; without length */
	bool stopped;      /* nothing more can be understood */
	bool new_line; /* what comes next stands in another line than before */
	enum scan_last last;
	size_t comma; /* offset of the last comma in the document */
	struct scan_bracket open[SCAN_NESTING];
	size_t depth;
	struct scan_name *names; /* of the groups that are open */
	size_t name_count;
	size_t name_capacity;
	unsigned int mended;    /* names put in place of faulty ones */
	unsigned int documents; /* behind the main one */
	unsigned int parts;     /* sections that were there before */
};

/* A part of the input. */
struct scan_word {
	const char *at;
	size_t len;
};

/* What is being read begins at the position of the file. */
void scan_begin_token(struct scan_state *s);
/* From there to the position, and not beyond the end of the line. */
struct mark scan_token_mark(const struct scan_state *s);

/*
 * A fault of what is being read, after which all that was written is still in
 * the document.
 */
__attribute__((format(printf, 3, 4))) void
scan_fault(struct scan_state *s, enum code code, const char *format, ...);
__attribute__((format(printf, 4, 5))) void
scan_fault_at(struct scan_state *s, enum code code, struct mark at,
	      const char *format, ...);

/* Whether a value may stand here. */
bool scan_wants_value(const struct scan_state *s);
bool scan_is_in_list(const struct scan_state *s);
bool scan_is_comment(const char *pos, const char *end);
/* Whether the next character of the line that is no blank is one of @set. */
bool scan_next_is(const struct scan_state *s, const char *set);

/* Blanks, ends of lines and comments. */
void scan_skip_blanks(struct scan_state *s);
/* @file is that of the document, from its beginning. */
void scan_begin_file(struct scan_file *file, const struct document_file *text);
/* The whole of @file, or until the scan is stopped. */
void scan_file(struct scan_state *s, struct scan_file *file);

/* What begins a line with another file. */
#define SCAN_INCLUDE_WORD "@include"

/* Each takes what begins at the position of the file. */
void scan_include_line(struct scan_state *s);
/* Behind the name, outside of all groups. */
void scan_include_setting(struct scan_state *s);
void scan_string(struct scan_state *s);
void scan_word(struct scan_state *s);

void scan_open(struct scan_state *s);
/* As if a '{' were here. */
void scan_open_implied(struct scan_state *s);
void scan_close(struct scan_state *s);
void scan_separator(struct scan_state *s);
void scan_name(struct scan_state *s, struct scan_word word);
/* All that a document has opened must be closed in it. */
void scan_end_document(struct scan_state *s);
/* The end of everything. */
void scan_finish(struct scan_state *s);

/*
 * What was just reported is not in the document: whoever misses something
 * there had better say nothing.
 */
void scan_left_out(struct scan_state *s);
/* Nothing more can be understood. */
void scan_stop(struct scan_state *s);

/* Put what takes the place of a faulty name or value, which is reported. */
void scan_put_mended_name(struct scan_state *s);
void scan_put_mended_value(struct scan_state *s);
/* The value that a setting still lacks, and its '='. */
void scan_put_mended_setting(struct scan_state *s);

/* For messages: no more of a word than fits a line. */
static inline int scan_shown(size_t len)
{
	return len < 60 ? (int)len : 60;
}

#endif
