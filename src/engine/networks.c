/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of networks.
 *
 * The two families are kept apart, for an IPv4 address needs a quarter of the
 * room, and so that ::/0 holds no IPv4 address.  Addresses stand in network
 * order, so that the order of their octets is the order of the numbers, and
 * one code serves both widths.
 *
 * Invariant after sealing: the ranges of a family are sorted and do not touch.
 */
#include "engine/networks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/wire.h"

enum {
	IPV4_WIDTH = 4,
	IPV6_WIDTH = 16,
	WIDTH_MAX = IPV6_WIDTH,
	DIRECTORY_LEN = 1 << 16,
	DIRECTORY_WORTH = 1 << 12, /* ranges from which on it pays */
};

/* Lists. */

static uint8_t *first_of(const struct network_list *list, size_t width,
			 size_t index)
{
	return list->bytes + 2 * width * index;
}

static uint8_t *last_of(const struct network_list *list, size_t width,
			size_t index)
{
	return first_of(list, width, index) + width;
}

static int reserve(struct network_list *list, size_t width, size_t count)
{
	size_t capacity = list->capacity > 0 ? list->capacity : 8;
	uint8_t *grown;

	while (capacity < count)
		capacity *= 2;
	if (capacity == list->capacity)
		return 0;
	grown = realloc(list->bytes, capacity * 2 * width);
	if (!grown)
		return -ENOMEM;
	list->bytes = grown;
	list->capacity = capacity;
	return 0;
}

static int append(struct network_list *list, size_t width, const uint8_t *first,
		  const uint8_t *last)
{
	if (reserve(list, width, list->len + 1) < 0)
		return -ENOMEM;
	memcpy(first_of(list, width, list->len), first, width);
	memcpy(last_of(list, width, list->len), last, width);
	list->len++;
	return 0;
}

/* The octets of an address in its own family. */
static const uint8_t *octets_of(const struct addr *addr, size_t width)
{
	return addr->bytes + sizeof(addr->bytes) - width;
}

void networks_init(struct networks *networks)
{
	*networks = (struct networks){ .ipv4.width = IPV4_WIDTH,
				       .ipv6.width = IPV6_WIDTH };
}

void networks_fini(struct networks *networks)
{
	free(networks->ipv4.ranges.bytes);
	free(networks->ipv4.holes.bytes);
	free(networks->ipv6.ranges.bytes);
	free(networks->ipv6.holes.bytes);
	free(networks->directory);
}

/* A range that only spans the IPv4 addresses is one of IPv6. */
static struct network_family *family_of(struct networks *networks,
					const struct addr_range *range)
{
	return addr_is_ipv4(&range->first) && addr_is_ipv4(&range->last)
		       ? &networks->ipv4
		       : &networks->ipv6;
}

int networks_add(struct networks *networks, const struct addr_range *range)
{
	struct network_family *family = family_of(networks, range);

	return append(&family->ranges, family->width,
		      octets_of(&range->first, family->width),
		      octets_of(&range->last, family->width));
}

int networks_exclude(struct networks *networks, const struct addr_range *range)
{
	struct network_family *family = family_of(networks, range);

	return append(&family->holes, family->width,
		      octets_of(&range->first, family->width),
		      octets_of(&range->last, family->width));
}

/* Sealing. */

static int compare_ipv4(const void *a, const void *b)
{
	return memcmp(a, b, IPV4_WIDTH);
}

static int compare_ipv6(const void *a, const void *b)
{
	return memcmp(a, b, IPV6_WIDTH);
}

/* One more; false: it is the highest. */
static bool increment(uint8_t *addr, size_t width)
{
	for (size_t i = width; i > 0; i--)
		if (++addr[i - 1] != 0)
			return true;
	return false;
}

static void decrement(uint8_t *addr, size_t width)
{
	for (size_t i = width; i > 0; i--)
		if (addr[i - 1]-- != 0)
			break;
}

/* Whether @next begins inside the range that ends with @last, or behind it. */
static bool touches(const uint8_t *last, const uint8_t *next, size_t width)
{
	uint8_t after[WIDTH_MAX];

	memcpy(after, last, width);
	return !increment(after, width) || memcmp(next, after, width) <= 0;
}

static void sort_and_merge(struct network_list *list, size_t width)
{
	size_t merged = 0;

	if (list->len == 0)
		return;
	qsort(list->bytes, list->len, 2 * width,
	      width == IPV4_WIDTH ? compare_ipv4 : compare_ipv6);
	for (size_t i = 1; i < list->len; i++) {
		uint8_t *last = last_of(list, width, merged);
		const uint8_t *next = last_of(list, width, i);

		if (!touches(last, first_of(list, width, i), width))
			memmove(first_of(list, width, ++merged),
				first_of(list, width, i), 2 * width);
		else if (memcmp(next, last, width) > 0)
			memcpy(last, next, width);
	}
	list->len = merged + 1;
}

/*
 * Appends to @out what the holes from *@hole on leave of one range.  Both
 * lists are sorted, so *@hole only grows.
 */
