/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dscp: the differentiated services code point (RFC 2474), by number or by the
 * name that IANA's registry has for it.
 */
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

enum { DSCP_MAX = 63 };

/*
 * RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622.  The first name of a code
 * point is the canonical one.
 */
static const struct {
	const char *name;
	uint8_t value;
} names[] = {
	/* clang-format off */
	{ "cs0", 0 },   { "cs1", 8 },   { "cs2", 16 },  { "cs3", 24 },
	{ "cs4", 32 },  { "cs5", 40 },  { "cs6", 48 },  { "cs7", 56 },
	{ "af11", 10 }, { "af12", 12 }, { "af13", 14 }, { "af21", 18 },
	{ "af22", 20 }, { "af23", 22 }, { "af31", 26 }, { "af32", 28 },
	{ "af33", 30 }, { "af41", 34 }, { "af42", 36 }, { "af43", 38 },
	{ "ef", 46 },   { "va", 44 },   { "le", 1 },    { "df", 0 },
	{ "be", 0 },
	/* clang-format on */
};

enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

const char *match_dscp_name(size_t index)
{
	return index < NAME_COUNT ? names[index].name : NULL;
}

static const char *dscp_item_parse(const struct ruleset *rules,
				   const char *word, void *item)
{
	struct dscp_item *value = item;
	unsigned long number;

	(void)rules;
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (strcmp(names[i].name, word) == 0) {
			value->value = names[i].value;
			return NULL;
		}
	}
	if (!match_number(word, DSCP_MAX, &number))
		return "write a number from 0 to 63, or a name such as \"cs1\", "
		       "\"af41\" or \"ef\"";
	value->value = (uint8_t)number;
	return NULL;
}

static int dscp_item_format(const void *item, char *text, size_t size)
{
	const struct dscp_item *value = item;

	for (size_t i = 0; i < NAME_COUNT; i++)
		if (names[i].value == value->value)
			return snprintf(text, size, "%s", names[i].name);
	return snprintf(text, size, "%u", value->value);
}

static const struct item_type dscp_items = {
	.size = sizeof(struct dscp_item),
	.parse = dscp_item_parse,
	.format = dscp_item_format,
};

static struct match *dscp_parse(const struct ruleset *rules, const char *text,
				struct match_fault *fault)
{
	return match_list_parse(&dscp_items, rules, text, fault);
}

static int dscp_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&dscp_items, match, text, size);
}

static bool dscp_test(const struct match *match, const struct packet *pkt,
		      msec_t now)
{
	const struct dscp_item *items = match->items;

	(void)now;
	for (size_t i = 0; i < match->len; i++)
		if (items[i].value == pkt->dscp)
			return true;
	return false;
}

const struct match_type match_dscp = {
	.key = "dscp",
	.is_transient = true,
	.parse = dscp_parse,
	.test = dscp_test,
	.format = dscp_format,
	.destroy = match_list_destroy,
};
