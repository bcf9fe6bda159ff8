/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file, read into memory.
 */
#ifndef POLICY_SOURCE_H
#define POLICY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	SOURCE_MAX = 16 * 1024 * 1024,        /* octets of a configuration */
	SOURCE_TABLE_MAX = 256 * 1024 * 1024, /* of a file of addresses */
};

#define SOURCE_OPEN_TO_ALL \
	"everybody can write to it: take that away with chmod o-w"

struct source {
	char *text; /* not terminated */
	size_t len;
	dev_t dev; /* which file it is, to find circles of includes */
	ino_t ino;
	bool is_open_to_all; /* everybody can write to it; never so for root */
};

/*
 * NULL, or why the file cannot be read; root reads none that everybody can
 * write to.  Only regular files are read, and no
 * other is opened for longer than to see what it is.
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
void source_fini(struct source *source);

#endif
