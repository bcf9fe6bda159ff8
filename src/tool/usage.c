/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Complaints.  What was printed before them appears before them.
 */
#include "tool/usage.h"

#include <stdarg.h>
#include <stdio.h>

static void begin_message(const char *subject)
{
	(void)fflush(stdout);
	fprintf(stderr, "%s: ", subject);
}

void complain(const char *format, ...)
{
	va_list args;

	begin_message("statewall");
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void complain_of(const char *file, const char *format, ...)
{
	va_list args;

	begin_message(file);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

const char *usage_nearest(const char *word, const struct choices *choices)
{
	const char *nearest = NULL;
	unsigned int least = 3; /* more than two changes are another word */
	const char *name;

	for (size_t i = 0; (name = choices->name(choices->context, i)); i++) {
		unsigned int distance = suggest_distance(word, name);

		if (distance >= least)
			continue;
		nearest = name;
		least = distance;
	}
	return nearest;
}
