/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sport, dport: ports and ranges of ports, each with an optional '!', which
 * means what it means for addresses.
 *
 * A packet of a protocol without ports never matches: the fields of its tuple
 * then hold something else.
 */
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

static const char expected[] =
	"write a number from 1 to 65535, a range \"8000-8010\" or a name from "
	"/etc/services";

const char *port_item_parse(struct port_item *ports, const char *word)
{
	size_t dash = strcspn(word, "-");
	char low[sizeof("65535")];
	unsigned long first;
	unsigned long last;

	if (dash >= sizeof(low))
		return expected;
	memcpy(low, word, dash);
	low[dash] = '\0';
	if (!match_number(low, UINT16_MAX, &first))
		return expected;
	last = first;
	if (word[dash] == '-' &&
	    !match_number(word + dash + 1, UINT16_MAX, &last))
		return expected;
	if (first == 0)
		return "port 0 is never used, ports begin at 1";
	if (first > last)
		return "write the lower port first";
	ports->first = (uint16_t)first;
	ports->last = (uint16_t)last;
	return NULL;
}

int port_item_format(const struct port_item *ports, char *text, size_t size)
{
	if (ports->first == ports->last)
		return snprintf(text, size, "%u", ports->first);
	return snprintf(text, size, "%u-%u", ports->first, ports->last);
}

static const char *item_parse(const struct ruleset *rules, const char *word,
			      void *item)
{
	struct port_item *ports = item;

	(void)rules;
	ports->negated = *word == '!';
	return port_item_parse(ports, word + ports->negated);
}

static int item_format(const void *item, char *text, size_t size)
{
	const struct port_item *ports = item;
	char range[sizeof("65535-65535")];

	(void)port_item_format(ports, range, sizeof(range));
	return snprintf(text, size, "%s%s", ports->negated ? "!" : "", range);
}

static const struct item_type port_items = {
	.size = sizeof(struct port_item),
	.parse = item_parse,
	.format = item_format,
};

static struct match *port_parse(const struct ruleset *rules, const char *text,
				struct match_fault *fault)
{
	return match_list_parse(&port_items, rules, text, fault);
}

static int port_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&port_items, match, text, size);
}

static bool contains(const struct match *match, uint16_t port)
{
	const struct port_item *items = match->items;
	bool has_positive = false;
	bool found = false;

	for (size_t i = 0; i < match->len; i++) {
		bool inside = port_item_contains(&items[i], port);

		if (items[i].negated && inside)
			return false;
		if (!items[i].negated) {
			has_positive = true;
			found = found || inside;
		}
	}
	return found || !has_positive;
}

static bool sport_test(const struct match *match, const struct packet *pkt,
		       msec_t now)
{
	(void)now;
	return pkt->has_ports && contains(match, pkt->tuple.sport);
}

static bool dport_test(const struct match *match, const struct packet *pkt,
		       msec_t now)
{
	(void)now;
	return pkt->has_ports && contains(match, pkt->tuple.dport);
}

const struct match_type match_sport = {
	.key = "sport",
	.parse = port_parse,
	.test = sport_test,
	.format = port_format,
	.destroy = match_list_destroy,
};

const struct match_type match_dport = {
	.key = "dport",
	.parse = port_parse,
	.test = dport_test,
	.format = port_format,
	.destroy = match_list_destroy,
};
