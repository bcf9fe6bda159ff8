/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lexical pass before libconfig.
 *
 * libconfig 1.5 takes an unterminated comment for the end of the file, wraps
 * integers, glues neighbouring strings together, exits when an include names a
 * directory, and stops at the first error without saying what was wrong.  This
 * pass finds such faults, all of them, and mends the text behind each, so that
 * the rest of the file is checked as well.
 */
#ifndef POLICY_SCAN_H
#define POLICY_SCAN_H

#include <stddef.h>
#include <sys/types.h>

#include "policy/diagnostic.h"
#include "policy/document.h"

/* Settings in one group: whoever looks for a name looks at all before it. */
enum { SCAN_GROUP_MAX = 4096 };

/* Takes the place of a value that was faulty, and of a name. */
#define SCAN_MENDED_VALUE "\x01"
#define SCAN_MENDED_NAME  "**"

/*
 * A section that several documents have is, from its second part on, called
 * "*NUMBER*NAME"; users cannot write such names.
 */
#define SCAN_PART '*'

struct scan_input {
	const char *name; /* of the file, for messages and relative includes */
	const char *text;
	size_t len;
	dev_t dev; /* which file it is; zero: none */
	ino_t ino;
};

/*
 * Puts the text, without comments and with what it includes, into @doc, which
 * is empty.
 */
void scan(struct document *doc, const struct scan_input *input,
	  struct diagnostics *diags);

#endif
