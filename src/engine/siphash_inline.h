/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3: one round per word, three at the end.
 *
 * J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012.
 * Words are read as little-endian, so the result is the same on any machine.
 *
 * Every packet is hashed twice, so this is written for the compiler to keep
 * the state in registers, and inline for those who know the length.
 */
#ifndef ENGINE_SIPHASH_INLINE_H
#define ENGINE_SIPHASH_INLINE_H

#include "engine/siphash.h"

/* Whatever the compiler thinks of it: else the state goes by way of memory. */
#define SIP_INLINE static inline __attribute__((always_inline))

struct sip_state {
	uint64_t v0;
	uint64_t v1;
	uint64_t v2;
	uint64_t v3;
};

static inline uint64_t sip_rotate(uint64_t x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

SIP_INLINE struct sip_state sip_round(struct sip_state s)
{
	s.v0 += s.v1;
	s.v2 += s.v3;
	s.v1 = sip_rotate(s.v1, 13) ^ s.v0;
	s.v3 = sip_rotate(s.v3, 16) ^ s.v2;
	s.v0 = sip_rotate(s.v0, 32);
	s.v2 += s.v1;
	s.v0 += s.v3;
	s.v1 = sip_rotate(s.v1, 17) ^ s.v2;
	s.v3 = sip_rotate(s.v3, 21) ^ s.v0;
	s.v2 = sip_rotate(s.v2, 32);
	return s;
}

static inline uint64_t sip_word(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* Fewer than eight octets, and the length on top. */
static inline uint64_t sip_rest(const uint8_t *p, size_t left, size_t len)
{
	uint64_t word = (uint64_t)(len & 0xff) << 56;

	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

SIP_INLINE struct sip_state sip_absorb(struct sip_state s, uint64_t word)
{
	s.v3 ^= word;
	s = sip_round(s);
	s.v0 ^= word;
	return s;
}

SIP_INLINE struct sip_state sip_begin(const struct hash_key *key)
{
	return (struct sip_state){
		key->k0 ^ 0x736f6d6570736575,
		key->k1 ^ 0x646f72616e646f6d,
		key->k0 ^ 0x6c7967656e657261,
		key->k1 ^ 0x7465646279746573,
	};
}

SIP_INLINE uint64_t sip_end(struct sip_state s)
{
	s.v2 ^= 0xff;
	s = sip_round(s);
	s = sip_round(s);
	s = sip_round(s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

static inline uint64_t siphash13_inline(const struct hash_key *key,
					const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t left = len;
	struct sip_state s = sip_begin(key);

	for (; left >= 8; left -= 8, p += 8)
		s = sip_absorb(s, sip_word(p));
	return sip_end(sip_absorb(s, sip_rest(p, left, len)));
}

/* The same of sixteen octets, given as their two words. */
static inline uint64_t siphash13_pair(const struct hash_key *key,
				      uint64_t first, uint64_t second)
{
	struct sip_state s = sip_begin(key);

	s = sip_absorb(s, first);
	s = sip_absorb(s, second);
	return sip_end(sip_absorb(s, (uint64_t)16 << 56));
}

#endif
