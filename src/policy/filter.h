/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which connections, or decisions, somebody means: the one language of all
 * commands that take a FILTER, see statewall-filter(7).
 *
 *	src 10.0.0.0/8 and dport 443,8443 and not rule lan-out
 *	tcp and (host 192.0.2.7 or zone dmz)
 *
 * "not" binds more tightly than "and", and "and" more than "or".  An empty text
 * matches everything.
 */
#ifndef POLICY_FILTER_H
#define POLICY_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr.h"
#include "engine/tuple.h"
#include "policy/name.h"

enum {
	FILTER_STEPS_MAX = 48,
	FILTER_DEPTH_MAX = 16,  /* of parentheses and "not" */
	FILTER_TEXT_LEN = 1000, /* the longest, with NUL */
	FILTER_FAULT_LEN = 400,
};

/* What a filter is to be asked about: bits. */
enum filter_about {
	FILTER_CONNECTIONS = 0x1,
	FILTER_DECISIONS = 0x2,
};

/* Texts may be NULL: not known, and no word matches that. */
struct filter_subject {
	const struct tuple *tuple;
	uint64_t id;
	const char *rule; /* "": the policy decided */
	const char *state;
	const char *zone_from;
	const char *zone_to;
	const char *indev;
	const char *outdev;
	const char *verdict;
	const char *reason;
};

/* A word with its value, or what joins the results of the steps before it. */
struct filter_step {
	uint8_t kind; /* enum of filter.c */
	uint8_t word; /* a row of its table */
	union {
		struct addr_range range;
		struct {
			uint64_t first;
			uint64_t last;
		} numbers;
		char name[NAME_MAX_LEN + 1];
	};
};

/* In reverse Polish order; owns nothing. */
struct filter {
	struct filter_step steps[FILTER_STEPS_MAX];
	size_t count;
};

struct filter_fault {
	size_t column;               /* from 1 */
	char text[FILTER_FAULT_LEN]; /* what is wrong, and what is right */
};

/* @about: of enum filter_about, one.  false: @fault is set. */
bool filter_parse(struct filter *filter, const char *text, unsigned int about,
		  struct filter_fault *fault);

bool filter_matches(const struct filter *filter,
		    const struct filter_subject *subject);

/* The words, in the order of the manual; NULL: there are no more. */
const char *filter_word(size_t index);

#endif
