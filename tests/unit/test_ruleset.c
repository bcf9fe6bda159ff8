/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule set: the first rule that matches decides, and the policy of the
 * hook speaks for what none matched.
 */
#include "engine/ruleset.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/zone.h"
#include "unit/frame.h"
#include "unit/run.h"

static struct rule *add_rule(struct ruleset *rules, const char *name,
			     enum action action, const char *key,
			     const char *text)
{
	struct rule *rule = ruleset_add_rule(
		rules, name, &(struct rule_options){ .action = action });
	struct match_fault fault;
	bool ok;

	ck_assert_ptr_nonnull(rule);
	if (!key)
		return rule;
	ok = ruleset_add_match(rules, rule, match_type_find(key), text, &fault);
	ck_assert_msg(ok, "%s \"%s\"", key, text);
	return rule;
}

static struct packet make_packet(uint16_t dport)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct packet pkt;

	b.dport = dport;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	return pkt;
}

static const struct moment early = { .now = 1000 };

START_TEST(an_empty_rule_set_drops_everything)
{
	struct ruleset *rules = ruleset_create();
	struct packet pkt = make_packet(53);
	struct verdict verdict;

	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++) {
		pkt.hook = hook;
		verdict = ruleset_classify(rules, &pkt, early);
		ck_assert_int_eq(verdict.action, ACTION_DROP);
		ck_assert_int_eq(verdict.reason, REASON_POLICY);
		ck_assert_uint_eq(verdict.rule, RULE_NONE);
		ck_assert(!verdict.log);
	}
	ruleset_destroy(rules);
	ruleset_destroy(NULL);
}
END_TEST

static const struct {
	enum action action;
	enum reason by_rule;
	enum reason by_policy;
} actions[] = {
	{ ACTION_ACCEPT, REASON_NEW, REASON_NEW },
	{ ACTION_DROP, REASON_RULE, REASON_POLICY },
	{ ACTION_REJECT, REASON_RULE, REASON_POLICY },
};

