/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icmp_type: types of ICMP and ICMPv6 messages.
 *
 * A name stands for the number it has in the packet's family.  A number is
 * that number in either family.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

/* IANA's registries of ICMP and ICMPv6 parameters; the first name is ours. */
static const struct {
	const char *name;
	int16_t ipv4;
	int16_t ipv6;
} names[] = {
	{ "echo-request", 8, 128 },
	{ "echo-reply", 0, 129 },
	{ "destination-unreachable", 3, 1 },
	{ "packet-too-big", ICMP_TYPE_NONE, 2 },
	{ "time-exceeded", 11, 3 },
	{ "parameter-problem", 12, 4 },
	{ "source-quench", 4, ICMP_TYPE_NONE },
	{ "redirect", 5, 137 },
	{ "router-solicitation", 10, 133 },
	{ "router-advertisement", 9, 134 },
	{ "neighbour-solicitation", ICMP_TYPE_NONE, 135 },
	{ "neighbour-advertisement", ICMP_TYPE_NONE, 136 },
	{ "neighbor-solicitation", ICMP_TYPE_NONE, 135 },
	{ "neighbor-advertisement", ICMP_TYPE_NONE, 136 },
	{ "timestamp-request", 13, ICMP_TYPE_NONE },
	{ "timestamp-reply", 14, ICMP_TYPE_NONE },
	{ "address-mask-request", 17, ICMP_TYPE_NONE },
	{ "address-mask-reply", 18, ICMP_TYPE_NONE },
	{ "mld-query", ICMP_TYPE_NONE, 130 },
	{ "mld-report", ICMP_TYPE_NONE, 131 },
	{ "mld-done", ICMP_TYPE_NONE, 132 },
	{ "mld2-report", ICMP_TYPE_NONE, 143 },
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

static const char expected[] =
	"write a type such as \"echo-request\", a number \"8\" or a number and "
	"a code \"3/4\"";

const char *match_icmp_name(size_t index)
{
	return index < NAME_COUNT ? names[index].name : NULL;
}

static bool find_name(const char *word, struct icmp_item *item)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (strcmp(names[i].name, word) != 0)
			continue;
		*item = (struct icmp_item){ .name = names[i].name,
					    .ipv4 = names[i].ipv4,
					    .ipv6 = names[i].ipv6,
					    .code = ICMP_TYPE_NONE };
		return true;
	}
	return false;
}

static const char *icmp_item_parse(const struct ruleset *rules,
				   const char *word, void *item)
{
	size_t slash = strcspn(word, "/");
	char digits[sizeof("255")];
	struct icmp_item *value = item;
	unsigned long type;
	unsigned long code;

	(void)rules;
	if (find_name(word, value))
		return NULL;
	if (slash >= sizeof(digits))
		return expected;
	memcpy(digits, word, slash);
	digits[slash] = '\0';
	if (!match_number(digits, UINT8_MAX, &type))
		return expected;
	*value = (struct icmp_item){ .ipv4 = (int16_t)type,
				     .ipv6 = (int16_t)type,
				     .code = ICMP_TYPE_NONE };
	if (word[slash] == '\0')
		return NULL;
	if (!match_number(word + slash + 1, UINT8_MAX, &code))
		return expected;
	value->code = (int16_t)code;
	return NULL;
}

static int icmp_item_format(const void *item, char *text, size_t size)
{
	const struct icmp_item *value = item;

	if (value->name)
		return snprintf(text, size, "%s", value->name);
	if (value->code == ICMP_TYPE_NONE)
		return snprintf(text, size, "%d", value->ipv4);
	return snprintf(text, size, "%d/%d", value->ipv4, value->code);
}

static const struct item_type icmp_items = {
	.size = sizeof(struct icmp_item),
	.parse = icmp_item_parse,
	.format = icmp_item_format,
};

static struct match *icmp_parse(const struct ruleset *rules, const char *text,
				struct match_fault *fault)
{
	return match_list_parse(&icmp_items, rules, text, fault);
}

static int icmp_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&icmp_items, match, text, size);
}

static bool icmp_test(const struct match *match, const struct packet *pkt,
		      msec_t now)
{
	const struct icmp_item *items = match->items;
	bool is_ipv6 = pkt->tuple.ipproto == IPPROTO_ICMPV6;

	(void)now;
	if (!is_ipv6 && pkt->tuple.ipproto != IPPROTO_ICMP)
		return false;
	for (size_t i = 0; i < match->len; i++) {
		int type = is_ipv6 ? items[i].ipv6 : items[i].ipv4;

		if (type == pkt->icmp.type &&
		    (items[i].code == ICMP_TYPE_NONE ||
		     items[i].code == pkt->icmp.code))
			return true;
	}
	return false;
}

const struct match_type match_icmp_type = {
	.key = "icmp_type",
	.parse = icmp_parse,
	.test = icmp_test,
	.format = icmp_format,
	.destroy = match_list_destroy,
};
