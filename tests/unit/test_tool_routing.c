/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From addresses to hook and interfaces, and what users write for it.
 */
#include "tool/routing.h"

#include <string.h>

#include "unit/run.h"

/* Options as on the command line; NULL: not given. */
struct words {
	const char *inside;
	const char *self;
	const char *arrival;
	const char *inside_if;
	const char *outside_if;
};

static const struct words nothing;
static const struct words gateway = { .inside = "10.1.0.0/16,2001:db8:1::/48" };
static const struct words named = {
	.inside = "10.1.0.0/16",
	.inside_if = "lan0",
	.outside_if = "wan0",
	.self = "10.1.0.1,192.0.2.1",
};
static const struct words host = { .self = "192.0.2.1", .arrival = "eth0" };
static const struct words addressed = { .self = "192.0.2.1" };
static const struct words arriving = { .arrival = "eth0" };
static const struct words bridge = { .arrival = "eth0", .outside_if = "eth1" };
static const struct words both = { .inside = "10.1.0.0/16", .arrival = "tap0" };

/* clang-format off */
static const struct {
	const char *what;
	const struct words *words;
	const char *src;
	const char *dst;
	enum hook hook;
	const char *indev;
	const char *outdev;
} cases[] = {
	{ "nothing is known", &nothing, "10.1.0.2", "192.0.2.9", HOOK_FORWARD,
	  "", "" },
	{ "from inside", &gateway, "10.1.0.2", "192.0.2.9", HOOK_FORWARD,
	  "inside", "outside" },
	{ "from outside", &gateway, "192.0.2.9", "10.1.0.2", HOOK_FORWARD,
	  "outside", "inside" },
	{ "from inside, IPv6", &gateway, "2001:db8:1::2", "2001:db8:2::1",
	  HOOK_FORWARD, "inside", "outside" },
	{ "from outside, IPv6", &gateway, "2001:db8:2::1", "2001:db8:1::2",
	  HOOK_FORWARD, "outside", "inside" },
	{ "the first address inside", &gateway, "10.1.0.0", "192.0.2.9",
	  HOOK_FORWARD, "inside", "outside" },
	{ "the last one", &gateway, "10.1.255.255", "192.0.2.9", HOOK_FORWARD,
	  "inside", "outside" },
	{ "the one behind it", &gateway, "10.2.0.0", "192.0.2.9", HOOK_FORWARD,
	  "outside", "inside" },
	{ "interfaces have names", &named, "10.1.0.2", "192.0.2.9",
	  HOOK_FORWARD, "lan0", "wan0" },
	{ "from inside to itself", &named, "10.1.0.2", "10.1.0.1", HOOK_INPUT,
	  "lan0", "" },
	{ "from inside to its outer side", &named, "10.1.0.2", "192.0.2.1",
	  HOOK_INPUT, "lan0", "" },
	{ "from outside to itself", &named, "192.0.2.9", "192.0.2.1",
	  HOOK_INPUT, "wan0", "" },
	{ "from itself to the inside", &named, "10.1.0.1", "10.1.0.2",
	  HOOK_OUTPUT, "", "lan0" },
	{ "from itself to the outside", &named, "10.1.0.1", "192.0.2.9",
	  HOOK_OUTPUT, "", "wan0" },
	{ "from itself to itself", &named, "10.1.0.1", "192.0.2.1", HOOK_OUTPUT,
	  "", "wan0" },
	{ "to a host", &host, "192.0.2.9", "192.0.2.1", HOOK_INPUT, "eth0",
	  "" },
	{ "from a host", &host, "192.0.2.1", "192.0.2.9", HOOK_OUTPUT, "",
	  "eth0" },
	{ "past a host", &host, "192.0.2.8", "192.0.2.9", HOOK_FORWARD, "eth0",
	  "" },
	{ "to an address alone", &addressed, "192.0.2.9", "192.0.2.1",
	  HOOK_INPUT, "", "" },
	{ "from an address alone", &addressed, "192.0.2.1", "192.0.2.9",
	  HOOK_OUTPUT, "", "" },
	{ "all arrive on one", &arriving, "192.0.2.9", "10.1.0.2", HOOK_FORWARD,
	  "eth0", "" },
	{ "and leave by another", &bridge, "192.0.2.9", "10.1.0.2",
	  HOOK_FORWARD, "eth0", "eth1" },
	{ "arrival is stronger than inside", &both, "10.1.0.2", "192.0.2.9",
	  HOOK_FORWARD, "tap0", "outside" },
};
/* clang-format on */

static void set_interface(char interface[PACKET_IFNAME_LEN], const char *name)
{
	char fault[ROUTING_FAULT_LEN];

	if (name)
		ck_assert(routing_set_interface(interface, name, fault));
}

static struct routing make_routing(const struct words *words)
{
	struct routing routing = { 0 };
	char fault[ROUTING_FAULT_LEN];

	if (words->inside)
		ck_assert(routing_add_inside(&routing, words->inside, fault));
	if (words->self)
		ck_assert(routing_add_self(&routing, words->self, fault));
	set_interface(routing.arrival, words->arrival);
	set_interface(routing.inside_if, words->inside_if);
	set_interface(routing.outside_if, words->outside_if);
	routing_set_defaults(&routing);
	return routing;
}

