/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, prefixes and ranges.
 *
 * The text ::ffff:10.0.0.1 is refused: its 16 bytes are those of the IPv4
 * address 10.0.0.1, so that a rule written with it would mean another packet.
 */
#include "engine/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ADDR_BITS = 128, MAPPED_BITS = 96, GROUPS = 8 };

bool addr_is_link_local(const struct addr *addr)
{
	return addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

int addr_parse(struct addr *addr, const char *text)
{
	uint8_t bytes[16];
	struct addr ipv6;

	/* inet_pton() refuses leading zeros in IPv4 and scope ids. */
	if (inet_pton(AF_INET, text, bytes) == 1) {
		*addr = addr_from_ipv4(bytes);
		return 0;
	}
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return -EINVAL;
	ipv6 = addr_from_ipv6(bytes);
	if (addr_is_ipv4(&ipv6))
		return -EINVAL;
	*addr = ipv6;
	return 0;
}

static unsigned int addr_group(const struct addr *addr, int i)
{
	const uint8_t *group = addr->bytes + 2 * (size_t)i;

	return (unsigned int)(group[0] << 8 | group[1]);
}

/* RFC 5952 section 4.2: the first longest run of at least two zero groups. */
static int longest_zeros(const struct addr *addr, int *len)
{
	int best = -1;

	*len = 1;
	for (int i = 0, run = 0; i < GROUPS; i++) {
		run = addr_group(addr, i) == 0 ? run + 1 : 0;
		if (run > *len) {
			*len = run;
			best = i - run + 1;
		}
	}
	return best;
}

static void format_ipv6(const struct addr *addr, char text[ADDR_TEXT_LEN])
{
	size_t used = 0;
	int zeros_len;
	int zeros = longest_zeros(addr, &zeros_len);

	for (int i = 0; i < GROUPS; i++) {
		const char *colon = i > 0 ? ":" : "";

		if (i == zeros) {
			used += (size_t)snprintf(text + used,
						 ADDR_TEXT_LEN - used, "::");
			i += zeros_len - 1;
			continue;
		}
		if (zeros >= 0 && i == zeros + zeros_len)
			colon = "";
		used += (size_t)snprintf(text + used, ADDR_TEXT_LEN - used,
					 "%s%x", colon, addr_group(addr, i));
	}
}

void addr_format(const struct addr *addr, char text[ADDR_TEXT_LEN])
{
	const uint8_t *ipv4 = addr->bytes + ADDR_MAPPED_LEN;

	if (addr_is_ipv4(addr))
		(void)snprintf(text, ADDR_TEXT_LEN, "%u.%u.%u.%u", ipv4[0],
			       ipv4[1], ipv4[2], ipv4[3]);
	else
		format_ipv6(addr, text);
}

/* A number of up to three digits, without leading zeros. */
static int parse_len(const char *text, unsigned int *len)
{
	size_t digits = strspn(text, "0123456789");
	unsigned int value = 0;

	if (digits < 1 || digits > 3 || text[digits] != '\0' ||
	    (digits > 1 && text[0] == '0'))
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		value = 10 * value + (unsigned int)(text[i] - '0');
	*len = value;
	return 0;
}

struct prefix prefix_of(const struct addr *addr, unsigned int len)
{
	struct prefix prefix = { .addr = *addr, .len = (uint8_t)len };

	for (unsigned int i = 0; i < sizeof(addr->bytes); i++) {
		if (8 * i >= len)
			prefix.addr.bytes[i] = 0;
		else if (len - 8 * i < 8)
			prefix.addr.bytes[i] &=
				(uint8_t)(0xff << (8 - (len - 8 * i)));
	}
	return prefix;
}

/* Copies the part of @text before @end_of_it; -EINVAL: too long. */
static int copy_host(char host[ADDR_TEXT_LEN], const char *text, size_t len)
{
	if (len >= ADDR_TEXT_LEN)
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	return 0;
}

int prefix_parse(struct prefix *prefix, const char *text)
{
	size_t host_len = strcspn(text, "/");
	char host[ADDR_TEXT_LEN];
	unsigned int len;
	unsigned int max;
	struct addr addr;

	if (copy_host(host, text, host_len) < 0 || addr_parse(&addr, host) < 0)
		return -EINVAL;
	max = addr_is_ipv4(&addr) ? ADDR_BITS - MAPPED_BITS : ADDR_BITS;
	len = max;
	if (text[host_len] == '/' && parse_len(text + host_len + 1, &len) < 0)
		return -EINVAL;
	if (len > max)
		return -ERANGE;
	*prefix = prefix_of(&addr, len + ADDR_BITS - max);
	return addr_equal(&prefix->addr, &addr) ? 0 : -EDOM;
}

bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
	struct prefix other = prefix_of(addr, prefix->len);

	return addr_equal(&other.addr, &prefix->addr);
}

