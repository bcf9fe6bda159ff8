/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identity of a connection: one key and one hash for both directions.
 */
#include "engine/tuple.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/run.h"

static const struct hash_key key = { 0x0123456789abcdef, 0xfedcba9876543210 };

static struct tuple make_tuple(const char *src, uint16_t sport, const char *dst,
			       uint16_t dport)
{
	struct tuple tuple = { .sport = sport, .dport = dport };

	ck_assert_int_eq(addr_parse(&tuple.src, src), 0);
	ck_assert_int_eq(addr_parse(&tuple.dst, dst), 0);
	tuple.ipversion = addr_is_ipv4(&tuple.src) ? 4 : 6;
	tuple.ipproto = IPPROTO_TCP;
	return tuple;
}

static const struct {
	const char *what;
	const char *src;
	uint16_t sport;
	const char *dst;
	uint16_t dport;
	bool swapped;
} orders[] = {
	{ "smaller source", "192.0.2.1", 9, "192.0.2.2", 1, false },
	{ "larger source", "192.0.2.2", 1, "192.0.2.1", 9, true },
	{ "the first octet counts most", "10.255.255.255", 1, "11.0.0.0", 1,
	  false },
	{ "IPv6, smaller source", "2001:db8::1", 9, "2001:db8::2", 1, false },
	{ "IPv6, larger source", "2001:db8::ff", 9, "2001:db8::2", 1, true },
	{ "one host, smaller port first", "192.0.2.1", 1, "192.0.2.1", 2,
	  false },
	{ "one host, larger port first", "192.0.2.1", 2, "192.0.2.1", 1, true },
	{ "one host, port 256 and 1", "192.0.2.1", 256, "192.0.2.1", 1, true },
	{ "both ends equal", "192.0.2.1", 7, "192.0.2.1", 7, false },
};

static struct tuple ordered_case(int i)
{
	return make_tuple(orders[i].src, orders[i].sport, orders[i].dst,
			  orders[i].dport);
}

START_TEST(the_smaller_end_comes_first)
{
	struct tuple tuple = ordered_case(_i);
	struct tuple reverse = tuple_reverse(&tuple);
	struct tuple *expected = orders[_i].swapped ? &reverse : &tuple;
	bool swapped = !orders[_i].swapped;
	struct tuple canonical = tuple_canonical(&tuple, &swapped);

	ck_assert_msg(swapped == orders[_i].swapped, "%s", orders[_i].what);
	ck_assert_msg(tuple_equal(&canonical, expected), "%s", orders[_i].what);
}
END_TEST

START_TEST(both_directions_have_one_canonical_form)
{
	struct tuple tuple = ordered_case(_i);
	struct tuple reverse = tuple_reverse(&tuple);
	bool swapped;
	struct tuple a = tuple_canonical(&tuple, &swapped);
	struct tuple b = tuple_canonical(&reverse, &swapped);

	ck_assert_msg(tuple_equal(&a, &b), "%s", orders[_i].what);
	ck_assert(tuple_hash(&a, &key) == tuple_hash(&b, &key));
}
END_TEST

START_TEST(the_reverse_of_the_reverse_is_the_tuple)
{
	struct tuple tuple = ordered_case(_i);
	struct tuple reverse = tuple_reverse(&tuple);
	struct tuple again = tuple_reverse(&reverse);

	ck_assert(tuple_equal(&again, &tuple));
}
END_TEST

/* Every field tells connections apart. */
static const struct {
	const char *what;
	size_t at;
} fields[] = {
	{ "source", offsetof(struct tuple, src) + 15 },
	{ "destination", offsetof(struct tuple, dst) + 15 },
	{ "source port", offsetof(struct tuple, sport) },
	{ "destination port", offsetof(struct tuple, dport) },
	{ "kind", offsetof(struct tuple, kind) },
	{ "protocol", offsetof(struct tuple, ipproto) },
	{ "version", offsetof(struct tuple, ipversion) },
};