static int cut_range(struct network_list *out,
		     const struct network_family *family, size_t range,
		     size_t *hole)
{
	size_t width = family->width;
	const uint8_t *last = last_of(&family->ranges, width, range);
	uint8_t from[WIDTH_MAX];
	uint8_t to[WIDTH_MAX];

	memcpy(from, first_of(&family->ranges, width, range), width);
	for (; *hole < family->holes.len; ++*hole) {
		const uint8_t *begin = first_of(&family->holes, width, *hole);
		const uint8_t *end = last_of(&family->holes, width, *hole);

		if (memcmp(end, from, width) < 0)
			continue;
		if (memcmp(begin, last, width) > 0)
			break;
		memcpy(to, begin, width);
		decrement(to, width);
		if (memcmp(begin, from, width) > 0 &&
		    append(out, width, from, to) < 0)
			return -ENOMEM;
		memcpy(from, end, width);
		/* It may go on into the next range. */
		if (memcmp(end, last, width) >= 0 || !increment(from, width))
			return 0;
	}
	return append(out, width, from, last);
}

static int seal_family(struct network_family *family)
{
	struct network_list cut = { 0 };
	size_t hole = 0;

	sort_and_merge(&family->ranges, family->width);
	sort_and_merge(&family->holes, family->width);
	if (family->holes.len == 0)
		return 0;
	for (size_t i = 0; i < family->ranges.len; i++)
		if (cut_range(&cut, family, i, &hole) < 0) {
			free(cut.bytes);
			return -ENOMEM;
		}
	free(family->ranges.bytes);
	free(family->holes.bytes);
	family->ranges = cut;
	family->holes = (struct network_list){ 0 };
	return 0;
}

/* Of a large table: see networks.h. */
static int build_directory(struct networks *networks)
{
	const struct network_list *list = &networks->ipv4.ranges;
	size_t range = 0;

	free(networks->directory);
	networks->directory = NULL;
	if (list->len < DIRECTORY_WORTH)
		return 0;
	networks->directory = calloc(DIRECTORY_LEN + 1, sizeof(uint32_t));
	if (!networks->directory)
		return -ENOMEM;
	for (size_t half = 0; half < DIRECTORY_LEN; half++) {
		while (range < list->len &&
		       load_be16(last_of(list, IPV4_WIDTH, range)) < half)
			range++;
		networks->directory[half] = (uint32_t)range;
	}
	networks->directory[DIRECTORY_LEN] = (uint32_t)list->len;
	return 0;
}

int networks_seal(struct networks *networks)
{
	if (seal_family(&networks->ipv4) < 0 ||
	    seal_family(&networks->ipv6) < 0)
		return -ENOMEM;
	return build_directory(networks);
}

/* Looking. */

size_t networks_count(const struct networks *networks)
{
	return networks->ipv4.ranges.len + networks->ipv6.ranges.len;
}

struct addr_range networks_range(const struct networks *networks, size_t index)
{
	const struct network_list *ipv4 = &networks->ipv4.ranges;
	const struct network_list *ipv6 = &networks->ipv6.ranges;

	assert(index < networks_count(networks));
	if (index < ipv4->len)
		return (struct addr_range){
			addr_from_ipv4(first_of(ipv4, IPV4_WIDTH, index)),
			addr_from_ipv4(last_of(ipv4, IPV4_WIDTH, index)),
		};
	index -= ipv4->len;
	return (struct addr_range){
		addr_from_ipv6(first_of(ipv6, IPV6_WIDTH, index)),
		addr_from_ipv6(last_of(ipv6, IPV6_WIDTH, index)),
	};
}

bool networks_have(const struct networks *networks, unsigned int ipversion)
{
	return (ipversion == 4 ? &networks->ipv4 : &networks->ipv6)
		       ->ranges.len > 0;
}

/* Each: the first range that does not end before the address. */

static size_t find_ipv4(const struct networks *networks, const uint8_t *octets)
{
	const struct network_list *list = &networks->ipv4.ranges;
	uint32_t wanted = load_be32(octets);
	uint16_t half = load_be16(octets);
	size_t low = 0;
	size_t high = list->len;

	if (networks->directory) {
		low = networks->directory[half];
		high = networks->directory[half + 1];
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (load_be32(last_of(list, IPV4_WIDTH, middle)) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t find_ipv6(const struct networks *networks, const uint8_t *octets)
{
	const struct network_list *list = &networks->ipv6.ranges;
	size_t low = 0;
	size_t high = list->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(last_of(list, IPV6_WIDTH, middle), octets,
			   IPV6_WIDTH) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool networks_overlap(const struct networks *networks,
		      const struct addr_range *range)
{
	bool is_ipv4 =
		addr_is_ipv4(&range->first) && addr_is_ipv4(&range->last);
	const struct network_family *family =
		is_ipv4 ? &networks->ipv4 : &networks->ipv6;
	const uint8_t *first = octets_of(&range->first, family->width);
	const uint8_t *last = octets_of(&range->last, family->width);
	size_t i = is_ipv4 ? find_ipv4(networks, first)
			   : find_ipv6(networks, first);

	return i < family->ranges.len &&
	       memcmp(first_of(&family->ranges, family->width, i), last,
		      family->width) <= 0;
}

bool networks_contain(const struct networks *networks, const struct addr *addr)
{
	const struct addr_range one = { *addr, *addr };

	return networks_overlap(networks, &one);
}
