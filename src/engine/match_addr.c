/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * src, dst: addresses, networks, ranges and tables, each with an optional '!'.
 *
 * An address matches if it is in some item without '!' (or there is none) and
 * in no item with '!'.  The order of the items does not matter.
 *
 * An IPv6 packet from ::ffff:0:0/96 looks like an IPv4 one by its bytes.  It
 * is in ranges of IPv6 only, and in no table.
 */
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"
#include "engine/ruleset.h"
#include "engine/table.h"

static const char *parse_table(const struct ruleset *rules, const char *word,
			       struct addr_item *value)
{
	char name[128];
	size_t len = strlen(word);

	if (len < 3 || len > sizeof(name) || word[len - 1] != '>')
		return "write the name of a table as \"<name>\"";
	memcpy(name, word + 1, len - 2);
	name[len - 2] = '\0';
	value->table = ruleset_table(rules, name);
	return value->table ? NULL : "write the name of a table that exists";
}

static const char *const range_expected[] = {
	[ADDR_RANGE_OK] = NULL,
	[ADDR_RANGE_SYNTAX] =
		("write an address, a network \"10.0.0.0/8\", a range "
		 "\"192.0.2.1-192.0.2.9\" or a table \"<name>\""),
	[ADDR_RANGE_LENGTH] =
		"a prefix has at most 32 bits in IPv4 and 128 in IPv6",
	[ADDR_RANGE_HOST_BITS] =
		"write the network itself, its host bits being zero",
	[ADDR_RANGE_FAMILIES] = "a range is of one family",
	[ADDR_RANGE_REVERSED] = "write the lower address first",
};

static const char *addr_item_parse(const struct ruleset *rules,
				   const char *word, void *item)
{
	struct addr_item *value = item;
	enum addr_range_error error;

	if (*word == '!') {
		value->negated = true;
		word++;
	}
	if (*word == '<')
		return parse_table(rules, word, value);
	error = addr_range_parse(&value->range, word);
	if (error == ADDR_RANGE_OK)
		value->ipversion = addr_is_ipv4(&value->range.first) ? 4 : 6;
	return range_expected[error];
}

static int addr_item_format(const void *item, char *text, size_t size)
{
	const struct addr_item *value = item;
	const char *negation = value->negated ? "!" : "";
	char range[ADDR_RANGE_TEXT_LEN];

	if (value->table)
		return snprintf(text, size, "%s<%s>", negation,
				table_name(value->table));
	addr_range_format(&value->range, range);
	return snprintf(text, size, "%s%s", negation, range);
}

static const struct item_type addr_items = {
	.size = sizeof(struct addr_item),
	.parse = addr_item_parse,
	.format = addr_item_format,
};

static struct match *addr_list_parse(const struct ruleset *rules,
				     const char *text,
				     struct match_fault *fault)
{
	return match_list_parse(&addr_items, rules, text, fault);
}

static int addr_list_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&addr_items, match, text, size);
}

static bool item_contains(const struct addr_item *item, const struct addr *addr,
			  uint8_t ipversion, msec_t now)
{
	if (!item->table)
		return item->ipversion == ipversion &&
		       addr_range_contains(&item->range, addr);
	return addr_is_ipv4(addr) == (ipversion == 4) &&
	       table_has(item->table, addr, now);
}

static bool addr_list_contains(const struct match *match,
			       const struct addr *addr, uint8_t ipversion,
			       msec_t now)
{
	const struct addr_item *items = match->items;
	bool has_positive = false;
	bool found = false;

	for (size_t i = 0; i < match->len; i++) {
		bool inside = item_contains(&items[i], addr, ipversion, now);

		if (items[i].negated && inside)
			return false;
		if (!items[i].negated) {
			has_positive = true;
			found = found || inside;
		}
	}
	return found || !has_positive;
}

static bool src_test(const struct match *match, const struct packet *pkt,
		     msec_t now)
{
	return addr_list_contains(match, &pkt->tuple.src, pkt->tuple.ipversion,
				  now);
}

static bool dst_test(const struct match *match, const struct packet *pkt,
		     msec_t now)
{
	return addr_list_contains(match, &pkt->tuple.dst, pkt->tuple.ipversion,
				  now);
}

const struct match_type match_src = {
	.key = "src",
	.parse = addr_list_parse,
	.test = src_test,
	.format = addr_list_format,
	.destroy = match_list_destroy,
};

const struct match_type match_dst = {
	.key = "dst",
	.parse = addr_list_parse,
	.test = dst_test,
	.format = addr_list_format,
	.destroy = match_list_destroy,
};
