/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conditions of a rule, from a value to the text that the engine reads.
 */
#include <stdio.h>

#include "engine/match_item.h"
#include "policy/load_rule.h"

/* Every word of the string @whole->value; false: there was a fault. */
static bool translate_words(const struct rule_word *whole, struct text *out)
{
	struct rule_word word = *whole;
	char text[LOADER_WORD_LEN];
	bool ok = true;

	/* Its commas are of another kind. */
	if (word.type == &match_tcp_flags) {
		word.text = word.value;
		word.at = word.value;
		return rule_word_translate(&word, out);
	}
	word.text = text;
	for (const char *rest = word.value; rest;) {
		word.at = loader_next_word(&rest, text);
		ok = rule_word_translate(&word, out) && ok;
	}
	return ok;
}

static void fault_empty(const struct rule_word *word, const struct node *node)
{
	loader_fault(word->scope->ld, CODE_EMPTY, node,
		     "%s: %s is empty\nleave it out to match everything",
		     word->scope->label, word->type->key);
}

static void fault_type(const struct rule_word *word, const struct node *node)
{
	bool numbers = rule_key_takes_numbers(word->type->key);

	loader_fault(word->scope->ld, CODE_TYPE, node,
		     "%s: %s: %s is not possible here\nwrite a string%s",
		     word->scope->label, word->type->key,
		     loader_type_name(node),
		     numbers ? " or a whole number" : "");
}

/* One value of a condition that @pattern describes. */
static bool translate_value(const struct rule_word *pattern,
			    const struct node *node, struct text *out)
{
	struct rule_word word = *pattern;
	char number[32];

	word.node = node;
	if (node_type(node) == NODE_STRING) {
		word.value = node_string(node);
	} else if (node_type(node) == NODE_INTEGER &&
		   rule_key_takes_numbers(word.type->key)) {
		(void)snprintf(number, sizeof(number), "%lld",
			       node_integer(node));
		word.value = number;
	} else {
		fault_type(&word, node);
		return false;
	}
	if (*word.value == '\0') {
		fault_empty(&word, node);
		return false;
	}
	return translate_words(&word, out);
}

bool rule_values_translate(const struct rule_word *pattern,
			   const struct node *node, struct text *out)
{
	const struct loader *ld = pattern->scope->ld;
	bool ok = loader_value_count(node) > 0;

	if (!ok)
		fault_empty(pattern, node);
	for (size_t i = 0; i < loader_value_count(node); i++) {
		const struct node *value = loader_value(node, i);

		if (loader_is_mended(ld, value))
			ok = false;
		else
			ok = translate_value(pattern, value, out) && ok;
	}
	return ok;
}

void load_match(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;
	const struct rule_word word = {
		.scope = scope,
		.type = match_type_find(node_name(node)),
	};
	struct text text = { 0 };
	struct match_fault fault;

	if (!word.type || !rule_of_scope(scope))
		return;
	if (!scope->disabled && !ld->no_memory)
		policy_note_condition(ld->policy, word.type,
				      document_origin(ld->doc,
						      node_line(node)));
	/* It is empty if a service was faulty. */
	if (rule_values_translate(&word, node, &text) && text.at &&
	    !text.failed &&
	    !ruleset_add_match(ld->policy->rules, scope->rule, word.type,
			       text.at, &fault)) {
		if (fault.expected)
			loader_fault(ld, CODE_CONDITION, node,
				     "%s: %s is not possible\n%s", scope->label,
				     word.type->key, fault.expected);
		else
			ld->no_memory = true;
	}
	ld->no_memory = ld->no_memory || text.failed;
	text_fini(&text);
}
