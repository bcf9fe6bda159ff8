/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of tests: the section tests, and self.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"
#include "policy/date.h"
#include "policy/loader.h"
#include "policy/policy_tests.h"

enum { REPEAT_MAX = 10000 };

/* A file that is being loaded. */
struct test_file {
	struct policy_tests *tests;
	struct expression_self self;
};

/* A step, or a test with its only one. */
struct test_scope {
	const struct test_file *file;
	struct policy_test *test;
	struct test_step *step;
	char label[120]; /* "test \"web\": step 2" */
	char key_label[200];
};

static const char *label_of(struct test_scope *scope, const struct node *node)
{
	(void)snprintf(scope->key_label, sizeof(scope->key_label), "%s: %s",
		       scope->label, node_name(node));
	return scope->key_label;
}

static char *copy(struct loader *ld, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copied = calloc(1, size);

	if (copied)
		memcpy(copied, text, size);
	else
		ld->no_memory = true;
	return copied;
}

static void load_self(struct loader *ld, const struct node *node, void *object)
{
	struct test_file *file = object;
	struct expression_fault fault;

	for (size_t i = 0; i < loader_value_count(node); i++) {
		const struct node *value = loader_value(node, i);

		if (loader_is_mended(ld, value))
			continue;
		if (node_type(value) != NODE_STRING)
			loader_fault(ld, CODE_TYPE, value,
				     "self: %s is not possible here\nwrite "
				     "addresses as strings",
				     loader_type_name(value));
		else if (!expression_add_self(&file->self, node_string(value),
					      &fault))
			loader_fault(ld, CODE_ADDRESS, value, "self: %s",
				     fault.text);
	}
}

/* The spot of the word at that column of the packet. */
static void fault_packet(struct loader *ld, const struct test_scope *scope,
			 const struct node *node,
			 const struct expression_fault *fault)
{
	const char *text = node_string(node);
	const char *part = text + fault->column - 1;
	const struct spot spot = {
		.node = node,
		.part = *part ? part : NULL,
		.len = strcspn(part, " \t"),
	};

	loader_fault_at(ld, CODE_PACKET, &spot, "%s: packet: %s", scope->label,
			fault->text);
}

static void load_packet(struct loader *ld, const struct node *node,
			void *object)
{
	struct test_scope *scope = object;
	struct test_step *step = scope->step;
	struct expression_fault fault;

	step->line = document_origin(ld->doc, node_line(node)).line;
	step->packet = copy(ld, node_string(node));
	if (!expression_parse(&step->expr, node_string(node),
			      &scope->file->self, &fault))
		fault_packet(ld, scope, node, &fault);
}

static void load_expect(struct loader *ld, const struct node *node,
			void *object)
{
	struct test_scope *scope = object;

	scope->step->has_expect = loader_action(ld, node, label_of(scope, node),
						&scope->step->expect);
}

static void load_expect_last(struct loader *ld, const struct node *node,
			     void *object)
{
	struct test_scope *scope = object;

	scope->step->has_last = loader_action(ld, node, label_of(scope, node),
					      &scope->step->expect_last);
}

/* A name that is none of @choices. */
static void fault_choice(struct loader *ld, struct test_scope *scope,
			 const struct node *node, const struct choices *choices,
			 const char *what)
{
	char hint[SUGGESTION_LEN];

	suggest(hint, node_string(node), choices);
	loader_fault(ld, CODE_UNKNOWN_WORD, node,
		     "%s = \"%.60s\" is not %s\n%s", label_of(scope, node),
		     node_string(node), what, hint);
}

static const char *nth_rule(const void *context, size_t index)
{
	const struct ruleset *rules = context;

	return index < ruleset_rule_count(rules)
		       ? rule_name(ruleset_rule(rules, index))
		       : NULL;
}

static void load_rule_name(struct loader *ld, const struct node *node,
			   void *object)
{
	struct test_scope *scope = object;
	const struct choices choices = { nth_rule, ld->policy->rules };
	const char *name;

	for (uint32_t i = 0; (name = nth_rule(ld->policy->rules, i)); i++) {
		if (strcmp(name, node_string(node)) != 0)
			continue;
		scope->step->has_rule = true;
		scope->step->rule = i;
		return;
	}
	fault_choice(ld, scope, node, &choices, "a rule");
}

/* The words of all reasons that a verdict can have. */
static const char *nth_reason(const void *context, size_t index)
{
	(void)context;
	return index + 1 < REASON_COUNT ? reason_info[index + 1].name : NULL;
}

