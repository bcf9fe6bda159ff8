/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service: a protocol and a destination port in one word, "tcp/22".
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

/* The protocols whose ports the engine reads. */
static const struct {
	const char *prefix;
	uint8_t number;
} protocols[] = {
	{ "tcp/", IPPROTO_TCP },
	{ "udp/", IPPROTO_UDP },
	{ "sctp/", IPPROTO_SCTP },
	{ "udplite/", IPPROTO_UDPLITE },
};

enum { PROTOCOL_COUNT = sizeof(protocols) / sizeof(protocols[0]) };

static const char *service_item_parse(const struct ruleset *rules,
				      const char *word, void *item)
{
	struct service_item *value = item;

	(void)rules;
	for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
		size_t len = strlen(protocols[i].prefix);

		if (strncmp(word, protocols[i].prefix, len) == 0) {
			value->proto = protocols[i].number;
			return port_item_parse(&value->ports, word + len);
		}
	}
	return "write a name from /etc/services, \"tcp/22\" or "
	       "\"udp/8000-8010\"";
}

static int service_item_format(const void *item, char *text, size_t size)
{
	const struct service_item *value = item;
	char ports[sizeof("65535-65535")];
	size_t i = 0;

	while (i < PROTOCOL_COUNT - 1 && protocols[i].number != value->proto)
		i++;
	(void)port_item_format(&value->ports, ports, sizeof(ports));
	return snprintf(text, size, "%s%s", protocols[i].prefix, ports);
}

static const struct item_type service_items = {
	.size = sizeof(struct service_item),
	.parse = service_item_parse,
	.format = service_item_format,
};

static struct match *service_parse(const struct ruleset *rules,
				   const char *text, struct match_fault *fault)
{
	return match_list_parse(&service_items, rules, text, fault);
}

static int service_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&service_items, match, text, size);
}

static bool service_test(const struct match *match, const struct packet *pkt,
			 msec_t now)
{
	const struct service_item *items = match->items;

	(void)now;
	if (!pkt->has_ports)
		return false;
	for (size_t i = 0; i < match->len; i++)
		if (items[i].proto == pkt->tuple.ipproto &&
		    port_item_contains(&items[i].ports, pkt->tuple.dport))
			return true;
	return false;
}

const struct match_type match_service = {
	.key = "service",
	.parse = service_parse,
	.test = service_test,
	.format = service_format,
	.destroy = match_list_destroy,
};
