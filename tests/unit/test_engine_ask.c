/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules do beside accepting and refusing: they continue, watch without
 * enforcing, have an end, have timeouts, and let pass without a connection.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/match.h"
#include "engine/zone.h"
#include "unit/rig.h"
#include "unit/run.h"

enum { CONNS_MAX = 300 };

static struct build datagram(uint16_t dport)
{
	struct build b = frame_draft(4, IPPROTO_UDP);

	b.dport = dport;
	b.payload_len = 10;
	return b;
}

static struct build segment(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct build b = frame_draft(4, IPPROTO_TCP);

	b.tcp.flags = flags;
	b.tcp.seq = seq;
	b.tcp.ack = ack;
	b.tcp.window = 1000;
	return b;
}

static struct build backwards(struct build b)
{
	const char *src = b.ip.src;
	uint16_t sport = b.sport;

	b.ip.src = b.ip.dst;
	b.ip.dst = src;
	b.sport = b.dport;
	b.dport = sport;
	return b;
}

static struct verdict send_to(struct rig *rig, uint16_t dport)
{
	struct build b = datagram(dport);

	return rig_send(rig, &b);
}

static const struct rule_options accepts = { 0 };
static const struct rule_options drops = { .action = ACTION_DROP };

/* Continuing. */

START_TEST(a_rule_that_continues_leaves_the_decision_to_others)
{
	struct ruleset *rules = rig_make_rules();
	const struct rule_stats *stats;
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "watch",
			   &(struct rule_options){ .continues = true,
						   .log = true },
			   NULL, NULL);
	(void)rig_add_rule(rules, "no-web", &drops, "dport", "80");
	rig_set_rules(&rig, rules);
	verdict = send_to(&rig, 80);
	ck_assert_int_eq(verdict.reason, REASON_RULE);
	ck_assert_uint_eq(verdict.rule, 1);
	ck_assert(verdict.log);
	ck_assert_uint_eq(verdict.log_rule, 0);
	verdict = send_to(&rig, 81);
	ck_assert_int_eq(verdict.reason, REASON_NEW);
	ck_assert_uint_eq(verdict.rule, RULE_NONE);
	ck_assert_uint_eq(verdict.log_rule, 0);
	stats = engine_rule_stats(rig.eng, 0);
	ck_assert_uint_eq(stats->matches, 2);
	ck_assert_uint_eq(stats->packets, 2);
	ck_assert_uint_eq(stats->bytes, 2 * 38);
	ck_assert_int_eq(stats->last, rig.now);
	ck_assert_uint_eq(stats->would, 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(the_first_rule_that_asks_for_a_line_gets_it)
{
	struct ruleset *rules = rig_make_rules();
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "silent",
			   &(struct rule_options){ .continues = true }, NULL,
			   NULL);
	(void)rig_add_rule(rules, "web",
			   &(struct rule_options){ .continues = true,
						   .log = true },
			   "dport", "80");
	(void)rig_add_rule(rules, "web-too",
			   &(struct rule_options){ .continues = true,
						   .log = true },
			   "dport", "80");
	(void)rig_add_rule(rules, "all", &(struct rule_options){ .log = true },
			   NULL, NULL);
	rig_set_rules(&rig, rules);
	verdict = send_to(&rig, 80);
	ck_assert(verdict.log);
	ck_assert_uint_eq(verdict.log_rule, 1);
	verdict = send_to(&rig, 81);
	ck_assert(verdict.log);
	ck_assert_uint_eq(verdict.log_rule, 3);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_rule_that_continues_has_a_limit_of_its_own)
{
	struct ruleset *rules = rig_make_rules();
	const struct rule_options options = {
		.continues = true,
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 2, .period = 1000 } },
	};
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "brake", &options, NULL, NULL);
	(void)rig_add_rule(rules, "all", &accepts, NULL, NULL);
	rig_set_rules(&rig, rules);
	ck_assert_uint_eq(send_to(&rig, 80).rule, 1);
	ck_assert_uint_eq(send_to(&rig, 81).rule, 1);
	verdict = send_to(&rig, 82);
	ck_assert_int_eq(verdict.action, ACTION_DROP);
	ck_assert_int_eq(verdict.reason, REASON_RATE_LIMIT);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->limited, 1);
	rig_stop(&rig);
}
END_TEST

