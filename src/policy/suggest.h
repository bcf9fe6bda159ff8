/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody may have meant who wrote a word that we do not know.
 */
#ifndef POLICY_SUGGEST_H
#define POLICY_SUGGEST_H

#include <stddef.h>

enum { SUGGESTION_LEN = 320 };

/* The words that would be right. */
struct choices {
	const char *(*name)(const void *context, size_t index); /* or NULL */
	const void *context;
};

/*
 * Writes a hint: "did you mean \"x\"?", the advice that a user of another
 * firewall needs, or the list of all the words.
 */
void suggest(char text[SUGGESTION_LEN], const char *word,
	     const struct choices *choices);

/*
 * Damerau-Levenshtein distance (optimal string alignment): how many letters
 * are to be changed, added, removed or exchanged with their neighbour.  A
 * large number for long words.
 */
unsigned int suggest_distance(const char *a, const char *b);
/* The distance up to which another word may have been meant. */
unsigned int suggest_limit(const char *word);

#endif
