/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is no fault of a policy, but hardly meant: rules that are over, or never
 * asked, and names that nobody uses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match.h"
#include "policy/date.h"
#include "policy/load_rule.h"
#include "policy/match_text.h"

enum { DAY = 24 * 3600, SOON = 7 };

/* Each is compared with all before: more would take too long. */
enum { COMPARED_MAX = 2000, TYPES_MAX = 32 };

/* rule "web" WHAT */
static void warn_rule(struct loader *ld, enum code code, size_t index,
		      const char *what)
{
	const struct rule *rule = ruleset_rule(ld->policy->rules, index);

	loader_fault(ld, code, ld->noted[index].node, "rule \"%s\" %s",
		     rule_name(rule), what);
}

static void check_date(struct loader *ld, size_t index)
{
	const struct rule *rule = ruleset_rule(ld->policy->rules, index);
	int64_t expires = rule_options(rule)->expires;
	int64_t now = ld->diags->date;
	char date[DATE_TEXT_LEN];
	char what[128];

	if (expires == 0 || now == 0 || expires > now + (int64_t)SOON * DAY)
		return;
	date_format(expires, date);
	(void)snprintf(what, sizeof(what),
		       expires <= now ? "has expired at %s\nremove it, or "
					"change the date"
				      : "expires soon, at %s",
		       date);
	warn_rule(ld, expires <= now ? CODE_EXPIRED : CODE_EXPIRES_SOON, index,
		  what);
}

/* The conditions of a rule, by number of their type; NULL: none. */
struct asked {
	const struct rule *rule;
	char *texts[TYPES_MAX];
};

static bool fill(struct asked *asked, const struct rule *rule)
{
	const struct match_type *type;
	const struct match *match;

	asked->rule = rule;
	for (size_t i = 0; rule_match(rule, i, &type, &match); i++) {
		for (size_t j = 0; j < match_type_count; j++) {
			if (match_types[j] != type)
				continue;
			asked->texts[j] = match_text(type, match);
			if (!asked->texts[j])
				return false;
		}
	}
	return true;
}

/* Whether @word is an item of @list. */
static bool has_word(const char *list, const char *word)
{
	char item[LOADER_WORD_LEN];

	while (loader_next_word(&list, item))
		if (strcmp(item, word) == 0 || strcmp(item, "any") == 0)
			return true;
	return false;
}

/* Whether all that @inner lets through passes @outer, too; if in doubt, no. */
static bool is_wider(const char *outer, const char *inner)
{
	char item[LOADER_WORD_LEN];

	if (!outer || (inner && strcmp(outer, inner) == 0))
		return true;
	if (!inner || strchr(outer, '!') || strchr(outer, '/') ||
	    strchr(inner, '!'))
		return false;
	while (loader_next_word(&inner, item))
		if (!has_word(outer, item))
			return false;
	return true;
}

static bool decides_always(const struct rule_options *options)
{
	return !options->continues && !options->audit &&
	       options->expires == 0 && options->limit.unit == LIMIT_NONE &&
	       options->max == 0 && options->max_per_source == 0 &&
	       !options->no_pickup;
}

static bool covers(const struct asked *outer, const struct asked *inner)
{
	if (!decides_always(rule_options(outer->rule)))
		return false;
	for (size_t i = 0; i < match_type_count; i++)
		if (!is_wider(outer->texts[i], inner->texts[i]))
			return false;
	return true;
}

static void check_covered(struct loader *ld, const struct asked *list,
			  size_t count)
{
	char what[160];

	for (size_t i = 1; i < count; i++) {
		size_t j = 0;

		while (j < i && !covers(&list[j], &list[i]))
			j++;
		if (j == i)
			continue;
		(void)snprintf(what, sizeof(what),
			       "can never match: all of it is decided by the "
			       "earlier rule %s",
			       rule_name(list[j].rule));
		warn_rule(ld, CODE_NEVER_MATCHES, i, what);
	}
}

static void check_order(struct loader *ld)
{
	const struct ruleset *rules = ld->policy->rules;
	size_t count = ruleset_rule_count(rules);
	struct asked *list = NULL;

	if (count <= COMPARED_MAX && match_type_count <= TYPES_MAX)
		list = calloc(count + 1, sizeof(*list));
	if (!list)
		return;
	for (size_t i = 0; i < count; i++)
		ld->no_memory = !fill(&list[i], ruleset_rule(rules, i)) ||
				ld->no_memory;
	if (!ld->no_memory)
		check_covered(ld, list, count);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < match_type_count; j++)
			free(list[i].texts[j]);
	free(list);
}

void load_warnings(struct loader *ld)
{
	for (size_t i = 0; i < ruleset_rule_count(ld->policy->rules); i++)
		check_date(ld, i);
	check_order(ld);
	for (size_t i = 0; i < ld->services.count; i++)
		if (!ld->services.list[i].used)
			loader_fault(ld, CODE_UNUSED_SERVICE,
				     ld->services.list[i].node,
				     "service %s is not used\nremove it",
				     ld->services.list[i].name);
}
