/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a description to what the parser makes of it.
 */
#include "unit/frame.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct build frame_draft(uint8_t version, uint8_t ipproto)
{
	struct build b = {
		.ip = { .version = version,
			.src = "192.0.2.10",
			.dst = "198.51.100.20",
			.ipproto = ipproto },
		.sport = 40000,
		.dport = 80,
		.tcp = { .window = UINT16_MAX },
	};

	if (version == 4)
		return b;
	b.ip.src = "2001:db8:1::10";
	b.ip.dst = "2001:db8:2::20";
	if (ipproto == IPPROTO_ICMP)
		b.ip.ipproto = IPPROTO_ICMPV6;
	return b;
}

struct frame frame_build(const struct build *b)
{
	struct frame frame = {
		.meta = { .hook = HOOK_FORWARD,
			  .indev = "inside",
			  .outdev = "outside",
			  .verify_checksum = true },
	};

	frame.len = build_packet(b, frame.octets, sizeof(frame.octets));
	frame.meta.len = (uint32_t)frame.len;
	return frame;
}

enum reason frame_parse(const struct frame *frame, struct packet *pkt)
{
	/* A checked build then sees an octet that is read behind the copy. */
	uint8_t *copy = malloc(frame->len);
	enum reason reason;

	assert(copy || !frame->len);
	memcpy(copy, frame->octets, frame->len);
	reason = packet_parse(pkt, &frame->meta, copy, frame->len);
	free(copy);
	return reason;
}

enum reason frame_read(const struct build *b, struct packet *pkt)
{
	struct frame frame = frame_build(b);

	return frame_parse(&frame, pkt);
}
