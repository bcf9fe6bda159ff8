/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of networks.
 *
 * The two families are kept apart, for an IPv4 address needs a quarter of the
 * room, and so that ::/0 holds no IPv4 address.  Addresses stand in network
 * order, so that the order of their octets is the order of the numbers, and
 * one code serves both widths.
 *
 * Invariant after sealing: the ranges of a family are sorted and do not touch.
 */
#include "engine/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/wire.h"

enum { IPV4_WIDTH = 4, IPV6_WIDTH = 16, WIDTH_MAX = IPV6_WIDTH };

/* Ranges of two addresses each, first and last. */
struct list {
	uint8_t *bytes;
	size_t len; /* ranges */
	size_t capacity;
};

struct family {
	size_t width; /* octets of an address */
	struct list ranges;
	struct list holes; /* what is taken out; empty after sealing */
};

/*
 * Where the ranges of a large IPv4 table are, by the upper half of an address:
 * bisection would touch a new cache line at each step but the last few.
 */
struct directory {
	uint32_t *starts; /* DIRECTORY_LEN + 1: first range with a last one in
			   * this half or behind it; NULL: a small table */
};

enum {
	DIRECTORY_LEN = 1 << 16,
	DIRECTORY_WORTH = 1 << 12, /* ranges from which on it pays */
};

struct table {
	char *name;
	struct family ipv4;
	struct family ipv6;
	struct directory directory;
	bool sealed;
};

struct table *table_create(const char *name)
{
	size_t size = strlen(name) + 1;
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->ipv4.width = IPV4_WIDTH;
	table->ipv6.width = IPV6_WIDTH;
	table->name = calloc(1, size);
	if (!table->name) {
		free(table);
		return NULL;
	}
	memcpy(table->name, name, size);
	return table;
}

static void family_fini(struct family *family)
{
	free(family->ranges.bytes);
	free(family->holes.bytes);
}

void table_destroy(struct table *table)
{
	if (!table)
		return;
	family_fini(&table->ipv4);
	family_fini(&table->ipv6);
	free(table->directory.starts);
	free(table->name);
	free(table);
}

const char *table_name(const struct table *table)
{
	return table->name;
}

/* Lists. */

static uint8_t *first_of(const struct list *list, size_t width, size_t index)
{
	return list->bytes + 2 * width * index;
}

static uint8_t *last_of(const struct list *list, size_t width, size_t index)
{
	return first_of(list, width, index) + width;
}

static int reserve(struct list *list, size_t width, size_t count)
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

static int append(struct list *list, size_t width, const uint8_t *first,
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

static struct family *family_of(struct table *table,
				const struct addr_range *range)
{
	return addr_is_ipv4(&range->first) && addr_is_ipv4(&range->last)
		       ? &table->ipv4
		       : &table->ipv6;
}

int table_add(struct table *table, const struct addr_range *range)
{
	struct family *family = family_of(table, range);

	table->sealed = false;
	return append(&family->ranges, family->width,
		      octets_of(&range->first, family->width),
		      octets_of(&range->last, family->width));
}

int table_exclude(struct table *table, const struct addr_range *range)
{
	struct family *family = family_of(table, range);

	table->sealed = false;
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

static void sort_and_merge(struct list *list, size_t width)
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
static int cut_range(struct list *out, const struct family *family,
		     size_t range, size_t *hole)
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

static int seal_family(struct family *family)
{
	struct list cut = { 0 };
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
	family->holes = (struct list){ 0 };
	return 0;
}

static int build_directory(struct directory *directory, const struct list *list)
{
	size_t range = 0;

	free(directory->starts);
	directory->starts = NULL;
	if (list->len < DIRECTORY_WORTH)
		return 0;
	directory->starts = calloc(DIRECTORY_LEN + 1, sizeof(uint32_t));
	if (!directory->starts)
		return -ENOMEM;
	for (size_t half = 0; half < DIRECTORY_LEN; half++) {
		while (range < list->len &&
		       load_be16(last_of(list, IPV4_WIDTH, range)) < half)
			range++;
		directory->starts[half] = (uint32_t)range;
	}
	directory->starts[DIRECTORY_LEN] = (uint32_t)list->len;
	return 0;
}

int table_seal(struct table *table)
{
	table->sealed = true;
	if (seal_family(&table->ipv4) < 0 || seal_family(&table->ipv6) < 0)
		return -ENOMEM;
	return build_directory(&table->directory, &table->ipv4.ranges);
}

/* Looking. */

size_t table_range_count(const struct table *table)
{
	assert(table->sealed);
	return table->ipv4.ranges.len + table->ipv6.ranges.len;
}

struct addr_range table_range(const struct table *table, size_t index)
{
	const struct list *ipv4 = &table->ipv4.ranges;
	const struct list *ipv6 = &table->ipv6.ranges;

	assert(index < table_range_count(table));
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

bool table_has_family(const struct table *table, unsigned int ipversion)
{
	return (ipversion == 4 ? &table->ipv4 : &table->ipv6)->ranges.len > 0;
}

/* The first range that does not end before the address is within these. */
static void look_up(const struct directory *directory, const uint8_t *octets,
		    size_t *low, size_t *high)
{
	uint16_t half = load_be16(octets);

	if (!directory->starts)
		return;
	*low = directory->starts[half];
	*high = directory->starts[half + 1];
}

static bool contains_ipv4(const struct table *table, const uint8_t *octets)
{
	const struct list *list = &table->ipv4.ranges;
	uint32_t wanted = load_be32(octets);
	size_t low = 0;
	size_t high = list->len;

	look_up(&table->directory, octets, &low, &high);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (load_be32(last_of(list, IPV4_WIDTH, middle)) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->len &&
	       load_be32(first_of(list, IPV4_WIDTH, low)) <= wanted;
}

static bool contains_ipv6(const struct list *list, const uint8_t *octets)
{
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
	return low < list->len &&
	       memcmp(first_of(list, IPV6_WIDTH, low), octets, IPV6_WIDTH) <= 0;
}

bool table_contains(const struct table *table, unsigned int ipversion,
		    const struct addr *addr)
{
	assert(table->sealed);
	if (ipversion == 4)
		return contains_ipv4(table, octets_of(addr, IPV4_WIDTH));
	return contains_ipv6(&table->ipv6.ranges, addr->bytes);
}
