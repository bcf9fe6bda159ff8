/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of networks that come and go: what is found, how long, how much there
 * is room for, and that many may look while one changes.
 */
#include "engine/live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "unit/random.h"
#include "unit/run.h"

static const struct hash_key key = { 31, 37 };

static struct live_set *make_set(size_t max)
{
	struct live_set *set = live_create(max);

	ck_assert_ptr_nonnull(set);
	live_set_key(set, &key);
	return set;
}

static struct live_entry make_entry(const char *network, msec_t expires)
{
	struct live_entry entry = { .expires = expires };

	ck_assert_msg(prefix_parse(&entry.prefix, network) == 0, "%s", network);
	return entry;
}

static enum live_result add(struct live_set *set, const char *network,
			    msec_t expires, msec_t now)
{
	struct live_entry entry = make_entry(network, expires);

	return live_add(set, &entry, now);
}

static bool find(const struct live_set *set, const char *text, msec_t now)
{
	struct addr addr;

	ck_assert_msg(addr_parse(&addr, text) == 0, "%s", text);
	return live_find(set, &addr, now, NULL);
}

static const struct {
	const char *network;
	const char *addr;
	bool inside;
} cases[] = {
	{ "192.0.2.7/32", "192.0.2.7", true },
	{ "192.0.2.7/32", "192.0.2.6", false },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "2001:db8::/64", "2001:db8::ffff", true },
	{ "2001:db8::/64", "2001:db8:0:1::", false },
	{ "2001:db8::1/128", "2001:db8::1", true },
	{ "::/0", "2001:db8::1", true },
	/* IPv4 addresses live within IPv6 ones, and are none of them. */
	{ "::/0", "192.0.2.7", false },
	{ "::/64", "192.0.2.7", false },
	{ "2000::/3", "2001:db8::1", true },
};

START_TEST(a_network_holds_its_addresses)
{
	struct live_set *set = make_set(16);

	ck_assert_int_eq(add(set, cases[_i].network, 100, 0), LIVE_ADDED);
	ck_assert_msg(find(set, cases[_i].addr, 99) == cases[_i].inside,
		      "%s in %s", cases[_i].addr, cases[_i].network);
	live_destroy(set);
	live_destroy(NULL);
}
END_TEST

START_TEST(an_entry_ends_on_the_millisecond_swept_or_not)
{
	struct live_set *set = make_set(16);

	ck_assert_int_eq(add(set, "192.0.2.7", 100, 0), LIVE_ADDED);
	ck_assert(find(set, "192.0.2.7", 99));
	ck_assert(!find(set, "192.0.2.7", 100));
	ck_assert_uint_eq(live_count(set), 1);
	ck_assert_uint_eq(live_expire(set, 99), 0);
	ck_assert_uint_eq(live_expire(set, 100), 1);
	ck_assert_uint_eq(live_count(set), 0);
	live_destroy(set);
}
END_TEST

START_TEST(an_entry_may_be_for_ever)
{
	struct live_set *set = make_set(16);

	(void)add(set, "192.0.2.7", LIVE_FOREVER, 0);
	ck_assert(find(set, "192.0.2.7", INT64_MAX - 1));
	ck_assert_uint_eq(live_expire(set, INT64_MAX - 1), 0);
	live_destroy(set);
}
END_TEST

START_TEST(the_later_end_counts)
{
	struct live_set *set = make_set(16);

	ck_assert_int_eq(add(set, "192.0.2.7", 100, 0), LIVE_ADDED);
	ck_assert_int_eq(add(set, "192.0.2.7", 200, 50), LIVE_PROLONGED);
	ck_assert_int_eq(add(set, "192.0.2.7", 150, 60), LIVE_PROLONGED);
	ck_assert(find(set, "192.0.2.7", 199));
	ck_assert(!find(set, "192.0.2.7", 200));
	/* It is over, and comes anew. */
	ck_assert_int_eq(add(set, "192.0.2.7", 300, 250), LIVE_ADDED);
	ck_assert_uint_eq(live_count(set), 1);
	ck_assert(find(set, "192.0.2.7", 299));
	live_destroy(set);
}
END_TEST

