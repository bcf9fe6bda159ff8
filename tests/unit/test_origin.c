/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a packet may come from: antispoofing and bogons.
 */
#include "engine/origin.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/ruleset.h"
#include "engine/zone.h"
#include "unit/run.h"

struct zone_case {
	const char *name; /* and interface */
	struct zone_guard guard;
	const char *networks[3];
};

static void add_zone(struct ruleset *rules, const struct zone_case *z)
{
	struct zone *zone = ruleset_add_zone(rules, z->name);

	ck_assert_ptr_nonnull(zone);
	ck_assert_int_eq(zone_add_interface(zone, z->name), 0);
	zone_set_guard(zone, &z->guard);
	for (int i = 0; i < 3 && z->networks[i]; i++) {
		struct addr_range range;

		ck_assert_int_eq(addr_range_parse(&range, z->networks[i]),
				 ADDR_RANGE_OK);
		ck_assert_int_eq(zone_add_network(zone, &range), 0);
	}
}

/* A gateway; every interface has the name of its zone. */
static struct ruleset *make_gateway(void)
{
	static const struct zone_case zones[] = {
		{ "wan", { true, true }, { NULL } },
		{ "lan",
		  { true, false },
		  { "10.1.0.0/16", "2001:db8:10::/48" } },
		{ "dmz", { true, false }, { "192.0.2.0/28" } },
		{ "guest", { false, false }, { "10.99.0.0/16" } },
	};
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	for (int i = 0; i < COUNT(zones); i++)
		add_zone(rules, &zones[i]);
	return rules;
}

static struct packet make_packet(enum hook hook, const char *indev,
				 const char *src)
{
	struct packet pkt = { .hook = hook };

	(void)snprintf(pkt.indev, sizeof(pkt.indev), "%s", indev);
	ck_assert_msg(addr_parse(&pkt.tuple.src, src) == 0, "%s", src);
	pkt.tuple.ipversion = strchr(src, ':') ? 6 : 4;
	pkt.tuple.ipproto = IPPROTO_TCP;
	return pkt;
}

static const struct {
	const char *what;
	const char *indev;
	const char *src;
	enum reason reason;
} cases[] = {
	/* clang-format off */
	{ "from behind its interface", "lan", "10.1.2.3", REASON_NONE },
	{ "the same, IPv6", "lan", "2001:db8:10::1", REASON_NONE },
	{ "from nowhere near", "lan", "8.8.8.8", REASON_ANTISPOOF },
	{ "the same, IPv6", "lan", "2a00::1", REASON_ANTISPOOF },
	{ "of another zone", "lan", "192.0.2.1", REASON_ANTISPOOF },
	{ "behind the uplink is the rest", "wan", "8.8.8.8", REASON_NONE },
	{ "which has IPv6", "wan", "2a00::1", REASON_NONE },
	{ "but not the inside", "wan", "10.1.2.3", REASON_ANTISPOOF },
	{ "nor its IPv6", "wan", "2001:db8:10::1", REASON_ANTISPOOF },
	{ "nor the dmz", "wan", "192.0.2.14", REASON_ANTISPOOF },
	{ "the first after the dmz", "wan", "192.0.2.16", REASON_BOGON },
	{ "a zone without antispoofing guards nothing", "guest", "8.8.8.8",
	  REASON_NONE },
	{ "and its networks are not kept from the uplink", "wan", "10.99.0.1",
	  REASON_BOGON },
	{ "an interface of no zone", "tun0", "10.1.2.3", REASON_NONE },
	{ "a host that has no address yet", "lan", "0.0.0.0", REASON_NONE },
	{ "the same, IPv6", "lan", "::", REASON_NONE },
	{ "an address of the link", "lan", "fe80::1", REASON_NONE },
	{ "the same at the uplink, where routers are", "wan", "fe80::1",
	  REASON_NONE },
	{ "bogons pass where they are not blocked", "dmz", "192.0.2.1",
	  REASON_NONE },
	{ "this machine, talking to itself", "lo", "192.0.2.1", REASON_NONE },
	/* clang-format on */
};

START_TEST(a_source_belongs_behind_its_interface)
{
	static const enum hook hooks[] = { HOOK_INPUT, HOOK_FORWARD };
	struct ruleset *rules = make_gateway();

	for (int i = 0; i < COUNT(hooks); i++) {
		struct packet pkt =
			make_packet(hooks[i], cases[_i].indev, cases[_i].src);
		enum reason reason = origin_fault(rules, &pkt);

		ck_assert_msg(reason == cases[_i].reason, "%s: %s",
			      cases[_i].what, reason_info[reason].name);
	}
	ruleset_destroy(rules);
}
END_TEST

