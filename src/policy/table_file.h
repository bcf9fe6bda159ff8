/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of addresses: one address, network or range a line, '!' in front of
 * what is excluded, comments behind '#' or ';'.
 */
#ifndef POLICY_TABLE_FILE_H
#define POLICY_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/table.h"
#include "policy/diagnostic.h"

enum { TABLE_FILE_FAULTS = 20 }; /* are listed of each file */

struct table_file {
	struct table *table; /* what is read is added to it; not sealed */
	const char *path;
	bool strict;    /* lines that are not understood are errors */
	size_t entries; /* out: lines that are */
	size_t faults;  /* out: lines that are not */
	unsigned int first_hidden; /* out: the first of them not listed */
	bool no_memory;            /* out */
	enum code fault; /* out: of what kind it is that it cannot be read */
};

/*
 * What is wrong with lines goes to @diags.  NULL, or why the file cannot be
 * read.
 */
const char *table_file_read(struct table_file *file, struct diagnostics *diags);

#endif