/* Audit of a rule. */

START_TEST(a_rule_in_audit_mode_says_what_it_would_do)
{
	static const struct rule_options watches[] = {
		{ .action = ACTION_REJECT, .audit = true },
		{ .action = ACTION_DROP, .audit = true },
	};
	struct ruleset *rules = rig_make_rules();
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "first", &watches[0], "dport", "80");
	(void)rig_add_rule(rules, "second", &watches[1], "dport", "80-81");
	rig_set_rules(&rig, rules);
	verdict = send_to(&rig, 80);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_int_eq(verdict.reason, REASON_NEW);
	ck_assert_uint_eq(verdict.rule, RULE_NONE);
	ck_assert_uint_ne(verdict.conn.id, 0);
	ck_assert_int_eq(verdict.would.action, ACTION_REJECT);
	ck_assert_int_eq(verdict.would.reason, REASON_RULE);
	ck_assert_uint_eq(verdict.would.rule, 0);
	/* The next packet is no question any more. */
	verdict = send_to(&rig, 80);
	ck_assert_int_eq(verdict.reason, REASON_ESTABLISHED);
	ck_assert_int_eq(verdict.would.reason, REASON_NONE);
	verdict = send_to(&rig, 82);
	ck_assert_int_eq(verdict.would.reason, REASON_NONE);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->would, 1);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 1)->would, 1);
	ck_assert_uint_eq(engine_stats(rig.eng)->would[REASON_RULE], 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_rule_in_audit_mode_opens_nothing)
{
	struct ruleset *rules = ruleset_create();
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "watch",
			   &(struct rule_options){ .audit = true, .log = true },
			   NULL, NULL);
	rig_set_rules(&rig, rules);
	verdict = send_to(&rig, 80);
	ck_assert_int_eq(verdict.reason, REASON_POLICY);
	ck_assert_int_eq(verdict.would.action, ACTION_ACCEPT);
	ck_assert_int_eq(verdict.would.reason, REASON_NEW);
	ck_assert(verdict.log);
	ck_assert_uint_eq(verdict.log_rule, 0);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->matches, 1);
	/* It would have refused nothing. */
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->would, 0);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

/* Audit of the whole policy. */

/* Nothing passes but what audit mode lets pass. */
static void start_audit(struct rig *rig)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	rig_start(rig, CONNS_MAX);
	(void)rig_add_rule(rules, "no-web",
			   &(struct rule_options){ .action = ACTION_REJECT,
						   .log = true },
			   "dport", "80");
	ruleset_set_policy_log(rules, LOG_FIRST);
	ruleset_set_audit(rules, true);
	rig_set_rules(rig, rules);
}

START_TEST(a_policy_in_audit_mode_refuses_nothing)
{
	struct verdict verdict;
	struct rig rig;

	start_audit(&rig);
	verdict = send_to(&rig, 80);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_uint_ne(verdict.conn.id, 0);
	ck_assert_int_eq(verdict.would.action, ACTION_REJECT);
	ck_assert_int_eq(verdict.would.reason, REASON_RULE);
	ck_assert_uint_eq(verdict.would.rule, 0);
	ck_assert(verdict.log);
	verdict = send_to(&rig, 53);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_int_eq(verdict.would.reason, REASON_POLICY);
	ck_assert_uint_eq(verdict.would.rule, RULE_NONE);
	ck_assert(verdict.log);
	ck_assert_uint_eq(verdict.log_rule, RULE_NONE);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->would, 1);
	ck_assert_uint_eq(engine_stats(rig.eng)->would[REASON_RULE], 1);
	ck_assert_uint_eq(engine_stats(rig.eng)->would[REASON_POLICY], 1);
	ck_assert_uint_eq(engine_stats(rig.eng)->reasons[REASON_AUDIT], 2);
	rig_stop(&rig);
}
END_TEST

