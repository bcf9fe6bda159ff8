/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses in rules and tables: what is wrong with one, in words.
 */
#include <stdio.h>
#include <string.h>

#include "policy/loader.h"

/* "10.1.2.3/8": the network, or the address? */
static void explain_host_bits(const char *word, const struct addr_range *range,
			      char why[WHY_LEN])
{
	char network[ADDR_RANGE_TEXT_LEN];

	addr_range_format(range, network);
	(void)snprintf(why, WHY_LEN,
		       "has host bits set: write \"%s\" for the network or "
		       "\"%.*s\" for the address",
		       network, (int)strcspn(word, "/"), word);
}

static void explain_reversed(const struct addr_range *range, char why[WHY_LEN])
{
	char first[ADDR_TEXT_LEN];
	char last[ADDR_TEXT_LEN];

	addr_format(&range->last, first);
	addr_format(&range->first, last);
	(void)snprintf(why, WHY_LEN, "is reversed: write \"%s-%s\"", first,
		       last);
}

static bool looks_like_name(const char *word)
{
	return !strchr(word, ':') && !strchr(word, '/') &&
	       word[strspn(word, "0123456789.")] != '\0' &&
	       word[strcspn(word, "ghijklmnopqrstuvwxyz")] != '\0';
}

static void explain_syntax(const char *word, char why[WHY_LEN])
{
	if (*word == '\0')
		(void)snprintf(why, WHY_LEN,
			       "is empty: write a value before and after each "
			       "comma");
	else if (strchr(word, '%'))
		(void)snprintf(why, WHY_LEN,
			       "has a scope id: leave \"%.20s\" out and match "
			       "the interface by its zone",
			       strchr(word, '%'));
	else if (strncmp(word, "::ffff:", 7) == 0)
		(void)snprintf(why, WHY_LEN,
			       "is an IPv4 address in IPv6 clothes: write it "
			       "as IPv4");
	else if (looks_like_name(word))
		(void)snprintf(why, WHY_LEN,
			       "is not an address: names of hosts are not "
			       "looked up; a table is written \"<name>\"");
	else
		(void)snprintf(why, WHY_LEN,
			       "is not an address: write \"192.0.2.1\", "
			       "\"10.0.0.0/8\", \"192.0.2.1-192.0.2.9\" or "
			       "\"2001:db8::/32\"");
}

bool loader_range(const char *word, struct addr_range *range, char why[WHY_LEN])
{
	struct addr_range parsed;

	switch (addr_range_parse(&parsed, word)) {
	case ADDR_RANGE_OK:
		*range = parsed;
		return true;
	case ADDR_RANGE_SYNTAX:
		explain_syntax(word, why);
		break;
	case ADDR_RANGE_LENGTH:
		(void)snprintf(why, WHY_LEN,
			       "has too long a prefix: at most /%d",
			       strchr(word, ':') ? 128 : 32);
		break;
	case ADDR_RANGE_HOST_BITS:
		explain_host_bits(word, &parsed, why);
		break;
	case ADDR_RANGE_FAMILIES:
		(void)snprintf(why, WHY_LEN,
			       "mixes IPv4 and IPv6: write two ranges");
		break;
	case ADDR_RANGE_REVERSED:
		explain_reversed(&parsed, why);
		break;
	}
	return false;
}
