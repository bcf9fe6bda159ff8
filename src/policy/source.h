/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file, read into memory.
 */
#ifndef POLICY_SOURCE_H
#define POLICY_SOURCE_H

#include <stddef.h>
#include <sys/types.h>

enum { SOURCE_MAX = 16 * 1024 * 1024 }; /* octets of a configuration file */

struct source {
	char *text; /* not terminated */
	size_t len;
	dev_t dev; /* which file it is, to find circles of includes */
	ino_t ino;
};

/*
 * NULL, or why the file cannot be read.  Only regular files are read, and no
 * other is opened for longer than to see what it is.
 */
const char *source_read(struct source *source, const char *path);
void source_fini(struct source *source);

#endif
