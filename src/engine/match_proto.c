/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proto: the protocol above IP, by number or by one of a few names.
 *
 * "icmp" means the ICMP of the packet's own family, since that is what people
 * mean who write it; "icmpv4" and "icmpv6" are there for the others.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

/* The first name of a protocol is the canonical one. */
static const struct {
	const char *name;
	struct proto_item value;
} names[] = {
	{ "tcp", { .number = IPPROTO_TCP } },
	{ "udp", { .number = IPPROTO_UDP } },
	{ "icmp", { .number = IPPROTO_ICMP, .both_icmp = true } },
	{ "icmpv4", { .number = IPPROTO_ICMP } },
	{ "icmpv6", { .number = IPPROTO_ICMPV6 } },
	{ "ipv6-icmp", { .number = IPPROTO_ICMPV6 } },
	{ "sctp", { .number = IPPROTO_SCTP } },
	{ "udplite", { .number = IPPROTO_UDPLITE } },
	{ "gre", { .number = IPPROTO_GRE } },
	{ "esp", { .number = IPPROTO_ESP } },
	{ "ah", { .number = IPPROTO_AH } },
	{ "dccp", { .number = IPPROTO_DCCP } },
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

const char *match_proto_name(size_t index)
{
	return index < NAME_COUNT ? names[index].name : NULL;
}

static const char *proto_item_parse(const struct ruleset *rules,
				    const char *word, void *item)
{
	struct proto_item *value = item;
	unsigned long number;

	(void)rules;
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (strcmp(names[i].name, word) == 0) {
			*value = names[i].value;
			return NULL;
		}
	}
	if (!match_number(word, UINT8_MAX, &number))
		return "write a number from 0 to 255, \"tcp\", \"udp\", "
		       "\"icmp\", \"icmpv6\" or a name from /etc/protocols";
	*value = (struct proto_item){ .number = (uint8_t)number };
	return NULL;
}

static int proto_item_format(const void *item, char *text, size_t size)
{
	const struct proto_item *value = item;

	for (size_t i = 0; i < NAME_COUNT; i++)
		if (names[i].value.number == value->number &&
		    names[i].value.both_icmp == value->both_icmp)
			return snprintf(text, size, "%s", names[i].name);
	return snprintf(text, size, "%u", value->number);
}

static const struct item_type proto_items = {
	.size = sizeof(struct proto_item),
	.parse = proto_item_parse,
	.format = proto_item_format,
};

static struct match *proto_parse(const struct ruleset *rules, const char *text,
				 struct match_fault *fault)
{
	return match_list_parse(&proto_items, rules, text, fault);
}

static int proto_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&proto_items, match, text, size);
}

static bool proto_test(const struct match *match, const struct packet *pkt,
		       msec_t now)
{
	const struct proto_item *items = match->items;
	uint8_t ipproto = pkt->tuple.ipproto;

	(void)now;
	for (size_t i = 0; i < match->len; i++)
		if (items[i].number == ipproto ||
		    (items[i].both_icmp && ipproto == IPPROTO_ICMPV6))
			return true;
	return false;
}

const struct match_type match_proto = {
	.key = "proto",
	.parse = proto_parse,
	.test = proto_test,
	.format = proto_format,
	.destroy = match_list_destroy,
};
