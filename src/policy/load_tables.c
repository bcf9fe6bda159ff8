/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section tables.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/table.h"
#include "policy/loader.h"
#include "policy/name.h"
#include "policy/source.h"
#include "policy/table_file.h"

/* The table that is being loaded. */
struct table_scope {
	struct table *table;
	const struct node *node;
	const struct node *file;
	struct table_options options;
	bool strict;
	long long max_entries; /* 0: not given */
	long long min_entries;
};

static void add_entry(struct loader *ld, const struct spot *spot,
		      const char *word, void *object)
{
	struct table *table = ((struct table_scope *)object)->table;
	bool excluded = *word == '!';
	struct addr_range range;
	char why[WHY_LEN];
	int error;

	word += excluded;
	if (*word == '<') {
		loader_fault_at(
			ld, CODE_ADDRESS, spot,
			"table %s: \"%.60s\" is not an address\na table "
			"holds addresses, networks and ranges only",
			table_name(table), word);
	} else if (*word == '\0') {
		loader_fault_at(
			ld, CODE_EMPTY, spot,
			"table %s: a value is missing\nwrite one before "
			"and after each comma",
			table_name(table));
	} else if (!range_parse(word, &range, why)) {
		loader_fault_at(ld, CODE_ADDRESS, spot,
				"table %s: \"%.60s\" %s", table_name(table),
				word, why);
	} else {
		error = excluded ? table_exclude(table, &range)
				 : table_add(table, &range);
		ld->no_memory = ld->no_memory || error < 0;
	}
}

static void load_entries(struct loader *ld, const struct node *node,
			 void *object)
{
	const struct table_scope *scope = object;
	char label[128];

	(void)snprintf(label, sizeof(label),
		       "table %s: entries are strings: write "
		       "[ \"192.0.2.1\", \"10.0.0.0/8\" ]",
		       table_name(scope->table));
	loader_strings(ld, node, label, add_entry, object);
}

static void load_file(struct loader *ld, const struct node *node, void *object)
{
	(void)ld;
	((struct table_scope *)object)->file = node;
}

static void load_strict(struct loader *ld, const struct node *node,
			void *object)
{
	(void)ld;
	((struct table_scope *)object)->strict = node_bool(node);
}

static void load_dynamic(struct loader *ld, const struct node *node,
			 void *object)
{
	(void)ld;
	((struct table_scope *)object)->options.dynamic = node_bool(node);
}

static void load_never_block(struct loader *ld, const struct node *node,
			     void *object)
{
	(void)ld;
	((struct table_scope *)object)->options.never_block = node_bool(node);
}

static void load_block(struct loader *ld, const struct node *node, void *object)
{
	(void)ld;
	((struct table_scope *)object)->options.block = node_bool(node);
}

/* "table bad: KEY" */
enum { LABEL_LEN = 96 };

static void set_label(const struct table_scope *scope, const struct node *node,
		      char label[LABEL_LEN])
{
	(void)snprintf(label, LABEL_LEN, "table %s: %s",
		       table_name(scope->table), node_name(node));
}

static void load_timeout(struct loader *ld, const struct node *node,
			 void *object)
{
	struct table_scope *scope = object;
	char label[LABEL_LEN];

	set_label(scope, node, label);
	(void)loader_duration(ld, node, label, &scope->options.timeout);
}

static void load_max_entries(struct loader *ld, const struct node *node,
			     void *object)
{
	struct table_scope *scope = object;
	struct bounds bounds = { 1, scope->options.dynamic ? TABLE_LIVE_MAX
							   : INT32_MAX };
	char label[LABEL_LEN];

	set_label(scope, node, label);
	(void)loader_number(ld, node, label, bounds, &scope->max_entries);
}

static void load_min_entries(struct loader *ld, const struct node *node,
			     void *object)
{
	static const struct bounds bounds = { 0, INT32_MAX };
	struct table_scope *scope = object;
	char label[LABEL_LEN];

	set_label(scope, node, label);
	(void)loader_number(ld, node, label, bounds, &scope->min_entries);
}

static const char boolean[] = "true or false, without quotes";

/* What a number means depends on dynamic, which is read before. */
static const struct key table_keys[] = {
	{ "entries", NODE_STRING | NODE_LIST,
	  "[ \"192.0.2.1\", \"10.0.0.0/8\" ]", load_entries },
	{ "file", NODE_STRING, "the path of a file", load_file },
	{ "strict", NODE_BOOL, boolean, load_strict },
	{ "dynamic", NODE_BOOL, boolean, load_dynamic },
	{ "timeout", NODE_STRING | NODE_INTEGER, "a duration such as \"1h\"",
	  load_timeout },
	{ "max_entries", NODE_INTEGER, "a whole number", load_max_entries },
	{ "min_entries", NODE_INTEGER, "a whole number", load_min_entries },
	{ "never_block", NODE_BOOL, boolean, load_never_block },
	{ "block", NODE_BOOL, boolean, load_block },
};

/* A file that is cut, or another one, must not become the table. */
static void check_count(struct loader *ld, const struct table_scope *scope,
			const struct table_file *file)
{
	long long count = (long long)file->entries;

	if (count < scope->min_entries)
		loader_fault(ld, CODE_TABLE_COUNT, scope->file,
			     "table %s: %.200s has %lld entries, min_entries "
			     "is %lld\ncomplete the file",
			     table_name(scope->table), file->path, count,
			     scope->min_entries);
	if (!scope->options.dynamic && scope->max_entries > 0 &&
	    count > scope->max_entries)
		loader_fault(ld, CODE_TABLE_COUNT, scope->file,
			     "table %s: %.200s has %lld entries, max_entries "
			     "is %lld\nraise it, if the file is right",
			     table_name(scope->table), file->path, count,
			     scope->max_entries);
}

