/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file, read into memory.
 */
#ifndef POLICY_SOURCE_H
#define POLICY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/codes.h"

struct diagnostics;

enum {
	SOURCE_MAX = 16 * 1024 * 1024,        /* octets of a configuration */
	SOURCE_TABLE_MAX = 256 * 1024 * 1024, /* of a file of addresses */
};

/* What others than its owner, and root's group, can write to: bits. */
enum source_exposure {
	SOURCE_FILE_WRITABLE = 1,
	/* So that they can put another file in its place. */
	SOURCE_DIRECTORY_WRITABLE = 2,
};

struct source {
	char *text; /* not terminated */
	size_t len;
	dev_t dev; /* which file it is, to find circles of includes */
	ino_t ino;
	unsigned int exposure; /* also if that is why it was not read */
};

/*
 * NULL, or why the file cannot be read, as a message and its hint.  Only
 * regular files are read, and no other is opened for longer than to see what
 * it is.  Root reads none that is exposed: who can write to it would decide
 * what root does.
 */
const char *source_read(struct source *source, const char *path);
const char *source_read_table(struct source *source, const char *path);
/*
 * The path of a file that @path means in a file @beside it; absolute ones stay.
 * false: it is too long.
 */
enum { SOURCE_PATH_LEN = 1024 };
bool source_beside(const char *beside, const char *path,
		   char resolved[SOURCE_PATH_LEN]);
/* The kind of fault if it was not read: @otherwise, unless it is exposed. */
enum code source_fault(const struct source *source, enum code otherwise);
/* Warns of what is exposed; of each directory once. */
void source_warn(const struct source *source, const char *path,
		 struct diagnostics *diags);
void source_fini(struct source *source);

#endif
