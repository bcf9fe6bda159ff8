/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, prefixes and ranges: texts, predicates, containment.
 */
#include "engine/addr.h"

#include <errno.h>
#include <string.h>

#include "unit/run.h"

static struct addr parse(const char *text)
{
	struct addr addr;

	ck_assert_msg(addr_parse(&addr, text) == 0, "%s", text);
	return addr;
}

/* What people write, and the form of RFC 5952 that we write. */
static const struct {
	const char *text;
	const char *canonical;
} texts[] = {
	{ "0.0.0.0", "0.0.0.0" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "0:0:0:0:0:0:0:1", "::1" },
	{ "1::", "1::" },
	{ "2001:DB8::A", "2001:db8::a" },
	{ "2001:0db8:0000:0000:0000:0000:0002:0001", "2001:db8::2:1" },
	/* 4.2.2: a single group of zeros is not shortened. */
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	/* 4.2.3: the longest run, and the first of equal ones. */
	{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "0:0:1:0:0:0:0:1", "0:0:1::1" },
	{ "1:0:0:0:0:1:0:0", "1::1:0:0" },
	{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
	{ "0:0:3:4:5:6:7:8", "::3:4:5:6:7:8" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
	{ "::192.0.2.1", "::c000:201" },
};

START_TEST(addresses_are_written_in_one_form)
{
	struct addr addr = parse(texts[_i].text);
	char text[ADDR_TEXT_LEN];

	addr_format(&addr, text);
	ck_assert_str_eq(text, texts[_i].canonical);
}
END_TEST

START_TEST(what_is_written_can_be_read)
{
	struct addr addr = parse(texts[_i].text);
	struct addr again = parse(texts[_i].canonical);

	ck_assert(addr_equal(&addr, &again));
}
END_TEST

static const struct {
	const char *what;
	const char *text;
} wrong_addresses[] = {
	{ "empty", "" },
	{ "a name", "localhost" },
	{ "three octets", "192.0.2" },
	{ "five octets", "192.0.2.1.5" },
	{ "an octet too large", "192.0.2.256" },
	{ "a leading zero, octal for some", "192.0.2.010" },
	{ "hexadecimal", "0xc0.0.2.1" },
	{ "blank before", " 192.0.2.1" },
	{ "blank behind", "192.0.2.1 " },
	{ "a network", "192.0.2.0/24" },
	{ "a scope", "fe80::1%eth0" },
	{ "brackets", "[2001:db8::1]" },
	{ "two gaps", "2001::db8::1" },
	{ "nine groups", "1:2:3:4:5:6:7:8:9" },
	{ "five digits", "2001:db8::12345" },
	{ "IPv4 in disguise", "::ffff:192.0.2.1" },
	{ "IPv4 in disguise, in hexadecimal", "::ffff:c000:201" },
};

START_TEST(what_is_no_address_is_refused)
{
	struct addr addr = { { 0xaa } };
	struct addr before = addr;

	ck_assert_msg(addr_parse(&addr, wrong_addresses[_i].text) == -EINVAL,
		      "%s", wrong_addresses[_i].what);
	ck_assert(addr_equal(&addr, &before));
}
END_TEST

enum {
	IPV4 = 1,
	MULTICAST = 2,
	UNSPECIFIED = 4,
	LOOPBACK = 8,
	LINK_LOCAL = 16,
	BROADCAST = 32,
};

static const struct {
	const char *text;
	unsigned int is;
} kinds[] = {
	{ "192.0.2.1", IPV4 },
	{ "0.0.0.0", IPV4 | UNSPECIFIED },
	{ "0.0.0.1", IPV4 },
	{ "127.0.0.1", IPV4 | LOOPBACK },
	{ "127.255.255.255", IPV4 | LOOPBACK },
	{ "126.255.255.255", IPV4 },
	{ "128.0.0.0", IPV4 },
	{ "223.255.255.255", IPV4 },
	{ "224.0.0.0", IPV4 | MULTICAST },
	{ "239.255.255.255", IPV4 | MULTICAST },
	{ "240.0.0.0", IPV4 },
	{ "255.255.255.255", IPV4 | BROADCAST },
	{ "255.255.255.254", IPV4 },
	/* Link-local of IPv4 is no matter of ours: it needs no scope. */
	{ "169.254.1.1", IPV4 },
	{ "2001:db8::1", 0 },
	{ "::", UNSPECIFIED },
	{ "::1", LOOPBACK },
	{ "::2", 0 },
	{ "1::1", 0 },
	{ "ff00::", MULTICAST },
	{ "ff02::1", MULTICAST },
	{ "feff::1", 0 },
	{ "fe80::1", LINK_LOCAL },
	{ "febf:ffff::1", LINK_LOCAL },
	{ "fec0::1", 0 },
	{ "fe7f::1", 0 },
};

START_TEST(addresses_are_told_apart)
{
	struct addr addr = parse(kinds[_i].text);
	unsigned int is = 0;

	is |= addr_is_ipv4(&addr) ? IPV4 : 0;
	is |= addr_is_multicast(&addr) ? MULTICAST : 0;
	is |= addr_is_unspecified(&addr) ? UNSPECIFIED : 0;
	is |= addr_is_loopback(&addr) ? LOOPBACK : 0;
	is |= addr_is_link_local(&addr) ? LINK_LOCAL : 0;
	is |= addr_is_broadcast(&addr) ? BROADCAST : 0;
	ck_assert_msg(is == kinds[_i].is, "%s: %#x", kinds[_i].text, is);
}
END_TEST

START_TEST(octets_of_ipv4_are_the_last_four)
{
	static const uint8_t octets[4] = { 192, 0, 2, 1 };
	struct addr addr = addr_from_ipv4(octets);
	struct addr same = parse("192.0.2.1");

	ck_assert(addr_equal(&addr, &same));
	ck_assert_mem_eq(addr.bytes + 12, octets, sizeof(octets));
}
END_TEST

START_TEST(octets_of_ipv6_are_taken_as_they_are)
{
	static const uint8_t octets[16] = { 0x20, 1, 0xd, 0xb8, [15] = 9 };
	struct addr addr = addr_from_ipv6(octets);
	struct addr same = parse("2001:db8::9");

	ck_assert(addr_equal(&addr, &same));
}
END_TEST

/* In rising order. */
static const char *const rising[] = {
	"::",          "::1",         "0.0.0.0",         "10.0.0.9",
	"10.0.0.10",   "192.0.2.1",   "255.255.255.255", "64:ff9b::",
	"2001:db8::1", "2001:db8::a", "ff02::1",
};

START_TEST(order_is_that_of_the_numbers)
{
	for (int i = 0; i < COUNT(rising); i++) {
		struct addr a = parse(rising[_i]);
		struct addr b = parse(rising[i]);
		int order = addr_compare(&a, &b);

		ck_assert_msg((order < 0) == (_i < i), "%s, %s", rising[_i],
			      rising[i]);
		ck_assert_msg((order == 0) == (_i == i), "%s, %s", rising[_i],
			      rising[i]);
	}
}
END_TEST

static const struct {
	const char *text;
	int result;
	const char *first; /* of the network, also with -EDOM */
	const char *last;
} prefixes[] = {
	{ "10.0.0.0/8", 0, "10.0.0.0", "10.255.255.255" },
	{ "0.0.0.0/0", 0, "0.0.0.0", "255.255.255.255" },
	{ "192.0.2.1", 0, "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.1/32", 0, "192.0.2.1", "192.0.2.1" },
	{ "192.0.2.128/25", 0, "192.0.2.128", "192.0.2.255" },
	{ "192.0.2.4/31", 0, "192.0.2.4", "192.0.2.5" },
	{ "::/0", 0, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "2001:db8::/32", 0,
	  "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "2001:db8::1/128", 0, "2001:db8::1", "2001:db8::1" },
	{ "2001:db8:8000::/33", 0,
	  "2001:db8:8000::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "10.1.2.3/8", -EDOM, "10.0.0.0", "10.255.255.255" },
	{ "192.0.2.1/31", -EDOM, "192.0.2.0", "192.0.2.1" },
	{ "2001:db8::1/64", -EDOM,
	  "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff" },
	{ "10.0.0.0/33", -ERANGE, NULL, NULL },
	{ "10.0.0.0/999", -ERANGE, NULL, NULL },
	{ "2001:db8::/129", -ERANGE, NULL, NULL },
	{ "10.0.0.0/", -EINVAL, NULL, NULL },
	{ "10.0.0.0/1000", -EINVAL, NULL, NULL },
	{ "10.0.0.0/08", -EINVAL, NULL, NULL },
	{ "10.0.0.0/-1", -EINVAL, NULL, NULL },
	{ "10.0.0.0/8 ", -EINVAL, NULL, NULL },
	{ "10.0.0.0/8/8", -EINVAL, NULL, NULL },
	{ "10.0.0.0/255.0.0.0", -EINVAL, NULL, NULL },
	{ "10/8", -EINVAL, NULL, NULL },
	{ "/8", -EINVAL, NULL, NULL },
	{ "", -EINVAL, NULL, NULL },
	{ "lan", -EINVAL, NULL, NULL },
	{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/8", -EINVAL, NULL,
	  NULL },
};

START_TEST(prefixes_are_read_and_bounded)
{
	struct prefix prefix;
	struct addr_range range;
	struct addr first;
	struct addr last;
	int result = prefix_parse(&prefix, prefixes[_i].text);

	ck_assert_msg(result == prefixes[_i].result, "%s: %d",
		      prefixes[_i].text, result);
	if (!prefixes[_i].first)
		return;
	range = prefix_range(&prefix);
	first = parse(prefixes[_i].first);
	last = parse(prefixes[_i].last);
	ck_assert_msg(addr_equal(&range.first, &first), "%s",
		      prefixes[_i].text);
	ck_assert_msg(addr_equal(&range.last, &last), "%s", prefixes[_i].text);
}
END_TEST

static const struct {
	const char *prefix;
	const char *addr;
	bool inside;
} members[] = {
	{ "10.0.0.0/8", "10.255.0.1", true },
	{ "10.0.0.0/8", "11.0.0.0", false },
	{ "10.0.0.0/8", "9.255.255.255", false },
	{ "192.0.2.0/25", "192.0.2.127", true },
	{ "192.0.2.0/25", "192.0.2.128", false },
	{ "0.0.0.0/0", "203.0.113.1", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "2001:db8::/32", "2001:db8:ffff::", true },
	{ "2001:db8::/32", "2001:db9::", false },
	{ "2001:db8::1", "2001:db8::1", true },
	{ "2001:db8::1", "2001:db8::", false },
	{ "2001:db8::/32", "10.0.0.1", false },
};

START_TEST(a_prefix_contains_its_network_only)
{
	struct addr addr = parse(members[_i].addr);
	struct addr_range range;
	struct prefix prefix;

	ck_assert_int_eq(prefix_parse(&prefix, members[_i].prefix), 0);
	range = prefix_range(&prefix);
	ck_assert_msg(prefix_contains(&prefix, &addr) == members[_i].inside,
		      "%s in %s", members[_i].addr, members[_i].prefix);
	ck_assert_msg(addr_range_contains(&range, &addr) == members[_i].inside,
		      "%s in %s", members[_i].addr, members[_i].prefix);
}
END_TEST

static const struct {
	const char *text;
	enum addr_range_error error;
	const char *canonical; /* NULL: nothing was read */
} ranges[] = {
	{ "192.0.2.1", ADDR_RANGE_OK, "192.0.2.1" },
	{ "192.0.2.0/24", ADDR_RANGE_OK, "192.0.2.0/24" },
	{ "0.0.0.0/0", ADDR_RANGE_OK, "0.0.0.0/0" },
	{ "::/0", ADDR_RANGE_OK, "::/0" },
	{ "192.0.2.1-192.0.2.9", ADDR_RANGE_OK, "192.0.2.1-192.0.2.9" },
	/* The shortest form that says it. */
	{ "192.0.2.0-192.0.2.255", ADDR_RANGE_OK, "192.0.2.0/24" },
	{ "192.0.2.7-192.0.2.7", ADDR_RANGE_OK, "192.0.2.7" },
	{ "2001:db8::-2001:db8::ff", ADDR_RANGE_OK, "2001:db8::/120" },
	{ "2001:db8::1-2001:db8::ff", ADDR_RANGE_OK,
	  "2001:db8::1-2001:db8::ff" },
	{ "192.0.2.1/24", ADDR_RANGE_HOST_BITS, "192.0.2.0/24" },
	{ "192.0.2.9-192.0.2.1", ADDR_RANGE_REVERSED, "192.0.2.9-192.0.2.1" },
	{ "10.0.0.0/40", ADDR_RANGE_LENGTH, NULL },
	{ "10.0.0.1-2001:db8::1", ADDR_RANGE_FAMILIES, NULL },
	{ "10.0.0.1-", ADDR_RANGE_SYNTAX, NULL },
	{ "-10.0.0.1", ADDR_RANGE_SYNTAX, NULL },
	{ "10.0.0.1 - 10.0.0.2", ADDR_RANGE_SYNTAX, NULL },
	{ "10.0.0.0/24-10.0.1.0/24", ADDR_RANGE_SYNTAX, NULL },
	{ "10.0.0.1-10.0.0.2-10.0.0.3", ADDR_RANGE_SYNTAX, NULL },
	{ "any", ADDR_RANGE_SYNTAX, NULL },
};

START_TEST(ranges_are_read_and_written)
{
	struct addr_range range;
	char text[ADDR_RANGE_TEXT_LEN];
	enum addr_range_error error = addr_range_parse(&range, ranges[_i].text);

	ck_assert_msg(error == ranges[_i].error, "%s: error %d",
		      ranges[_i].text, error);
	if (!ranges[_i].canonical)
		return;
	addr_range_format(&range, text);
	ck_assert_str_eq(text, ranges[_i].canonical);
}
END_TEST

START_TEST(the_longest_range_fits_its_text)
{
	static const char text[] = "1111:2222:3333:4444:5555:6666:7777:8888-"
				   "1111:2222:3333:4444:5555:6666:7777:9999";
	char written[ADDR_RANGE_TEXT_LEN];
	struct addr_range range;

	ck_assert_int_eq(addr_range_parse(&range, text), ADDR_RANGE_OK);
	addr_range_format(&range, written);
	ck_assert_str_eq(written, text);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("addr");

	tcase_add_loop_test(tc, addresses_are_written_in_one_form, 0,
			    COUNT(texts));
	tcase_add_loop_test(tc, what_is_written_can_be_read, 0, COUNT(texts));
	tcase_add_loop_test(tc, what_is_no_address_is_refused, 0,
			    COUNT(wrong_addresses));
	tcase_add_loop_test(tc, addresses_are_told_apart, 0, COUNT(kinds));
	tcase_add_test(tc, octets_of_ipv4_are_the_last_four);
	tcase_add_test(tc, octets_of_ipv6_are_taken_as_they_are);
	tcase_add_loop_test(tc, order_is_that_of_the_numbers, 0, COUNT(rising));
	tcase_add_loop_test(tc, prefixes_are_read_and_bounded, 0,
			    COUNT(prefixes));
	tcase_add_loop_test(tc, a_prefix_contains_its_network_only, 0,
			    COUNT(members));
	tcase_add_loop_test(tc, ranges_are_read_and_written, 0, COUNT(ranges));
	tcase_add_test(tc, the_longest_range_fits_its_text);
	return run_tests(tc, "addr");
}