START_TEST(what_an_audit_lets_pass_is_a_connection)
{
	struct build syn = segment(TCP_SYN, 100, 0);
	struct build synack = backwards(segment(TCP_SYN | TCP_ACK, 500, 101));
	struct build ack = segment(TCP_ACK, 101, 501);
	struct verdict verdict;
	struct rig rig;

	start_audit(&rig);
	ck_assert_int_eq(rig_send(&rig, &syn).reason, REASON_AUDIT);
	synack.sport = 80;
	verdict = rig_send(&rig, &synack);
	ck_assert_int_eq(verdict.reason, REASON_SYNACK);
	ck_assert_int_eq(verdict.would.reason, REASON_NONE);
	verdict = rig_send(&rig, &ack);
	ck_assert_int_eq(verdict.reason, REASON_THIRD_ACK);
	ck_assert_str_eq(verdict.conn.state, "ESTABLISHED");
	rig_stop(&rig);
}
END_TEST

/* What is wrong for another reason than the policy. */
START_TEST(an_audit_also_lets_pass_what_fits_no_connection)
{
	struct build synack = segment(TCP_SYN | TCP_ACK, 1, 1);
	struct build xmas = segment(TCP_FIN | TCP_URG, 1, 1);
	struct verdict verdict;
	struct rig rig;

	start_audit(&rig);
	verdict = rig_send(&rig, &synack);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_int_eq(verdict.would.reason, REASON_ORPHAN_SYNACK);
	ck_assert_uint_eq(verdict.rule, RULE_NONE);
	verdict = rig_send(&rig, &xmas);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_int_eq(verdict.would.reason, REASON_ILLEGAL_FLAGS);
	verdict = engine_refuse(rig.eng, REASON_BAD_CHECKSUM);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_int_eq(verdict.would.reason, REASON_BAD_CHECKSUM);
	ck_assert_uint_eq(engine_stats(rig.eng)->packets[ACTION_ACCEPT], 3);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

/* What fits no connection is not what its rule would refuse. */
START_TEST(an_audit_lays_to_a_rule_what_the_rule_refuses)
{
	struct build syn = segment(TCP_SYN, 100, 0);
	struct build early = segment(TCP_ACK, 101, 1);
	struct verdict verdict;
	struct rig rig;

	start_audit(&rig);
	(void)rig_send(&rig, &syn);
	verdict = rig_send(&rig, &early);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_int_eq(verdict.would.reason, REASON_CLIENT_BEFORE_SYNACK);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->would, 1);
	rig_stop(&rig);
}
END_TEST

/* They were there before the audit began, and are to survive its end. */
START_TEST(an_audit_picks_up_connections_in_the_middle)
{
	struct build data = segment(TCP_ACK, 5000, 9000);
	struct build answer = backwards(segment(TCP_ACK, 9000, 5010));
	struct verdict verdict;
	struct rig rig;

	start_audit(&rig);
	data.payload_len = 10;
	verdict = rig_send(&rig, &data);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_str_eq(verdict.conn.state, "PICKED_UP");
	answer.sport = 80;
	verdict = rig_send(&rig, &answer);
	ck_assert_int_eq(verdict.reason, REASON_PICKED_UP);
	ck_assert_str_eq(verdict.conn.state, "ESTABLISHED");
	rig_stop(&rig);
}
END_TEST

static struct ruleset *refuse_all(bool audit)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	ruleset_set_audit(rules, audit);
	return rules;
}

/* A SYN on a connection that is there asks, and is told about like others. */
START_TEST(an_audit_notes_what_is_asked_of_connections_too)
{
	struct build syn = segment(TCP_SYN, 100, 0);
	struct verdict verdict;
	struct rig rig;

	start_audit(&rig);
	(void)rig_send(&rig, &syn);
	syn.tcp.seq = 9000;
	verdict = rig_send(&rig, &syn);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_int_eq(verdict.would.reason, REASON_RULE);
	ck_assert_str_eq(verdict.conn.state, "SYN_SENT");
	rig_stop(&rig);
}
END_TEST

START_TEST(connections_survive_an_audit_and_end_with_it)
{
	struct rig rig;

	start_audit(&rig);
	(void)send_to(&rig, 80);
	(void)send_to(&rig, 81);
	ck_assert_uint_eq(rig_reload(&rig, refuse_all(true), RECHECK_JUDGE), 0);
	ck_assert_int_eq(send_to(&rig, 81).reason, REASON_ESTABLISHED);
	ck_assert_uint_eq(rig_reload(&rig, refuse_all(false), RECHECK_JUDGE),
			  2);
	rig_stop(&rig);
}
END_TEST

