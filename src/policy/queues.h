/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of queues: "0", or "0-3".
 */
#ifndef POLICY_QUEUES_H
#define POLICY_QUEUES_H

#include <stdint.h>

enum { QUEUES_MAX = 64 };

enum queues_error {
	QUEUES_OK,
	QUEUES_SYNTAX,
	QUEUES_REVERSED, /* "3-0" */
	QUEUES_TOO_MANY, /* more than QUEUES_MAX */
};

/* Sets both numbers, as they stand there, except for QUEUES_SYNTAX. */
enum queues_error queues_parse(const char *text, uint16_t *first,
			       uint16_t *last);

#endif
