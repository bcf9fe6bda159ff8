/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark: netfilter's packet mark, whole or under a mask: "0x10", "16/0xff".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

static const char expected[] =
	"write a mark \"0x10\", or a mark and a mask \"0x10/0xff\"";

/* Hexadecimal with 0x, or decimal; false: not, or more than 32 bits. */
static bool parse_number(const char *word, uint32_t *value)
{
	unsigned long number;
	size_t len;

	if (strncmp(word, "0x", 2) != 0) {
		if (!match_number(word, UINT32_MAX, &number))
			return false;
		*value = (uint32_t)number;
		return true;
	}
	word += 2;
	len = strspn(word, "0123456789abcdefABCDEF");
	if (len == 0 || len > 2 * sizeof(*value) || word[len] != '\0')
		return false;
	*value = (uint32_t)strtoul(word, NULL, 16);
	return true;
}

static const char *mark_item_parse(const struct ruleset *rules,
				   const char *word, void *item)
{
	struct mark_item *value = item;
	char mark[sizeof("0xffffffff")];
	size_t slash = strcspn(word, "/");

	(void)rules;
	if (slash >= sizeof(mark))
		return expected;
	memcpy(mark, word, slash);
	mark[slash] = '\0';
	value->mask = UINT32_MAX;
	if (!parse_number(mark, &value->mark))
		return expected;
	if (word[slash] == '/' && !parse_number(word + slash + 1, &value->mask))
		return expected;
	if (value->mark & ~value->mask)
		return "write a mark that has no bit outside of its mask";
	return NULL;
}

static int mark_item_format(const void *item, char *text, size_t size)
{
	const struct mark_item *value = item;

	if (value->mask == UINT32_MAX)
		return snprintf(text, size, "0x%x", value->mark);
	return snprintf(text, size, "0x%x/0x%x", value->mark, value->mask);
}

static const struct item_type mark_items = {
	.size = sizeof(struct mark_item),
	.parse = mark_item_parse,
	.format = mark_item_format,
};

static struct match *mark_parse(const struct ruleset *rules, const char *text,
				struct match_fault *fault)
{
	return match_list_parse(&mark_items, rules, text, fault);
}

static int mark_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&mark_items, match, text, size);
}

static bool mark_test(const struct match *match, const struct packet *pkt,
		      msec_t now)
{
	const struct mark_item *items = match->items;

	(void)now;
	for (size_t i = 0; i < match->len; i++)
		if ((pkt->mark & items[i].mask) == items[i].mark)
			return true;
	return false;
}

const struct match_type match_mark = {
	.key = "mark",
	.is_transient = true,
	.parse = mark_parse,
	.test = mark_test,
	.format = mark_format,
	.destroy = match_list_destroy,
};
