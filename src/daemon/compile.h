/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiling a policy in a child process.
 *
 * Whatever a configuration does to the program that reads it, from a fault in
 * libconfig to running out of memory, happens to the child: the daemon gets a
 * policy or a list of faults, never harm.
 */
#ifndef DAEMON_COMPILE_H
#define DAEMON_COMPILE_H

#include "engine/timeout.h"
#include "policy/policy.h"

struct compile;

/* Starts a child on @path, which must live on.  NULL: errno says why. */
struct compile *compile_start(const char *path);

/* Becomes readable when there is something to do for compile_read(). */
int compile_fd(const struct compile *compile);

/* Reads what is there.  false: there is no more to come. */
bool compile_read(struct compile *compile);

/*
 * Ends the child, if it still runs, and frees @compile.  Returns its policy,
 * which the caller destroys, or NULL; then @diags has at least one error.
 */
struct policy *compile_finish(struct compile *compile,
			      struct diagnostics *diags);

/* All of the above; waits @limit milliseconds at most for each part. */
struct policy *compile_policy(const char *path, msec_t limit,
			      struct diagnostics *diags);

/*
 * What the child does: it reads the policy and runs its tests, and the result
 * goes to standard output; there is no policy if a test fails.  Returns the exit
 * status.
 */
int compile_child(const char *path);

/* The option that makes a child of this program: "--compile FILE". */
extern const char compile_option[];

#endif
