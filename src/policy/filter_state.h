/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What filter.c (the words, and what they match) and filter_parse.c (the
 * grammar) share.
 */
#ifndef POLICY_FILTER_STATE_H
#define POLICY_FILTER_STATE_H

#include "policy/filter.h"

enum filter_kind { FILTER_WORD, FILTER_NOT, FILTER_AND, FILTER_OR };

enum filter_value {
	FILTER_ADDRESS, /* an address, a network or a range */
	FILTER_PORT,
	FILTER_PROTOCOL,
	FILTER_NUMBER,
	FILTER_NAME,
};

struct filter_word {
	const char *name;
	enum filter_value value;
	unsigned int about; /* enum filter_about, or-ed */
	/* Whether what follows the word is so of the subject. */
	bool (*holds)(const struct filter_step *step,
		      const struct filter_subject *subject);
};

extern const struct filter_word filter_words[];
extern const size_t filter_word_count;

#endif
