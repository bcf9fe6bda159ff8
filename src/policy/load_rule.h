/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: what load_rule.c (a rule), load_match.c and
 * load_words.c (a condition and its words), load_state.c, load_limit.c,
 * load_schedule.c and
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
	char key_label[128];     /* "rule \"web\": KEY" */
	const char *name;
	const char *comment; /* or NULL */
	bool disabled;
	bool has_action;
	bool has_tracking;
	bool no_overload; /* its table is not there, and that is reported */
	struct rule_options options;
	struct rule *rule; /* of the loader's rules, or its disabled ones */
};

void load_rule(struct loader *ld, const struct node *node, size_t index);

/*
 * The rule, created when the keys that it needs have been read; NULL: no
 * memory, which is noted.
 */
struct rule *rule_of_scope(struct rule_scope *scope);

/* Keys of rules; @object is the scope. */
void load_match(struct loader *ld, const struct node *node, void *object);
void load_state(struct loader *ld, const struct node *node, void *object);
void load_schedule(struct loader *ld, const struct node *node, void *object);
void load_limit(struct loader *ld, const struct node *node, void *object);

/* A word of a condition, and where it stands. */
struct rule_word {
	struct rule_scope *scope;
	const struct node *node;
	const struct match_type *type;
	const char *value; /* the whole string that it is a part of */
	const char *text;
	const char *at; /* where it is in the value */
};

/*
 * Appends the canonical form of a word, which may be several; false: it is
 * reported.
 */
bool rule_word_translate(const struct rule_word *word, struct text *out);
/*
 * The same for all words of a value or a list of them; .scope and .type of
 * @pattern are used.
 */
bool rule_values_translate(const struct rule_word *pattern,
			   const struct node *node, struct text *out);
/* Whether the key also takes whole numbers without quotes. */
bool rule_key_takes_numbers(const char *key);

/* Finds conditions that can never hold together. */
void rule_check(struct rule_scope *scope);

#endif