struct addr_range prefix_range(const struct prefix *prefix)
{
	struct addr_range range = { prefix->addr, prefix->addr };

	for (unsigned int i = 0; i < sizeof(range.last.bytes); i++) {
		if (8 * i >= prefix->len)
			range.last.bytes[i] = 0xff;
		else if (prefix->len - 8 * i < 8)
			range.last.bytes[i] |=
				(uint8_t)(0xff >> (prefix->len - 8 * i));
	}
	return range;
}

static enum addr_range_error parse_pair(struct addr_range *range,
					const char *text, size_t dash)
{
	struct addr_range pair;
	char host[ADDR_TEXT_LEN];

	if (copy_host(host, text, dash) < 0 ||
	    addr_parse(&pair.first, host) < 0 ||
	    addr_parse(&pair.last, text + dash + 1) < 0)
		return ADDR_RANGE_SYNTAX;
	if (addr_is_ipv4(&pair.first) != addr_is_ipv4(&pair.last))
		return ADDR_RANGE_FAMILIES;
	*range = pair;
	if (addr_compare(&pair.first, &pair.last) > 0)
		return ADDR_RANGE_REVERSED;
	return ADDR_RANGE_OK;
}

enum addr_range_error addr_range_parse(struct addr_range *range,
				       const char *text)
{
	size_t dash = strcspn(text, "-");
	struct prefix prefix;

	if (text[dash] == '-')
		return parse_pair(range, text, dash);
	switch (prefix_parse(&prefix, text)) {
	case 0:
		*range = prefix_range(&prefix);
		return ADDR_RANGE_OK;
	case -EDOM:
		*range = prefix_range(&prefix);
		return ADDR_RANGE_HOST_BITS;
	case -ERANGE:
		return ADDR_RANGE_LENGTH;
	default:
		return ADDR_RANGE_SYNTAX;
	}
}

/* How many leading bits both ends have in common. */
static unsigned int common_bits(const struct addr_range *range)
{
	unsigned int i = 0;
	unsigned int len;

	while (i < sizeof(range->first.bytes) &&
	       range->first.bytes[i] == range->last.bytes[i])
		i++;
	len = 8 * i;
	if (len == ADDR_BITS)
		return len;
	for (unsigned int differ = range->first.bytes[i] ^ range->last.bytes[i];
	     differ < 0x80; differ <<= 1)
		len++;
	return len;
}

/* The length of the prefix that is exactly @range; -1: there is none. */
static int range_prefix_len(const struct addr_range *range)
{
	unsigned int len = common_bits(range);
	struct prefix prefix = prefix_of(&range->first, len);
	struct addr_range same = prefix_range(&prefix);

	if (addr_equal(&same.first, &range->first) &&
	    addr_equal(&same.last, &range->last))
		return (int)len;
	return -1;
}

void addr_range_format(const struct addr_range *range,
		       char text[ADDR_RANGE_TEXT_LEN])
{
	int len = range_prefix_len(range);
	char last[ADDR_TEXT_LEN];
	size_t used;

	addr_format(&range->first, text);
	used = strlen(text);
	if (len == ADDR_BITS)
		return;
	if (len >= 0) {
		int base = addr_is_ipv4(&range->first) ? MAPPED_BITS : 0;

		(void)snprintf(text + used, ADDR_RANGE_TEXT_LEN - used, "/%d",
			       len - base);
		return;
	}
	addr_format(&range->last, last);
	(void)snprintf(text + used, ADDR_RANGE_TEXT_LEN - used, "-%s", last);
}
