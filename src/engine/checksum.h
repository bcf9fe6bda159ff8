/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Internet checksum (RFC 1071).
 */
#ifndef ENGINE_CHECKSUM_H
#define ENGINE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet;
struct transport;
struct tuple;

/* The one's complement sum of @data as big-endian words, added to @sum. */
uint32_t checksum_add(uint32_t sum, const void *data, size_t len);

/* The sum of the pseudo-header of TCP, UDP and ICMPv6 (RFC 8200 8.1). */
uint32_t checksum_pseudo_header(const struct tuple *tuple, uint32_t len);

/* Folds a sum to 16 bits; 0xffff over data with its right checksum. */
uint16_t checksum_fold(uint32_t sum);

/*
 * Whether the checksum over pseudo-header and transport is wrong, as far as it
 * can and shall be verified.
 */
bool checksum_is_bad(const struct packet *pkt, const struct transport *l4);

/* The same over the first @covered octets of the transport (RFC 3828). */
bool checksum_part_is_bad(const struct packet *pkt, const struct transport *l4,
			  uint32_t covered);

#endif
