/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section rules.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load_rule.h"
#include "policy/name.h"

static void load_name(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;
	const char *name = node_string(node);

	if (name_is_valid(name))
		scope->name = name;
	else
		loader_fault(ld, node,
			     "\"%.60s\" cannot be the name of a rule: use up "
			     "to 48 letters, digits, '-' and '_'",
			     name);
}

static void load_action(struct loader *ld, const struct node *node,
			void *object)
{
	struct rule_scope *scope = object;
	char label[128];

	(void)snprintf(label, sizeof(label), "%s: action", scope->label);
	if (loader_action(ld, node, label, &scope->action) &&
	    scope->action == ACTION_REJECT)
		loader_warn(ld, node,
			    "%s = \"reject\": in this version nothing is "
			    "answered, packets are dropped in silence",
			    label);
}

static void load_log(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;

	(void)ld;
	scope->log = node_bool(node);
}

/* Every word of the string @whole->value; false: there was a fault. */
static bool translate_words(const struct rule_word *whole, struct text *out)
{
	struct rule_word word = *whole;
	char text[LOADER_WORD_LEN];
	bool ok = true;

	word.text = text;
	for (const char *rest = word.value; loader_next_word(&rest, text);)
		ok = rule_word_translate(&word, out) && ok;
	return ok;
}

static void fault_empty(const struct rule_word *word, const struct node *node)
{
	loader_fault(word->scope->ld, node,
		     "%s: %s is empty: leave it out to match everything",
		     word->scope->label, word->type->key);
}

static void fault_type(const struct rule_word *word, const struct node *node)
{
	bool numbers = rule_key_takes_numbers(word->type->key);

	loader_fault(word->scope->ld, node,
		     "%s: %s: %s is not possible here: write a string%s",
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

static bool translate_values(const struct rule_word *pattern,
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

/* The rule, created when the keys that it needs have been read. */
static struct rule *rule_of(struct rule_scope *scope)
{
	struct loader *ld = scope->ld;

	if (!scope->rule)
		scope->rule = ruleset_add_rule(ld->policy->rules,
					       scope->name ? scope->name : "",
					       &(struct rule_options){
						       .action = scope->action,
						       .log = scope->log,
					       });
	if (!scope->rule)
		ld->no_memory = true;
	return scope->rule;
}

static void load_match(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;
	const struct rule_word word = {
		.scope = scope,
		.type = match_type_find(node_name(node)),
	};
	struct text text = { 0 };
	struct match_fault fault;

	if (!word.type || !rule_of(scope))
		return;
	if (translate_values(&word, node, &text) && !text.failed &&
	    !ruleset_add_match(ld->policy->rules, scope->rule, word.type,
			       text.at, &fault)) {
		if (fault.expected)
			loader_fault(ld, node, "%s: %s: %s", scope->label,
				     word.type->key, fault.expected);
		else
			ld->no_memory = true;
	}
	ld->no_memory = ld->no_memory || text.failed;
	text_fini(&text);
}

enum { MANY = NODE_STRING | NODE_INTEGER | NODE_LIST };

static const char many[] = "a string, or several in [ ]";

/* In this order they are read, and named to users. */
static const struct key rule_keys[] = {
	{ "name", NODE_STRING, "a string", load_name },
	{ "action", NODE_STRING, "\"accept\", \"drop\" or \"reject\"",
	  load_action },
	{ "log", NODE_BOOL, "true or false, without quotes", load_log },
	{ "from", MANY, many, load_match },
	{ "to", MANY, many, load_match },
	{ "src", MANY, many, load_match },
	{ "dst", MANY, many, load_match },
	{ "proto", MANY, many, load_match },
	{ "sport", MANY, many, load_match },
	{ "dport", MANY, many, load_match },
	{ "icmp_type", MANY, many, load_match },
	{ "service", MANY, many, load_match },
};

static const struct schema rule_schema = {
	rule_keys, sizeof(rule_keys) / sizeof(rule_keys[0])
};

static const char *name_of(const struct node *rule)
{
	const struct node *node = loader_child(rule, "name");

	return node && node_type(node) == NODE_STRING ? node_string(node)
						      : NULL;
}

static void set_label(struct rule_scope *scope, size_t index)
{
	const char *name = name_of(scope->node);

	if (name)
		(void)snprintf(scope->label, sizeof(scope->label),
			       "rule \"%.60s\"", name);
	else
		(void)snprintf(scope->label, sizeof(scope->label), "rule %zu",
			       index + 1);
}

static void check_required(const struct rule_scope *scope)
{
	struct loader *ld = scope->ld;

	if (ld->doc->incomplete)
		return;
	if (!loader_child(scope->node, "name"))
		loader_fault(ld, scope->node,
			     "%s has no name: write name = \"NAME\";",
			     scope->label);
	if (!loader_child(scope->node, "action"))
		loader_fault(ld, scope->node,
			     "%s has no action: write action = \"accept\", "
			     "\"drop\" or \"reject\";",
			     scope->label);
}

static void load_rule(struct loader *ld, const struct node *rules, size_t index)
{
	struct rule_scope scope = { .ld = ld,
				    .node = node_child(rules, index),
				    .action = ACTION_DROP };
	char where[96];

	if (loader_is_mended(ld, scope.node))
		return;
	if (node_type(scope.node) != NODE_GROUP) {
		loader_fault(ld, scope.node,
			     "rule %zu is not a group: write { name = ...; "
			     "action = ...; }",
			     index + 1);
		return;
	}
	set_label(&scope, index);
	(void)snprintf(where, sizeof(where), " in %s", scope.label);
	loader_group(ld, scope.node, &rule_schema, where, &scope);
	check_required(&scope);
	if (rule_of(&scope))
		rule_check(&scope);
}

/* The name of a rule, for finding it twice. */
struct named {
	const char *name;
	const struct node *node;
	size_t index; /* of the rule */
};

static int compare_names(const void *a, const void *b)
{
	const struct named *left = a;
	const struct named *right = b;
	int order = strcmp(left->name, right->name);

	if (order != 0)
		return order;
	return left->index < right->index ? -1 : 1;
}

/* Those that have one; returns how many. */
static size_t collect_names(struct loader *ld, const struct node *rules,
			    struct named *names)
{
	size_t count = 0;

	for (size_t i = 0; i < node_count(rules); i++) {
		const struct node *rule = node_child(rules, i);
		const struct node *node = NULL;

		if (node_type(rule) == NODE_GROUP)
			node = loader_child(rule, "name");
		if (node && node_type(node) == NODE_STRING &&
		    !loader_is_mended(ld, node))
			names[count++] = (struct named){
				.name = node_string(node),
				.node = node,
				.index = i,
			};
	}
	return count;
}

static void check_unique(struct loader *ld, const struct node *rules)
{
	struct named *names = calloc(node_count(rules) + 1, sizeof(*names));
	const struct named *first = names;
	char place[PLACE_LEN];
	size_t count;

	if (!names) {
		ld->no_memory = true;
		return;
	}
	count = collect_names(ld, rules, names);
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(names[i].name, first->name) != 0) {
			first = &names[i];
			continue;
		}
		loader_place(ld, first->node, names[i].node, place);
		loader_fault(
			ld, names[i].node,
			"rule \"%.60s\": the name was used before, %s: choose "
			"another",
			names[i].name, place);
	}
	free(names);
}

void load_rules(struct loader *ld, const struct node *node, void *object)
{
	(void)object;
	for (size_t i = 0; i < node_count(node) && !ld->no_memory; i++)
		load_rule(ld, node, i);
	check_unique(ld, node);
}
