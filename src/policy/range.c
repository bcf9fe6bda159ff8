/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses in rules and tables: what is wrong with one, in words.
 */
#include <stdio.h>
#include <string.h>

#include "policy/range.h"

/* "10.1.2.3/8": the network, or the address? */
static void explain_host_bits(const char *word, const struct addr_range *range,
			      char why[WHY_LEN])
{
	char network[ADDR_RANGE_TEXT_LEN];

	addr_range_format(range, network);
	(void)snprintf(why, WHY_LEN,
		       "has host bits set\nwrite \"%s\" for the network or "
		       "\"%.*s\" for the address",
		       network, (int)strcspn(word, "/"), word);
}

static void explain_reversed(const struct addr_range *range, char why[WHY_LEN])
{
	char first[ADDR_TEXT_LEN];
	char last[ADDR_TEXT_LEN];

	addr_format(&range->last, first);
	addr_format(&range->first, last);
	(void)snprintf(why, WHY_LEN, "is reversed\nwrite \"%s-%s\"", first,
		       last);
}

static bool means_all(const char *word)
{
	return strcmp(word, "any") == 0 || strcmp(word, "all") == 0 ||
	       strcmp(word, "*") == 0;
}

static bool has_scope(const char *word)
{
	return strchr(word, '%') != NULL;
}

static bool is_mapped(const char *word)
{
	return strncmp(word, "::ffff:", 7) == 0;
}

/* "192.0.2.1:80", "[2001:db8::1]:80" */
static bool has_port(const char *word)
{
	const char *colon = strchr(word, ':');

	return *word == '[' ||
	       (colon && strchr(word, '.') && !strchr(colon + 1, ':'));
}

/* "10.0.0.0/255.0.0.0" */
static bool has_netmask(const char *word)
{
	const char *slash = strchr(word, '/');

	return slash && strchr(slash, '.');
}

/* "10.0.0.01", which is octal for some programs. */
static bool has_leading_zero(const char *word)
{
	for (; *word; word += strspn(word, "./-")) {
		size_t len = strspn(word, "0123456789");

		if (len == 0)
			return false;
		if (len > 1 && *word == '0')
			return true;
		word += len;
	}
	return false;
}

static bool is_host_name(const char *word)
{
	bool letter = (*word >= 'a' && *word <= 'z') ||
		      (*word >= 'A' && *word <= 'Z');

	return letter && !strchr(word, ':') && !strchr(word, '/');
}

static bool is_anything(const char *word)
{
	(void)word;
	return true;
}

/* The first that applies; the beginning of the sentence is the quoted word. */
static const struct {
	bool (*applies)(const char *word);
	const char *why;
} mistakes[] = {
	{ means_all, "is not an address\nleave this out to match all of them" },
	{ has_scope, "has a scope\nleave out what begins with '%', and match "
		     "the interface by its zone" },
	{ is_mapped, "is an IPv4 address written as IPv6\nwrite it as IPv4" },
	{ has_port, "has a port or brackets\nwrite the address alone, and the "
		    "port with sport or dport" },
	{ has_netmask, "has a netmask\nwrite the length of the prefix, as in "
		       "\"10.0.0.0/8\"" },
	{ has_leading_zero, "has leading zeros\nwrite it without" },
	{ is_host_name, "is not an address\nnames of hosts are not looked up; "
			"a table is written \"<name>\"" },
	{ is_anything, "is not an address\nwrite \"192.0.2.1\", "
		       "\"10.0.0.0/8\", \"192.0.2.1-192.0.2.9\" or "
		       "\"2001:db8::/32\"" },
};

static void explain_syntax(const char *word, char why[WHY_LEN])
{
	size_t i = 0;

	while (!mistakes[i].applies(word))
		i++;
	(void)snprintf(why, WHY_LEN, "%s", mistakes[i].why);
}

bool range_parse(const char *word, struct addr_range *range, char why[WHY_LEN])
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
			       "has too long a prefix\nat most /%d",
			       strchr(word, ':') ? 128 : 32);
		break;
	case ADDR_RANGE_HOST_BITS:
		explain_host_bits(word, &parsed, why);
		break;
	case ADDR_RANGE_FAMILIES:
		(void)snprintf(why, WHY_LEN,
			       "mixes IPv4 and IPv6\nwrite two ranges");
		break;
	case ADDR_RANGE_REVERSED:
		explain_reversed(&parsed, why);
		break;
	}
	return false;
}
