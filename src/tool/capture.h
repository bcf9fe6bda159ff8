/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures, pcap or pcapng, read frame by frame in memory that does not grow
 * with them.
 */
#ifndef TOOL_CAPTURE_H
#define TOOL_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct capture;
struct link_type;

enum { CAPTURE_PROBLEM_LEN = 400, CAPTURE_TIME_LEN = 32 };

struct capture_frame {
	uint64_t number;     /* from 1 */
	int64_t time;        /* nanoseconds since 1970, never negative */
	const uint8_t *data; /* valid until the next frame is read */
	uint32_t captured;   /* octets at @data */
	uint32_t len;        /* of the frame on the wire, not below @captured */
};

enum capture_result {
	CAPTURE_FRAME,
	CAPTURE_END,
	CAPTURE_BROKEN, /* capture_problem() says how */
};

/* "-" is standard input.  NULL: @problem is a sentence without the name. */
struct capture *capture_open(const char *path,
			     char problem[CAPTURE_PROBLEM_LEN]);
void capture_close(struct capture *capture);

/* What link_type_find() and link_decode() want. */
const struct link_type *capture_link_type(const struct capture *capture);

/* Whether the file at @path is the one that is being read. */
bool capture_is_file(const struct capture *capture, const char *path);

enum capture_result capture_next(struct capture *capture,
				 struct capture_frame *frame);

/* After CAPTURE_BROKEN: "packet 7: truncated". */
const char *capture_problem(const struct capture *capture);

/* "1700000000.123456": in microseconds, what is finer is cut off. */
void capture_time_format(int64_t time, char text[CAPTURE_TIME_LEN]);

#endif
