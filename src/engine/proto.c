/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of protocols.
 */
#include "engine/proto.h"

#include <netinet/in.h>

static const struct protocol {
	uint8_t ipproto;
	const char *name;
	const struct proto *proto;
} protocols[] = {
	{ IPPROTO_TCP, "tcp", &proto_tcp },
	{ IPPROTO_UDP, "udp", &proto_udp },
	{ IPPROTO_ICMP, "icmp", &proto_icmp },
	{ IPPROTO_ICMPV6, "icmpv6", &proto_icmp },
	{ IPPROTO_SCTP, "sctp", &proto_sctp },
	{ IPPROTO_GRE, "gre", &proto_gre },
	{ IPPROTO_ESP, "esp", &proto_esp },
	{ IPPROTO_AH, "ah", &proto_ah },
	{ IPPROTO_UDPLITE, "udplite", &proto_udplite },
	{ IPPROTO_DCCP, "dccp", &proto_dccp },
};

/* NULL: we do not know it. */
static const struct protocol *find(uint8_t ipproto)
{
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].ipproto == ipproto)
			return &protocols[i];
	return NULL;
}

const struct proto *proto_find(uint8_t ipproto)
{
	const struct protocol *protocol;

	/* Most of all packets, and no search. */
	if (ipproto == IPPROTO_TCP)
		return &proto_tcp;
	protocol = find(ipproto);
	return protocol ? protocol->proto : &proto_generic;
}

const char *proto_name(uint8_t ipproto)
{
	const struct protocol *protocol = find(ipproto);

	return protocol ? protocol->name : NULL;
}

enum reason transport_too_short(const struct transport *l4, uint32_t header)
{
	return l4->len < header ? REASON_BAD_HEADER : REASON_SHORT_COPY;
}