START_TEST(addresses_tell_which_way_a_packet_went)
{
	struct routing routing = make_routing(cases[_i].words);
	struct packet_meta meta = { .indev = "stale", .outdev = "stale" };
	struct addr src;
	struct addr dst;

	ck_assert_int_eq(addr_parse(&src, cases[_i].src), 0);
	ck_assert_int_eq(addr_parse(&dst, cases[_i].dst), 0);
	routing_apply(&routing, &src, &dst, &meta);
	ck_assert_msg(meta.hook == cases[_i].hook, "%s: %s", cases[_i].what,
		      hook_names[meta.hook]);
	ck_assert_msg(strcmp(meta.indev, cases[_i].indev) == 0, "%s: in %s",
		      cases[_i].what, meta.indev);
	ck_assert_msg(strcmp(meta.outdev, cases[_i].outdev) == 0, "%s: out %s",
		      cases[_i].what, meta.outdev);
}
END_TEST

static const struct {
	const char *what;
	const char *list;
	const char *fault; /* NULL: none */
} lists[] = {
	{ "an address is a network of one", "192.0.2.1", NULL },
	{ "both families", "10.0.0.0/8,2001:db8::/32", NULL },
	{ "everything", "0.0.0.0/0,::/0", NULL },
	{ "an address in a network", "10.0.0.1/8",
	  "\"10.0.0.1/8\" is an address in a network: write 10.0.0.0/8" },
	{ "the same in IPv6", "2001:db8::1/32",
	  "\"2001:db8::1/32\" is an address in a network: write 2001:db8::/32" },
	{ "a length too large", "10.0.0.0/33",
	  "the length of \"10.0.0.0/33\" is too large" },
	{ "nothing", "",
	  "\"\" is not a network: write one like 10.0.0.0/8 or 2001:db8::/32" },
	{ "nothing behind the comma", "10.0.0.0/8,",
	  "\"\" is not a network: write one like 10.0.0.0/8 or 2001:db8::/32" },
	{ "a name", "10.0.0.0/8,lan",
	  "\"lan\" is not a network: write one like 10.0.0.0/8 or 2001:db8::/32" },
	{ "a long word",
	  "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128 and far more",
	  "\"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128 and\" is not a "
	  "network: write one like 10.0.0.0/8 or 2001:db8::/32" },
};

START_TEST(lists_of_networks_are_understood_or_refused)
{
	struct routing routing = { 0 };
	char fault[ROUTING_FAULT_LEN] = "";
	bool ok = routing_add_inside(&routing, lists[_i].list, fault);

	ck_assert_msg(ok == !lists[_i].fault, "%s: %s", lists[_i].what, fault);
	if (!ok)
		ck_assert_str_eq(fault, lists[_i].fault);
}
END_TEST

START_TEST(lists_may_be_given_in_parts)
{
	struct routing routing = { 0 };
	char fault[ROUTING_FAULT_LEN];

	ck_assert(routing_add_inside(&routing, "10.0.0.0/8", fault));
	ck_assert(routing_add_inside(&routing, "10.1.0.0/16,::/0", fault));
	ck_assert_uint_eq(routing.inside_count, 3);
	ck_assert(routing_add_self(&routing, "10.0.0.1", fault));
	ck_assert(routing_add_self(&routing, "::1", fault));
	ck_assert_uint_eq(routing.self_count, 2);
}
END_TEST

START_TEST(lists_have_an_end)
{
	struct routing routing = { 0 };
	char fault[ROUTING_FAULT_LEN];

	for (int i = 0; i < ROUTING_MAX; i++) {
		ck_assert(routing_add_inside(&routing, "10.0.0.0/8", fault));
		ck_assert(routing_add_self(&routing, "10.0.0.1", fault));
	}
	ck_assert(!routing_add_inside(&routing, "10.0.0.0/8", fault));
	ck_assert_str_eq(fault, "these are more than 32 networks");
	ck_assert(!routing_add_self(&routing, "10.0.0.1", fault));
	ck_assert_str_eq(fault, "these are more than 32 addresses");
}
END_TEST

START_TEST(a_network_is_no_address_of_ones_own)
{
	struct routing routing = { 0 };
	char fault[ROUTING_FAULT_LEN];

	ck_assert(!routing_add_self(&routing, "192.0.2.0/24", fault));
	ck_assert_str_eq(fault, "\"192.0.2.0/24\" is not an address: write one "
				"like 192.0.2.1 or 2001:db8::1");
}
END_TEST

START_TEST(names_of_interfaces_fit_the_kernels)
{
	char interface[PACKET_IFNAME_LEN] = "eth0";
	char fault[ROUTING_FAULT_LEN];

	ck_assert(!routing_set_interface(interface, "", fault));
	ck_assert(!routing_set_interface(interface, "abcdefghijklmnop", fault));
	ck_assert_str_eq(interface, "eth0");
	ck_assert(routing_set_interface(interface, "abcdefghijklmno", fault));
	ck_assert_str_eq(interface, "abcdefghijklmno");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("routing");

	tcase_add_loop_test(tc, addresses_tell_which_way_a_packet_went, 0,
			    COUNT(cases));
	tcase_add_loop_test(tc, lists_of_networks_are_understood_or_refused, 0,
			    COUNT(lists));
	tcase_add_test(tc, lists_may_be_given_in_parts);
	tcase_add_test(tc, lists_have_an_end);
	tcase_add_test(tc, a_network_is_no_address_of_ones_own);
	tcase_add_test(tc, names_of_interfaces_fit_the_kernels);
	return run_tests(tc, "tool_routing");
}