START_TEST(what_is_removed_is_gone)
{
	struct live_set *set = make_set(16);
	struct live_entry entry = make_entry("192.0.2.0/24", 100);

	ck_assert(!live_remove(set, &entry.prefix));
	(void)live_add(set, &entry, 0);
	(void)add(set, "192.0.2.7", 100, 0);
	ck_assert(live_remove(set, &entry.prefix));
	ck_assert(!find(set, "192.0.2.8", 1));
	ck_assert(find(set, "192.0.2.7", 1));
	ck_assert_uint_eq(live_count(set), 1);
	live_clear(set);
	ck_assert_uint_eq(live_count(set), 0);
	ck_assert(!find(set, "192.0.2.7", 1));
	live_destroy(set);
}
END_TEST

START_TEST(the_longest_network_is_found)
{
	static const char *const networks[] = { "10.0.0.0/8", "10.1.0.0/16",
						"10.1.2.3/32", "0.0.0.0/0" };
	struct live_set *set = make_set(16);
	struct live_entry found;
	struct addr addr;

	for (int i = 0; i < COUNT(networks); i++)
		(void)add(set, networks[i], i == 2 ? 50 : 100, 0);
	ck_assert_int_eq(addr_parse(&addr, "10.1.2.3"), 0);
	ck_assert(live_find(set, &addr, 49, &found));
	ck_assert_uint_eq(found.prefix.len, 96 + 32);
	ck_assert_int_eq(found.expires, 50);
	/* One that is over does not hide the others. */
	ck_assert(live_find(set, &addr, 50, &found));
	ck_assert_uint_eq(found.prefix.len, 96 + 16);
	ck_assert_int_eq(found.expires, 100);
	live_destroy(set);
}
END_TEST

static struct live_entry number_entry(uint32_t number, msec_t expires)
{
	struct live_entry entry = make_entry("10.0.0.0", expires);

	for (int i = 0; i < 3; i++)
		entry.prefix.addr.bytes[13 + i] =
			(uint8_t)(number >> (16 - 8 * i));
	return entry;
}

static bool has_number(const struct live_set *set, uint32_t number, msec_t now)
{
	struct live_entry entry = number_entry(number, 0);

	return live_find(set, &entry.prefix.addr, now, NULL);
}

/* All of them: two buckets are never both full before the set is. */
START_TEST(there_is_room_for_as_many_as_were_asked_for)
{
	static const size_t sizes[] = { 1, 2, 7, 64, 1000, 65536 };
	size_t max = sizes[_i];
	struct live_set *set = make_set(max);
	struct live_entry entry;

	ck_assert_uint_eq(live_max(set), max);
	for (uint32_t i = 0; i < max; i++) {
		entry = number_entry(i, 100);
		ck_assert_int_eq(live_add(set, &entry, 0), LIVE_ADDED);
	}
	for (uint32_t i = 0; i < max; i++)
		ck_assert_msg(has_number(set, i, 1), "%u", i);
	entry = number_entry((uint32_t)max, 200);
	ck_assert_int_eq(live_add(set, &entry, 99), LIVE_FULL);
	ck_assert(!has_number(set, (uint32_t)max, 99));
	/* Those that are over make room by themselves. */
	ck_assert_int_eq(live_add(set, &entry, 100), LIVE_ADDED);
	ck_assert_uint_eq(live_count(set), 1);
	live_destroy(set);
}
END_TEST

START_TEST(a_copy_has_the_same_entries)
{
	struct live_set *from = make_set(100);
	struct live_set *to = live_create(50);
	struct live_entry entry;
	size_t cursor = 0;
	size_t count = 0;

	ck_assert_ptr_nonnull(to);
	for (uint32_t i = 0; i < 60; i++) {
		entry = number_entry(i, 100 + i);
		(void)live_add(from, &entry, 0);
	}
	ck_assert_uint_eq(live_copy(to, from), 10);
	ck_assert_uint_eq(live_count(to), 50);
	while (live_next(to, &cursor, 0, &entry)) {
		ck_assert(live_find(from, &entry.prefix.addr, 0, NULL));
		ck_assert_int_eq(entry.expires,
				 100 + entry.prefix.addr.bytes[15]);
		count++;
	}
	ck_assert_uint_eq(count, 50);
	live_destroy(from);
	live_destroy(to);
}
END_TEST

