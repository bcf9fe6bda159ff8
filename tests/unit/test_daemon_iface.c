/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of interfaces: read from the kernel, believed for a second.
 */
#include "daemon/iface.h"

#include <net/if.h>

#include "unit/netns.h"
#include "unit/run.h"

enum { NOW = 5000, LO = 1, NO_SUCH = 77777 };

static struct iface_cache cache;

static void start(void)
{
	ck_assert_int_eq(iface_cache_init(&cache), 0);
}

static void stop(void)
{
	iface_cache_fini(&cache);
}

START_TEST(index_0_is_no_interface)
{
	ck_assert_str_eq(iface_name(&cache, 0, NOW), "");
}
END_TEST

START_TEST(an_index_without_an_interface_has_no_name)
{
	ck_assert_str_eq(iface_name(&cache, NO_SUCH, NOW), "");
	ck_assert_str_eq(iface_name(&cache, UINT32_MAX, NOW), "");
}
END_TEST

START_TEST(loopback_is_lo)
{
	ck_assert_str_eq(iface_name(&cache, LO, NOW), "lo");
	ck_assert_str_eq(iface_name(&cache, LO, NOW + 999), "lo");
}
END_TEST

/* Time may begin anywhere; an empty place is not an entry of then. */
START_TEST(a_fresh_cache_believes_nothing)
{
	ck_assert_str_eq(iface_name(&cache, LO, 0), "lo");
	ck_assert_str_eq(iface_name(&cache, NO_SUCH, 0), "");
}
END_TEST

START_TEST(interfaces_that_share_a_place_are_told_apart)
{
	for (int round = 0; round < 3; round++) {
		ck_assert_str_eq(iface_name(&cache, LO, NOW), "lo");
		ck_assert_str_eq(iface_name(&cache, LO + IFACE_CACHE_LEN, NOW),
				 "");
	}
}
END_TEST

static uint32_t add_interface(const char *command, const char *name)
{
	unsigned int index;

	netns_enter();
	/* The cache asks in the namespace that it was made in. */
	stop();
	start();
	netns_run(command);
	index = if_nametoindex(name);
	ck_assert_uint_gt(index, 0);
	return index;
}

START_TEST(a_new_name_is_noticed_after_a_second)
{
	uint32_t index = add_interface(
		"ip link add old0 type veth peer name peer0", "old0");

	ck_assert_str_eq(iface_name(&cache, index, NOW), "old0");
	netns_run("ip link set old0 name new0");
	ck_assert_str_eq(iface_name(&cache, index, NOW + 999), "old0");
	ck_assert_str_eq(iface_name(&cache, index, NOW + 1000), "new0");
}
END_TEST

START_TEST(an_interface_that_is_gone_loses_its_name)
{
	uint32_t index = add_interface(
		"ip link add veth0 type veth peer name peer0", "veth0");

	ck_assert_str_eq(iface_name(&cache, index, NOW), "veth0");
	netns_run("ip link delete veth0");
	ck_assert_str_eq(iface_name(&cache, index, NOW + 1000), "");
}
END_TEST

START_TEST(a_name_as_long_as_the_kernel_allows_comes_whole)
{
	uint32_t index = add_interface(
		"ip link add fifteen-letters type veth peer name peer0",
		"fifteen-letters");

	ck_assert_str_eq(iface_name(&cache, index, NOW), "fifteen-letters");
}
END_TEST

START_TEST(the_cache_asks_in_the_namespace_it_was_made_in)
{
	struct iface_cache inside;
	uint32_t index;

	netns_enter();
	ck_assert_int_eq(iface_cache_init(&inside), 0);
	netns_run("ip link add veth0 index 4242 type veth peer name peer0");
	index = if_nametoindex("veth0");
	ck_assert_str_eq(iface_name(&inside, index, NOW), "veth0");
	ck_assert_str_eq(iface_name(&cache, index, NOW), "");
	iface_cache_fini(&inside);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, index_0_is_no_interface);
	tcase_add_test(tc, an_index_without_an_interface_has_no_name);
	tcase_add_test(tc, loopback_is_lo);
	tcase_add_test(tc, a_fresh_cache_believes_nothing);
	tcase_add_test(tc, interfaces_that_share_a_place_are_told_apart);
	if (netns_is_permitted("test_daemon_iface")) {
		tcase_add_test(tc, a_new_name_is_noticed_after_a_second);
		tcase_add_test(tc, an_interface_that_is_gone_loses_its_name);
		tcase_add_test(tc,
			       a_name_as_long_as_the_kernel_allows_comes_whole);
		tcase_add_test(tc,
			       the_cache_asks_in_the_namespace_it_was_made_in);
	}
	return run_tests(tc, "daemon_iface");
}
