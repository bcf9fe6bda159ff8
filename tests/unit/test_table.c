/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of networks, held against a naive twin: an unsorted list of ranges,
 * each looked at.
 */
#include "engine/table.h"

#include <string.h>

#include "unit/random.h"
#include "unit/run.h"

enum { RANGES_MAX = 40 };

/* The twin. */
struct pile {
	struct addr_range ranges[RANGES_MAX];
	bool is_hole[RANGES_MAX];
	size_t len;
};

/* A range of IPv6 holds no IPv4 address, even if it spans where they live. */
static bool is_in(const struct pile *pile, size_t i, const struct addr *addr)
{
	return addr_is_ipv4(&pile->ranges[i].first) == addr_is_ipv4(addr) &&
	       addr_range_contains(&pile->ranges[i], addr);
}

static bool pile_contains(const struct pile *pile, const struct addr *addr)
{
	bool found = false;

	for (size_t i = 0; i < pile->len; i++) {
		if (pile->is_hole[i] && is_in(pile, i, addr))
			return false;
		found = found || is_in(pile, i, addr);
	}
	return found;
}

/*
 * Addresses that often meet: few values of the last octet, and around the
 * place where the addresses of IPv4 begin and end.
 */
static struct addr random_addr(uint64_t *seed)
{
	static const struct addr bases[] = {
		{ { [10] = 0xff, [11] = 0xff, [12] = 10 } },
		{ { [10] = 0xff,
		    [11] = 0xff,
		    [12] = 0xff,
		    [13] = 0xff,
		    [14] = 0xff } },
		{ { [10] = 0xff,
		    [11] = 0xfe,
		    [12] = 0xff,
		    [13] = 0xff,
		    [14] = 0xff } },
		{ { [9] = 1 } },
		{ { [0] = 0x20, [1] = 1 } },
		{ { 0 } },
		{ { [10] = 0xff, [11] = 0xff } },
	};
	struct addr addr = bases[random_below(seed, COUNT(bases))];

	addr.bytes[15] = (uint8_t)random_below(seed, 32);
	if (random_below(seed, 4) == 0)
		addr.bytes[15] = (uint8_t)(255 - addr.bytes[15]);
	return addr;
}

static struct addr_range random_range(uint64_t *seed)
{
	struct addr_range range;
	struct addr swap;

	do {
		range.first = random_addr(seed);
		range.last = random_addr(seed);
	} while (addr_is_ipv4(&range.first) != addr_is_ipv4(&range.last));
	if (addr_compare(&range.first, &range.last) > 0) {
		swap = range.first;
		range.first = range.last;
		range.last = swap;
	}
	return range;
}

static void fill(struct table *table, struct pile *pile, uint64_t *seed)
{
	pile->len = random_below(seed, RANGES_MAX + 1);
	for (size_t i = 0; i < pile->len; i++) {
		pile->ranges[i] = random_range(seed);
		pile->is_hole[i] = random_below(seed, 4) == 0;
		ck_assert_int_eq(pile->is_hole[i]
					 ? table_exclude(table,
							 &pile->ranges[i])
					 : table_add(table, &pile->ranges[i]),
				 0);
	}
	ck_assert_int_eq(table_seal(table), 0);
}

static void check_agreement(const struct table *table, const struct pile *pile,
			    const struct addr *addr)
{
	char text[ADDR_TEXT_LEN];

	addr_format(addr, text);
	ck_assert_msg(table_contains(table, addr) == pile_contains(pile, addr),
		      "the table and its twin differ about %s", text);
}

START_TEST(a_table_agrees_with_its_naive_twin)
{
	uint64_t seed = (uint64_t)_i + 1;
	struct table *table = table_create("twin");
	struct pile pile;

	ck_assert_ptr_nonnull(table);
	fill(table, &pile, &seed);
	for (int i = 0; i < 1000; i++) {
		struct addr addr = random_addr(&seed);

		check_agreement(table, &pile, &addr);
	}
	for (size_t i = 0; i < pile.len; i++) {
		check_agreement(table, &pile, &pile.ranges[i].first);
		check_agreement(table, &pile, &pile.ranges[i].last);
	}
	table_destroy(table);
}
END_TEST

START_TEST(ranges_are_sorted_and_apart)
{
	uint64_t seed = (uint64_t)_i + 1000;
	struct table *table = table_create("twin");
	struct pile pile;

	ck_assert_ptr_nonnull(table);
	fill(table, &pile, &seed);
	for (size_t i = 0; i < table_range_count(table); i++) {
		struct addr_range range = table_range(table, i);
		struct addr_range before;

		ck_assert_int_le(addr_compare(&range.first, &range.last), 0);
		if (i == 0)
			continue;
		before = table_range(table, i - 1);
		ck_assert(addr_is_ipv4(&before.last) !=
				  addr_is_ipv4(&range.first) ||
			  addr_compare(&before.last, &range.first) < 0);
	}
	table_destroy(table);
}
END_TEST

