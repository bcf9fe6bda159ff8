/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reading of packet bytes: the only place where bytes become integers,
 * and integers bytes.
 *
 * A reader is a window on bytes that somebody else owns.  Nothing is read
 * beyond @end, whatever the lengths in the packet claim.
 */
#ifndef ENGINE_WIRE_H
#define ENGINE_WIRE_H

#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *pos;
	const uint8_t *end;
};

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->pos);
}

/* The next @len octets, which are then behind the reader; NULL: too short. */
static inline const uint8_t *reader_take(struct reader *r, size_t len)
{
	const uint8_t *taken = r->pos;

	if (reader_left(r) < len)
		return NULL;
	r->pos += len;
	return taken;
}

static inline uint16_t load_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t load_be64(const uint8_t *p)
{
	return (uint64_t)load_be32(p) << 32 | load_be32(p + 4);
}

static inline void store_be64(uint8_t *p, uint64_t value)
{
	p[0] = (uint8_t)(value >> 56);
	p[1] = (uint8_t)(value >> 48);
	p[2] = (uint8_t)(value >> 40);
	p[3] = (uint8_t)(value >> 32);
	p[4] = (uint8_t)(value >> 24);
	p[5] = (uint8_t)(value >> 16);
	p[6] = (uint8_t)(value >> 8);
	p[7] = (uint8_t)value;
}

/* The other way round: what SCTP's checksum is (RFC 9260 appendix A). */
static inline uint32_t load_le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

#endif
