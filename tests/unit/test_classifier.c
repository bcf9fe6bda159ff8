/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index against its twin, the linear scan: random rules, random packets,
		if (rule != found[i])
			ck_abort_msg("policy %lu, packet %d: the index says "
				     "%u, the scan %u",
				     (unsigned long)number, i, rule, found[i]);
		if (i % MISSES_OF == 0)
			ck_assert_uint_eq(find_without_miss(rules, &packets[i]),
					  rule);
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/ruleset.h"
#include "engine/table.h"
#include "engine/zone.h"
#include "unit/random.h"
#include "unit/run.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { PACKETS = 200 };
#else
enum { PACKETS = 4000 };
#endif

enum { TEXT_LEN = 256, ITEMS_MAX = 4, POLICIES = 100, LOOPS = 40 };

/* One packet in so many is held against what is said of single rules. */
enum { MISSES_OF = 16 };

static const struct moment when = { .date = 1000 };
static const struct rule_options drops = { .action = ACTION_DROP };

static const char *const addresses[] = {
	"0.0.0.0/0",
	"10.0.0.0/8",
	"10.1.0.0/16",
	"10.1.2.0/24",
	"10.1.2.3",
	"10.1.2.4",
	"10.1.2.3-10.1.2.9",
	"192.0.2.0/24",
	"255.255.255.255",
	"0.0.0.0",
	"::/0",
	"2001:db8::/32",
	"2001:db8:1::/48",
	"2001:db8:1::7",
	"2001:db8:1::7-2001:db8:1::9",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"::",
	"<bad>",
	"<good>",
	"!10.1.2.3",
	"!<bad>",
	"!2001:db8::/32",
};

static const char *const ports[] = { "22",      "80",  "443",    "80-443",
				     "1-65535", "1",   "65535",  "1024-2048",
				     "53",      "!80", "!1-1023" };

static const char *const protos[] = { "tcp", "udp", "icmp", "47", "6",
				      "17",  "1",   "58",   "132" };
static const char *const services[] = { "tcp/22", "udp/53", "tcp/80",
					"tcp/1024-2048" };
static const char *const types[] = { "echo-request", "echo-reply", "3/4" };
static const char *const zones[] = { "any", "self", "lan", "wan", "all",
				     "z1",  "z2",   "z3",  "z4" };

/* What a rule may ask, of which pool, and how often it does: one time in N. */
static const struct {
	const char *key;
	const char *const *pool;
	int count;
	unsigned int seldom;
} conditions[] = {
	{ "from", zones, COUNT(zones), 2 },
	{ "to", zones, COUNT(zones), 2 },
	{ "proto", protos, COUNT(protos), 3 },
	{ "src", addresses, COUNT(addresses), 2 },
	{ "dst", addresses, COUNT(addresses), 2 },
	{ "sport", ports, COUNT(ports), 9 },
	{ "dport", ports, COUNT(ports), 3 },
	{ "icmp_type", types, COUNT(types), 9 },
	{ "service", services, COUNT(services), 6 },
};

static void add_condition(struct ruleset *rules, struct rule *rule, int which,
			  uint64_t *seed)
{
	const struct match_type *type = match_type_find(conditions[which].key);
	unsigned int items =
		1 + (unsigned int)random_below(
			    seed, random_below(seed, 2) ? 1 : ITEMS_MAX);
	struct match_fault fault;
	char text[TEXT_LEN] = "";

	for (unsigned int i = 0; i < items; i++) {
		const char *item = conditions[which].pool[random_below(
			seed, (uint32_t)conditions[which].count)];
		size_t len = strlen(text);

		(void)snprintf(text + len, sizeof(text) - len, "%s%s",
			       i > 0 ? "," : "", item);
	}
	ck_assert_msg(ruleset_add_match(rules, rule, type, text, &fault),
		      "%s = %s", conditions[which].key, text);
}

static void add_zone(struct ruleset *rules, const char *name,
		     const char *interface)
{
	struct zone *zone = ruleset_add_zone(rules, name);

	ck_assert_ptr_nonnull(zone);
	ck_assert_int_eq(zone_add_interface(zone, interface), 0);
}

static void add_table(struct ruleset *rules, const char *name,
		      const char *const networks[3])
{
	struct table *table = ruleset_add_table(rules, name);
	struct addr_range range;

	ck_assert_ptr_nonnull(table);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(addr_range_parse(&range, networks[i]),
				 ADDR_RANGE_OK);
		ck_assert_int_eq(table_add(table, &range), 0);
	}
	ck_assert_int_eq(table_seal(table), 0);
}

/*
 * Rules that are over, that will be, and that stay; and whose schedule has that
 * time, a Thursday, or not.
 */
static const struct rule_options ends[] = {
	{ .action = ACTION_DROP },
	{ .action = ACTION_DROP },
	{ .action = ACTION_DROP, .expires = 1000 },
	{ .action = ACTION_DROP, .expires = 1001 },
	{ .action = ACTION_DROP, .schedule = { .days = 0x08 } },
	{ .action = ACTION_DROP, .schedule = { .days = 0x77 } },
};

