/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules with their options: what is refused, what is filled in, and what is
 * handed down when the rules change.
 */
#include "engine/rule.h"

#include <stdlib.h>
#include <string.h>

#include "engine/live.h"
#include "engine/match.h"
#include "engine/ruleset.h"
#include "engine/ruleset_state.h"
#include "engine/table.h"
#include "unit/run.h"

enum { SECOND = 1000 };

static struct table *add_table(struct ruleset *rules, const char *name,
			       const struct table_options *options)
{
	struct table *table = ruleset_add_table(rules, name);

	ck_assert_ptr_nonnull(table);
	ck_assert_int_eq(table_seal(table), 0);
	ck_assert_int_eq(table_set_options(table, options), 0);
	return table;
}

/* Which table the limit fills, beside what is in the row. */
enum filled { NOTHING, A_DYNAMIC_TABLE, A_STATIC_TABLE };

#define PER_SECOND(n)                                                         \
	{                                                                     \
		.unit = LIMIT_NEW, .rate = {.amount = (n), .period = SECOND } \
	}

static const struct {
	const char *what;
	struct rule_options options;
	enum filled filled;
	const char *hint; /* a word of it; NULL: there is no fault */
} cases[] = {
	/* clang-format off */
	{ "the plainest", { 0 }, NOTHING, NULL },
	{ "a limit", { .limit = PER_SECOND(1) }, NOTHING, NULL },
	{ "none at all", { .limit = PER_SECOND(0) }, NOTHING, "amount" },
	{ "too much", { .limit = PER_SECOND(LIMIT_AMOUNT_MAX + 1) }, NOTHING,
	  "amount" },
	{ "in no time", { .limit = { .unit = LIMIT_NEW, .rate.amount = 1 } },
	  NOTHING, "period" },
	{ "in more than a week",
	  { .limit = { .unit = LIMIT_NEW,
		       .rate = { 1, 0, LIMIT_PERIOD_MAX + 1U } } },
	  NOTHING, "week" },
	{ "never full again",
	  { .limit = { .unit = LIMIT_NEW,
		       .rate = { 1, 1000, LIMIT_PERIOD_MAX } } },
	  NOTHING, "burst" },
	{ "a long prefix",
	  { .limit = { .unit = LIMIT_NEW, .rate = { 1, 0, 1 },
		       .prefix_ipv4 = 33 } },
	  NOTHING, "32" },
	{ "a longer one",
	  { .limit = { .unit = LIMIT_NEW, .rate = { 1, 0, 1 },
		       .prefix_ipv6 = 129 } },
	  NOTHING, "128" },
	{ "a table for sources",
	  { .limit = { .unit = LIMIT_NEW, .rate = { 1, 0, 1 },
		       .scope = LIMIT_SOURCE, .kill = true } },
	  A_DYNAMIC_TABLE, NULL },
	{ "a table that cannot be filled",
	  { .limit = { .unit = LIMIT_NEW, .rate = { 1, 0, 1 },
		       .scope = LIMIT_SOURCE } },
	  A_STATIC_TABLE, "dynamic" },
	{ "a table for all that the rule matches",
	  { .limit = PER_SECOND(1) }, A_DYNAMIC_TABLE, "per source" },
	{ "a table for destinations",
	  { .limit = { .unit = LIMIT_NEW, .rate = { 1, 0, 1 },
		       .scope = LIMIT_DESTINATION } },
	  A_DYNAMIC_TABLE, "per source" },
	{ "a table without a limit", { 0 }, A_DYNAMIC_TABLE, "without" },
	{ "closing without a table",
	  { .limit = { .unit = LIMIT_NEW, .rate = { 1, 0, 1 },
		       .scope = LIMIT_SOURCE, .kill = true } },
	  NOTHING, "table" },
	{ "a negative timeout", { .timeouts[TIMEOUT_ICMP] = -1 }, NOTHING,
	  "negative" },
	{ "a date before all", { .expires = -1 }, NOTHING, "1970" },
	{ "watching what decides nothing",
	  { .continues = true, .audit = true }, NOTHING, "audit" },
	/* clang-format on */
};

