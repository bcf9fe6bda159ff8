/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uid, gid: the user and the group of the local socket that a packet comes
 * from, by number.
 *
 * A packet that has no known owner never matches: one that is not sent by this
 * machine, or that the kernel itself has made.
 */
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

/* -1 is no user, and no group. */
#define ID_MAX (UINT32_MAX - 1)

static const char expected[] =
	"write a number \"1000\", or a range \"1000-1999\"";

static const char *id_item_parse(const struct ruleset *rules, const char *word,
				 void *item)
{
	char low[sizeof("4294967295")];
	struct id_item *ids = item;
	size_t dash = strcspn(word, "-");
	unsigned long first;
	unsigned long last;

	(void)rules;
	if (dash >= sizeof(low))
		return expected;
	memcpy(low, word, dash);
	low[dash] = '\0';
	if (!match_number(low, ID_MAX, &first))
		return expected;
	last = first;
	if (word[dash] == '-' && !match_number(word + dash + 1, ID_MAX, &last))
		return expected;
	if (first > last)
		return "write the lower number first";
	*ids = (struct id_item){ (uint32_t)first, (uint32_t)last };
	return NULL;
}

static int id_item_format(const void *item, char *text, size_t size)
{
	const struct id_item *ids = item;

	if (ids->first == ids->last)
		return snprintf(text, size, "%u", ids->first);
	return snprintf(text, size, "%u-%u", ids->first, ids->last);
}

static const struct item_type id_items = {
	.size = sizeof(struct id_item),
	.parse = id_item_parse,
	.format = id_item_format,
};

static struct match *id_parse(const struct ruleset *rules, const char *text,
			      struct match_fault *fault)
{
	return match_list_parse(&id_items, rules, text, fault);
}

static int id_format(const struct match *match, char *text, size_t size)
{
	return match_list_format(&id_items, match, text, size);
}

static bool contains(const struct match *match, uint32_t id)
{
	const struct id_item *items = match->items;

	for (size_t i = 0; i < match->len; i++)
		if (id >= items[i].first && id <= items[i].last)
			return true;
	return false;
}

static bool uid_test(const struct match *match, const struct packet *pkt,
		     msec_t now)
{
	(void)now;
	return pkt->has_owner && contains(match, pkt->uid);
}

static bool gid_test(const struct match *match, const struct packet *pkt,
		     msec_t now)
{
	(void)now;
	return pkt->has_owner && contains(match, pkt->gid);
}

const struct match_type match_uid = {
	.key = "uid",
	.is_transient = true,
	.parse = id_parse,
	.test = uid_test,
	.format = id_format,
	.destroy = match_list_destroy,
};

const struct match_type match_gid = {
	.key = "gid",
	.is_transient = true,
	.parse = id_parse,
	.test = gid_test,
	.format = id_format,
	.destroy = match_list_destroy,
};