START_TEST(each_field_makes_another_connection)
{
	struct tuple a = ordered_case(0);
	struct tuple b = a;

	((uint8_t *)&b)[fields[_i].at] ^= 4;
	ck_assert_msg(!tuple_equal(&a, &b), "%s", fields[_i].what);
	ck_assert_msg(tuple_hash(&a, &key) != tuple_hash(&b, &key), "%s",
		      fields[_i].what);
}
END_TEST

/* An IPv6 packet from ::ffff:192.0.2.1 has the octets of an IPv4 one. */
START_TEST(the_family_is_part_of_the_identity)
{
	struct tuple a = ordered_case(0);
	struct tuple b = a;

	b.ipversion = 6;
	ck_assert(!tuple_equal(&a, &b));
	ck_assert(tuple_hash_hosts(&a, &key) != tuple_hash_hosts(&b, &key));
}
END_TEST

START_TEST(another_key_gives_another_hash)
{
	struct hash_key other = { key.k0 ^ 1, key.k1 };
	struct tuple tuple = ordered_case(0);

	ck_assert(tuple_hash(&tuple, &key) != tuple_hash(&tuple, &other));
}
END_TEST

static const struct {
	const char *what;
	uint16_t sport;
	uint16_t dport;
	uint8_t ipproto;
	bool reversed;
} siblings[] = {
	{ "another connection", 4000, 443, IPPROTO_TCP, false },
	{ "the other direction", 80, 3000, IPPROTO_TCP, true },
	{ "another protocol", 3000, 53, IPPROTO_UDP, false },
	{ "a ping", 77, 8, IPPROTO_ICMP, false },
	{ "a protocol without ports, back", 0, 0, 47, true },
};

START_TEST(two_hosts_have_one_hash_for_all_they_say)
{
	struct tuple tuple = make_tuple("192.0.2.1", 3000, "192.0.2.2", 80);
	uint64_t hash = tuple_hash_hosts(&tuple, &key);
	struct tuple other = tuple;

	other.sport = siblings[_i].sport;
	other.dport = siblings[_i].dport;
	other.ipproto = siblings[_i].ipproto;
	if (siblings[_i].reversed)
		other = tuple_reverse(&other);
	ck_assert_msg(tuple_hash_hosts(&other, &key) == hash, "%s",
		      siblings[_i].what);
}
END_TEST

START_TEST(a_host_that_speaks_to_itself_has_one_hash)
{
	struct tuple tuple = make_tuple("127.0.0.1", 3000, "127.0.0.1", 80);
	struct tuple reverse = tuple_reverse(&tuple);

	ck_assert(tuple_hash_hosts(&tuple, &key) ==
		  tuple_hash_hosts(&reverse, &key));
}
END_TEST

START_TEST(other_hosts_have_another_hash)
{
	struct tuple a = make_tuple("192.0.2.1", 1, "192.0.2.2", 2);
	struct tuple b = make_tuple("192.0.2.1", 1, "192.0.2.3", 2);

	ck_assert(tuple_hash_hosts(&a, &key) != tuple_hash_hosts(&b, &key));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("tuple");

	tcase_add_loop_test(tc, the_smaller_end_comes_first, 0, COUNT(orders));
	tcase_add_loop_test(tc, both_directions_have_one_canonical_form, 0,
			    COUNT(orders));
	tcase_add_loop_test(tc, the_reverse_of_the_reverse_is_the_tuple, 0,
			    COUNT(orders));
	tcase_add_loop_test(tc, each_field_makes_another_connection, 0,
			    COUNT(fields));
	tcase_add_test(tc, the_family_is_part_of_the_identity);
	tcase_add_test(tc, another_key_gives_another_hash);
	tcase_add_loop_test(tc, two_hosts_have_one_hash_for_all_they_say, 0,
			    COUNT(siblings));
	tcase_add_test(tc, a_host_that_speaks_to_itself_has_one_hash);
	tcase_add_test(tc, other_hosts_have_another_hash);
	return run_tests(tc, "tuple");
}
