/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of one entry of a table: what block, unblock and table share.
 */
#ifndef TOOL_TABLE_CHANGE_H
#define TOOL_TABLE_CHANGE_H

#include "policy/duration.h"
#include "tool/live.h"

/* The settings of these commands. */
struct table_change {
	struct live live;
	msec_t duration; /* 0: as the table says */
	const char *reason;
	bool force;
};

/* Rows of the table of options, and what takes them. */
bool take_for(void *settings, const char *value);
bool take_reason(void *settings, const char *value);
bool take_force(void *settings, const char *value);

#define OPTIONS_TABLE_ADD                                                      \
	{ "for", 0, "TIME", "so long, instead of what the table says",         \
	  take_for },                                                          \
		{ "reason", 0, "TEXT", "why, for the log", take_reason },      \
	{                                                                      \
		"force", 0, NULL, "even who must never be blocked", take_force \
	}

/*
 * The parameters of TableAdd and TableDelete.  @table may be NULL: the one to
 * block with.
 */
json_t *table_change_parameters(const struct table_change *change,
				const char *table, const char *entry);

/* Prints the reply to either of them.  @arg: struct table_change. */
enum exit_status table_change_take(const json_t *result, void *arg);

#endif
