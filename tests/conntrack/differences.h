/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of what we judge otherwise than nf_conntrack, with reasons: see the
 * file of that name.
 */
#ifndef CONNTRACK_DIFFERENCES_H
#define CONNTRACK_DIFFERENCES_H

#include <stdbool.h>
#include <stddef.h>

/* One packet on which the judges do not agree. */
struct dispute {
	const char *scenario;
	const char *packet;
	bool kernel_accepts; /* and we do not, or the other way round */
	const char *reason;  /* ours */
};

struct difference; /* a line of the list */

struct differences {
	const char *file;
	struct difference *list;
	size_t count;
	/* The list was made with this kernel, so it should know everything. */
	bool is_for_this_kernel;
};

/* false: said on stderr what is wrong, with file and line. */
bool differences_read(struct differences *known, const char *file);
void differences_fini(struct differences *known);

/* Whether the list has it.  Marks the line as needed. */
bool differences_explain(struct differences *known,
			 const struct dispute *dispute);

/* How many lines were never needed.  They are printed. */
size_t differences_find_needless(const struct differences *known);

#endif
