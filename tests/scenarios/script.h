/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of scenarios, cut into blocks and lines.  What the lines say is the
 * business of test_scenarios.c, which describes the language.
 */
#ifndef SCENARIOS_SCRIPT_H
#define SCENARIOS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

struct line {
	const char *file; /* its name, which outlives the script */
	unsigned int number;
	char *text; /* without indentation, comment and newline; never empty */
};

/* "scenario ID TITLE" or "prelude ID TITLE" and the lines below it. */
struct block {
	char *id;
	char *title;
	bool is_prelude;
	size_t head;  /* index of its first line in the script ... */
	size_t count; /* ... and how many follow it */
};

struct script {
	struct line *lines;
	size_t line_count;
	struct block *blocks;
	size_t block_count;
};

/* Adds a file; false: said on stderr what is wrong, with file and line. */
bool script_read(struct script *script, const char *file);
void script_fini(struct script *script);

/* NULL: there is no prelude of that name. */
const struct block *script_prelude(const struct script *script, const char *id);

#endif