/* Where packets may come from. */

static struct ruleset *guarded_rules(void)
{
	const struct zone_guard guard = { .antispoof = true };
	struct ruleset *rules = rig_make_rules();
	struct zone *zone = ruleset_add_zone(rules, "lan");
	struct addr_range range;

	ck_assert_ptr_nonnull(zone);
	ck_assert_int_eq(zone_add_interface(zone, "*"), 0);
	ck_assert_int_eq(addr_range_parse(&range, "10.0.0.0/8"), ADDR_RANGE_OK);
	ck_assert_int_eq(zone_add_network(zone, &range), 0);
	zone_set_guard(zone, &guard);
	return rules;
}

START_TEST(a_source_out_of_place_opens_nothing_and_is_closed)
{
	struct build answer = backwards(datagram(81));
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)send_to(&rig, 81);
	rig_set_rules(&rig, guarded_rules());
	verdict = send_to(&rig, 80);
	ck_assert_int_eq(verdict.reason, REASON_ANTISPOOF);
	ck_assert_uint_eq(verdict.rule, RULE_NONE);
	/* Connections are not asked where they come from, and answers least. */
	ck_assert_int_eq(send_to(&rig, 81).reason, REASON_ESTABLISHED);
	ck_assert_int_eq(rig_send(&rig, &answer).reason, REASON_ESTABLISHED);
	/* A recheck asks. */
	ck_assert_uint_eq(rig_reload(&rig, guarded_rules(), RECHECK_JUDGE), 1);
	rig_stop(&rig);
}
END_TEST

/* Neighbour discovery. */

static struct build neighbour(void)
{
	struct build b = frame_draft(6, IPPROTO_ICMP);

	b.icmp.type = 135;
	b.ip.hop_limit = 255;
	b.payload_len = 16;
	return b;
}

static struct verdict send_neighbour(struct rig *rig)
{
	struct build b = neighbour();
	struct frame frame = frame_build(&b);

	frame.meta.hook = HOOK_INPUT;
	return rig_judge(rig, &frame);
}

START_TEST(neighbours_are_heard_unless_the_rules_are_to_decide)
{
	struct ruleset *rules = ruleset_create();
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	ck_assert_ptr_nonnull(rules);
	rig_set_rules(&rig, rules);
	ck_assert_int_eq(send_neighbour(&rig).reason, REASON_NEIGHBOUR);
	ruleset_set_essential_icmp(rig.rules, false);
	ck_assert_int_eq(send_neighbour(&rig).reason, REASON_POLICY);
	rules = ruleset_create();
	ruleset_set_essential_icmp(rules, false);
	(void)rig_add_rule(rules, "nd", &accepts, "icmp_type",
			   "neighbour-solicitation");
	rig_set_rules(&rig, rules);
	verdict = send_neighbour(&rig);
	ck_assert_int_eq(verdict.reason, REASON_STATELESS);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->packets, 1);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

/* Without connections. */

/* From the client's side only, until @both. */
static struct ruleset *stateless_rules(bool both)
{
	const struct rule_options none = { .tracking = TRACKING_NONE };
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	(void)rig_add_rule(rules, "out", &none, "dst", "198.51.100.0/24");
	if (both)
		(void)rig_add_rule(rules, "back", &none, "src",
				   "198.51.100.0/24");
	return rules;
}

static const uint8_t any_flags[] = { TCP_SYN, TCP_ACK, TCP_SYN | TCP_ACK,
				     TCP_FIN | TCP_ACK, TCP_RST };

START_TEST(a_rule_may_let_pass_without_a_connection)
{
	struct build b = segment(any_flags[_i], 1, 1);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, stateless_rules(false));
	verdict = rig_send(&rig, &b);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_int_eq(verdict.reason, REASON_STATELESS);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(verdict.conn.id, 0);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->packets, 1);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->matches, 1);
	/* What comes back needs a rule of its own. */
	b = backwards(b);
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_DROP);
	rig_set_rules(&rig, stateless_rules(true));
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_STATELESS);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(what_is_never_right_does_not_pass_without_a_connection)
{
	struct build b = segment(TCP_FIN | TCP_URG, 1, 1);
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, stateless_rules(true));
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_ILLEGAL_FLAGS);
	rig_stop(&rig);
}
END_TEST

