/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet that is being described, word by word.
 */
#ifndef SCENARIOS_DRAFT_H
#define SCENARIOS_DRAFT_H

#include "scenarios/shot.h"

struct draft {
	struct shot *shot;
	const struct cast *cast;
	enum who src;
	enum who dst;
};

/* NULL, or what is wrong with the word. */
const char *draft_take_word(struct draft *d, const char *word);

/* The chunks of an SCTP packet, "DATA,SACK"; NULL, or what is wrong. */
const char *draft_take_chunks(struct draft *d, const char *names);

/* Words of SCTP: see draft_sctp.c.  false: the value makes no sense. */
bool draft_set_tag(struct draft *d, const char *value);
bool draft_set_init_tag(struct draft *d, const char *value);
bool draft_set_chunk_len(struct draft *d, const char *value);

/* A decimal or 0x number, with +STEP; false: it is none, or out of range. */
bool draft_number(const struct draft *d, const char *text, int64_t max,
		  int64_t *value);

#endif