START_TEST(each_hook_has_its_own_policy)
{
	struct ruleset *rules = ruleset_create();
	struct packet pkt = make_packet(53);
	struct verdict verdict;

	ruleset_set_policy(rules, HOOK_FORWARD, actions[_i].action);
	ck_assert_int_eq(ruleset_policy(rules, HOOK_FORWARD),
			 actions[_i].action);
	ck_assert_int_eq(ruleset_policy(rules, HOOK_INPUT), ACTION_DROP);
	verdict = ruleset_classify(rules, &pkt, early);
	ck_assert_int_eq(verdict.action, actions[_i].action);
	ck_assert_int_eq(verdict.reason, actions[_i].by_policy);
	ck_assert_uint_eq(verdict.rule, RULE_NONE);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(a_rule_without_conditions_matches_everything)
{
	struct ruleset *rules = ruleset_create();
	struct packet pkt = make_packet(53);
	struct verdict verdict;

	(void)add_rule(rules, "all", actions[_i].action, NULL, NULL);
	verdict = ruleset_classify(rules, &pkt, early);
	ck_assert_int_eq(verdict.action, actions[_i].action);
	ck_assert_int_eq(verdict.reason, actions[_i].by_rule);
	ck_assert_uint_eq(verdict.rule, 0);
	ruleset_destroy(rules);
}
END_TEST

/* Rule n is for port n + 1 and all above; every third one accepts. */
START_TEST(the_first_rule_that_matches_decides)
{
	enum { RULES = 500 };
	struct ruleset *rules = ruleset_create();
	char text[32];

	for (int i = RULES; i-- > 0;) {
		(void)snprintf(text, sizeof(text), "%d-65535", i + 1);
		(void)add_rule(rules, text, i % 3 ? ACTION_DROP : ACTION_ACCEPT,
			       "dport", text);
	}
	for (uint16_t port = 1; port <= RULES; port++) {
		struct packet pkt = make_packet(port);
		struct verdict verdict = ruleset_classify(rules, &pkt, early);

		/* They stand in falling order of their ports. */
		ck_assert_uint_eq(verdict.rule, RULES - port);
		ck_assert_int_eq(verdict.action,
				 (port - 1) % 3 ? ACTION_DROP : ACTION_ACCEPT);
	}
	ruleset_destroy(rules);
}
END_TEST

START_TEST(all_conditions_of_a_rule_must_hold)
{
	struct ruleset *rules = ruleset_create();
	struct rule *rule =
		add_rule(rules, "dns", ACTION_ACCEPT, "dport", "53");
	struct packet pkt = make_packet(53);
	struct match_fault fault;

	ck_assert_int_eq(ruleset_classify(rules, &pkt, early).action,
			 ACTION_ACCEPT);
	ck_assert(ruleset_add_match(rules, rule, match_type_find("proto"),
				    "udp", &fault));
	ck_assert_int_eq(ruleset_classify(rules, &pkt, early).action,
			 ACTION_ACCEPT);
	ck_assert(ruleset_add_match(rules, rule, match_type_find("src"),
				    "203.0.113.0/24", &fault));
	ck_assert_int_eq(ruleset_classify(rules, &pkt, early).action,
			 ACTION_DROP);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(the_wish_for_a_log_line_comes_with_the_verdict)
{
	struct ruleset *rules = ruleset_create();
	struct packet pkt = make_packet(53);
	struct rule *rule = ruleset_add_rule(
		rules, "noted",
		&(struct rule_options){ .action = ACTION_DROP, .log = true });

	ck_assert_ptr_nonnull(rule);
	ck_assert(rule_options(rule)->log);
	ck_assert(ruleset_classify(rules, &pkt, early).log);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(rules_can_be_looked_at)
{
	struct ruleset *rules = ruleset_create();
	const struct match_type *type;
	const struct match *match;
	const struct rule *rule;
	char text[64];

	(void)add_rule(rules, "first", ACTION_ACCEPT, "src", "10.0.0.0/8");
	(void)add_rule(rules, "second", ACTION_REJECT, NULL, NULL);
	ck_assert_uint_eq(ruleset_rule_count(rules), 2);
	rule = ruleset_rule(rules, 0);
	ck_assert_str_eq(rule_name(rule), "first");
	ck_assert_int_eq(rule_options(rule)->action, ACTION_ACCEPT);
	ck_assert(!rule_options(rule)->log);
	ck_assert(rule_match(rule, 0, &type, &match));
	ck_assert_str_eq(type->key, "src");
	(void)type->format(match, text, sizeof(text));
	ck_assert_str_eq(text, "10.0.0.0/8");
	ck_assert(!rule_match(rule, 1, &type, &match));
	ck_assert_str_eq(rule_name(ruleset_rule(rules, 1)), "second");
	ck_assert(!rule_match(ruleset_rule(rules, 1), 0, &type, &match));
	ruleset_destroy(rules);
}
END_TEST

START_TEST(a_refused_condition_leaves_the_rule_as_it_was)
{
	struct ruleset *rules = ruleset_create();
	struct rule *rule = add_rule(rules, "r", ACTION_ACCEPT, "dport", "53");
	struct packet pkt = make_packet(53);
	const struct match_type *type;
	const struct match *match;
	struct match_fault fault;

	ck_assert(!ruleset_add_match(rules, rule, match_type_find("src"),
				     "nonsense", &fault));
	ck_assert_ptr_nonnull(fault.expected);
	ck_assert(!rule_match(rule, 1, &type, &match));
	ck_assert_int_eq(ruleset_classify(rules, &pkt, early).action,
			 ACTION_ACCEPT);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(zones_are_found_by_name_and_in_order)
{
	struct ruleset *rules = ruleset_create();
	char name[16] = "lan";
	struct zone *lan = ruleset_add_zone(rules, name);
	struct zone *wan = ruleset_add_zone(rules, "wan");

	memset(name, 'x', 3);
	ck_assert_ptr_eq(ruleset_zone(rules, "lan"), lan);
	ck_assert_ptr_eq(ruleset_zone(rules, "wan"), wan);
	ck_assert_ptr_null(ruleset_zone(rules, "dmz"));
	ck_assert_ptr_nonnull(ruleset_zone(rules, "any"));
	ck_assert_ptr_nonnull(ruleset_zone(rules, "self"));
	ck_assert_ptr_eq(ruleset_zone_at(rules, 0), lan);
	ck_assert_ptr_eq(ruleset_zone_at(rules, 1), wan);
	ck_assert_ptr_null(ruleset_zone_at(rules, 2));
	ck_assert_ptr_null(ruleset_zone_at(rules, SIZE_MAX - 1));
	ruleset_destroy(rules);
}
END_TEST

START_TEST(tables_are_found_by_name_and_in_order)
{
	struct ruleset *rules = ruleset_create();
	struct table *first = ruleset_add_table(rules, "bogons");
	struct table *second = ruleset_add_table(rules, "friends");

	ck_assert_ptr_eq(ruleset_table(rules, "bogons"), first);
	ck_assert_ptr_eq(ruleset_table(rules, "friends"), second);
	ck_assert_ptr_null(ruleset_table(rules, "any"));
	ck_assert_ptr_eq(ruleset_table_at(rules, 0), first);
	ck_assert_ptr_eq(ruleset_table_at(rules, 1), second);
	ck_assert_ptr_null(ruleset_table_at(rules, 2));
	ruleset_destroy(rules);
}
END_TEST

/* Matches point to zones and tables while the lists of them grow. */
START_TEST(zones_stay_where_they_are)
{
	struct ruleset *rules = ruleset_create();
	struct zone *zone = ruleset_add_zone(rules, "first");
	struct packet pkt = make_packet(53);
	char name[16];

	ck_assert_int_eq(zone_add_interface(zone, "inside"), 0);
	(void)add_rule(rules, "r", ACTION_ACCEPT, "from", "first");
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "zone%d", i);
		ck_assert_ptr_nonnull(ruleset_add_zone(rules, name));
		ck_assert_ptr_nonnull(ruleset_add_table(rules, name));
	}
	ck_assert_ptr_eq(ruleset_zone(rules, "first"), zone);
	ck_assert_int_eq(ruleset_classify(rules, &pkt, early).action,
			 ACTION_ACCEPT);
	ruleset_destroy(rules);
}
END_TEST

START_TEST(timeouts_have_defaults_and_can_be_set)
{
	struct ruleset *rules = ruleset_create();
	enum timeout timeout = (enum timeout)_i;

	ck_assert_int_eq(ruleset_timeout(rules, timeout),
			 timeout_info[timeout].value);
	ruleset_set_timeout(rules, timeout, 1234);
	for (int i = 0; i < TIMEOUT_COUNT; i++)
		ck_assert_int_eq(ruleset_timeout(rules, (enum timeout)i),
				 i == _i ? 1234 : timeout_info[i].value);
	ruleset_destroy(rules);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ruleset");

	tcase_add_test(tc, an_empty_rule_set_drops_everything);
	tcase_add_loop_test(tc, each_hook_has_its_own_policy, 0,
			    COUNT(actions));
	tcase_add_loop_test(tc, a_rule_without_conditions_matches_everything, 0,
			    COUNT(actions));
	tcase_add_test(tc, the_first_rule_that_matches_decides);
	tcase_add_test(tc, all_conditions_of_a_rule_must_hold);
	tcase_add_test(tc, the_wish_for_a_log_line_comes_with_the_verdict);
	tcase_add_test(tc, rules_can_be_looked_at);
	tcase_add_test(tc, a_refused_condition_leaves_the_rule_as_it_was);
	tcase_add_test(tc, zones_are_found_by_name_and_in_order);
	tcase_add_test(tc, tables_are_found_by_name_and_in_order);
	tcase_add_test(tc, zones_stay_where_they_are);
	tcase_add_loop_test(tc, timeouts_have_defaults_and_can_be_set, 0,
			    TIMEOUT_COUNT);
	return run_tests(tc, "ruleset");
}
