/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SipHash-1-3 (Aumasson and Bernstein, 2012): a keyed hash, so that nobody
 * who does not know the key can choose tuples that meet in one bucket.
 */
#ifndef ENGINE_SIPHASH_H
#define ENGINE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* 128 random bits, drawn once at start and never shown. */
struct hash_key {
	uint64_t k0;
	uint64_t k1;
};

uint64_t siphash13(const struct hash_key *key, const void *data, size_t len);

#endif
