/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes captures whose packets carry comments: pcapng, as
 * draft-ietf-opsawg-pcapng describes it, which libpcap can only read.
 */
#ifndef TOOL_PCAPNG_H
#define TOOL_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

struct capture_frame;

/*
 * The section header and the description of the one interface.  A fault of
 * @out is found by who closes it; so with the next one.
 */
void pcapng_write_header(FILE *out, uint16_t linktype);

/* One packet.  @comment is UTF-8 of at most PCAPNG_COMMENT_MAX octets. */
enum { PCAPNG_COMMENT_MAX = 65535 };
void pcapng_write_frame(FILE *out, const struct capture_frame *frame,
			const char *comment);

#endif