static void load_reason(struct loader *ld, const struct node *node,
			void *object)
{
	static const struct choices choices = { nth_reason, NULL };
	struct test_scope *scope = object;

	for (unsigned int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (strcmp(reason_info[i].name, node_string(node)) == 0)
			scope->step->reason = (enum reason)i;
	if (scope->step->reason == REASON_NONE)
		fault_choice(ld, scope, node, &choices,
			     "a reason of statewall-reasons(7)");
}

static const char *nth_table(const void *context, size_t index)
{
	const struct table *table = ruleset_table_at(context, index);

	return table ? table_name(table) : NULL;
}

/* "bruteforce" or "<bruteforce>"; NULL: there is none, and it is reported. */
static const struct table *
find_table(struct loader *ld, struct test_scope *scope, const struct node *node)
{
	const struct ruleset *rules = ld->policy->rules;
	const struct choices choices = { nth_table, rules };
	const char *text = node_string(node);
	size_t brackets = *text == '<' && text[strlen(text) - 1] == '>';
	const struct table *table;
	char name[LOADER_WORD_LEN];

	(void)snprintf(name, sizeof(name), "%.*s",
		       (int)(strlen(text) - 2 * brackets), text + brackets);
	table = ruleset_table(rules, name);
	if (!table)
		fault_choice(ld, scope, node, &choices, "a table");
	return table;
}

static void load_in_table(struct loader *ld, const struct node *node,
			  void *object)
{
	struct test_scope *scope = object;

	scope->step->table = find_table(ld, scope, node);
}

static void load_not_in_table(struct loader *ld, const struct node *node,
			      void *object)
{
	struct test_scope *scope = object;

	scope->step->no_table = find_table(ld, scope, node);
}

static void load_repeat(struct loader *ld, const struct node *node,
			void *object)
{
	static const struct bounds bounds = { 1, REPEAT_MAX };
	struct test_scope *scope = object;
	long long value;

	if (loader_number(ld, node, label_of(scope, node), bounds, &value))
		scope->step->repeat = (unsigned int)value;
}

static void load_every(struct loader *ld, const struct node *node, void *object)
{
	struct test_scope *scope = object;

	(void)loader_duration(ld, node, label_of(scope, node),
			      &scope->step->every);
}

static void load_after(struct loader *ld, const struct node *node, void *object)
{
	struct test_scope *scope = object;

	(void)loader_duration(ld, node, label_of(scope, node),
			      &scope->step->after);
}

static void load_date(struct loader *ld, const struct node *node, void *object)
{
	struct test_scope *scope = object;

	if (!date_parse(&scope->test->date, node_string(node)))
		loader_fault(ld, CODE_DATE, node,
			     "%s = \"%.60s\" is not a date\nwrite "
			     "\"2027-01-31\" or \"2027-01-31T18:00\"",
			     label_of(scope, node), node_string(node));
}

/* Read before the others, which speak of it, or seen to by load_test(). */
static void load_nothing(struct loader *ld, const struct node *node,
			 void *object)
{
	(void)ld;
	(void)node;
	(void)object;
}

enum { DURATION = NODE_STRING | NODE_INTEGER };

static const char action_wanted[] = "\"accept\", \"drop\" or \"reject\"";
static const char table_wanted[] = "the name of a table";
static const char duration_wanted[] = "a duration such as \"30s\"";

/* Those of a step are the last ones of a test. */
static const struct key test_keys[] = {
	{ "name", NODE_STRING, "a string", load_nothing },
	{ "date", NODE_STRING, "a date such as \"2027-01-31\"", load_date },
	{ "steps", NODE_LIST, "( { packet = \"...\"; expect = \"drop\"; } )",
	  load_nothing },
	{ "packet", NODE_STRING, "\"in wan0 tcp 203.0.113.7 > 192.0.2.1:443\"",
	  load_packet },
	{ "expect", NODE_STRING, action_wanted, load_expect },
	{ "expect_last", NODE_STRING, action_wanted, load_expect_last },
	{ "rule", NODE_STRING, "the name of a rule", load_rule_name },
	{ "reason", NODE_STRING, "a reason such as \"policy\"", load_reason },
	{ "in_table", NODE_STRING, table_wanted, load_in_table },
	{ "not_in_table", NODE_STRING, table_wanted, load_not_in_table },
	{ "repeat", NODE_INTEGER, "a whole number", load_repeat },
	{ "every", DURATION, duration_wanted, load_every },
	{ "after", DURATION, duration_wanted, load_after },
};

enum {
	TEST_KEY_COUNT = sizeof(test_keys) / sizeof(test_keys[0]),
	TEST_ONLY = 3, /* keys that a step does not have */
};

static const struct schema test_schema = { test_keys, TEST_KEY_COUNT };
static const struct schema step_schema = { test_keys + TEST_ONLY,
					   TEST_KEY_COUNT - TEST_ONLY };

/* Something that can fail. */
static bool expects_something(const struct test_step *step)
{
	return step->has_expect || step->has_last || step->has_rule ||
	       step->reason != REASON_NONE || step->table || step->no_table;
}

static struct test_step *add_step(struct loader *ld, struct policy_test *test)
{
	struct test_step *grown =
		realloc(test->steps, (test->step_count + 1) * sizeof(*grown));

	if (!grown) {
		ld->no_memory = true;
		return NULL;
	}
	test->steps = grown;
	grown[test->step_count] = (struct test_step){ .repeat = 1 };
	return &grown[test->step_count++];
}

/* Of a step, or of a test that is one. */
static void check_step(struct loader *ld, const struct test_scope *scope,
		       const struct node *node)
{
	const struct test_step *step = scope->step;

	if (!loader_child(node, "packet") && !ld->doc->incomplete)
		loader_fault(ld, CODE_KEY_MISSING, node,
			     "%s: there is no packet\nwrite packet = \"in "
			     "wan0 tcp 203.0.113.7 > 192.0.2.1:443\";",
			     scope->label);
	if (step->repeat == 1 && (step->every || step->has_last))
		loader_fault(ld, CODE_KEY_USELESS, node,
			     "%s: every and expect_last are of use with "
			     "repeat only\nwrite repeat = 2; or more, or leave "
			     "them out",
			     scope->label);
}

static void load_step(struct loader *ld, const struct node *node, size_t index,
		      struct test_scope *test)
{
	struct test_scope scope = *test;
	char where[140];

	(void)snprintf(scope.label, sizeof(scope.label), "%.70s: step %zu",
		       test->label, index + 1);
	if (loader_is_mended(ld, node))
		return;
	if (node_type(node) != NODE_GROUP) {
		loader_fault(ld, CODE_TYPE, node,
			     "%s is %s\nwrite { packet = \"...\"; expect = "
			     "\"accept\"; }",
			     scope.label, loader_type_name(node));
		return;
	}
	scope.step = add_step(ld, test->test);
	if (!scope.step)
		return;
	(void)snprintf(where, sizeof(where), " in %s", scope.label);
	loader_group(ld, node, &step_schema, where, &scope);
	check_step(ld, &scope, node);
}

/* Keys of a test that only a step can have. */
static void check_no_step_keys(struct loader *ld,
			       const struct test_scope *scope,
			       const struct node *node)
{
	for (size_t i = 0; i < step_schema.count; i++) {
		const char *name = step_schema.keys[i].name;
		const struct node *child = loader_child(node, name);

		if (child)
			loader_fault(ld, CODE_KEY_USELESS, child,
				     "%s: %s stands beside steps\nwrite it "
				     "into one of them",
				     scope->label, name);
	}
}

/* The test is its only step. */
static void load_single(struct loader *ld, const struct node *node,
			const char *where, struct test_scope *scope)
{
	scope->step = add_step(ld, scope->test);
	if (!scope->step)
		return;
	loader_group(ld, node, &test_schema, where, scope);
	check_step(ld, scope, node);
}

/* A packet of its own, or steps. */
static void load_steps(struct loader *ld, const struct node *node,
		       struct test_scope *scope)
{
	const struct node *steps = loader_child(node, "steps");
	struct test_step nobody = { 0 };
	struct test_scope scratch = *scope;
	char where[140];

	(void)snprintf(where, sizeof(where), " in %s", scope->label);
	if (!steps) {
		load_single(ld, node, where, scope);
		return;
	}
	scratch.step = &nobody;
	loader_group(ld, node, &test_schema, where, &scratch);
	check_no_step_keys(ld, scope, node);
	free(nobody.packet);
	for (size_t i = 0;
	     node_type(steps) == NODE_LIST && i < node_count(steps); i++)
		load_step(ld, node_child(steps, i), i, scope);
}

static bool can_fail(const struct policy_test *test)
{
	for (size_t i = 0; i < test->step_count; i++)
		if (expects_something(&test->steps[i]))
			return true;
	return false;
}

static struct policy_test *
add_test(struct loader *ld, struct policy_tests *tests, const struct node *node)
{
	struct origin at = document_origin(ld->doc, node_line(node));
	struct policy_test *grown =
		realloc(tests->list, (tests->count + 1) * sizeof(*grown));

	if (!grown) {
		ld->no_memory = true;
		return NULL;
	}
	tests->list = grown;
	grown[tests->count] = (struct policy_test){
		.file = copy(ld, at.file),
		.line = at.line,
		.date = ld->diags->date,
	};
	return &grown[tests->count++];
}

/* "test \"web\"", or "test 3" of the list if it has no name. */
static void name_test(struct loader *ld, const struct node *node, size_t index,
		      struct test_scope *scope)
{
	const struct node *name = loader_child(node, "name");
	char number[32];

	if (name && node_type(name) == NODE_STRING && *node_string(name)) {
		(void)snprintf(scope->label, sizeof(scope->label),
			       "test \"%.60s\"", node_string(name));
		scope->test->name = copy(ld, node_string(name));
		return;
	}
	(void)snprintf(number, sizeof(number), "test %zu", index + 1);
	(void)snprintf(scope->label, sizeof(scope->label), "%s", number);
	scope->test->name = copy(ld, number);
	if (!ld->doc->incomplete)
		loader_fault(ld, CODE_KEY_MISSING, node,
			     "%s has no name\nwrite name = \"what it shows\";",
			     scope->label);
}

static void load_test(struct loader *ld, const struct node *node, size_t index,
		      const struct test_file *file)
{
	size_t before = ld->diags->errors;
	struct test_scope scope = { .file = file };

	if (loader_is_mended(ld, node))
		return;
	if (node_type(node) != NODE_GROUP) {
		loader_fault(ld, CODE_TYPE, node,
			     "a test is %s\nwrite { name = \"...\"; packet = "
			     "\"...\"; expect = \"accept\"; }",
			     loader_type_name(node));
		return;
	}
	scope.test = add_test(ld, file->tests, node);
	if (!scope.test)
		return;
	name_test(ld, node, index, &scope);
	load_steps(ld, node, &scope);
	if (ld->diags->errors == before && !can_fail(scope.test))
		loader_fault(ld, CODE_KEY_MISSING, node,
			     "%s expects nothing, so it cannot fail\nwrite "
			     "expect = \"accept\"; or \"drop\"",
			     scope.label);
}

static void load_tests(struct loader *ld, const struct node *node, void *object)
{
	for (size_t i = 0; i < node_count(node) && !ld->no_memory; i++)
		load_test(ld, node_child(node, i), i, object);
}

/* Tests come last: they speak of self. */
static const struct key file_keys[] = {
	{ "version", NODE_INTEGER, "version = 1;", load_version },
	{ "self", NODE_STRING | NODE_LIST, "\"192.0.2.1\", or several in [ ]",
	  load_self },
	{ "tests", NODE_LIST, "tests = ( { ... }, { ... } );", load_tests },
};

static void walk(struct loader *ld, const struct node *root, const char *name,
		 void *object)
{
	static const struct schema schema = {
		file_keys, sizeof(file_keys) / sizeof(file_keys[0])
	};

	ld->root = root;
	loader_sections(ld, &schema, object);
	if (ld->no_memory)
		diagnostics_add(ld->diags, CODE_NO_MEMORY, name, 0,
				"out of memory");
}

static void load_file(struct policy_tests *tests, const char *path,
		      struct policy *policy, struct diagnostics *diags)
{
	struct test_file file = { .tests = tests };
	struct loader ld = { .policy = policy, .diags = diags };
	const struct walk tests_walk = { walk, &file };

	(void)loader_read_file(&ld, path, &tests_walk);
}

void policy_tests_parse(struct policy_tests *tests,
			const struct scan_input *input, struct policy *policy,
			struct diagnostics *diags)
{
	struct test_file file = { .tests = tests };
	struct loader ld = { .policy = policy, .diags = diags };
	const struct walk tests_walk = { walk, &file };

	loader_read(&ld, input, &tests_walk);
	diagnostics_sort(diags);
}

void policy_tests_load(struct policy_tests *tests, const char *dir,
		       struct policy *policy, struct diagnostics *diags)
{
	char pattern[TESTS_DIR_LEN + 16];
	glob_t found;

	(void)snprintf(pattern, sizeof(pattern), "%s/*.conf", dir);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		load_file(tests, found.gl_pathv[i], policy, diags);
	globfree(&found);
	diagnostics_sort(diags);
}

void policy_tests_fini(struct policy_tests *tests)
{
	for (size_t i = 0; i < tests->count; i++) {
		struct policy_test *test = &tests->list[i];

		for (size_t j = 0; j < test->step_count; j++)
			free(test->steps[j].packet);
		free(test->steps);
		free(test->name);
		free(test->file);
	}
	free(tests->list);
	*tests = (struct policy_tests){ 0 };
}
