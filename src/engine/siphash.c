/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3 of octets of any length.
 */
#include "engine/siphash_inline.h"

uint64_t siphash13(const struct hash_key *key, const void *data, size_t len)
{
	return siphash13_inline(key, data, len);
}
