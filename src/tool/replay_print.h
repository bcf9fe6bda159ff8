/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is printed of a replay: a line a frame, or the totals.
 */
#ifndef TOOL_REPLAY_PRINT_H
#define TOOL_REPLAY_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "tool/replay.h"

void replay_print_text(const struct capture_frame *frame,
		       const struct judged *judged, FILE *out);
/* The keys and their order are promised to programs.  false: no memory. */
bool replay_print_json(const struct capture_frame *frame,
		       const struct judged *judged, FILE *out);

void replay_print_totals_text(const struct replay_stats *stats, FILE *out);
bool replay_print_totals_json(const struct replay_stats *stats, FILE *out);

/* For the comment in a capture: "drop rule=web reason=policy state=-". */
enum { REPLAY_COMMENT_LEN = 256 };
void replay_comment(const struct judged *judged,
		    char comment[REPLAY_COMMENT_LEN]);

#endif