/* A rule that tracks does not let pass what opens no connection. */
START_TEST(an_orphan_needs_a_rule_without_connections)
{
	const struct rule_options none = { .tracking = TRACKING_NONE };
	struct build b = segment(TCP_ACK, 1, 1);
	struct ruleset *rules = rig_make_rules();
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "tracked", &accepts, "dport", "80");
	(void)rig_add_rule(rules, "none", &none, NULL, NULL);
	rig_set_rules(&rig, rules);
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_ORPHAN_ACK);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->matches, 0);
	b.dport = 81;
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_STATELESS);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_policy_may_let_pass_without_connections)
{
	struct ruleset *rules = rig_make_rules();
	struct build b = segment(TCP_ACK, 1, 1);
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	ruleset_set_tracking(rules, TRACKING_NONE);
	rig_set_rules(&rig, rules);
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_STATELESS);
	ck_assert_int_eq(send_to(&rig, 80).reason, REASON_STATELESS);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

/* A connection that is there is followed to its end, whatever is new. */
START_TEST(a_connection_goes_on_under_a_rule_without_connections)
{
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	verdict = send_to(&rig, 80);
	ck_assert_uint_eq(
		rig_reload(&rig, stateless_rules(true), RECHECK_JUDGE), 0);
	ck_assert_int_eq(send_to(&rig, 80).reason, REASON_ESTABLISHED);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 1);
	ck_assert_int_eq(rig_memory(&rig, verdict.conn.id)->tracking,
			 TRACKING_FULL);
	rig_stop(&rig);
}
END_TEST

/* The next one of its ports has no connection any more. */
START_TEST(a_connection_may_give_way_to_none)
{
	struct build syn = segment(TCP_SYN, 100, 0);
	struct build rst = segment(TCP_RST, 101, 0);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_send(&rig, &syn);
	ck_assert_int_eq(rig_send(&rig, &rst).reason, REASON_CLIENT_ABORT);
	rig_set_rules(&rig, stateless_rules(true));
	syn.tcp.seq = 9000;
	verdict = rig_send(&rig, &syn);
	ck_assert_int_eq(verdict.reason, REASON_STATELESS);
	ck_assert_uint_eq(verdict.conn.id, 0);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

/* A router tells the client that its datagram was too large. */
START_TEST(an_error_about_what_has_no_connection_needs_a_rule)
{
	struct build quoted = datagram(53);
	struct build b = frame_draft(4, IPPROTO_ICMP);
	uint8_t octets[FRAME_LEN];
	struct ruleset *rules = ruleset_create();
	const struct rule_options none = { .tracking = TRACKING_NONE };
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	b.ip.src = "203.0.113.1";
	b.ip.dst = quoted.ip.src;
	b.icmp.type = 3;
	b.icmp.code = 4;
	b.icmp.rest = 1400;
	b.payload = octets;
	b.payload_len = build_packet(&quoted, octets, sizeof(octets));
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_ICMP_UNRELATED);
	ck_assert_ptr_nonnull(rules);
	(void)rig_add_rule(rules, "too-big", &none, "icmp_type", "3/4");
	rig_set_rules(&rig, rules);
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_STATELESS);
	rig_stop(&rig);
}
END_TEST

/* Dates and timeouts. */

