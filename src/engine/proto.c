/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of protocols.
 */
#include "engine/proto.h"

#include <netinet/in.h>

static const struct {
	uint8_t ipproto;
	const struct proto *proto;
} protocols[] = {
	{ IPPROTO_TCP, &proto_tcp },
	{ IPPROTO_UDP, &proto_udp },
	{ IPPROTO_ICMP, &proto_icmp },
	{ IPPROTO_ICMPV6, &proto_icmp },
};

const struct proto *proto_find(uint8_t ipproto)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].ipproto == ipproto)
			return protocols[i].proto;
	return &proto_generic;
}

enum reason transport_too_short(const struct transport *l4, uint32_t header)
{
	return l4->len < header ? REASON_BAD_HEADER : REASON_SHORT_COPY;
}