/* Many changes, against an array of what should be there. */
START_TEST(a_set_agrees_with_an_array)
{
	enum { NUMBERS = 300, MAX = 200 };
	struct live_set *set = make_set(MAX);
	msec_t ends[NUMBERS] = { 0 };
	uint64_t seed = (uint64_t)_i + 1;
	msec_t now = 1;

	for (int i = 0; i < 20000; i++) {
		uint32_t n = random_below(&seed, NUMBERS);
		struct live_entry entry = number_entry(
			n, now + 1 + (msec_t)random_below(&seed, 400));

		ck_assert(has_number(set, n, now) == (ends[n] > now));
		if (random_below(&seed, 4) == 0) {
			(void)live_remove(set, &entry.prefix);
			ends[n] = 0;
		} else if (live_add(set, &entry, now) != LIVE_FULL &&
			   entry.expires > ends[n]) {
			ends[n] = entry.expires;
		}
		now += random_below(&seed, 3);
	}
	ck_assert_uint_le(live_count(set), MAX);
	live_destroy(set);
}
END_TEST

/*
 * What threads look for: the even numbers are always there, and the odd ones
 * come and go in places that others had before; what is above was never added.
 */
enum { LOOKERS = 3, ROUNDS = 3000, EVEN_AND_ODD = 128, STRANGERS = 1 << 16 };

struct looking {
	struct live_set *set;
	_Atomic bool stop;
	_Atomic uint64_t looks;
	_Atomic uint64_t missed;   /* of those that are always there */
	_Atomic uint64_t phantoms; /* of those that never are */
};

static void *look(void *arg)
{
	struct looking *looking = arg;

	do {
		for (uint32_t i = 0; i < EVEN_AND_ODD; i += 2)
			if (!has_number(looking->set, i, 1))
				looking->missed++;
		for (uint32_t i = 0; i < EVEN_AND_ODD; i++)
			if (has_number(looking->set, STRANGERS + i, 1))
				looking->phantoms++;
		looking->looks++;
	} while (!looking->stop);
	return NULL;
}

static void change(struct live_set *set)
{
	uint64_t seed = 1;

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t n = 1 + 2 * random_below(&seed, EVEN_AND_ODD / 2);
		struct live_entry entry = number_entry(n, 1000);

		if (random_below(&seed, 2))
			(void)live_remove(set, &entry.prefix);
		else
			(void)live_add(set, &entry, 0);
		/* The ends of others move meanwhile. */
		entry = number_entry(n - 1, 1000 + i);
		ck_assert_int_eq(live_add(set, &entry, 0), LIVE_PROLONGED);
	}
}

START_TEST(many_look_while_one_changes)
{
	struct looking looking = { .set = make_set(EVEN_AND_ODD) };
	pthread_t threads[LOOKERS];

	for (uint32_t i = 0; i < EVEN_AND_ODD; i += 2) {
		struct live_entry entry = number_entry(i, 1000);

		ck_assert_int_eq(live_add(looking.set, &entry, 0), LIVE_ADDED);
	}
	for (int i = 0; i < LOOKERS; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, look, &looking), 0);
	change(looking.set);
	looking.stop = true;
	for (int i = 0; i < LOOKERS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_ge(looking.looks, LOOKERS);
	ck_assert_uint_eq(looking.missed, 0);
	ck_assert_uint_eq(looking.phantoms, 0);
	live_destroy(looking.set);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("live");

	/* A million entries, perhaps under a sanitizer. */
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, a_network_holds_its_addresses, 0, COUNT(cases));
	tcase_add_test(tc, an_entry_ends_on_the_millisecond_swept_or_not);
	tcase_add_test(tc, an_entry_may_be_for_ever);
	tcase_add_test(tc, the_later_end_counts);
	tcase_add_test(tc, what_is_removed_is_gone);
	tcase_add_test(tc, the_longest_network_is_found);
	tcase_add_loop_test(tc, there_is_room_for_as_many_as_were_asked_for, 0,
			    6);
	tcase_add_test(tc, a_copy_has_the_same_entries);
	tcase_add_loop_test(tc, a_set_agrees_with_an_array, 0, 3);
	tcase_add_test(tc, many_look_while_one_changes);
	return run_tests(tc, "live");
}