static struct ruleset *random_rules(size_t count, uint64_t *seed)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	add_zone(rules, "lan", "lan*");
	add_zone(rules, "wan", "wan0");
	/* An interface that is in several zones. */
	for (int i = 4; i < COUNT(zones); i++)
		add_zone(rules, zones[i], "*");
	add_table(rules, "bad",
		  (const char *const[3]){ "10.1.0.0/16", "192.0.2.7",
					  "2001:db8:1::/48" });
	add_table(rules, "good",
		  (const char *const[3]){ "10.1.2.0/25", "255.255.255.255",
					  "::" });
	for (size_t i = 0; i < count; i++) {
		struct rule *rule = ruleset_add_rule(
			rules, "r", &ends[random_below(seed, COUNT(ends))]);

		for (int j = 0; j < COUNT(conditions); j++)
			if (random_below(seed, conditions[j].seldom) == 0)
				add_condition(rules, rule, j, seed);
	}
	return rules;
}

/* Of IPv6 also one that looks like an IPv4 address, and is none. */
static struct addr random_addr(uint64_t *seed, uint8_t version)
{
	static const char *const pool[2][8] = {
		{ "10.1.2.3", "10.1.2.4", "10.1.2.9", "10.1.3.1", "192.0.2.7",
		  "255.255.255.255", "0.0.0.0", "203.0.113.9" },
		{ "2001:db8:1::7", "2001:db8:1::9", "2001:db8:1::a",
		  "2001:db8:2::1", "::", "10.1.2.3",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::1" },
	};
	const char *text = pool[version == 6][random_below(seed, 8)];
	struct addr addr;

	/* Each ck_assert() that holds is a message to the parent. */
	if (addr_parse(&addr, text) != 0)
		ck_abort_msg("%s", text);
	return addr;
}

static struct packet random_packet(uint64_t *seed)
{
	static const char names[][PACKET_IFNAME_LEN] = { "", "lan0", "lan1",
							 "wan0", "wan00" };
	static const uint8_t numbers[] = { IPPROTO_TCP,  IPPROTO_UDP,
					   IPPROTO_ICMP, IPPROTO_ICMPV6,
					   IPPROTO_GRE,  IPPROTO_SCTP,
					   IPPROTO_IP };
	static const uint16_t values[] = { 1,    22,   53,   79,    80,
					   81,   443,  444,  1023,  1024,
					   2048, 2049, 8080, 65534, 65535 };
	struct packet pkt = { .hook = (enum hook)random_below(seed,
							      HOOK_COUNT) };

	pkt.tuple.ipversion = random_below(seed, 2) ? 6 : 4;
	pkt.tuple.src = random_addr(seed, pkt.tuple.ipversion);
	pkt.tuple.dst = random_addr(seed, pkt.tuple.ipversion);
	pkt.tuple.ipproto = numbers[random_below(seed, COUNT(numbers))];
	memcpy(pkt.indev, names[random_below(seed, COUNT(names))],
	       sizeof(pkt.indev));
	memcpy(pkt.outdev, names[random_below(seed, COUNT(names))],
	       sizeof(pkt.outdev));
	pkt.tuple.sport = values[random_below(seed, COUNT(values))];
	pkt.tuple.dport = values[random_below(seed, COUNT(values))];
	pkt.has_ports = pkt.tuple.ipproto == IPPROTO_TCP ||
			pkt.tuple.ipproto == IPPROTO_UDP;
	pkt.icmp.type = (uint8_t)(random_below(seed, 2) ? 8 : 3);
	pkt.icmp.code = 4;
	return pkt;
}

/* The first rule that nothing is said against. */
static uint32_t find_without_miss(const struct ruleset *rules,
				  const struct packet *pkt)
{
	for (uint32_t i = 0; i < ruleset_rule_count(rules); i++) {
		struct rule_miss miss;

		if (!rule_misses(ruleset_rule(rules, i), pkt, when, &miss))
			return i;
		if (miss.type && miss.type->test(miss.match, pkt, when.now))
			ck_abort_msg("rule %u does not miss", i);
	}
	return RULE_NONE;
}

static const size_t sizes[] = { 0, 1, 2, 7, 30, 63, 64, 65, 128, 200 };

static void compare(size_t size, uint64_t number)
{
	static struct packet packets[PACKETS];
	static uint32_t found[PACKETS];
	uint64_t seed = number + 1;
	struct ruleset *rules = random_rules(size, &seed);

	for (int i = 0; i < PACKETS; i++) {
		packets[i] = random_packet(&seed);
		found[i] = ruleset_classify(rules, &packets[i], when).rule;
	}
	ck_assert(ruleset_index(rules));
	for (int i = 0; i < PACKETS; i++) {
		uint32_t rule = ruleset_classify(rules, &packets[i], when).rule;

		if (rule != found[i])
			ck_abort_msg("policy %lu, packet %d: the index says "
				     "%u, the scan %u",
				     (unsigned long)number, i, rule, found[i]);
		if (i % MISSES_OF == 0 &&
		    find_without_miss(rules, &packets[i]) != rule)
			ck_abort_msg("policy %lu, packet %d: rule %u misses",
				     (unsigned long)number, i, rule);
	}
	ruleset_destroy(rules);
}

START_TEST(the_index_finds_what_the_scan_finds)
{
	for (int i = 0; i < POLICIES; i++) {
		uint64_t number = (uint64_t)_i * POLICIES + (uint64_t)i;

		compare(sizes[number % COUNT(sizes)], number);
	}
}
END_TEST

/* Each has a network and a port of its own, as in the lists of large sites. */
static struct ruleset *many_rules(size_t count)
{
	struct ruleset *rules = ruleset_create();
	struct match_fault fault;
	char text[TEXT_LEN];

