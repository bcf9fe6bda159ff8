/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit: how much of what a rule matches it lets in.
 */
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/table.h"
#include "policy/amount.h"
#include "policy/load_rule.h"

/* "rule \"web\": limit.KEY" */
static const char *label_of(struct rule_scope *scope, const struct node *node)
{
	(void)snprintf(scope->key_label, sizeof(scope->key_label),
		       "%s: limit.%s", scope->label, node_name(node));
	return scope->key_label;
}

/* new, packets or bytes */
static void load_rate(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;
	struct rule_limit *limit = &scope->options.limit;
	unsigned int unit = LIMIT_NEW;
	const char *expected;

	while (strcmp(policy_unit_names[unit], node_name(node)) != 0)
		unit++;
	if (limit->unit != LIMIT_NONE) {
		loader_fault(ld, CODE_COMBINATION, node,
			     "%s: there is one limit already\nwrite a second "
			     "rule for another, with action = \"continue\"",
			     label_of(scope, node));
		return;
	}
	limit->unit = (enum limit_unit)unit;
	expected = rate_parse(&limit->rate, node_string(node),
			      unit == LIMIT_BYTES);
	if (!expected)
		return;
	loader_fault(ld, CODE_RATE, node, "%s = \"%.60s\" is not a rate\n%s",
		     label_of(scope, node), node_string(node), expected);
	limit->rate = (struct rate){ .amount = 1, .period = 1000 };
}

static void load_burst(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;
	struct rule_limit *limit = &scope->options.limit;
	bool bytes = limit->unit == LIMIT_BYTES;
	char number[AMOUNT_TEXT_LEN];
	const char *text = number;

	if (node_type(node) == NODE_STRING)
		text = node_string(node);
	else
		(void)snprintf(number, sizeof(number), "%lld",
			       node_integer(node));
	if (!amount_parse(&limit->rate.burst, text, bytes))
		loader_fault(ld, CODE_OUT_OF_RANGE, node,
			     "%s = %.60s is not possible\nwrite %s",
			     label_of(scope, node), text,
			     bytes ? "a size up to \"4GiB\""
				   : "a number from 1 to 4294967296");
}

/* A word such as "source/24"; false: it is none. */
static bool take_scope(struct rule_limit *limit, const char *word, bool second)
{
	size_t len = strcspn(word, "/");
	unsigned int scope = 0;
	unsigned long prefix;

	while (scope < LIMIT_SCOPE_COUNT &&
	       (strlen(policy_scope_names[scope]) != len ||
		strncmp(policy_scope_names[scope], word, len) != 0))
		scope++;
	if (scope == LIMIT_SCOPE_COUNT || (second && limit->scope != scope))
		return false;
	limit->scope = (enum limit_scope)scope;
	if (word[len] == '\0')
		return !second;
	if (scope == LIMIT_RULE ||
	    !match_number(word + len + 1, 128, &prefix) || prefix == 0)
		return false;
	if (second || prefix > 32)
		limit->prefix_ipv6 = (uint8_t)prefix;
	else
		limit->prefix_ipv4 = (uint8_t)prefix;
	return true;
}

static void load_per(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;
	struct rule_limit *limit = &scope->options.limit;
	const char *rest = node_string(node);
	char word[LOADER_WORD_LEN];
	bool ok = true;

	for (int i = 0; loader_next_word(&rest, word); i++)
		ok = ok && i < 2 && take_scope(limit, word, i == 1) &&
		     (i == 0 || limit->prefix_ipv4 > 0);
	if (!ok)
		loader_fault(ld, CODE_SCOPE, node,
			     "%s = \"%.60s\" is not understood\nwrite "
			     "\"rule\", \"source\", \"destination\" or, with "
			     "prefixes of IPv4 and IPv6, "
			     "\"source/24,source/56\"",
			     label_of(scope, node), node_string(node));
}

static void load_over(struct loader *ld, const struct node *node, void *object)
{
	static const char *const list[] = { "drop", "reject" };
	static const struct words words = { list, 2, "possible" };
	struct rule_scope *scope = object;
	unsigned int index;

	if (!loader_choice(ld, node, label_of(scope, node), &words, &index))
		return;
	scope->options.limit.over_rejects = index == 1;
	if (index == 1)
		load_check_reject(ld, node, label_of(scope, node));
}

static const char *nth_table(const void *context, size_t index)
{
	const struct table *table = ruleset_table_at(context, index);

	return table ? table_name(table) : NULL;
}

/* "<bruteforce>"; the brackets may be missing. */
static void load_overload(struct loader *ld, const struct node *node,
			  void *object)
{
	struct rule_scope *scope = object;
	const struct ruleset *rules = ld->policy->rules;
	const struct choices choices = { nth_table, rules };
	const char *text = node_string(node);
	size_t len = strlen(text);
	char name[LOADER_WORD_LEN];
	char hint[SUGGESTION_LEN];

	if (len >= 2 && text[0] == '<' && text[len - 1] == '>') {
		text++;
		len -= 2;
	}
	(void)snprintf(name, sizeof(name), "%.*s",
		       (int)(len < sizeof(name) ? len : sizeof(name) - 1),
		       text);
	scope->options.limit.overload = ruleset_table(rules, name);
	if (scope->options.limit.overload)
		loader_use(ld, scope->options.limit.overload);
	if (scope->options.limit.overload || ld->doc->incomplete)
		return;
	suggest(hint, name, &choices);
	loader_fault(ld, CODE_UNKNOWN_TABLE, node,
		     "%s: <%.60s> is not a table\n%s", label_of(scope, node),
		     name, hint);
	scope->no_overload = true;
}

static void load_kill(struct loader *ld, const struct node *node, void *object)
{
	(void)ld;
	((struct rule_scope *)object)->options.limit.kill = node_bool(node);
}

static const struct key limit_keys[] = {
	{ "new", NODE_STRING, "a rate such as \"10/1m\"", load_rate },
	{ "packets", NODE_STRING, "a rate such as \"20/s\"", load_rate },
	{ "bytes", NODE_STRING, "a rate such as \"1MiB/s\"", load_rate },
	{ "burst", NODE_INTEGER | NODE_STRING, "a whole number", load_burst },
	{ "per", NODE_STRING, "\"rule\", \"source\" or \"destination\"",
	  load_per },
	{ "over", NODE_STRING, "\"drop\" or \"reject\"", load_over },
	{ "overload", NODE_STRING, "a table, \"<NAME>\"", load_overload },
	{ "kill_states", NODE_BOOL, "true or false, without quotes",
	  load_kill },
};

void load_limit(struct loader *ld, const struct node *node, void *object)
{
	static const struct schema schema = {
		limit_keys, sizeof(limit_keys) / sizeof(limit_keys[0])
	};
	struct rule_scope *scope = object;
	struct rule_limit *limit = &scope->options.limit;
	char where[128];

	(void)snprintf(where, sizeof(where), " in limit of %s", scope->label);
	loader_group(ld, node, &schema, where, scope);
	if (limit->unit == LIMIT_NONE) {
		if (!ld->doc->incomplete && !loader_child(node, "new") &&
		    !loader_child(node, "packets") &&
		    !loader_child(node, "bytes"))
			loader_fault(ld, CODE_KEY_MISSING, node,
				     "%s: limit says no rate\nwrite new, "
				     "packets or bytes = \"10/1m\";",
				     scope->label);
		*limit = (struct rule_limit){ 0 };
	}
	/* What is missing is reported, or hidden by another fault. */
	if (!limit->overload)
		limit->kill = limit->kill && !scope->no_overload &&
			      !ld->doc->incomplete;
}
