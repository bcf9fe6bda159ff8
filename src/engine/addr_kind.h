/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making addresses of octets, and what kind they are: asked of every packet,
 * and so inline.  Included by addr.h.
 */
#ifndef ENGINE_ADDR_KIND_H
#define ENGINE_ADDR_KIND_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/wire.h"

enum { ADDR_MAPPED_LEN = 12 }; /* what is in front of an IPv4 address */

struct addr {
	uint8_t bytes[16];
};

static inline struct addr addr_from_ipv4(const uint8_t bytes[4])
{
	struct addr addr;

	/* Each half is one store: who reads a half soon need not wait. */
	store_be64(addr.bytes, 0);
	store_be64(addr.bytes + 8, 0xffff00000000 | load_be32(bytes));
	/* cppcheck-suppress uninitvar ; store_be64() has set it */
	return addr;
}

static inline struct addr addr_from_ipv6(const uint8_t bytes[16])
{
	struct addr addr;

	memcpy(addr.bytes, bytes, sizeof(addr.bytes));
	return addr;
}

static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static inline bool addr_is_ipv4(const struct addr *addr)
{
	static const uint8_t mapped[ADDR_MAPPED_LEN] = {
		[10] = 0xff, [11] = 0xff
	};

	return memcmp(addr->bytes, mapped, ADDR_MAPPED_LEN) == 0;
}

static inline bool addr_is_multicast(const struct addr *addr)
{
	if (addr_is_ipv4(addr))
		return (addr->bytes[ADDR_MAPPED_LEN] & 0xf0) == 0xe0;
	return addr->bytes[0] == 0xff;
}

static inline bool addr_is_unspecified(const struct addr *addr)
{
	static const uint8_t zero[16];

	if (addr_is_ipv4(addr))
		return memcmp(addr->bytes + ADDR_MAPPED_LEN, zero, 4) == 0;
	return memcmp(addr->bytes, zero, sizeof(zero)) == 0;
}

static inline bool addr_is_loopback(const struct addr *addr)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (addr_is_ipv4(addr))
		return addr->bytes[ADDR_MAPPED_LEN] == 127;
	return memcmp(addr->bytes, one, sizeof(one)) == 0;
}

/* 255.255.255.255 */
static inline bool addr_is_broadcast(const struct addr *addr)
{
	static const uint8_t ones[4] = { 0xff, 0xff, 0xff, 0xff };

	return addr_is_ipv4(addr) &&
	       memcmp(addr->bytes + ADDR_MAPPED_LEN, ones, sizeof(ones)) == 0;
}

#endif
