/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanations, printed.
 */
#include "tool/explain_print.h"

#include <stdlib.h>
#include <string.h>

#include "policy/match_text.h"
#include "tool/output.h"

enum {
	PASSED_OVER_MAX = 9, /* rules that are shown without -v */
	NAME_WIDTH_MIN = 14,
	NAME_WIDTH_MAX = 24,
	PLACE_TEXT_LEN = 300,
	LINE_LEN = 2 * EXPLAIN_TEXT_LEN,
};

/* "conf.d/20-x.conf:9", from the directory of @config. */
static void format_place(const char *config, const char *file,
			 unsigned int line, char text[PLACE_TEXT_LEN])
{
	const char *slash = strrchr(config, '/');
	size_t dir = slash ? (size_t)(slash - config) + 1 : 0;

	text[0] = '\0';
	if (!file)
		return;
	if (strncmp(file, config, dir) == 0)
		file += dir;
	(void)snprintf(text, PLACE_TEXT_LEN, "%s:%u", file, line);
}

static void print_line(const char *head, const char *text, const char *place,
		       FILE *out)
{
	enum { PLACE_COLUMN = 48 };

	if (place[0])
		fprintf(out, "%s%-*s  %s\n", head, PLACE_COLUMN, text, place);
	else
		fprintf(out, "%s%s\n", head, text);
}

static const char *name_of(const struct explanation *e,
			   const struct explained_rule *rule)
{
	return rule_name(ruleset_rule(e->policy->rules, rule->number));
}

/* Room for the names of the rules; those that are longer stand out. */
static int name_width(const struct explanation *e)
{
	int width = NAME_WIDTH_MIN;

	for (size_t i = 0; i < e->rule_count; i++) {
		int len = (int)strlen(name_of(e, &e->rules[i]));

		if (len > width)
			width = len;
	}
	return width < NAME_WIDTH_MAX ? width : NAME_WIDTH_MAX;
}

static void print_rule(const struct explanation *e,
		       const struct explained_rule *rule, const char *config,
		       FILE *out)
{
	const struct policy_note *note = policy_note(e->policy, rule->number);
	char text[EXPLAIN_TEXT_LEN];
	char place[PLACE_TEXT_LEN] = "";
	char head[LINE_LEN];

	explain_rule(e, rule, text);
	if (note)
		format_place(config, note->file, explained_line(e, rule),
			     place);
	(void)snprintf(head, sizeof(head), "    %-*s %-5s ", name_width(e),
		       name_of(e, rule), rule->matches ? "yes" : "no");
	print_line(head, text, place, out);
}

/* Those that match are always shown. */
static void print_rules(const struct explanation *e, const char *config,
			bool is_verbose, FILE *out)
{
	size_t passed_over = 0;

	for (size_t i = 0; i < e->rule_count; i++) {
		if (!e->rules[i].matches)
			passed_over++;
		if (is_verbose || e->rules[i].matches ||
		    passed_over <= PASSED_OVER_MAX)
			print_rule(e, &e->rules[i], config, out);
	}
	if (!is_verbose && passed_over > PASSED_OVER_MAX)
		fprintf(out, "    ... %zu more passed over (-v)\n",
			passed_over - PASSED_OVER_MAX);
}

static void print_verdict(const struct explanation *e, FILE *out)
{
	static const char *const words[ACTION_COUNT] = {
		[ACTION_ACCEPT] = "ACCEPT",
		[ACTION_DROP] = "DROP",
		[ACTION_REJECT] = "REJECT",
	};
	const struct verdict *verdict = &e->played.verdict;

	char mark[sizeof(", mark 0xffffffff")] = "";

	if (verdict->mark_mask && verdict->action == ACTION_ACCEPT)
		(void)snprintf(mark, sizeof(mark), ", mark 0x%x",
			       verdict_mark(verdict, e->played.pkt.mark));
	fprintf(out, " verdict: %s  reason %s  (%s, %s%s)\n",
		words[verdict->action], reason_info[verdict->reason].name,
		verdict->log ? "logged" : "not logged",
		verdict->conn.id ? "a connection is made"
				 : "no connection is made",
		mark);
}

