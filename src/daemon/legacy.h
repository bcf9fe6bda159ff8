/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection table over restarts.
 *
 * It lies in memory that systemd keeps a descriptor of (fdstore.h), so it is
 * there whatever ends the process.  An orderly end writes it to a file, too
 * (statefile.h), for a start without that memory.
 */
#ifndef DAEMON_LEGACY_H
#define DAEMON_LEGACY_H

#include "daemon/dataplane.h"
#include "daemon/fdstore.h"

struct conntrack_image;
struct legacy;

struct legacy_params {
	struct fdstore *store; /* not owned, as the next one */
	const struct ruleset *rules;
	size_t max_conns;
	struct hash_key key;
	msec_t now;
	int64_t wall; /* Unix time in ms when the clock was 0 */
};

/*
 * Looks for what the process before this one has left, and makes the memory for
 * the table of this one.  NULL: there is none.
 */
struct legacy *legacy_create(const struct legacy_params *params);
void legacy_destroy(struct legacy *legacy);

/* For dataplane_create_in(). */
struct conntrack_image *legacy_image(const struct legacy *legacy);

/*
 * Takes over what was found, says so, and has systemd keep the new table
 * instead of the old one.  true: the rules are to judge what there is now, see
 * dataplane_restore().
 */
bool legacy_restore(struct legacy *legacy, struct dataplane *dp, msec_t now);

/* From now on the file of before is of no use: what comes next is newer. */
void legacy_discard_file(void);

/*
 * What happens to the table from now on the next process does not see; nobody
 * may judge packets any more.
 */
void legacy_let_go(struct legacy *legacy);

/* Writes the file; nobody may judge packets any more. */
void legacy_save(const struct legacy *legacy, msec_t now, int64_t wall);

#endif
