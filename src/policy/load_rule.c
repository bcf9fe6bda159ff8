/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule: what it is called and what it does.
 */
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/table.h"
#include "policy/date.h"
#include "policy/load_rule.h"
#include "policy/name.h"

enum { COMMENT_MAX = 200 };

/* "rule \"web\": KEY", for the sentences of values. */
static const char *label_of(struct rule_scope *scope, const char *key)
{
	(void)snprintf(scope->key_label, sizeof(scope->key_label), "%s: %s",
		       scope->label, key);
	return scope->key_label;
}

static bool is_taken(const struct loader *ld, const char *name)
{
	static const char prefix[] = POLICY_BLOCK_PREFIX;
	const struct table *table;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return false;
	table = ruleset_table(ld->policy->rules, name + strlen(prefix));
	return table && table_options(table)->block;
}

static void load_name(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;
	const char *name = node_string(node);

	if (name_is_valid(name) && is_taken(ld, name))
		loader_fault(ld, CODE_NAME_USED, node,
			     "rule \"%.60s\": the name belongs to the rule of "
			     "the table with block = true\nchoose another",
			     name);
	else if (name_is_valid(name))
		scope->name = name;
	else
		loader_fault(ld, CODE_NAME, node,
			     "\"%.60s\" cannot be the name of a rule\nuse up "
			     "to 48 letters, digits, '-' and '_'",
			     name);
}

static void load_enabled(struct loader *ld, const struct node *node,
			 void *object)
{
	(void)ld;
	((struct rule_scope *)object)->disabled = !node_bool(node);
}

static void load_comment(struct loader *ld, const struct node *node,
			 void *object)
{
	struct rule_scope *scope = object;

	if (strlen(node_string(node)) <= COMMENT_MAX)
		scope->comment = node_string(node);
	else
		loader_fault(ld, CODE_TOO_LONG, node,
			     "%s has more than %d octets\nwrite what is "
			     "longer behind a #",
			     label_of(scope, "comment"), COMMENT_MAX);
}

/* Those of the engine, and one that decides nothing. */
static void load_action(struct loader *ld, const struct node *node,
			void *object)
{
	static const char *const list[] = { "accept", "drop", "reject",
					    "continue" };
	static const struct words words = { list, 4, "an action" };
	struct rule_scope *scope = object;
	unsigned int index;

	if (!loader_choice(ld, node, label_of(scope, "action"), &words, &index))
		return;
	scope->has_action = true;
	if (index == ACTION_COUNT) {
		scope->options.continues = true;
		scope->options.action = ACTION_ACCEPT;
		return;
	}
	scope->options.action = (enum action)index;
	if (index == ACTION_REJECT)
		load_check_reject(ld, node, scope->key_label);
}

static void load_log(struct loader *ld, const struct node *node, void *object)
{
	struct rule_scope *scope = object;

	(void)loader_log(ld, node, label_of(scope, "log"), &scope->options.log);
}

static void load_mode(struct loader *ld, const struct node *node, void *object)
{
	static const char *const list[] = { "enforce", "audit" };
	static const struct words words = { list, 2, "a mode" };
	struct rule_scope *scope = object;
	unsigned int index;

	if (loader_choice(ld, node, label_of(scope, "mode"), &words, &index))
		scope->options.audit = index == 1;
}

/* NULL, or what would be right. */
static const char *parse_mark(const char *text, struct mark_item *item)
{
	struct match_fault fault = { .expected = "write one mark" };
	struct match *match = NULL;

	if (!strchr(text, ','))
		match = match_mark.parse(NULL, text, &fault);
	if (!match)
		return fault.expected ? fault.expected : "memory ran out";
	*item = *(const struct mark_item *)match->items;
	match_mark.destroy(match);
	return item->mask == 0 ? "write a mask with the bits that are to change"
			       : NULL;
}

static void take_mark(struct rule_scope *scope, const struct mark_item *item)
{
	if (scope->options.action != ACTION_ACCEPT)
		return;
	scope->options.mark = item->mark;
	scope->options.mark_mask = item->mask;
}