static const struct {
	const char *what;
	const char *add[4];
	const char *sealed[4];
} merges[] = {
	{ "nothing", { NULL }, { NULL } },
	{ "one", { "10.0.0.0/8" }, { "10.0.0.0/8" } },
	{ "out of order",
	  { "192.0.2.0/24", "10.0.0.0/8" },
	  { "10.0.0.0/8", "192.0.2.0/24" } },
	{ "twice", { "10.0.0.0/8", "10.0.0.0/8" }, { "10.0.0.0/8" } },
	{ "one inside the other",
	  { "10.1.0.0/16", "10.0.0.0/8", "10.255.255.255" },
	  { "10.0.0.0/8" } },
	{ "neighbours become one",
	  { "192.0.2.0/25", "192.0.2.128/25" },
	  { "192.0.2.0/24" } },
	{ "overlapping",
	  { "192.0.2.1-192.0.2.9", "192.0.2.5-192.0.2.20" },
	  { "192.0.2.1-192.0.2.20" } },
	{ "one address between them",
	  { "192.0.2.1-192.0.2.3", "192.0.2.5" },
	  { "192.0.2.1-192.0.2.3", "192.0.2.5" } },
	{ "the end of IPv4 does not touch IPv6",
	  { "255.255.255.255", "::1:0:0:0" },
	  { "255.255.255.255", "::1:0:0:0" } },
	{ "a hole in the middle",
	  { "10.0.0.0/8", "!10.1.0.0/16" },
	  { "10.0.0.0/16", "10.2.0.0-10.255.255.255" } },
	{ "holes at both ends",
	  { "192.0.2.0/24", "!192.0.2.0", "!192.0.2.255" },
	  { "192.0.2.1-192.0.2.254" } },
	{ "a hole of the whole, before it",
	  { "!0.0.0.0/0", "10.0.0.0/8", "2001:db8::1" },
	  { "2001:db8::1" } },
	{ "a hole across two ranges",
	  { "192.0.2.0/26", "192.0.2.128/26", "!192.0.2.32-192.0.2.159" },
	  { "192.0.2.0/27", "192.0.2.160/27" } },
	{ "a hole in nothing", { "!192.0.2.7", "192.0.2.8" }, { "192.0.2.8" } },
	{ "the last address of all is a hole",
	  { "255.255.255.254/31", "!255.255.255.255" },
	  { "255.255.255.254" } },
	{ "the last address of all",
	  { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::" },
	  { "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" } },
};

static struct table *make_table(const char *const *networks)
{
	struct table *table = table_create("some");

	ck_assert_ptr_nonnull(table);
	for (size_t i = 0; i < 4 && networks[i]; i++) {
		bool is_hole = *networks[i] == '!';
		struct addr_range range;

		ck_assert_int_eq(addr_range_parse(&range,
						  networks[i] + is_hole),
				 ADDR_RANGE_OK);
		ck_assert_int_eq(is_hole ? table_exclude(table, &range)
					 : table_add(table, &range),
				 0);
	}
	ck_assert_int_eq(table_seal(table), 0);
	return table;
}

START_TEST(ranges_that_touch_become_one)
{
	struct table *table = make_table(merges[_i].add);
	struct addr_range range;
	char text[ADDR_RANGE_TEXT_LEN];
	size_t i;

	for (i = 0; i < table_range_count(table); i++) {
		ck_assert_msg(i < 4 && merges[_i].sealed[i], "%s: more ranges",
			      merges[_i].what);
		range = table_range(table, i);
		addr_range_format(&range, text);
		ck_assert_str_eq(text, merges[_i].sealed[i]);
	}
	ck_assert_msg(i == 4 || !merges[_i].sealed[i], "%s: fewer ranges",
		      merges[_i].what);
	table_destroy(table);
}
END_TEST

START_TEST(all_of_ipv6_holds_no_ipv4)
{
	struct table *table = make_table((const char *[4]){ "::/0" });
	static const char *const inside[] = { "::", "2001:db8::1", "::1:0:0:0",
					      "::fffe:ffff:ffff" };
	struct addr addr;

	for (int i = 0; i < COUNT(inside); i++) {
		ck_assert_int_eq(addr_parse(&addr, inside[i]), 0);
		ck_assert_msg(table_contains(table, &addr), "%s", inside[i]);
	}
	ck_assert_int_eq(addr_parse(&addr, "192.0.2.1"), 0);
	ck_assert(!table_contains(table, &addr));
	ck_assert(table_has_family(table, 6));
	ck_assert(!table_has_family(table, 4));
	table_destroy(table);
}
END_TEST

START_TEST(a_table_can_be_filled_further_and_sealed_again)
{
	struct table *table = make_table((const char *[4]){ "10.0.0.0/9" });
	struct addr_range range;

	ck_assert_int_eq(addr_range_parse(&range, "10.128.0.0/9"), 0);
	ck_assert_int_eq(table_add(table, &range), 0);
	ck_assert_int_eq(table_seal(table), 0);
	ck_assert_uint_eq(table_range_count(table), 1);
	table_destroy(table);
}
END_TEST

START_TEST(a_table_keeps_its_name)
{
	char name[] = "bogons";
	struct table *table = table_create(name);

	ck_assert_ptr_nonnull(table);
	memset(name, 'x', strlen(name));
	ck_assert_str_eq(table_name(table), "bogons");
	table_destroy(table);
	table_destroy(NULL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("table");

	tcase_add_loop_test(tc, a_table_agrees_with_its_naive_twin, 0, 100);
	tcase_add_loop_test(tc, ranges_are_sorted_and_apart, 0, 100);
	tcase_add_loop_test(tc, ranges_that_touch_become_one, 0, COUNT(merges));
	tcase_add_test(tc, all_of_ipv6_holds_no_ipv4);
	tcase_add_test(tc, a_table_can_be_filled_further_and_sealed_again);
	tcase_add_test(tc, a_table_keeps_its_name);
	return run_tests(tc, "table");
}