	for (size_t i = 0; i < count; i++) {
		struct rule *rule = ruleset_add_rule(rules, "r", &drops);

		(void)snprintf(text, sizeof(text), "10.%zu.%zu.0/24",
			       i / 256 % 256, i % 256);
		ck_assert(ruleset_add_match(rules, rule, match_type_find("dst"),
					    text, &fault));
		(void)snprintf(text, sizeof(text), "%zu", 1 + i % 7);
		ck_assert(ruleset_add_match(
			rules, rule, match_type_find("dport"), text, &fault));
	}
	return rules;
}

START_TEST(ten_thousand_rules_are_told_apart)
{
	enum { MANY = 10000 };
	struct ruleset *rules = many_rules(MANY);
	struct packet pkt = { .hook = HOOK_FORWARD, .has_ports = true };

	ck_assert(ruleset_index(rules));
	pkt.tuple.ipversion = 4;
	pkt.tuple.ipproto = IPPROTO_TCP;
	for (uint32_t i = 0; i < MANY; i++) {
		const uint8_t octets[4] = { 10, (uint8_t)(i / 256), (uint8_t)i,
					    77 };

		pkt.tuple.dst = addr_from_ipv4(octets);
		pkt.tuple.dport = (uint16_t)(1 + i % 7);
		ck_assert_uint_eq(ruleset_classify(rules, &pkt, when).rule, i);
		pkt.tuple.dport = 8;
		ck_assert_uint_eq(ruleset_classify(rules, &pkt, when).rule,
				  RULE_NONE);
	}
	ruleset_destroy(rules);
}
END_TEST

/* More zones than the index tells apart. */
START_TEST(every_zone_has_its_rule)
{
	enum { MANY = 100 };
	struct ruleset *rules = ruleset_create();
	struct packet pkt = { .hook = HOOK_FORWARD, .tuple.ipversion = 4 };
	struct match_fault fault;
	char text[TEXT_LEN];

	for (uint32_t i = 0; i < MANY; i++) {
		struct rule *rule = ruleset_add_rule(rules, "r", &drops);

		(void)snprintf(text, sizeof(text), "z%u", i);
		add_zone(rules, text, text);
		ck_assert(ruleset_add_match(
			rules, rule, match_type_find("from"), text, &fault));
	}
	ck_assert(ruleset_index(rules));
	for (uint32_t i = 0; i < MANY; i++) {
		(void)snprintf(pkt.indev, sizeof(pkt.indev), "z%u", i);
		ck_assert_uint_eq(ruleset_classify(rules, &pkt, when).rule, i);
	}
	ruleset_destroy(rules);
}
END_TEST

/* Nested ranges: each value is in a great many of them. */
START_TEST(nested_ranges_are_told_apart)
{
	enum { MANY = 20000 };
	struct ruleset *rules = ruleset_create();
	struct packet pkt = { .hook = HOOK_FORWARD };
	struct match_fault fault;
	char text[TEXT_LEN];

	for (uint32_t i = 0; i < MANY; i++) {
		struct rule *rule = ruleset_add_rule(rules, "r", &drops);

		(void)snprintf(text, sizeof(text), "10.0.%u.%u-10.255.%u.%u",
			       i / 256, i % 256, i / 256, i % 256);
		ck_assert(ruleset_add_match(rules, rule, match_type_find("src"),
					    text, &fault));
	}
	ck_assert(ruleset_index(rules));
	pkt.tuple.ipversion = 4;
	ck_assert_int_eq(addr_parse(&pkt.tuple.src, "10.255.70.0"), 0);
	ck_assert_uint_eq(ruleset_classify(rules, &pkt, when).rule, 70 * 256);
	ruleset_destroy(rules);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("classifier");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, the_index_finds_what_the_scan_finds, 0, LOOPS);
	tcase_add_test(tc, ten_thousand_rules_are_told_apart);
	tcase_add_test(tc, nested_ranges_are_told_apart);
	tcase_add_test(tc, every_zone_has_its_rule);
	return run_tests(tc, "classifier");
}