START_TEST(what_this_machine_sends_is_not_asked)
{
	struct ruleset *rules = make_gateway();
	struct packet pkt = make_packet(HOOK_OUTPUT, "", "10.1.2.3");

	ck_assert_int_eq(origin_fault(rules, &pkt), REASON_NONE);
	ruleset_destroy(rules);
}
END_TEST

/* An interface of two zones is at home in the networks of both. */
START_TEST(zones_that_share_an_interface_share_their_networks)
{
	static const struct zone_case zones[] = {
		{ "net*", { true, false }, { "10.1.0.0/16" } },
		{ "net0", { true, false }, { "10.2.0.0/16" } },
	};
	struct ruleset *rules = ruleset_create();
	struct packet one = make_packet(HOOK_INPUT, "net0", "10.1.0.1");
	struct packet two = make_packet(HOOK_INPUT, "net0", "10.2.0.1");
	struct packet other = make_packet(HOOK_INPUT, "net1", "10.2.0.1");

	ck_assert_ptr_nonnull(rules);
	for (int i = 0; i < COUNT(zones); i++)
		add_zone(rules, &zones[i]);
	ck_assert_int_eq(origin_fault(rules, &one), REASON_NONE);
	ck_assert_int_eq(origin_fault(rules, &two), REASON_NONE);
	ck_assert_int_eq(origin_fault(rules, &other), REASON_ANTISPOOF);
	ruleset_destroy(rules);
}
END_TEST

/* The first and the last address of each network, and their neighbours. */
static const struct {
	const char *below; /* NULL: in another one */
	const char *first;
	const char *last;
	const char *above;
} networks[] = {
	{ NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0" },
	{ "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0" },
	{ "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0" },
	{ "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0" },
	{ "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0" },
	{ "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0" },
	{ "191.255.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.9" },
	{ "192.0.0.10", "192.0.0.11", "192.0.0.255", "192.0.1.0" },
	{ "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0" },
	{ "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0" },
	{ "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0" },
	{ "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0" },
	{ "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0" },
	{ "223.255.255.255", "240.0.0.0", "255.255.255.255", NULL },
	{ NULL, "::", "::1", "::2" },
	{ "64:ff9b::ffff:ffff",
	  "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff::", "64:ff9b:2::" },
	{ "ff:ffff::", "100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::" },
	{ "2001:1:ffff::", "2001:2::", "2001:2:0:ffff::", "2001:2:1::" },
	{ "2001:f:ffff::", "2001:10::", "2001:1f:ffff::", "2001:20::" },
	{ "2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::", "2001:db9::" },
	{ "3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::" },
	{ "5eff:ffff::", "5f00::", "5f00:ffff::", "5f01::" },
	{ "fbff:ffff::", "fc00::", "fdff:ffff::", "fe00::" },
	{ "fe7f:ffff::", "fe80::", "febf:ffff::", "fec0::" },
};

static bool is_bogon(const char *text)
{
	struct addr addr;

	ck_assert_msg(addr_parse(&addr, text) == 0, "%s", text);
	return origin_is_bogon(&addr, strchr(text, ':') ? 6 : 4);
}

START_TEST(bogons_begin_and_end_where_the_registries_say)
{
	const char *below = networks[_i].below;
	const char *above = networks[_i].above;

	ck_assert(is_bogon(networks[_i].first));
	ck_assert(is_bogon(networks[_i].last));
	if (below)
		ck_assert_msg(!is_bogon(below), "%s", below);
	if (above)
		ck_assert_msg(!is_bogon(above), "%s", above);
}
END_TEST

/* ::ffff:10.1.2.3 in an IPv6 packet has the octets of 10.1.2.3. */
START_TEST(one_family_does_not_vouch_for_the_other)
{
	struct ruleset *rules = make_gateway();
	struct packet pkt = make_packet(HOOK_INPUT, "lan", "10.1.2.3");

	pkt.tuple.ipversion = 6;
	ck_assert_int_eq(origin_fault(rules, &pkt), REASON_ANTISPOOF);
	ck_assert(origin_is_bogon(&pkt.tuple.src, 6));
	ck_assert_int_eq(addr_parse(&pkt.tuple.src, "8.8.8.8"), 0);
	ck_assert(origin_is_bogon(&pkt.tuple.src, 6));
	ck_assert(!origin_is_bogon(&pkt.tuple.src, 4));
	ruleset_destroy(rules);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("origin");

	tcase_add_loop_test(tc, a_source_belongs_behind_its_interface, 0,
			    COUNT(cases));
	tcase_add_test(tc, what_this_machine_sends_is_not_asked);
	tcase_add_test(tc, zones_that_share_an_interface_share_their_networks);
	tcase_add_test(tc, one_family_does_not_vouch_for_the_other);
	tcase_add_loop_test(tc, bogons_begin_and_end_where_the_registries_say,
			    0, COUNT(networks));
	return run_tests(tc, "origin");
}
