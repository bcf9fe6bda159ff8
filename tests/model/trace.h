/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firewall has judged of late, to be printed as the lines of a
 * scenario when something has gone wrong.
 */
#ifndef MODEL_TRACE_H
#define MODEL_TRACE_H

#include <stdio.h>

#include "engine/timeout.h"
#include "engine/verdict.h"
#include "model/segment.h"

enum { TRACE_LEN = 1024, TRACE_LINES = 16 };

struct trace_entry {
	msec_t at;
	struct segment seg;
	uint8_t line;
	bool is_forged;
	enum side from;
	struct verdict verdict;
	const char *note; /* NULL; else only this has happened */
	uint32_t base[SIDE_COUNT];
};

struct trace {
	bool is_loud; /* prints all at once */
	uint64_t count;
	struct trace_entry entries[TRACE_LEN];
	uint32_t base[TRACE_LINES][SIDE_COUNT]; /* last ISN of each side */
};

void trace_add(struct trace *trace, const struct trace_entry *entry);

/* The last @max entries of @line. */
void trace_print(const struct trace *trace, FILE *file, uint8_t line,
		 size_t max);

#endif
