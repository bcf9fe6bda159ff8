/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the rules that there are to those that there should be: the text that
 * iptables-restore --noflush makes it with.
 *
 * It names no chains but ours, and of others only the jumps to ours.  A table
 * that is as it should be is not in it.
 */
#ifndef TOOL_REDIRECT_PLAN_H
#define TOOL_REDIRECT_PLAN_H

#include <stdio.h>

#include "tool/saved.h"

/* The tables that we have chains in; NULL behind the last. */
extern const char *const redirect_tables[];

/* @wanted is empty to remove all.  Prints nothing if nothing is to be done. */
void redirect_plan_print(const struct saved *current,
			 const struct saved *wanted, FILE *out);

/*
 * The first step of a removal: no packet comes to our chains any more.  The
 * chains stay until those that wait in the queues have been judged, since the
 * kernel drops all of them when a hook goes, and with the last rule that asks
 * for connection tracking its hooks go.
 */
void redirect_plan_print_unhook(const struct saved *current, FILE *out);

#endif