static void load_set_mark(struct loader *ld, const struct node *node,
			  void *object)
{
	const struct redirect *redirect = &ld->policy->redirect;
	uint32_t reserved = redirect->accept_mark | redirect->reject_mark;
	struct mark_item item = { 0 };
	const char *expected;
	char number[32];
	const char *text = number;
	const char *label = label_of(object, "set_mark");

	if (node_type(node) == NODE_STRING)
		text = node_string(node);
	else
		(void)snprintf(number, sizeof(number), "%lld",
			       node_integer(node));
	expected = parse_mark(text, &item);
	if (!strchr(text, '/'))
		item.mask &= ~reserved | item.mark;
	if (expected)
		loader_fault(ld, CODE_MARK, node,
			     "%s = \"%.60s\" is not possible\n%s", label, text,
			     expected);
	else if (item.mask & reserved)
		loader_fault(ld, CODE_MARK, node,
			     "%s = \"%.60s\" has bits by which verdicts are "
			     "handed to the kernel\nleave 0x%x out of the mark "
			     "and its mask, or see redirect.marks",
			     label, text, item.mask & reserved);
	else
		take_mark(object, &item);
}

static void load_reserve(struct loader *ld, const struct node *node,
			 void *object)
{
	struct rule_scope *scope = object;

	(void)ld;
	if (scope->options.action == ACTION_ACCEPT && !scope->options.continues)
		scope->options.reserve = node_bool(node);
}

static void load_expires(struct loader *ld, const struct node *node,
			 void *object)
{
	struct rule_scope *scope = object;
	const char *text = node_string(node);

	if (!date_parse(&scope->options.expires, text))
		loader_fault(ld, CODE_DATE, node,
			     "%s = \"%.60s\" is not a date\nwrite "
			     "\"2027-01-31\" or \"2027-01-31T18:00\"",
			     label_of(scope, "expires"), text);
	else if (!scope->disabled)
		load_check_date(ld, node, scope->label, scope->options.expires);
}

/* What the engine says of all of it together. */
static void check_options(struct rule_scope *scope)
{
	const struct node *limit = loader_child(scope->node, "limit");
	const char *fault = rule_options_fault(&scope->options);

	if (!fault)
		return;
	loader_fault(scope->ld, CODE_COMBINATION, limit ? limit : scope->node,
		     "%s is not possible\n%s",
		     label_of(scope, limit ? "limit" : "mode"), fault);
	scope->options = (struct rule_options){
		.action = scope->options.action,
	};
}

/* Connections belong to rules that decide. */
static void check_log(const struct rule_scope *scope)
{
	const struct rule_options *options = &scope->options;

	if (options->log == LOG_ALL && (options->continues || options->audit))
		loader_fault(scope->ld, CODE_NO_EFFECT,
			     loader_child(scope->node, "log"),
			     "%s: log = \"all\" is here the same as "
			     "\"first\"\nonly a rule that decides has "
			     "connections whose packets it can log",
			     scope->label);
}

/* Options that only something accepted can have. */
static void check_action(struct rule_scope *scope)
{
	static const char lets_in[] = "only a rule with action = \"accept\" "
				      "lets connections in";
	static const struct {
		const char *key;
		bool may_continue;
		const char *why;
	} keys[] = {
		{ "state", false, lets_in },
		{ "limit", true, lets_in },
		{ "reserve", false, lets_in },
		{ "set_mark", true, "only what passes can have a mark" },
	};
	const struct rule_options *options = &scope->options;

	if (!scope->has_action)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct node *node =
			loader_child(scope->node, keys[i].key);

		if (!node || (options->action == ACTION_ACCEPT &&
			      (keys[i].may_continue || !options->continues)))
			continue;
		loader_fault_name(scope->ld, CODE_KEY_USELESS, node,
				  "%s: %s\nleave it out here",
				  label_of(scope, keys[i].key), keys[i].why);
	}
}

/* Where the rule says nothing of it. */
static void set_tracking(struct rule_scope *scope)
{
	struct rule_options *options = &scope->options;
	const struct node *state = loader_child(scope->node, "state");

	if (scope->has_tracking || options->action != ACTION_ACCEPT ||
	    options->continues)
		return;
	options->tracking = ruleset_tracking(scope->ld->policy->rules);
	/* What it says is of connections. */
	if (options->tracking == TRACKING_NONE && state &&
	    node_type(state) == NODE_GROUP)
		options->tracking = TRACKING_FULL;
	else if (!scope->disabled)
		scope->ld->takes_track = true;
}

