/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iptables-save prints, line by line: chains, and the rules in them.
 */
#ifndef TOOL_SAVED_H
#define TOOL_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct saved_line {
	const char *table;
	const char *chain;
	const char *rule;   /* behind the chain's name; NULL: it begins there */
	const char *target; /* where it goes, and what follows; or NULL */
	bool ours;          /* the chain is one of ours */
	bool to_ours;       /* the target is */
	uint64_t packets;   /* that have met the rule, if it was asked for */
};

struct saved {
	struct saved_line *lines;
	size_t count;
	char *text; /* that the lines point into */
};

/*
 * Lines that are neither, comments among them, are passed over.  false: no
 * memory.
 */
bool saved_parse(struct saved *saved, const char *text);
void saved_fini(struct saved *saved);

/* Line of that table, from *@index on; NULL: there are no more. */
const struct saved_line *saved_next(const struct saved *saved,
				    const char *table, size_t *index);

/* Whether our chains of @table have the same rules in both. */
bool saved_same_chains(const struct saved *a, const struct saved *b,
		       const char *table);
/*
 * Whether the jumps to our chains are in @table as @wanted has them: there,
 * once, and @first in their chains; and no others.
 */
bool saved_has_jumps(const struct saved *saved, const struct saved *wanted,
		     const char *table, bool first);
/* Whether there is a chain or a jump of ours. */
bool saved_has_ours(const struct saved *saved, const char *table);

#endif
