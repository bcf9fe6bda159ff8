/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The redirection in the kernel: put there, taken away, looked at.
 *
 * What goes wrong is told to the user before an exit status other than
 * EXIT_DONE is returned.
 */
#ifndef TOOL_REDIRECT_H
#define TOOL_REDIRECT_H

#include "policy/policy.h"
#include "tool/command.h"
#include "tool/redirect_state.h"

/* Whether we may; every function here needs it. */
enum exit_status redirect_check_permission(void);

/* Whether the kernel has that family at all; if not, it is passed over. */
bool redirect_has_family(enum family family);

/* *@changed: whether anything was to be done. */
enum exit_status redirect_apply(const struct policy *policy, bool *changed);
enum exit_status redirect_remove(bool *changed);
/* As redirect_apply(), unless it was removed on purpose. */
enum exit_status redirect_mend(const struct policy *policy, bool *changed);
/* Whether the last of the first two was the removal. */
bool redirect_was_removed(void);

enum exit_status redirect_look(const struct policy *policy, enum family family,
			       struct redirect_state *state);

/* Connections that the kernel's own table has room for; 0: it keeps none. */
unsigned long redirect_conntrack_max(void);
/* How many it should have room for; 0: none of ours. */
unsigned long redirect_conntrack_wanted(const struct policy *policy);
/* Which of the queues of @policy a program has bound. */
unsigned int redirect_queues_bound(const struct policy *policy);

#endif
