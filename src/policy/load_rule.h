/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: what load_rules.c (a rule), load_words.c (a word of a condition) and
 * load_checks.c (conditions against each other) share.
 */
#ifndef POLICY_LOAD_RULE_H
#define POLICY_LOAD_RULE_H

#include <stdbool.h>

#include "engine/match.h"
#include "policy/loader.h"
#include "policy/text.h"

/* The rule that is being loaded. */
struct rule_scope {
	struct loader *ld;
	const struct node *node; /* the group */
	char label[80];          /* "rule \"web\"" */
	const char *name;
	enum action action;
	bool log;
	struct rule *rule;
};

/* A word of a condition, and where it stands. */
struct rule_word {
	struct rule_scope *scope;
	const struct node *node;
	const struct match_type *type;
	const char *value; /* the whole string that it is a part of */
	const char *text;
};

/*
 * Appends the canonical form of a word, which may be several; false: it is
 * reported.
 */
bool rule_word_translate(const struct rule_word *word, struct text *out);
/* Whether the key also takes whole numbers without quotes. */
bool rule_key_takes_numbers(const char *key);

/* Finds conditions that can never hold together. */
void rule_check(struct rule_scope *scope);

#endif