START_TEST(a_rule_past_its_date_is_not_there)
{
	struct ruleset *rules = rig_make_rules();
	const struct rule_options until = { .action = ACTION_DROP,
					    .expires = 1800000000 };
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "once", &until, NULL, NULL);
	(void)rig_add_rule(rules, "later", &accepts, NULL, NULL);
	rig_set_rules(&rig, rules);
	/* Without a wall clock no rule is over. */
	ck_assert_uint_eq(send_to(&rig, 80).rule, 0);
	engine_set_wall(rig.eng, INT64_C(1800000000) * 1000 - rig.now - 1);
	ck_assert_uint_eq(send_to(&rig, 80).rule, 0);
	rig.now++;
	ck_assert_uint_eq(send_to(&rig, 80).rule, 1);
	/* The clock was wrong. */
	engine_set_wall(rig.eng, 0);
	ck_assert_uint_eq(send_to(&rig, 81).rule, 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_rule_is_there_when_its_schedule_says)
{
	struct ruleset *rules = rig_make_rules();
	/* Thursdays, of which 1970-01-01 was one, from 8 to 9. */
	const struct rule_options morning = {
		.action = ACTION_DROP,
		.schedule = { 0x08, 1, false, { { 480, 540 } } },
	};
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "morning", &morning, NULL, NULL);
	(void)rig_add_rule(rules, "other", &accepts, NULL, NULL);
	rig_set_rules(&rig, rules);
	engine_set_wall(rig.eng, INT64_C(8) * 3600 * 1000 - rig.now - 1);
	ck_assert_uint_eq(send_to(&rig, 80).rule, 1);
	rig.now++;
	ck_assert_uint_eq(send_to(&rig, 81).rule, 0);
	/* What was let in goes on. */
	ck_assert_int_eq(send_to(&rig, 80).reason, REASON_ESTABLISHED);
	/* An hour ahead of UTC it is 9. */
	engine_set_offset(rig.eng, 3600);
	ck_assert_uint_eq(send_to(&rig, 82).rule, 1);
	rig_stop(&rig);
}
END_TEST

static const struct {
	uint16_t dport;
	msec_t unreplied;
	msec_t replied;
} lives[] = {
	{ 53, 5000, 30000 }, /* the rule has the one, and the rule set */
	{ 54, 30000, 7000 },
	{ 55, 30000, 30000 },
};

START_TEST(a_rule_may_have_timeouts_of_its_own)
{
	struct ruleset *rules = rig_make_rules();
	struct build b = datagram(lives[_i].dport);
	struct conn_info info;
	struct rule_options options = { 0 };
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	options.timeouts[TIMEOUT_UDP_UNREPLIED] = 5000;
	(void)rig_add_rule(rules, "dns", &options, "dport", "53");
	options.timeouts[TIMEOUT_UDP_UNREPLIED] = 0;
	options.timeouts[TIMEOUT_UDP_REPLIED] = 7000;
	(void)rig_add_rule(rules, "other", &options, "dport", "54");
	rig_set_rules(&rig, rules);
	verdict = rig_send(&rig, &b);
	ck_assert(rig_find(&rig, verdict.conn.id, &info));
	ck_assert_int_eq(info.expires - rig.now, lives[_i].unreplied);
	b = backwards(b);
	(void)rig_send(&rig, &b);
	ck_assert(rig_find(&rig, verdict.conn.id, &info));
	ck_assert_int_eq(info.expires - rig.now, lives[_i].replied);
	rig_stop(&rig);
}
END_TEST

/* Closing. */

static bool is_even(const struct conn_info *conn, void *arg)
{
	(void)arg;
	return conn->tuple.dport % 2 == 0;
}

static void note_port(const struct conn_info *conn, void *arg)
{
	uint32_t *sum = arg;

	*sum += conn->tuple.dport;
}

START_TEST(connections_are_closed_that_are_asked_for)
{
	uint32_t sum = 0;
	const struct engine_close close = { is_even, note_port, &sum };
	size_t cursor = 0;
	size_t closed = 0;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	for (uint16_t i = 1; i <= 100; i++)
		(void)send_to(&rig, i);
	while (cursor != SIZE_MAX)
		closed += engine_close(rig.eng, rig.now, &cursor, &close);
	ck_assert_uint_eq(closed, 50);
	ck_assert_uint_eq(sum, 50 * 51);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 50);
	ck_assert_int_eq(send_to(&rig, 1).reason, REASON_ESTABLISHED);
	ck_assert_int_eq(send_to(&rig, 2).reason, REASON_NEW);
	rig_stop(&rig);
}
END_TEST