static void read_file(struct loader *ld, const struct table_scope *scope)
{
	const struct spot spot = { .node = scope->file };
	struct origin at = loader_origin(ld, &spot);
	char path[SOURCE_PATH_LEN];
	struct table_file file = {
		.table = scope->table,
		.path = path,
		.strict = scope->strict,
		.fault = CODE_TABLE_FILE,
	};
	const char *problem = "the path is too long";

	if (source_beside(at.file, node_string(scope->file), path))
		problem = table_file_read(&file, ld->diags);
	if (problem)
		loader_fault(ld, file.fault, scope->file,
			     "table %s: file = \"%.200s\" cannot be read: %s",
			     table_name(scope->table), node_string(scope->file),
			     problem);
	else
		check_count(ld, scope, &file);
	ld->no_memory = ld->no_memory || file.no_memory;
}

/* Keys that mean nothing without another. */
static void check_keys(struct loader *ld, const struct table_scope *scope)
{
	const char *name = table_name(scope->table);
	const struct node *timeout = loader_child(scope->node, "timeout");
	const struct node *min = loader_child(scope->node, "min_entries");

	if (timeout && !scope->options.dynamic)
		loader_fault_name(
			ld, CODE_KEY_USELESS, timeout,
			"table %s: timeout has no meaning\nonly a table "
			"with dynamic = true has entries that come and go",
			name);
	if (min && !scope->file)
		loader_fault_name(ld, CODE_KEY_USELESS, min,
				  "table %s: min_entries is for a table with "
				  "file\nleave it out",
				  name);
	if (!loader_child(scope->node, "entries") && !scope->file &&
	    !loader_child(scope->node, "dynamic") && !ld->doc->incomplete)
		loader_fault(ld, CODE_KEY_MISSING, scope->node,
			     "table %s has no entries\nwrite entries = [ ]; "
			     "or file = \"tables.d/%s.txt\";",
			     name, name);
}

static void set_options(struct loader *ld, struct table_scope *scope)
{
	struct table_options *options = &scope->options;

	if (options->dynamic) {
		options->max_entries = scope->max_entries > 0
					       ? (size_t)scope->max_entries
					       : TABLE_LIVE_DEFAULT;
		ld->live_entries += options->max_entries;
	} else {
		options->timeout = 0;
	}
	if (ld->live_entries > POLICY_LIVE_ENTRIES_MAX) {
		loader_fault(ld, CODE_TABLE_ROOM, scope->node,
			     "table %s: dynamic tables have room for more "
			     "than %d entries together\nlower max_entries",
			     table_name(scope->table), POLICY_LIVE_ENTRIES_MAX);
		ld->live_entries = 0;
		return;
	}
	if (table_set_options(scope->table, options) < 0)
		ld->no_memory = true;
}

static void load_table(struct loader *ld, const struct node *node)
{
	static const struct schema schema = {
		table_keys, sizeof(table_keys) / sizeof(table_keys[0])
	};
	const char *name = node_name(node);
	struct table_scope scope = {
		.node = node,
		.table = ruleset_add_table(ld->policy->rules, name),
	};
	char where[80];

	if (!scope.table) {
		ld->no_memory = true;
		return;
	}
	(void)snprintf(where, sizeof(where), " in table %s", name);
	loader_group(ld, node, &schema, where, &scope);
	if (scope.file)
		read_file(ld, &scope);
	if (table_seal(scope.table) < 0)
		ld->no_memory = true;
	check_keys(ld, &scope);
	set_options(ld, &scope);
}

/* The rule that block = true stands for. */
static void add_block_rule(struct loader *ld, const struct node *node,
			   const char *table)
{
	static const struct rule_options options = { .action = ACTION_DROP };
	struct ruleset *rules = ld->policy->rules;
	char name[sizeof(POLICY_BLOCK_PREFIX) + NAME_MAX_LEN];
	char text[NAME_MAX_LEN + 3];
	struct match_fault fault;
	struct rule *rule;

	(void)snprintf(name, sizeof(name), POLICY_BLOCK_PREFIX "%.48s", table);
	(void)snprintf(text, sizeof(text), "<%.48s>", table);
	if (!name_is_valid(name)) {
		loader_fault(ld, CODE_NAME, node,
			     "table %s: the name is too long for block = "
			     "true\nat most %zu characters",
			     table,
			     NAME_MAX_LEN + 1 - sizeof(POLICY_BLOCK_PREFIX));
		return;
	}
	rule = ruleset_add_rule(rules, name, &options);
	if (rule)
		loader_note_rule(ld, node, NULL);
	if (!rule || !ruleset_add_match(rules, rule, &match_src, text, &fault))
		ld->no_memory = true;
}

void load_tables(struct loader *ld, const struct node *node, void *object)
{
	const struct ruleset *rules = ld->policy->rules;

	(void)object;
	for (size_t i = 0; i < node_count(node) && !ld->no_memory; i++) {
		const struct node *child = node_child(node, i);
		const struct table *table;

		/* One that another document has is reported. */
		if (!loader_definition(ld, child, "table",
				       "NAME = { entries = [ ]; };") ||
		    ruleset_table(rules, node_name(child)))
			continue;
		load_table(ld, child);
		table = ruleset_table(rules, node_name(child));
		if (table && table_options(table)->block)
			add_block_rule(ld, child, table_name(table));
	}
}
