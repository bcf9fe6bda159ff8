/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What expression.c (interfaces, protocol, ends) and expression_words.c (all
 * that follows) share: a text that is read word by word.
 */
#ifndef POLICY_EXPRESSION_STATE_H
#define POLICY_EXPRESSION_STATE_H

#include "policy/expression.h"

enum { EXPRESSION_WORD_LEN = 80 };

struct expression_reader {
	const char *text;
	const char *rest; /* behind the last word */
	const struct expression_self *self;
	struct expression *expr;
	struct expression_fault *fault;
	char word[EXPRESSION_WORD_LEN]; /* "" at the end */
	size_t column;                  /* where it begins, from 1 */
};

/* The next word is in .word; ">" is one of its own. */
void expression_next(struct expression_reader *r);

/* Sets the fault, about the word at hand; returns false. */
__attribute__((format(printf, 2, 3))) bool
expression_refuse(struct expression_reader *r, const char *format, ...);

/* "PROTO SRC > DST", from the word at hand on. */
bool expression_read_flow(struct expression_reader *r,
			  struct expression_flow *flow);

/* Everything behind the ends, to the end of the text. */
bool expression_read_words(struct expression_reader *r);

#endif
