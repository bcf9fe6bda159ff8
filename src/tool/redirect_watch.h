/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Watching over the redirection.
 */
#ifndef TOOL_REDIRECT_WATCH_H
#define TOOL_REDIRECT_WATCH_H

#include "tool/command.h"

struct redirect_watch {
	const char *config;
	unsigned int every; /* seconds between two looks */
};

/* Goes on until it is ended by a signal, or cannot. */
enum exit_status redirect_watch(const struct redirect_watch *params);

#endif
