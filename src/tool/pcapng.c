/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of pcapng: type, length, body, options, and the length again, so that
 * a reader may go backwards.  All is padded to four octets.  Numbers are
 * little-endian on every machine, which the magic tells the reader.
 */
#include "tool/pcapng.h"

#include <assert.h>
#include <string.h>

#include "tool/capture.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,     /* an enhanced one */
	BLOCK_OUTER_LEN = 16, /* type, both lengths, end of options */

	OPTION_COMMENT = 1,
	OPTION_APPLICATION = 4, /* of a section: shb_userappl */
	OPTION_RESOLUTION = 9,  /* of an interface: if_tsresol */

	MAGIC = 0x1a2b3c4d,
};

static const char application[] = "statewall " VERSION;

static uint32_t padded(size_t len)
{
	return (uint32_t)(len + 3) / 4 * 4;
}

static void put16(FILE *out, uint16_t value)
{
	fputc(value & 0xff, out);
	fputc(value >> 8, out);
}

static void put32(FILE *out, uint32_t value)
{
	put16(out, (uint16_t)value);
	put16(out, (uint16_t)(value >> 16));
}

static void put_padded(FILE *out, const void *octets, size_t len)
{
	static const uint8_t zeros[4];

	(void)fwrite(octets, 1, len, out);
	(void)fwrite(zeros, 1, padded(len) - len, out);
}

static uint32_t option_len(size_t len)
{
	return 4 + padded(len);
}

static void put_option(FILE *out, uint16_t code, const void *value, size_t len)
{
	put16(out, code);
	put16(out, (uint16_t)len);
	put_padded(out, value, len);
}

static void begin_block(FILE *out, uint32_t type, uint32_t len)
{
	put32(out, type);
	put32(out, len);
}

static void end_block(FILE *out, uint32_t len)
{
	put32(out, 0); /* end of options */
	put32(out, len);
}

static void put_section(FILE *out)
{
	const size_t app_len = strlen(application);
	uint32_t len = BLOCK_OUTER_LEN + 16 + option_len(app_len);

	begin_block(out, BLOCK_SECTION, len);
	put32(out, MAGIC);
	put16(out, 1); /* version 1.0 */
	put16(out, 0);
	put32(out, UINT32_MAX); /* 64 bits: the section's length is not told */
	put32(out, UINT32_MAX);
	put_option(out, OPTION_APPLICATION, application, app_len);
	end_block(out, len);
}

static void put_interface(FILE *out, uint16_t linktype)
{
	static const uint8_t nanoseconds[] = { 9 }; /* 10^-9 s */
	uint32_t len = BLOCK_OUTER_LEN + 8 + option_len(sizeof(nanoseconds));

	begin_block(out, BLOCK_INTERFACE, len);
	put16(out, linktype);
	put16(out, 0);
	put32(out, 0); /* packets are of any length */
	put_option(out, OPTION_RESOLUTION, nanoseconds, sizeof(nanoseconds));
	end_block(out, len);
}

void pcapng_write_header(FILE *out, uint16_t linktype)
{
	put_section(out);
	put_interface(out, linktype);
}

void pcapng_write_frame(FILE *out, const struct capture_frame *frame,
			const char *comment)
{
	const size_t comment_len = strlen(comment);
	uint32_t len = BLOCK_OUTER_LEN + 20 + padded(frame->captured) +
		       option_len(comment_len);
	uint64_t time = (uint64_t)frame->time;

	assert(comment_len <= PCAPNG_COMMENT_MAX);
	begin_block(out, BLOCK_PACKET, len);
	put32(out, 0); /* the interface */
	put32(out, (uint32_t)(time >> 32));
	put32(out, (uint32_t)time);
	put32(out, frame->captured);
	put32(out, frame->len);
	put_padded(out, frame->data, frame->captured);
	put_option(out, OPTION_COMMENT, comment, comment_len);
	end_block(out, len);
}
