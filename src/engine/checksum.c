/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Internet checksum.
 *
 * A 32-bit sum of 16-bit words cannot overflow below 65536 words, which is
 * more than any packet whose checksum we verify has.
 */
#include "engine/checksum.h"

#include "engine/packet.h"
#include "engine/proto.h"
#include "engine/wire.h"

uint32_t checksum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len > 1; len -= 2, p += 2)
		sum += load_be16(p);
	if (len)
		sum += (uint32_t)p[0] << 8;
	return (sum >> 16) + (sum & 0xffff);
}

uint32_t checksum_pseudo_header(const struct tuple *tuple, uint32_t len)
{
	/* The words in front of an embedded IPv4 address are not part of it. */
	size_t skip = tuple->ipversion == 4 ? 12 : 0;
	uint32_t sum;

	sum = checksum_add(0, tuple->src.bytes + skip, 16 - skip);
	sum = checksum_add(sum, tuple->dst.bytes + skip, 16 - skip);
	return sum + (len >> 16) + (len & 0xffff) + tuple->ipproto;
}

uint16_t checksum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}

bool checksum_part_is_bad(const struct packet *pkt, const struct transport *l4,
			  uint32_t covered)
{
	uint32_t sum;

	if (!l4->verify)
		return false;
	sum = checksum_pseudo_header(&pkt->tuple, l4->len);
	sum = checksum_add(sum, l4->copy.pos, covered);
	return checksum_fold(sum) != 0xffff;
}

bool checksum_is_bad(const struct packet *pkt, const struct transport *l4)
{
	return checksum_part_is_bad(pkt, l4, l4->len);
}
