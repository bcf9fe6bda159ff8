/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zones: which names of interfaces they take, and which packets come from them
 * and go to them.
 */
#include "engine/zone.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit/run.h"

static const struct {
	const char *pattern;
	int result;
} patterns[] = {
	{ "eth0", 0 },
	{ "eth*", 0 },
	{ "*", 0 },
	{ "br-lan.100", 0 },
	{ "fifteen-letters", 0 },
	{ "fifteen-letters*", 0 },
	{ "sixteen--letters", -EINVAL },
	{ "", -EINVAL },
	{ ".", -EINVAL },
	{ "..", -EINVAL },
	{ "a/b", -EINVAL },
	{ "eth0:1", -EINVAL },
	{ "e*h0", -EINVAL },
	{ "eth**", -EINVAL },
	{ "eth 0", -EINVAL },
	{ "eth\t0", -EINVAL },
	{ "eth\x7f", -EINVAL },
};

START_TEST(patterns_are_what_linux_allows_as_names)
{
	struct zone *zone = zone_create("z", ZONE_INTERFACES);

	ck_assert_ptr_nonnull(zone);
	ck_assert_msg(zone_add_interface(zone, patterns[_i].pattern) ==
			      patterns[_i].result,
		      "\"%s\"", patterns[_i].pattern);
	if (patterns[_i].result == 0)
		ck_assert_str_eq(zone_interface(zone, 0), patterns[_i].pattern);
	else
		ck_assert_ptr_null(zone_interface(zone, 0));
	zone_destroy(zone);
}
END_TEST

static const struct {
	const char *pattern;
	const char *name;
	bool matches;
} names[] = {
	{ "eth0", "eth0", true },
	{ "eth0", "eth1", false },
	{ "eth0", "eth01", false },
	{ "eth0", "eth", false },
	{ "eth*", "eth", true },
	{ "eth*", "eth0.100", true },
	{ "eth*", "et", false },
	{ "eth*", "veth0", false },
	{ "*", "eth0", true },
	/* A packet that has none comes from nowhere. */
	{ "*", "", false },
	{ "fifteen-letters*", "fifteen-letters", true },
};

static void set_names(struct packet *pkt, const char *indev, const char *outdev)
{
	memcpy(pkt->indev, indev, strlen(indev) + 1);
	memcpy(pkt->outdev, outdev, strlen(outdev) + 1);
}

START_TEST(a_star_at_the_end_stands_for_any_rest)
{
	struct zone *zone = zone_create("z", ZONE_INTERFACES);
	struct packet pkt = { .hook = HOOK_FORWARD };

	ck_assert_int_eq(zone_add_interface(zone, names[_i].pattern), 0);
	set_names(&pkt, names[_i].name, "other");
	ck_assert_msg(zone_is_source(zone, &pkt) == names[_i].matches,
		      "\"%s\" in \"%s\"", names[_i].name, names[_i].pattern);
	set_names(&pkt, "other", names[_i].name);
	ck_assert_msg(zone_is_destination(zone, &pkt) == names[_i].matches,
		      "\"%s\" in \"%s\"", names[_i].name, names[_i].pattern);
	zone_destroy(zone);
}
END_TEST

/* In each hook: what a packet from in0 to out0 comes from and goes to. */
static const struct {
	const char *what;
	enum hook hook;
	enum zone_kind kind;
	const char *interface;
	bool is_source;
	bool is_destination;
} hooks[] = {
	/* clang-format off */
	{ "to this machine: where from", HOOK_INPUT, ZONE_INTERFACES, "in0",
	  true, false },
	{ "to this machine: no way out", HOOK_INPUT, ZONE_INTERFACES, "out0",
	  false, false },
	{ "to this machine: self", HOOK_INPUT, ZONE_SELF, NULL, false, true },
	{ "through: where from", HOOK_FORWARD, ZONE_INTERFACES, "in0", true,
	  false },
	{ "through: where to", HOOK_FORWARD, ZONE_INTERFACES, "out0", false,
	  true },
	{ "through: self is no part", HOOK_FORWARD, ZONE_SELF, NULL, false,
	  false },
	{ "from this machine: no way in", HOOK_OUTPUT, ZONE_INTERFACES, "in0",
	  false, false },
	{ "from this machine: where to", HOOK_OUTPUT, ZONE_INTERFACES, "out0",
	  false, true },
	{ "from this machine: self", HOOK_OUTPUT, ZONE_SELF, NULL, true,
	  false },
	{ "any, to this machine", HOOK_INPUT, ZONE_ANY, NULL, true, true },
	{ "any, through", HOOK_FORWARD, ZONE_ANY, NULL, true, true },
	{ "any, from this machine", HOOK_OUTPUT, ZONE_ANY, NULL, true, true },
	/* clang-format on */
};

START_TEST(the_hook_says_which_end_is_this_machine)
{
	struct zone *zone = zone_create("z", hooks[_i].kind);
	struct packet pkt = { .hook = hooks[_i].hook };

	if (hooks[_i].interface)
		ck_assert_int_eq(zone_add_interface(zone, hooks[_i].interface),
				 0);
	set_names(&pkt, "in0", "out0");
	ck_assert_msg(zone_is_source(zone, &pkt) == hooks[_i].is_source, "%s",
		      hooks[_i].what);
	ck_assert_msg(zone_is_destination(zone, &pkt) ==
			      hooks[_i].is_destination,
		      "%s", hooks[_i].what);
	zone_destroy(zone);
}
END_TEST

START_TEST(any_of_many_interfaces_will_do)
{
	struct zone *zone = zone_create("z", ZONE_INTERFACES);
	struct packet pkt = { .hook = HOOK_FORWARD };
	char name[PACKET_IFNAME_LEN];

	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "eth%d", i);
		ck_assert_int_eq(zone_add_interface(zone, name), 0);
	}
	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "eth%d", i);
		ck_assert_str_eq(zone_interface(zone, (size_t)i), name);
		set_names(&pkt, name, "");
		ck_assert(zone_is_source(zone, &pkt));
	}
	set_names(&pkt, "eth50", "");
	ck_assert(!zone_is_source(zone, &pkt));
	ck_assert_ptr_null(zone_interface(zone, 50));
	zone_destroy(zone);
}
END_TEST

START_TEST(a_zone_without_interfaces_is_nowhere)
{
	struct zone *zone = zone_create("z", ZONE_INTERFACES);
	struct packet pkt = { .hook = HOOK_FORWARD };

	set_names(&pkt, "eth0", "eth1");
	ck_assert(!zone_is_source(zone, &pkt));
	ck_assert(!zone_is_destination(zone, &pkt));
	ck_assert_str_eq(zone_name(zone), "z");
	zone_destroy(zone);
	zone_destroy(NULL);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("zone");

	tcase_add_loop_test(tc, patterns_are_what_linux_allows_as_names, 0,
			    COUNT(patterns));
	tcase_add_loop_test(tc, a_star_at_the_end_stands_for_any_rest, 0,
			    COUNT(names));
	tcase_add_loop_test(tc, the_hook_says_which_end_is_this_machine, 0,
			    COUNT(hooks));
	tcase_add_test(tc, any_of_many_interfaces_will_do);
	tcase_add_test(tc, a_zone_without_interfaces_is_nowhere);
	return run_tests(tc, "zone");
}
