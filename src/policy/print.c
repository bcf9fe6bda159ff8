/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical form of a policy: every setting, no name that another file
 * would have to explain.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/table.h"
#include "engine/zone.h"
#include "policy/duration.h"
#include "policy/match_text.h"
#include "policy/policy.h"

static void print_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void print_zones(const struct ruleset *rules, FILE *out)
{
	const struct zone *zone;

	if (!ruleset_zone_at(rules, 0))
		return;
	fputs("\nzones = {\n", out);
	for (size_t i = 0; (zone = ruleset_zone_at(rules, i)); i++) {
		const char *interface;

		fprintf(out, "\t%s = { interfaces = [", zone_name(zone));
		for (size_t j = 0; (interface = zone_interface(zone, j)); j++) {
			fputs(j > 0 ? ", " : " ", out);
			print_quoted(interface, out);
		}
		fputs(" ]; };\n", out);
	}
	fputs("};\n", out);
}

static void print_tables(const struct ruleset *rules, FILE *out)
{
	const struct table *table;

	if (!ruleset_table_at(rules, 0))
		return;
	fputs("\ntables = {\n", out);
	for (size_t i = 0; (table = ruleset_table_at(rules, i)); i++) {
		fprintf(out, "\t%s = { entries = [", table_name(table));
		for (size_t j = 0; j < table_range_count(table); j++) {
			struct addr_range range = table_range(table, j);
			char text[ADDR_RANGE_TEXT_LEN];

			addr_range_format(&range, text);
			fprintf(out, "%s\n\t\t\"%s\"", j > 0 ? "," : "", text);
		}
		fputs("\n\t]; };\n", out);
	}
	fputs("};\n", out);
}

static void print_policy(const struct ruleset *rules, FILE *out)
{
	fputs("\npolicy = {\n", out);
	for (unsigned int i = 0; i < HOOK_COUNT; i++)
		fprintf(out, "\t%s = \"%s\";\n", hook_names[i],
			action_names[ruleset_policy(rules, (enum hook)i)]);
	fputs("};\n", out);
}

/* The length of the group before the dot; 0: there is none. */
static size_t group_len(const char *name)
{
	size_t len = strcspn(name, ".");

	return name[len] == '.' ? len : 0;
}

/* Those of one group stand together in the engine's list. */
static void print_timeouts(const struct ruleset *rules, FILE *out)
{
	const char *group = "";
	size_t len = 0;

	fputs("\ntimeouts = {\n", out);
	for (unsigned int i = 0; i < TIMEOUT_COUNT; i++) {
		const char *name = timeout_info[i].name;
		bool same = group_len(name) == len &&
			    strncmp(name, group, len) == 0;
		char text[DURATION_TEXT_LEN];

		if (!same && len > 0)
			fputs("\t};\n", out);
		if (!same)
			len = group_len(name);
		if (!same && len > 0)
			fprintf(out, "\t%.*s = {\n", (int)len, name);
		group = name;
		duration_format(ruleset_timeout(rules, (enum timeout)i), text);
		fprintf(out, "%s%s = \"%s\";\n", len > 0 ? "\t\t" : "\t",
			name + (len > 0 ? len + 1 : 0), text);
	}
	if (len > 0)
		fputs("\t};\n", out);
	fputs("};\n", out);
}

static bool print_match(const struct match_type *type,
			const struct match *match, FILE *out)
{
	char *text = match_text(type, match);

	if (!text)
		return false;
	fprintf(out, "\t\t%s = ", type->key);
	print_quoted(text, out);
	fputs(";\n", out);
	free(text);
	return true;
}

static bool print_rule(const struct rule *rule, FILE *out)
{
	const struct match_type *type;
	const struct match *match;
	bool ok = true;

	fprintf(out, "\t{\n\t\tname = \"%s\";\n\t\taction = \"%s\";\n",
		rule_name(rule), action_names[rule_options(rule)->action]);
	if (rule_options(rule)->log)
		fputs("\t\tlog = true;\n", out);
	for (size_t i = 0; ok && rule_match(rule, i, &type, &match); i++)
		ok = print_match(type, match, out);
	fputs("\t}", out);
	return ok;
}

static bool print_rules(const struct ruleset *rules, FILE *out)
{
	bool ok = true;

	if (ruleset_rule_count(rules) == 0)
		return true;
	fputs("\nrules = (\n", out);
	for (size_t i = 0; ok && i < ruleset_rule_count(rules); i++) {
		if (i > 0)
			fputs(",\n", out);
		ok = print_rule(ruleset_rule(rules, i), out);
	}
	fputs("\n);\n", out);
	return ok;
}

bool policy_print(const struct policy *policy, FILE *out)
{
	fprintf(out, "version = 1;\n\n");
	if (policy->queue_first == policy->queue_last)
		fprintf(out, "queues = \"%u\";\n", policy->queue_first);
	else
		fprintf(out, "queues = \"%u-%u\";\n", policy->queue_first,
			policy->queue_last);
	fprintf(out, "queue_length = %u;\n", policy->queue_length);
	fprintf(out, "limits = { connections = %zu; };\n", policy->max_conns);
	print_zones(policy->rules, out);
	print_tables(policy->rules, out);
	print_policy(policy->rules, out);
	print_timeouts(policy->rules, out);
	return print_rules(policy->rules, out) && !ferror(out);
}