/* Which packets of a connection are logged, and for which rule. */
static const struct {
	const char *what;
	enum log_amount rule;
	enum log_amount policy;
	bool has_rule; /* that lets it in; else the policy does */
	bool first;    /* of it is logged, and the others are */
	bool others;
} amounts[] = {
	{ "no rule asks for it", LOG_NONE, LOG_ALL, true, false, false },
	{ "the first one", LOG_FIRST, LOG_ALL, true, true, false },
	{ "all of them", LOG_ALL, LOG_NONE, true, true, true },
	{ "the policy does not", LOG_ALL, LOG_NONE, false, false, false },
	{ "the policy: the first one", LOG_ALL, LOG_FIRST, false, true, false },
	{ "the policy: all of them", LOG_NONE, LOG_ALL, false, true, true },
};

START_TEST(every_packet_of_a_connection_can_be_logged)
{
	struct ruleset *rules = rig_make_rules();
	const struct rule_options options = { .log = amounts[_i].rule };
	uint32_t by = amounts[_i].has_rule ? 0 : RULE_NONE;
	struct build back = backwards(datagram(80));
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_add_rule(rules, "web", &options, "dport",
			   amounts[_i].has_rule ? "80" : "81");
	ruleset_set_policy_log(rules, amounts[_i].policy);
	rig_set_rules(&rig, rules);
	verdict = send_to(&rig, 80);
	ck_assert_msg(verdict.log == amounts[_i].first, "%s: first",
		      amounts[_i].what);
	verdict = rig_send(&rig, &back);
	ck_assert_int_eq(verdict.reason, REASON_ESTABLISHED);
	ck_assert_msg(verdict.log == amounts[_i].others, "%s: answer",
		      amounts[_i].what);
	ck_assert(!verdict.log || verdict.log_rule == by);
	verdict = send_to(&rig, 80);
	ck_assert_msg(verdict.log == amounts[_i].others, "%s: again",
		      amounts[_i].what);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("engine_ask");

	tcase_add_test(tc, a_rule_that_continues_leaves_the_decision_to_others);
	tcase_add_loop_test(tc, every_packet_of_a_connection_can_be_logged, 0,
			    COUNT(amounts));
	tcase_add_test(tc, the_first_rule_that_asks_for_a_line_gets_it);
	tcase_add_test(tc, a_rule_that_continues_has_a_limit_of_its_own);
	tcase_add_test(tc, a_rule_in_audit_mode_says_what_it_would_do);
	tcase_add_test(tc, a_rule_in_audit_mode_opens_nothing);
	tcase_add_test(tc, a_policy_in_audit_mode_refuses_nothing);
	tcase_add_test(tc, what_an_audit_lets_pass_is_a_connection);
	tcase_add_test(tc, an_audit_also_lets_pass_what_fits_no_connection);
	tcase_add_test(tc, an_audit_lays_to_a_rule_what_the_rule_refuses);
	tcase_add_test(tc, an_audit_picks_up_connections_in_the_middle);
	tcase_add_test(tc, an_audit_notes_what_is_asked_of_connections_too);
	tcase_add_test(tc, connections_survive_an_audit_and_end_with_it);
	tcase_add_test(tc, a_source_out_of_place_opens_nothing_and_is_closed);
	tcase_add_test(tc, neighbours_are_heard_unless_the_rules_are_to_decide);
	tcase_add_loop_test(tc, a_rule_may_let_pass_without_a_connection, 0,
			    COUNT(any_flags));
	tcase_add_test(tc,
		       what_is_never_right_does_not_pass_without_a_connection);
	tcase_add_test(tc, an_orphan_needs_a_rule_without_connections);
	tcase_add_test(tc, a_policy_may_let_pass_without_connections);
	tcase_add_test(tc,
		       a_connection_goes_on_under_a_rule_without_connections);
	tcase_add_test(tc, a_connection_may_give_way_to_none);
	tcase_add_test(tc, an_error_about_what_has_no_connection_needs_a_rule);
	tcase_add_test(tc, a_rule_past_its_date_is_not_there);
	tcase_add_test(tc, a_rule_is_there_when_its_schedule_says);
	tcase_add_loop_test(tc, a_rule_may_have_timeouts_of_its_own, 0,
			    COUNT(lives));
	tcase_add_test(tc, connections_are_closed_that_are_asked_for);
	return run_tests(tc, "engine_ask");
}