struct rule *rule_of_scope(struct rule_scope *scope)
{
	struct loader *ld = scope->ld;
	struct ruleset *rules =
		scope->disabled ? ld->disabled : ld->policy->rules;

	if (scope->rule)
		return scope->rule;
	set_tracking(scope);
	check_action(scope);
	check_options(scope);
	check_log(scope);
	scope->rule = ruleset_add_rule(rules, scope->name ? scope->name : "",
				       &scope->options);
	if (!scope->rule)
		ld->no_memory = true;
	else if (!scope->disabled)
		loader_note_rule(ld, scope->node, scope->comment);
	return scope->rule;
}

enum { MANY = NODE_STRING | NODE_INTEGER | NODE_LIST };

static const char many[] = "a string, or several in [ ]";
static const char boolean[] = "true or false, without quotes";

/* In this order they are read, and named to users. */
static const struct key rule_keys[] = {
	{ "name", NODE_STRING, "a string", load_name },
	{ "action", NODE_STRING,
	  "\"accept\", \"drop\", \"reject\" or \"continue\"", load_action },
	{ "enabled", NODE_BOOL, boolean, load_enabled },
	{ "comment", NODE_STRING, "a string", load_comment },
	{ "log", NODE_BOOL | NODE_STRING, LOADER_LOG_WANTED, load_log },
	{ "mode", NODE_STRING, "\"enforce\" or \"audit\"", load_mode },
	{ "reserve", NODE_BOOL, boolean, load_reserve },
	{ "set_mark", NODE_STRING | NODE_INTEGER,
	  "a mark and its mask such as \"0x10/0xff\"", load_set_mark },
	{ "expires", NODE_STRING, "a date such as \"2027-01-31\"",
	  load_expires },
	{ "schedule", NODE_GROUP,
	  "{ days = \"mon-fri\"; hours = \"08:00-20:00\"; }", load_schedule },
	{ "state", NODE_STRING | NODE_GROUP,
	  "\"keep\", \"none\", \"sloppy\" or { max = 100; }", load_state },
	{ "limit", NODE_GROUP, "{ new = \"10/1m\"; per = \"source\"; }",
	  load_limit },
	{ "from", MANY, many, load_match },
	{ "to", MANY, many, load_match },
	{ "src", MANY, many, load_match },
	{ "dst", MANY, many, load_match },
	{ "proto", MANY, many, load_match },
	{ "sport", MANY, many, load_match },
	{ "dport", MANY, many, load_match },
	{ "icmp_type", MANY, many, load_match },
	{ "service", MANY, many, load_match },
	{ "tcp_flags", NODE_STRING, "a string such as \"syn/syn,ack\"",
	  load_match },
	{ "mark", MANY, many, load_match },
	{ "dscp", MANY, many, load_match },
	{ "uid", MANY, many, load_match },
	{ "gid", MANY, many, load_match },
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
		loader_fault(ld, CODE_KEY_MISSING, scope->node,
			     "%s has no name\nwrite name = \"NAME\";",
			     scope->label);
	if (!loader_child(scope->node, "action"))
		loader_fault(ld, CODE_KEY_MISSING, scope->node,
			     "%s has no action\nwrite action = \"accept\", "
			     "\"drop\", \"reject\" or \"continue\";",
			     scope->label);
}

void load_rule(struct loader *ld, const struct node *node, size_t index)
{
	struct rule_scope scope = { .ld = ld,
				    .node = node,
				    .options.action = ACTION_DROP };
	char where[96];

	if (loader_is_mended(ld, node))
		return;
	if (node_type(node) != NODE_GROUP) {
		loader_fault(ld, CODE_TYPE, node,
			     "rule %zu is not a group\nwrite { name = ...; "
			     "action = ...; }",
			     index + 1);
		return;
	}
	set_label(&scope, index);
	(void)snprintf(where, sizeof(where), " in %s", scope.label);
	loader_group(ld, node, &rule_schema, where, &scope);
	check_required(&scope);
	if (rule_of_scope(&scope))
		rule_check(&scope);
}