void explain_print_text(const struct explanation *explanation,
			const char *config, bool is_verbose, FILE *out)
{
	for (size_t i = 0; i < explanation->phase_count; i++) {
		const struct explained_phase *phase = &explanation->phases[i];
		bool is_rules = strcmp(phase->name, "rules") == 0;
		char place[PLACE_TEXT_LEN] = "";
		char head[LINE_LEN];

		/* The line of the rule stands beside the rule. */
		if (!is_rules)
			format_place(config, phase->file, phase->line, place);
		(void)snprintf(head, sizeof(head), " %zu %-13s %-7s ", i + 1,
			       phase->name, phase->result);
		print_line(head, phase->text, place, out);
		if (is_rules)
			print_rules(explanation, config, is_verbose, out);
	}
	print_verdict(explanation, out);
}

static json_t *line_or_null(const char *file, unsigned int line)
{
	return file ? json_integer(line) : json_null();
}

static json_t *describe_have(const struct have *have)
{
	if (have->is_number)
		return json_integer(have->number);
	return output_text(have->text[0] ? have->text : NULL);
}

/* What the first condition that failed has and wants. */
static bool add_miss(json_t *object, const struct explanation *e,
		     const struct explained_rule *rule)
{
	const struct rule_miss *miss = &rule->miss;
	struct packet pkt = e->played.pkt;
	const char *failed = miss->is_over ? "expires" : "schedule";
	struct have have = { 0 };
	char *want = NULL;
	int r;

	if (miss->type) {
		failed = miss->type->key;
		pkt.mark = rule->mark;
		have = have_of(miss->type, &pkt, e->policy->rules);
		want = match_text(miss->type, miss->match);
	}
	r = json_object_set_new(object, "failed", json_string(failed));
	r |= json_object_set_new(object, "have", describe_have(&have));
	r |= json_object_set_new(object, "want", output_text(want));
	free(want);
	return r == 0;
}

static json_t *describe_rule(const struct explanation *e,
			     const struct explained_rule *rule)
{
	const struct policy_note *note = policy_note(e->policy, rule->number);
	const char *file = note ? note->file : NULL;
	char text[EXPLAIN_TEXT_LEN];
	json_t *object;

	explain_rule(e, rule, text);
	object = json_pack(
		"{s:s, s:b, s:o, s:o, s:o}", "name",
		rule_name(ruleset_rule(e->policy->rules, rule->number)),
		"match", rule->matches, "text", output_text(text), "file",
		output_text(file), "line",
		line_or_null(file, explained_line(e, rule)));
	if (!rule->matches && !add_miss(object, e, rule)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *list_rules(const struct explanation *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->rule_count; i++) {
		if (json_array_append_new(list,
					  describe_rule(e, &e->rules[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *describe_phase(const struct explanation *e,
			      const struct explained_phase *phase)
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o}", "phase",
				   phase->name, "result", phase->result, "text",
				   output_text(phase->text), "file",
				   output_text(phase->file), "line",
				   line_or_null(phase->file, phase->line));

	if (strcmp(phase->name, "rules") == 0 &&
	    json_object_set_new(object, "rules", list_rules(e)) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *list_phases(const struct explanation *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->phase_count; i++) {
		if (json_array_append_new(
			    list, describe_phase(e, &e->phases[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* NULL for "", which is an interface that is not known. */
static json_t *interface_or_null(const char *name)
{
	return output_text(name[0] ? name : NULL);
}

bool explain_print_json(const struct explanation *explanation, FILE *out)
{
	const struct verdict *verdict = &explanation->played.verdict;
	const struct passage *passage = &explanation->played.passage;
	const char *rule = NULL;

	if (explanation->decider != RULE_NONE)
		rule = rule_name(ruleset_rule(explanation->policy->rules,
					      explanation->decider));
	return output_line(
		json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:s, s:o, s:o, "
			  "s:I, s:o}",
			  "verdict", action_names[verdict->action], "reason",
			  reason_info[verdict->reason].name, "rule",
			  output_text(rule), "file",
			  output_text(explanation->file), "line",
			  line_or_null(explanation->file, explanation->line),
			  "log", verdict->log, "connection",
			  verdict->conn.id != 0, "hook",
			  hook_names[passage->hook], "in",
			  interface_or_null(passage->indev), "out",
			  interface_or_null(passage->outdev), "mark",
			  (json_int_t)verdict_mark(
				  verdict, explanation->played.pkt.mark),
			  "phases", list_phases(explanation)),
		out);
}
