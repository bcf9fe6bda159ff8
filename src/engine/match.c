/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of matches, and what they share: comma separated lists.
 */
#include "engine/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/match_item.h"

enum { WORD_LEN = 128 }; /* room for a negated range of IPv6 addresses */

const struct match_type *const match_types[] = {
	&match_from,    &match_to,        &match_proto, &match_src,
	&match_dst,     &match_sport,     &match_dport, &match_icmp_type,
	&match_service, &match_tcp_flags, &match_mark,  &match_dscp,
	&match_uid,     &match_gid,
};

const size_t match_type_count = sizeof(match_types) / sizeof(match_types[0]);

const struct match_type *match_type_find(const char *key)
{
	for (size_t i = 0; i < match_type_count; i++)
		if (strcmp(match_types[i]->key, key) == 0)
			return match_types[i];
	return NULL;
}

bool match_number(const char *text, unsigned long max, unsigned long *value)
{
	size_t len = strspn(text, "0123456789");
	unsigned long number;

	if (len == 0 || len > 10 || text[len] != '\0')
		return false;
	if (len > 1 && text[0] == '0')
		return false;
	number = strtoul(text, NULL, 10);
	if (number > max)
		return false;
	*value = number;
	return true;
}

static size_t count_words(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		if (*text == ',')
			count++;
	return count;
}

/* One word of a list, from @at to the next comma, without blanks around it. */
static void trim(const char **at, size_t *len)
{
	while (*len > 0 && strchr(" \t", **at)) {
		(*at)++;
		(*len)--;
	}
	while (*len > 0 && strchr(" \t", (*at)[*len - 1]))
		(*len)--;
}

static const char *parse_word(const struct item_type *type,
			      const struct ruleset *rules,
			      const struct match_fault *part, void *item)
{
	char word[WORD_LEN];

	if (part->len == 0)
		return "write a value before and after each comma";
	if (part->len >= sizeof(word))
		return "write something shorter";
	memcpy(word, part->at, part->len);
	word[part->len] = '\0';
	return type->parse(rules, word, item);
}

static bool parse_words(const struct item_type *type,
			const struct ruleset *rules, struct match *match,
			struct match_fault *fault)
{
	const char *rest = fault->at;

	for (;;) {
		size_t len = strcspn(rest, ",");
		char *item = (char *)match->items + match->len * type->size;

		fault->at = rest;
		fault->len = len;
		trim(&fault->at, &fault->len);
		fault->expected = parse_word(type, rules, fault, item);
		if (fault->expected)
			return false;
		match->len++;
		if (rest[len] == '\0')
			return true;
		rest += len + 1;
	}
}

struct match *match_list_parse(const struct item_type *type,
			       const struct ruleset *rules, const char *text,
			       struct match_fault *fault)
{
	struct match *match = calloc(1, sizeof(*match));

	*fault = (struct match_fault){ .at = text, .len = strlen(text) };
	if (!match)
		return NULL;
	match->items = calloc(count_words(text), type->size);
	if (match->items && parse_words(type, rules, match, fault))
		return match;
	match_list_destroy(match);
	return NULL;
}

int match_list_format(const struct item_type *type, const struct match *match,
		      char *text, size_t size)
{
	int used = 0;

	for (size_t i = 0; i < match->len; i++) {
		const char *item = (const char *)match->items + i * type->size;
		size_t done = (size_t)used < size ? (size_t)used : size;

		if (i > 0) {
			used += snprintf(text + done, size - done, ",");
			done = (size_t)used < size ? (size_t)used : size;
		}
		used += type->format(item, text + done, size - done);
	}
	return used;
}

void match_list_destroy(struct match *match)
{
	if (!match)
		return;
	free(match->items);
	free(match);
}