START_TEST(a_fault_in_options_is_a_sentence)
{
	const struct table_options dynamic = { .dynamic = true };
	const struct table_options plain = { 0 };
	struct ruleset *rules = ruleset_create();
	struct rule_options options = cases[_i].options;
	const struct table *tables[] = {
		[NOTHING] = NULL,
		[A_DYNAMIC_TABLE] = add_table(rules, "d", &dynamic),
		[A_STATIC_TABLE] = add_table(rules, "s", &plain),
	};
	const char *fault;

	options.limit.overload = tables[cases[_i].filled];
	fault = rule_options_fault(&options);
	if (cases[_i].hint)
		ck_assert_msg(fault && strstr(fault, cases[_i].hint), "%s: %s",
			      cases[_i].what, fault ? fault : "no fault");
	else
		ck_assert_msg(!fault, "%s: %s", cases[_i].what, fault);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(what_is_left_out_is_as_usual)
{
	struct ruleset *rules = ruleset_create();
	const struct rule_options options = {
		.action = ACTION_DROP,
		.continues = true,
		.limit = { .unit = LIMIT_NEW, .rate = { 5, 0, SECOND } },
	};
	const struct rule_options *filled =
		rule_options(ruleset_add_rule(rules, "r", &options));

	ck_assert_uint_eq(filled->limit.prefix_ipv4, 32);
	ck_assert_uint_eq(filled->limit.prefix_ipv6, 64);
	ck_assert_uint_eq(filled->limit.rate.burst, 5);
	/* A rule that continues has no other action. */
	ck_assert_int_eq(filled->action, ACTION_ACCEPT);
	ruleset_destroy(rules);
}
END_TEST

static const struct {
	struct rule_options options;
	unsigned int uses;
} uses[] = {
	{ { 0 }, 0 },
	{ { .limit = PER_SECOND(1) }, 0 },
	{ { .limit = { .unit = LIMIT_PACKETS, .rate = { 1, 0, 1 } } },
	  RULESET_METERS },
	{ { .limit = { .unit = LIMIT_BYTES, .rate = { 1, 0, 1 } } },
	  RULESET_METERS },
	{ { .max = 1 }, RULESET_COUNTS },
	{ { .max_per_source = 1 }, RULESET_COUNTS },
	{ { .tracking = TRACKING_NONE }, RULESET_STATELESS },
	{ { .timeouts[TIMEOUT_ICMP] = 1 }, RULESET_TIMEOUTS },
};

START_TEST(a_rule_set_knows_what_its_rules_make_use_of)
{
	struct ruleset *rules = ruleset_create();
	struct rule *rule = ruleset_add_rule(
		rules, "r", &(struct rule_options){ .action = ACTION_DROP });

	ck_assert_uint_eq(ruleset_uses(rules), 0);
	ruleset_set_rule_options(rules, rule, &uses[_i].options);
	ck_assert_uint_eq(ruleset_uses(rules), uses[_i].uses);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(the_id_of_a_rule_is_its_name)
{
	const struct rule_options options = { 0 };
	struct ruleset *one = ruleset_create();
	struct ruleset *two = ruleset_create();
	uint64_t id = rule_id(ruleset_add_rule(one, "web", &options));

	(void)ruleset_add_rule(two, "mail", &options);
	ck_assert_uint_eq(rule_id(ruleset_add_rule(two, "web", &options)), id);
	ck_assert_uint_ne(rule_id(ruleset_rule(two, 0)), id);
	ruleset_destroy(one);
	ruleset_destroy(two);
}
END_TEST

/* A rule that refuses by its tables says so. */
static const struct {
	const char *src;
	enum reason reason;
} by_tables[] = {
	{ "<t>", REASON_TABLE },
	{ "<t>,<u>", REASON_TABLE },
	{ "<t>,!192.0.2.2", REASON_TABLE },
	{ "<t>,192.0.2.0/24", REASON_RULE },
	{ "192.0.2.1", REASON_RULE },
	{ "!<u>", REASON_RULE },
};

START_TEST(a_refusal_by_tables_has_a_reason_of_its_own)
{
	const struct rule_options drops = { .action = ACTION_DROP };
	struct packet pkt = { .tuple.ipversion = 4 };
	struct ruleset *rules = ruleset_create();
	struct table *table = ruleset_add_table(rules, "t");
	struct table *other = ruleset_add_table(rules, "u");
	struct addr_range range;
	struct match_fault fault;
	struct verdict verdict;

	ck_assert_int_eq(addr_parse(&pkt.tuple.src, "192.0.2.1"), 0);
	ck_assert_int_eq(addr_range_parse(&range, "192.0.2.1"), ADDR_RANGE_OK);
	ck_assert_int_eq(table_add(table, &range), 0);
	ck_assert_int_eq(table_seal(table), 0);
	ck_assert_int_eq(table_seal(other), 0);
	ck_assert(ruleset_add_match(rules, ruleset_add_rule(rules, "r", &drops),
				    match_type_find("src"), by_tables[_i].src,
				    &fault));
	verdict = ruleset_classify(rules, &pkt, (struct moment){ 0 });
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_msg(verdict.reason == by_tables[_i].reason, "%s: %s",
		      by_tables[_i].src, reason_info[verdict.reason].name);
	ruleset_destroy(rules);
}
END_TEST

/* Live sets, when the rules change. */

static struct ruleset *rules_with_table(const char *name, size_t max_entries)
{
	const struct table_options options = { .dynamic = true,
					       .max_entries = max_entries };
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	(void)add_table(rules, name, &options);
	ruleset_set_key(rules, &(struct hash_key){ 1, 2 });
	return rules;
}

static const struct {
	const char *name;
	size_t max_entries;
	size_t count; /* of two entries */
} heirs[] = {
	{ "bans", 16, 2 },
	{ "bans", 32, 2 },
	{ "bans", 1, 1 },
	{ "other", 16, 0 },
};

START_TEST(a_table_hands_down_its_entries_by_name)
{
	struct ruleset *from = rules_with_table("bans", 16);
	struct ruleset *to =
		rules_with_table(heirs[_i].name, heirs[_i].max_entries);
	struct live_set *live = table_live(ruleset_table_at(from, 0));
	struct live_entry entry = { .expires = 1000 };
	struct rule_heir *map = ruleset_map(from, to);

	ck_assert_ptr_nonnull(map);
	for (uint8_t i = 1; i <= 2; i++) {
		entry.prefix.addr.bytes[0] = i;
		entry.prefix.len = 128;
		ck_assert_int_eq(live_add(live, &entry, 0), LIVE_ADDED);
	}
	ruleset_inherit(to, from, map);
	/* Those who still have the old rules find what they found. */
	ck_assert_uint_eq(live_count(table_live(ruleset_table_at(from, 0))), 2);
	ruleset_destroy(from);
	live = table_live(ruleset_table_at(to, 0));
	ck_assert_uint_eq(live_count(live), heirs[_i].count);
	ck_assert_uint_eq(live_max(live), heirs[_i].max_entries);
	if (heirs[_i].count == 2)
		ck_assert(live_find(live, &entry.prefix.addr, 0, NULL));
	ruleset_destroy(to);
	free(map);
}
END_TEST

START_TEST(a_table_that_is_not_dynamic_any_more_has_no_live_set)
{
	struct ruleset *from = rules_with_table("bans", 16);
	struct ruleset *to = ruleset_create();
	struct rule_heir *map = ruleset_map(from, to);

	ck_assert_ptr_nonnull(map);
	(void)add_table(to, "bans", &(struct table_options){ 0 });
	ruleset_inherit(to, from, map);
	ruleset_destroy(from);
	ck_assert_ptr_null(table_live(ruleset_table_at(to, 0)));
	ruleset_destroy(to);
	free(map);
}
END_TEST

START_TEST(rules_hand_down_what_they_count_by_name)
{
	const struct rule_options counts = { .max = 1 };
	const struct rule_options plain = { 0 };
	struct ruleset *from = ruleset_create();
	struct ruleset *to = ruleset_create();
	const struct rule_state *state;
	struct rule_heir *map;

	(void)ruleset_add_rule(from, "gone", &counts);
	(void)ruleset_add_rule(from, "counted", &counts);
	(void)ruleset_add_rule(from, "plain", &plain);
	(void)ruleset_add_rule(to, "new", &counts);
	(void)ruleset_add_rule(to, "plain", &counts);
	(void)ruleset_add_rule(to, "counted", &counts);
	state = ruleset_rule(from, 1)->state;
	map = ruleset_map(from, to);
	ck_assert_ptr_nonnull(map);
	ruleset_inherit(to, from, map);
	ck_assert_uint_eq(map[0].rule, RULE_NONE);
	ck_assert_uint_eq(map[1].rule, 2);
	ck_assert(map[1].counts_max);
	ck_assert_uint_eq(map[2].rule, 1);
	ck_assert(!map[2].counts_max);
	ck_assert_ptr_eq(ruleset_rule(to, 2)->state, state);
	ck_assert_ptr_eq(ruleset_rule(from, 1)->state, state);
	ruleset_destroy(from);
	ruleset_destroy(to);
	free(map);
}
END_TEST

static const struct {
	const char *network;
	bool is_spared;
} spared[] = {
	{ "192.0.2.77", true },    { "192.0.2.0/24", true },
	{ "192.0.2.76", false },   { "192.0.2.78", false },
	{ "0.0.0.0/0", true },     { "2001:db8:7::1", true },
	{ "2001:db8:8::", false },
};

START_TEST(what_must_never_be_blocked_spares_its_networks)
{
	static const char *const friends[] = { "192.0.2.77",
					       "2001:db8:7::/48" };
	struct ruleset *rules = ruleset_create();
	struct table *table = ruleset_add_table(rules, "friends");
	struct table *other = ruleset_add_table(rules, "other");
	struct addr_range range;
	struct prefix prefix;

	for (int i = 0; i < COUNT(friends); i++) {
		ck_assert_int_eq(addr_range_parse(&range, friends[i]),
				 ADDR_RANGE_OK);
		ck_assert_int_eq(table_add(table, &range), 0);
	}
	ck_assert_int_eq(addr_range_parse(&range, "192.0.2.78"), ADDR_RANGE_OK);
	ck_assert_int_eq(table_add(other, &range), 0);
	ck_assert_int_eq(table_seal(table), 0);
	ck_assert_int_eq(table_seal(other), 0);
	ck_assert_int_eq(table_set_options(table,
					   &(struct table_options){
						   .never_block = true }),
			 0);
	ck_assert_int_eq(prefix_parse(&prefix, spared[_i].network), 0);
	ck_assert_msg(ruleset_never_blocks(rules, &prefix) ==
			      spared[_i].is_spared,
		      "%s", spared[_i].network);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(rules_forget_what_packets_have_changed)
{
	const struct rule_options options = { .limit = PER_SECOND(1),
					      .max = 5 };
	struct ruleset *rules = rules_with_table("bans", 16);
	struct live_set *live = table_live(ruleset_table_at(rules, 0));
	const struct live_entry entry = { .expires = LIVE_FOREVER };
	struct rule *rule = ruleset_add_rule(rules, "r", &options);
	const struct rate *rate = &rule->options.limit.rate;

	ck_assert_int_eq(live_add(live, &entry, 0), LIVE_ADDED);
	ck_assert(rate_take(&rule->state->bucket, rate, 1, SECOND));
	rule->state->conns = 5;
	ck_assert(rate_lacks(&rule->state->bucket, rate, 1, SECOND));
	ruleset_forget(rules);
	ck_assert(!rate_lacks(&rule->state->bucket, rate, 1, SECOND));
	ck_assert_uint_eq(rule->state->conns, 0);
	ck_assert_uint_eq(live_count(live), 0);
	ruleset_destroy(rules);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("rule");

	tcase_add_loop_test(tc, a_fault_in_options_is_a_sentence, 0,
			    COUNT(cases));
	tcase_add_test(tc, what_is_left_out_is_as_usual);
	tcase_add_loop_test(tc, a_rule_set_knows_what_its_rules_make_use_of, 0,
			    COUNT(uses));
	tcase_add_test(tc, the_id_of_a_rule_is_its_name);
	tcase_add_loop_test(tc, a_refusal_by_tables_has_a_reason_of_its_own, 0,
			    COUNT(by_tables));
	tcase_add_loop_test(tc, a_table_hands_down_its_entries_by_name, 0,
			    COUNT(heirs));
	tcase_add_test(tc,
		       a_table_that_is_not_dynamic_any_more_has_no_live_set);
	tcase_add_test(tc, rules_hand_down_what_they_count_by_name);
	tcase_add_test(tc, rules_forget_what_packets_have_changed);
	tcase_add_loop_test(tc, what_must_never_be_blocked_spares_its_networks,
			    0, COUNT(spared));
	return run_tests(tc, "rule");
}
