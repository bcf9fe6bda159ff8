/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans, a table at a time; iptables-restore makes each in one step.
 */
#include "tool/redirect_plan.h"

#include <string.h>

/* In the order of redirect_rules_print(). */
const char *const redirect_tables[] = { "security", "mangle", "filter", NULL };

static bool declares(const struct saved *saved, const struct saved_line *chain)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(saved, chain->table, &i)))
		if (!line->rule && strcmp(line->chain, chain->chain) == 0)
			return true;
	return false;
}

/* Those that are there are emptied by it, those to be removed as well. */
static void print_chains(const struct saved *current,
			 const struct saved *wanted, const char *table,
			 FILE *out)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(wanted, table, &i)))
		if (!line->rule)
			fprintf(out, ":%s - [0:0]\n", line->chain);
	i = 0;
	while ((line = saved_next(current, table, &i)))
		if (!line->rule && line->ours && !declares(wanted, line))
			fprintf(out, ":%s - [0:0]\n", line->chain);
}

static void print_removed_jumps(const struct saved *current, const char *table,
				FILE *out)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(current, table, &i)))
		if (line->rule && line->to_ours && !line->ours)
			fprintf(out, "-D %s %s\n", line->chain, line->rule);
}

/* Jumps come first in their chains. */
static void print_rules(const struct saved *wanted, const char *table,
			bool jumps, FILE *out)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(wanted, table, &i)))
		if (line->rule && (line->ours || jumps))
			fprintf(out, "-%c %s %s\n", line->ours ? 'A' : 'I',
				line->chain, line->rule);
}

static void print_removed_chains(const struct saved *current,
				 const struct saved *wanted, const char *table,
				 FILE *out)
{
	const struct saved_line *line;
	size_t i = 0;

	while ((line = saved_next(current, table, &i)))
		if (!line->rule && line->ours && !declares(wanted, line))
			fprintf(out, "-X %s\n", line->chain);
}

static void plan_table(const struct saved *current, const struct saved *wanted,
		       const char *table, FILE *out)
{
	bool jumps = !saved_has_jumps(current, wanted, table, true);

	if (!jumps && saved_same_chains(current, wanted, table))
		return;
	fprintf(out, "*%s\n", table);
	print_chains(current, wanted, table, out);
	if (jumps)
		print_removed_jumps(current, table, out);
	print_rules(wanted, table, jumps, out);
	print_removed_chains(current, wanted, table, out);
	fputs("COMMIT\n", out);
}

void redirect_plan_print(const struct saved *current,
			 const struct saved *wanted, FILE *out)
{
	for (size_t i = 0; redirect_tables[i]; i++)
		plan_table(current, wanted, redirect_tables[i], out);
}

void redirect_plan_print_unhook(const struct saved *current, FILE *out)
{
	static const struct saved nothing = { 0 };

	/* The guard stays: what waits may yet be rejected. */
	for (size_t i = 1; redirect_tables[i]; i++) {
		if (saved_has_jumps(current, &nothing, redirect_tables[i],
				    true))
			continue;
		fprintf(out, "*%s\n", redirect_tables[i]);
		print_removed_jumps(current, redirect_tables[i], out);
		fputs("COMMIT\n", out);
	}
}
