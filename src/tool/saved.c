/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading what iptables-save prints:
 *
 *	*filter
 *	:INPUT ACCEPT [0:0]
 *	[12:3456] -A INPUT -j STATEWALL-IN
 *	COMMIT
 */
#include "tool/saved.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tool/redirect_rules.h"

static bool is_ours(const char *chain)
{
	return strncmp(chain, REDIRECT_PREFIX, strlen(REDIRECT_PREFIX)) == 0;
}

/* Cuts the first word off; returns what is behind it. */
static char *cut_word(char *text)
{
	char *rest = text + strcspn(text, " ");

	if (*rest)
		*rest++ = '\0';
	return rest;
}

/*
 * The word behind the option -j or -g.  What stands in quotes is the text of
 * somebody's comment.
 */
static const char *find_target(const char *rule)
{
	bool quoted = false;

	for (const char *at = rule; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (at == rule || at[-1] == ' ') &&
			 (strncmp(at, "-j ", 3) == 0 ||
			  strncmp(at, "-g ", 3) == 0))
			return at + 3;
	}
	return NULL;
}

static void take_rule(struct saved_line *line, char *text)
{
	line->rule = cut_word(text);
	line->chain = text;
	line->ours = is_ours(text);
	line->target = find_target(line->rule);
	line->to_ours = line->target && is_ours(line->target);
}

/* false: it is neither a chain nor a rule. */
static bool take_line(struct saved_line *line, char *text)
{
	if (*text == '[') {
		line->packets = strtoumax(text + 1, NULL, 10);
		text = cut_word(text);
	}
	if (*text == ':') {
		(void)cut_word(text);
		line->chain = text + 1;
		line->ours = is_ours(line->chain);
		return true;
	}
	if (strncmp(text, "-A ", 3) != 0)
		return false;
	take_rule(line, text + 3);
	return true;
}

static size_t count_lines(const char *text)
{
	size_t count = 1;

	while ((text = strchr(text, '\n'))) {
		text++;
		count++;
	}
	return count;
}

bool saved_parse(struct saved *saved, const char *text)
{
	const char *table = "";
	char *rest;
	char *line;

	*saved = (struct saved){ 0 };
	saved->lines = calloc(count_lines(text), sizeof(saved->lines[0]));
	saved->text = strdup(text);
	if (!saved->lines || !saved->text) {
		saved_fini(saved);
		return false;
	}
	rest = saved->text;
	while ((line = strsep(&rest, "\n"))) {
		if (*line == '*')
			table = line + 1;
		else if (take_line(&saved->lines[saved->count], line))
			saved->lines[saved->count++].table = table;
	}
	return true;
}

void saved_fini(struct saved *saved)
{
	free(saved->lines);
	free(saved->text);
	*saved = (struct saved){ 0 };
}

const struct saved_line *saved_next(const struct saved *saved,
				    const char *table, size_t *index)
{
	while (*index < saved->count) {
		const struct saved_line *line = &saved->lines[(*index)++];

		if (strcmp(line->table, table) == 0)
			return line;
	}
	return NULL;
}

/* The next rule of that chain. */
static const struct saved_line *next_rule(const struct saved *saved,
					  const char *table, const char *chain,
					  size_t *index)
{
	const struct saved_line *line;

	while ((line = saved_next(saved, table, index)))
		if (line->rule && strcmp(line->chain, chain) == 0)
			return line;
	return NULL;
}

static bool has_chain(const struct saved *saved, const char *table,
		      const char *chain)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(saved, table, &i)))
		if (!line->rule && strcmp(line->chain, chain) == 0)
			return true;
	return false;
}

static bool is_same_chain(const struct saved *a, const struct saved *b,
			  const char *table, const char *chain)
{
	const struct saved_line *left;
	const struct saved_line *right;
	size_t i = 0;
	size_t j = 0;

	do {
		left = next_rule(a, table, chain, &i);
		right = next_rule(b, table, chain, &j);
	} while (left && right && strcmp(left->rule, right->rule) == 0);
	return !left && !right;
}

/* Whether all of ours in @a are in @b as well, with the same rules. */
static bool has_chains(const struct saved *b, const struct saved *a,
		       const char *table)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(a, table, &i)))
		if (!line->rule && line->ours &&
		    (!has_chain(b, table, line->chain) ||
		     !is_same_chain(a, b, table, line->chain)))
			return false;
	return true;
}

bool saved_same_chains(const struct saved *a, const struct saved *b,
		       const char *table)
{
	return has_chains(b, a, table) && has_chains(a, b, table);
}

/* In chains of others: only there is a jump one to us. */
static bool is_jump(const struct saved_line *line)
{
	return line->rule && line->to_ours && !line->ours;
}

static size_t count_jumps(const struct saved *saved, const char *table)
{
	const struct saved_line *line;
	size_t count = 0;
	size_t i = 0;

	while ((line = saved_next(saved, table, &i)))
		count += is_jump(line);
	return count;
}

static bool has_jump(const struct saved *saved, const struct saved_line *jump,
		     bool first)
{
	const struct saved_line *line;
	bool found = false;
	size_t i = 0;

	while (!found &&
	       (line = next_rule(saved, jump->table, jump->chain, &i))) {
		found = strcmp(line->rule, jump->rule) == 0;
		if (first)
			break;
	}
	return found;
}

bool saved_has_jumps(const struct saved *saved, const struct saved *wanted,
		     const char *table, bool first)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(wanted, table, &i)))
		if (is_jump(line) && !has_jump(saved, line, first))
			return false;
	return count_jumps(saved, table) == count_jumps(wanted, table);
}

bool saved_has_ours(const struct saved *saved, const char *table)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(saved, table, &i)))
		if (line->ours || line->to_ours)
			return true;
	return false;
}
