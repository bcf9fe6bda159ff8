/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, prefixes and ranges, with their text forms.
 *
 * Both families live in 16 bytes in network order, IPv4 as ::ffff:a.b.c.d, so
 * that nothing that compares addresses is written twice.  The family of a
 * packet is not lost by this: it is a field of its own (tuple.ipversion), and
 * an IPv6 packet from ::ffff:0:0/96 never equals an IPv4 one.
 */
#ifndef ENGINE_ADDR_H
#define ENGINE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/addr_kind.h"

enum { ADDR_TEXT_LEN = 46 }; /* longest text form of an address, with NUL */

struct prefix {
	struct addr addr; /* host bits are zero */
	uint8_t len;      /* 0 to 128; an IPv4 /n is stored as 96 + n */
};

/* All addresses from @first to @last, both included, of one family. */
struct addr_range {
	struct addr first;
	struct addr last;
};

bool addr_is_link_local(const struct addr *addr); /* IPv6 fe80::/10 only */

/* <0, 0 or >0, as memcmp(): the order of the numbers. */
int addr_compare(const struct addr *a, const struct addr *b);

/* 0, or -EINVAL: @text is not an address; @addr is then untouched. */
int addr_parse(struct addr *addr, const char *text);
/* Writes the RFC 5952 form; @text has room for ADDR_TEXT_LEN. */
void addr_format(const struct addr *addr, char text[ADDR_TEXT_LEN]);

/*
 * "10.0.0.0/8", "2001:db8::/32", or an address alone.  -EINVAL: not a network;
 * -ERANGE: the length is too large; -EDOM: host bits are set (@prefix is then
 * the network that was probably meant).
 */
int prefix_parse(struct prefix *prefix, const char *text);
/* The network of @len bits, 0 to 128, that @addr is in. */
struct prefix prefix_of(const struct addr *addr, unsigned int len);
bool prefix_contains(const struct prefix *prefix, const struct addr *addr);
struct addr_range prefix_range(const struct prefix *prefix);

/* Longest text form of a range, with NUL. */
enum { ADDR_RANGE_TEXT_LEN = 2 * ADDR_TEXT_LEN };

enum addr_range_error {
	ADDR_RANGE_OK,
	ADDR_RANGE_SYNTAX,    /* neither an address, a network nor a range */
	ADDR_RANGE_LENGTH,    /* the length of the prefix is too large */
	ADDR_RANGE_HOST_BITS, /* @range is the network that was meant */
	ADDR_RANGE_FAMILIES,  /* "10.0.0.1-2001:db8::1" */
	ADDR_RANGE_REVERSED,  /* the last is below the first; @range is set */
};

/* An address, a network, or "first-last". */
enum addr_range_error addr_range_parse(struct addr_range *range,
				       const char *text);
/* The shortest of these forms that says it. */
void addr_range_format(const struct addr_range *range,
		       char text[ADDR_RANGE_TEXT_LEN]);

static inline bool addr_range_contains(const struct addr_range *range,
				       const struct addr *addr)
{
	return addr_compare(addr, &range->first) >= 0 &&
	       addr_compare(addr, &range->last) <= 0;
}

#endif
