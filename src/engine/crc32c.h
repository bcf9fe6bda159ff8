/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRC32c, the checksum of SCTP (RFC 9260 appendix A).
 */
#ifndef ENGINE_CRC32C_H
#define ENGINE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * The CRC of @data behind what @crc is the CRC of; 0: behind nothing.  In a
 * packet it stands in little-endian order.
 */
uint32_t crc32c_add(uint32_t crc, const void *data, size_t len);

#endif
