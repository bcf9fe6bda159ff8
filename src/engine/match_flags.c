/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tcp_flags: which flags a TCP segment has.
 *
 *	syn/fin,syn,rst,ack	of the four, SYN and no other
 *	syn,ack/syn,ack		both, whatever else
 *	none/syn		no SYN
 *	syn			as the first: the flags, and none of the four
 *				that are not among them
 *
 * Only segments that ask to open a connection are asked, so this is for rules
 * with state = "none", and for those who know what they do.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/packet.h"

static const struct {
	const char *name;
	uint8_t bit;
} names[] = {
	{ "fin", TCP_FIN }, { "syn", TCP_SYN }, { "rst", TCP_RST },
	{ "psh", TCP_PSH }, { "ack", TCP_ACK }, { "urg", TCP_URG },
};

enum {
	NAME_COUNT = sizeof(names) / sizeof(names[0]),
	MASK_DEFAULT = TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK,
	FLAGS_TEXT_LEN = sizeof("fin,syn,rst,psh,ack,urg"),
};

static const char expected[] =
	"write flags, and behind a slash those to look at: "
	"\"syn/fin,syn,rst,ack\"; flags are fin, syn, rst, psh, ack, urg";

/* 0: it is no flag. */
static uint8_t find_flag(const char *word, size_t len)
{
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (strlen(names[i].name) == len &&
		    strncmp(names[i].name, word, len) == 0)
			return names[i].bit;
	return 0;
}

/*
 * The flags in the first @len characters of @text; false: there is something
 * else, and @fault says where.
 */
static bool parse_flags(const char *text, size_t len, uint8_t *flags,
			struct match_fault *fault)
{
	static const char none[] = "none";
	const char *end = text + len;

	*flags = 0;
	if (len == strlen(none) && strncmp(text, none, len) == 0)
		return true;
	for (;;) {
		size_t left = (size_t)(end - text);
		size_t word = strcspn(text, ",");
		uint8_t flag = find_flag(text, word < left ? word : left);

		*fault = (struct match_fault){ text, word < left ? word : left,
					       expected };
		if (!flag)
			return false;
		*flags |= flag;
		if (word >= left)
			return true;
		text += word + 1;
	}
}

static bool parse_item(const char *text, struct flags_item *item,
		       struct match_fault *fault)
{
	size_t slash = strcspn(text, "/");

	if (!parse_flags(text, slash, &item->flags, fault))
		return false;
	item->mask = item->flags | MASK_DEFAULT;
	if (text[slash] == '\0')
		return true;
	text += slash + 1;
	if (!parse_flags(text, strlen(text), &item->mask, fault))
		return false;
	*fault = (struct match_fault){
		text, strlen(text),
		"write behind the slash all flags that stand before it, and "
		"those that must not be set"
	};
	return item->mask && (item->flags & ~item->mask) == 0;
}

static struct match *flags_parse(const struct ruleset *rules, const char *text,
				 struct match_fault *fault)
{
	struct match *match = calloc(1, sizeof(*match));

	(void)rules;
	*fault = (struct match_fault){ .at = text, .len = strlen(text) };
	if (!match)
		return NULL;
	match->len = 1;
	match->items = calloc(1, sizeof(struct flags_item));
	if (match->items && parse_item(text, match->items, fault))
		return match;
	match_list_destroy(match);
	return NULL;
}

static void format_flags(uint8_t flags, char text[FLAGS_TEXT_LEN])
{
	size_t used = 0;

	(void)snprintf(text, FLAGS_TEXT_LEN, "none");
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (!(flags & names[i].bit))
			continue;
		used += (size_t)snprintf(text + used, FLAGS_TEXT_LEN - used,
					 "%s%s", used > 0 ? "," : "",
					 names[i].name);
	}
}

static int flags_format(const struct match *match, char *text, size_t size)
{
	const struct flags_item *item = match->items;
	char flags[FLAGS_TEXT_LEN];
	char mask[FLAGS_TEXT_LEN];

	format_flags(item->flags, flags);
	format_flags(item->mask, mask);
	return snprintf(text, size, "%s/%s", flags, mask);
}

static bool flags_test(const struct match *match, const struct packet *pkt,
		       msec_t now)
{
	const struct flags_item *item = match->items;

	(void)now;
	return pkt->tuple.ipproto == IPPROTO_TCP &&
	       (pkt->tcp.flags & item->mask) == item->flags;
}

const struct match_type match_tcp_flags = {
	.key = "tcp_flags",
	.is_transient = true,
	.parse = flags_parse,
	.test = flags_test,
	.format = flags_format,
	.destroy = match_list_destroy,
};
