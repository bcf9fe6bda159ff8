/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of rules: what is counted, for whom, what happens to what is over, and
 * who is kept out for it.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/live.h"
#include "engine/match.h"
#include "engine/table.h"
#include "unit/rig.h"
#include "unit/run.h"

enum { CONNS_MAX = 300, SECOND = 1000, MINUTE = 60 * SECOND };

static void start(struct rig *rig, const struct rule_options *options)
{
	struct ruleset *rules = rig_make_rules();

	rig_start(rig, CONNS_MAX);
	(void)rig_add_rule(rules, "limited", options, NULL, NULL);
	rig_set_rules(rig, rules);
}

/* A new connection of UDP each time. */
static struct verdict open_from(struct rig *rig, const char *src,
				const char *dst)
{
	static uint16_t sport = 1024;
	struct build b = frame_draft(strchr(src, ':') ? 6 : 4, IPPROTO_UDP);

	b.ip.src = src;
	b.ip.dst = dst;
	b.sport = sport++;
	return rig_send(rig, &b);
}

static int count_opened(struct rig *rig, const char *src, const char *dst,
			int times)
{
	int opened = 0;

	for (int i = 0; i < times; i++)
		opened += open_from(rig, src, dst).action == ACTION_ACCEPT;
	return opened;
}

/* Two new connections in a second, and who else is over when one is. */
static const struct {
	const char *what;
	struct rule_limit limit;
	const char *src[2];
	const char *dst[2];
	bool is_shared;
	enum reason reason;
} scopes[] = {
	{ "by rule, all",
	  { .scope = LIMIT_RULE },
	  { "192.0.2.1", "2001:db8::1" },
	  { "198.51.100.1", "2001:db8:9::1" },
	  true,
	  REASON_RATE_LIMIT },
	{ "by source, the same",
	  { .scope = LIMIT_SOURCE },
	  { "192.0.2.1", "192.0.2.1" },
	  { "198.51.100.1", "198.51.100.2" },
	  true,
	  REASON_SOURCE_LIMIT },
	{ "by source, not its neighbour",
	  { .scope = LIMIT_SOURCE },
	  { "192.0.2.1", "192.0.2.2" },
	  { "198.51.100.1", "198.51.100.1" },
	  false,
	  REASON_SOURCE_LIMIT },
	{ "by source network, the neighbour",
	  { .scope = LIMIT_SOURCE, .prefix_ipv4 = 24 },
	  { "192.0.2.1", "192.0.2.254" },
	  { "198.51.100.1", "198.51.100.1" },
	  true,
	  REASON_SOURCE_LIMIT },
	{ "by source network, not the next",
	  { .scope = LIMIT_SOURCE, .prefix_ipv4 = 24 },
	  { "192.0.2.1", "192.0.3.1" },
	  { "198.51.100.1", "198.51.100.1" },
	  false,
	  REASON_SOURCE_LIMIT },
	{ "by IPv6 source, all of the /64",
	  { .scope = LIMIT_SOURCE },
	  { "2001:db8::1", "2001:db8::ffff:0:0:1" },
	  { "2001:db8:9::1", "2001:db8:9::1" },
	  true,
	  REASON_SOURCE_LIMIT },
	{ "by IPv6 source, not the next /64",
	  { .scope = LIMIT_SOURCE },
	  { "2001:db8::1", "2001:db8:0:1::1" },
	  { "2001:db8:9::1", "2001:db8:9::1" },
	  false,
	  REASON_SOURCE_LIMIT },
	{ "by IPv6 source network",
	  { .scope = LIMIT_SOURCE, .prefix_ipv6 = 56 },
	  { "2001:db8::1", "2001:db8:0:ff::1" },
	  { "2001:db8:9::1", "2001:db8:9::1" },
	  true,
	  REASON_SOURCE_LIMIT },
	{ "by destination, the same",
	  { .scope = LIMIT_DESTINATION },
	  { "192.0.2.1", "192.0.2.2" },
	  { "198.51.100.1", "198.51.100.1" },
	  true,
	  REASON_RATE_LIMIT },
	{ "by destination, not another",
	  { .scope = LIMIT_DESTINATION },
	  { "192.0.2.1", "192.0.2.1" },
	  { "198.51.100.1", "198.51.100.2" },
	  false,
	  REASON_RATE_LIMIT },
};

START_TEST(a_limit_is_shared_by_what_it_says)
{
	struct rule_options options = { .limit = scopes[_i].limit };
	struct verdict verdict;
	struct rig rig;

	options.limit.unit = LIMIT_NEW;
	options.limit.rate = (struct rate){ .amount = 2, .period = SECOND };
	start(&rig, &options);
	ck_assert_int_eq(
		count_opened(&rig, scopes[_i].src[0], scopes[_i].dst[0], 2), 2);
	verdict = open_from(&rig, scopes[_i].src[0], scopes[_i].dst[0]);
	ck_assert_int_eq(verdict.action, ACTION_DROP);
	ck_assert_int_eq(verdict.reason, scopes[_i].reason);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(verdict.conn.id, 0);
	verdict = open_from(&rig, scopes[_i].src[1], scopes[_i].dst[1]);
	ck_assert_msg((verdict.action == ACTION_DROP) == scopes[_i].is_shared,
		      "%s", scopes[_i].what);
	/* Half a second is one more. */
	rig.now += SECOND / 2;
	ck_assert_int_eq(
		count_opened(&rig, scopes[_i].src[0], scopes[_i].dst[0], 3), 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(what_is_over_is_counted_and_named)
{
	const struct rule_options options = {
		.log = true,
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 1, .period = MINUTE },
			   .over_rejects = true },
	};
	const struct rule_stats *stats;
	struct verdict verdict;
	struct rig rig;

	start(&rig, &options);
	(void)open_from(&rig, "192.0.2.1", "198.51.100.1");
	verdict = open_from(&rig, "192.0.2.1", "198.51.100.1");
	ck_assert_int_eq(verdict.action, ACTION_REJECT);
	ck_assert(verdict.log);
	ck_assert_uint_eq(verdict.log_rule, 0);
	stats = engine_rule_stats(rig.eng, 0);
	ck_assert_uint_eq(stats->matches, 2);
	ck_assert_uint_eq(stats->limited, 1);
	ck_assert_uint_eq(stats->packets, 2);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 1);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_limit_in_connections_leaves_open_ones_alone)
{
	const struct rule_options options = {
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 1, .period = MINUTE } },
	};
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct rig rig;

	start(&rig, &options);
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_ESTABLISHED);
	rig_stop(&rig);
}
END_TEST

/* A SYN that comes again opens nothing. */
START_TEST(a_retransmission_is_no_attempt)
{
	const struct rule_options options = {
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 2, .period = MINUTE } },
	};
	struct build b = frame_draft(4, IPPROTO_TCP);
	struct rig rig;

	start(&rig, &options);
	b.tcp.flags = TCP_SYN;
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_DUP_SYN);
	b.sport++;
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
	b.sport++;
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_RATE_LIMIT);
	rig_stop(&rig);
}
END_TEST

static struct build ping(void)
{
	struct build b = frame_draft(4, IPPROTO_ICMP);

	b.icmp.type = 8;
	b.icmp.rest = 7U << 16;
	b.payload_len = 56;
	return b;
}

static struct build pong(void)
{
	struct build b = ping();
	const char *src = b.ip.src;

	b.ip.src = b.ip.dst;
	b.ip.dst = src;
	b.icmp.type = 0;
	return b;
}

START_TEST(a_limit_in_packets_counts_those_of_the_opener)
{
	const struct rule_options options = {
		.limit = { .unit = LIMIT_PACKETS,
			   .rate = { .amount = 20,
				     .period = SECOND,
				     .burst = 3 } },
	};
	struct build question = ping();
	struct build answer = pong();
	struct verdict verdict;
	struct rig rig;

	start(&rig, &options);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(rig_send(&rig, &question).action,
				 ACTION_ACCEPT);
		/* Answers are free. */
		ck_assert_int_eq(rig_send(&rig, &answer).action, ACTION_ACCEPT);
	}
	verdict = rig_send(&rig, &question);
	ck_assert_int_eq(verdict.action, ACTION_DROP);
	ck_assert_int_eq(verdict.reason, REASON_RATE_LIMIT);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_ne(verdict.conn.id, 0);
	ck_assert_int_eq(rig_send(&rig, &answer).action, ACTION_ACCEPT);
	rig.now += 50;
	ck_assert_int_eq(rig_send(&rig, &question).action, ACTION_ACCEPT);
	ck_assert_int_eq(rig_send(&rig, &question).action, ACTION_DROP);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->limited, 2);
	rig_stop(&rig);
}
END_TEST

/* What is over leaves the connection as it was. */
START_TEST(a_packet_over_the_limit_changes_nothing)
{
	const struct rule_options options = {
		.limit = { .unit = LIMIT_PACKETS,
			   .rate = { .amount = 1, .period = MINUTE } },
	};
	struct build b = ping();
	struct conn before;
	struct verdict verdict;
	struct rig rig;

	start(&rig, &options);
	verdict = rig_send(&rig, &b);
	before = *rig_memory(&rig, verdict.conn.id);
	rig.now += 10;
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_DROP);
	ck_assert_mem_eq(rig_memory(&rig, verdict.conn.id), &before,
			 sizeof(before));
	rig_stop(&rig);
}
END_TEST

START_TEST(a_limit_in_octets_counts_whole_packets)
{
	const struct rule_options options = {
		.limit = { .unit = LIMIT_BYTES,
			   .rate = { .amount = 1000, .period = SECOND },
			   .scope = LIMIT_SOURCE },
	};
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct rig rig;

	start(&rig, &options);
	b.payload_len = 372; /* 400 with its headers */
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_ACCEPT);
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_ACCEPT);
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_SOURCE_LIMIT);
	b.payload_len = 172;
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_ACCEPT);
	b.payload_len = 0;
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_DROP);
	rig.now += 28;
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_ACCEPT);
	rig_stop(&rig);
}
END_TEST

START_TEST(what_is_over_the_limit_of_a_rule_that_rejects_is_dropped)
{
	const struct rule_options options = {
		.action = ACTION_REJECT,
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 1, .period = MINUTE } },
	};
	struct rig rig;

	start(&rig, &options);
	ck_assert_int_eq(open_from(&rig, "192.0.2.1", "198.51.100.1").action,
			 ACTION_REJECT);
	ck_assert_int_eq(open_from(&rig, "192.0.2.1", "198.51.100.1").action,
			 ACTION_DROP);
	rig_stop(&rig);
}
END_TEST

/* The bucket is that of the name, whatever the number. */
START_TEST(a_limit_goes_on_when_the_rules_change)
{
	static const enum limit_scope kinds[] = { LIMIT_RULE, LIMIT_SOURCE };
	const struct rule_options options = {
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 2, .period = MINUTE },
			   .scope = kinds[_i] },
	};
	struct ruleset *rules = rig_make_rules();
	struct rig rig;

	start(&rig, &options);
	ck_assert_int_eq(count_opened(&rig, "192.0.2.1", "198.51.100.1", 2), 2);
	(void)rig_add_rule(rules, "other", &options, "proto", "tcp");
	(void)rig_add_rule(rules, "limited", &options, NULL, NULL);
	rig_set_rules(&rig, rules);
	ck_assert_int_eq(count_opened(&rig, "192.0.2.1", "198.51.100.1", 2), 0);
	rig.now += MINUTE;
	ck_assert_int_eq(count_opened(&rig, "192.0.2.1", "198.51.100.1", 3), 2);
	rig_stop(&rig);
}
END_TEST

START_TEST(without_memory_for_sources_there_is_no_limit_of_them)
{
	const struct rule_options options = {
		.max_per_source = 1,
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 1, .period = MINUTE },
			   .scope = LIMIT_SOURCE },
	};
	struct ruleset *rules = ruleset_create();
	struct engine_params params = { .rules = rules, .count = 1 };
	struct rig rig = { .pool = pool_create(10), .now = 1 };

	(void)rig_add_rule(rules, "limited", &options, NULL, NULL);
	params.pool = rig.pool;
	rig.eng = engine_create(&params);
	ck_assert_int_eq(count_opened(&rig, "192.0.2.1", "198.51.100.1", 3), 3);
	engine_destroy(rig.eng);
	ruleset_destroy(rules);
	pool_destroy(rig.pool);
}
END_TEST

/* Overload. */

/* Two connections in a minute from one source, or it goes into <bad>. */
static struct rule_options overloading(const struct table *bad)
{
	return (struct rule_options){
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 2, .period = MINUTE },
			   .scope = LIMIT_SOURCE,
			   .overload = bad,
			   .kill = true },
	};
}

static struct table *add_table(struct ruleset *rules, const char *name,
			       const struct table_options *options,
			       const char *entry)
{
	struct table *table = ruleset_add_table(rules, name);
	struct addr_range range;

	ck_assert_ptr_nonnull(table);
	if (entry) {
		ck_assert_int_eq(addr_range_parse(&range, entry),
				 ADDR_RANGE_OK);
		ck_assert_int_eq(table_add(table, &range), 0);
	}
	ck_assert_int_eq(table_seal(table), 0);
	ck_assert_int_eq(table_set_options(table, options), 0);
	return table;
}

/*
 * What is in <bad> is dropped, and <friends> are spared; the last rule is as
 * above, but for what @change does to it.
 */
static struct ruleset *make_overload(void (*change)(struct rule_options *o))
{
	const struct table_options bad_options = { .dynamic = true,
						   .timeout = MINUTE };
	const struct table_options friends_options = { .never_block = true };
	const struct rule_options drops = { .action = ACTION_DROP };
	struct ruleset *rules = rig_make_rules();
	struct table *bad = add_table(rules, "bad", &bad_options, NULL);
	struct rule_options options = overloading(bad);

	(void)add_table(rules, "friends", &friends_options, "192.0.2.77");
	if (change)
		change(&options);
	(void)rig_add_rule(rules, "banned", &drops, "src", "<bad>");
	(void)rig_add_rule(rules, "limited", &options, NULL, NULL);
	return rules;
}

static struct ruleset *overload_rules(void)
{
	return make_overload(NULL);
}

static void start_overload(struct rig *rig)
{
	rig_start(rig, CONNS_MAX);
	rig_set_rules(rig, overload_rules());
}

static struct build segment(const char *src, uint16_t sport, uint8_t flags)
{
	struct build b = frame_draft(strchr(src, ':') ? 6 : 4, IPPROTO_TCP);

	b.ip.src = src;
	b.sport = sport;
	b.tcp.flags = flags;
	b.tcp.seq = flags == TCP_SYN ? 100 : 101;
	b.tcp.ack = flags == TCP_SYN ? 0 : 501;
	b.tcp.window = 1000;
	return b;
}

static struct verdict send_syn(struct rig *rig, const char *src, uint16_t sport)
{
	struct build b = segment(src, sport, TCP_SYN);

	return rig_send(rig, &b);
}

static void shake_hands(struct rig *rig, const char *src, uint16_t sport)
{
	struct build ack = segment(src, sport, TCP_ACK);
	struct build synack = segment(src, sport, TCP_SYN | TCP_ACK);

	synack.ip.src = ack.ip.dst;
	synack.ip.dst = src;
	synack.sport = ack.dport;
	synack.dport = sport;
	synack.tcp.seq = 500;
	synack.tcp.ack = 101;
	ck_assert_int_eq(send_syn(rig, src, sport).reason, REASON_NEW);
	ck_assert_int_eq(rig_send(rig, &synack).reason, REASON_SYNACK);
	ck_assert_int_eq(rig_send(rig, &ack).reason, REASON_THIRD_ACK);
}

START_TEST(who_uses_up_the_limit_by_handshakes_is_kept_out)
{
	struct verdict verdict;
	struct prefix prefix;
	struct rig rig;

	start_overload(&rig);
	shake_hands(&rig, "192.0.2.1", 1);
	shake_hands(&rig, "192.0.2.1", 2);
	verdict = send_syn(&rig, "192.0.2.1", 3);
	ck_assert_int_eq(verdict.reason, REASON_SOURCE_LIMIT);
	ck_assert_ptr_nonnull(verdict.overload);
	ck_assert_str_eq(table_name(verdict.overload->table), "bad");
	ck_assert(verdict.overload->kill);
	ck_assert_int_eq(prefix_parse(&prefix, "192.0.2.1"), 0);
	ck_assert_uint_eq(verdict.overload->source.len, prefix.len);
	ck_assert(addr_equal(&verdict.overload->source.addr, &prefix.addr));
	/* Others are not. */
	ck_assert_ptr_null(send_syn(&rig, "192.0.2.2", 1).overload);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_network_is_kept_out_as_it_is_counted)
{
	struct verdict verdict;
	struct prefix prefix;
	struct rig rig;

	start_overload(&rig);
	shake_hands(&rig, "2001:db8:7:7::1", 1);
	shake_hands(&rig, "2001:db8:7:7::2", 1);
	verdict = send_syn(&rig, "2001:db8:7:7::3", 1);
	ck_assert_ptr_nonnull(verdict.overload);
	ck_assert_int_eq(prefix_parse(&prefix, "2001:db8:7:7::/64"), 0);
	ck_assert_uint_eq(verdict.overload->source.len, 64);
	ck_assert(addr_equal(&verdict.overload->source.addr, &prefix.addr));
	rig_stop(&rig);
}
END_TEST

/* Anybody can send SYNs in the name of another. */
START_TEST(who_has_sent_nothing_but_syns_is_not_kept_out)
{
	struct rig rig;

	start_overload(&rig);
	shake_hands(&rig, "192.0.2.1", 1);
	ck_assert_int_eq(send_syn(&rig, "192.0.2.1", 2).reason, REASON_NEW);
	for (uint16_t i = 3; i < 100; i++) {
		struct verdict verdict = send_syn(&rig, "192.0.2.1", i);

		ck_assert_int_eq(verdict.reason, REASON_SOURCE_LIMIT);
		ck_assert_ptr_null(verdict.overload);
	}
	rig_stop(&rig);
}
END_TEST

/* Nor does UDP prove anything, whatever comes back. */
START_TEST(who_speaks_udp_is_not_kept_out)
{
	struct rig rig;

	start_overload(&rig);
	for (int i = 0; i < 5; i++) {
		struct verdict verdict =
			open_from(&rig, "192.0.2.1", "198.51.100.1");

		ck_assert_ptr_null(verdict.overload);
		ck_assert_int_eq(verdict.reason,
				 i < 2 ? REASON_NEW : REASON_SOURCE_LIMIT);
	}
	rig_stop(&rig);
}
END_TEST

START_TEST(who_must_never_be_blocked_is_limited_alone)
{
	struct verdict verdict;
	struct rig rig;

	start_overload(&rig);
	shake_hands(&rig, "192.0.2.77", 1);
	shake_hands(&rig, "192.0.2.77", 2);
	verdict = send_syn(&rig, "192.0.2.77", 3);
	ck_assert_int_eq(verdict.reason, REASON_SOURCE_LIMIT);
	ck_assert_ptr_null(verdict.overload);
	rig_stop(&rig);
}
END_TEST

START_TEST(an_audit_keeps_nobody_out)
{
	struct verdict verdict;
	struct rig rig;

	start_overload(&rig);
	ruleset_set_audit(rig.rules, true);
	shake_hands(&rig, "192.0.2.1", 1);
	shake_hands(&rig, "192.0.2.1", 2);
	verdict = send_syn(&rig, "192.0.2.1", 3);
	ck_assert_int_eq(verdict.reason, REASON_AUDIT);
	ck_assert_int_eq(verdict.would.reason, REASON_SOURCE_LIMIT);
	ck_assert_ptr_null(verdict.overload);
	rig_stop(&rig);
}
END_TEST

/* Proof is used up as the limit is: who is slow enough goes on. */
START_TEST(proof_fades_with_time)
{
	struct rig rig;

	start_overload(&rig);
	for (uint16_t i = 1; i < 20; i++) {
		shake_hands(&rig, "192.0.2.1", i);
		rig.now += MINUTE / 2;
	}
	rig_stop(&rig);
}
END_TEST

static void make_sloppy(struct rule_options *options)
{
	options->tracking = TRACKING_SLOPPY;
}

/* There a SYN and an ACK are enough, and both may be forged. */
START_TEST(a_handshake_of_which_half_is_seen_proves_nothing)
{
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_overload(make_sloppy));
	for (uint16_t i = 1; i <= 2; i++) {
		struct build ack = segment("192.0.2.1", i, TCP_ACK);

		(void)send_syn(&rig, "192.0.2.1", i);
		verdict = rig_send(&rig, &ack);
		ck_assert_str_eq(verdict.conn.state, "ESTABLISHED");
	}
	verdict = send_syn(&rig, "192.0.2.1", 3);
	ck_assert_int_eq(verdict.reason, REASON_SOURCE_LIMIT);
	ck_assert_ptr_null(verdict.overload);
	rig_stop(&rig);
}
END_TEST

static void limit_packets(struct rule_options *options)
{
	options->limit.unit = LIMIT_PACKETS;
	options->limit.rate = (struct rate){ .amount = 4, .period = MINUTE };
}

/* On a connection whose ends have agreed, each packet is proof. */
START_TEST(an_open_connection_may_go_over_a_limit_in_packets)
{
	struct build data = segment("192.0.2.1", 1, TCP_ACK);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_overload(limit_packets));
	shake_hands(&rig, "192.0.2.1", 1);
	ck_assert_int_eq(rig_send(&rig, &data).action, ACTION_ACCEPT);
	ck_assert_int_eq(rig_send(&rig, &data).action, ACTION_ACCEPT);
	verdict = rig_send(&rig, &data);
	ck_assert_int_eq(verdict.reason, REASON_SOURCE_LIMIT);
	ck_assert_ptr_nonnull(verdict.overload);
	rig_stop(&rig);
}
END_TEST

/* But SYNs are none. */
START_TEST(syns_over_a_limit_in_packets_keep_nobody_out)
{
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_overload(limit_packets));
	for (uint16_t i = 1; i <= 9; i++)
		ck_assert_ptr_null(send_syn(&rig, "192.0.2.1", i).overload);
	rig_stop(&rig);
}
END_TEST

/* What the driver does with it. */
static void keep_out(const struct rig *rig, const struct overload *overload)
{
	const struct live_entry entry = {
		.prefix = overload->source,
		.expires = rig->now + table_options(overload->table)->timeout,
	};

	ck_assert_int_eq(live_add(table_live(overload->table), &entry,
				  rig->now),
			 LIVE_ADDED);
}

START_TEST(who_is_kept_out_is_refused_by_the_table_until_its_time_is_over)
{
	struct verdict verdict;
	struct rig rig;

	start_overload(&rig);
	shake_hands(&rig, "192.0.2.1", 1);
	shake_hands(&rig, "192.0.2.1", 2);
	verdict = send_syn(&rig, "192.0.2.1", 3);
	ck_assert_ptr_nonnull(verdict.overload);
	keep_out(&rig, verdict.overload);
	rig.now += MINUTE - 1;
	verdict = send_syn(&rig, "192.0.2.1", 4);
	ck_assert_int_eq(verdict.reason, REASON_TABLE);
	ck_assert_uint_eq(verdict.rule, 0);
	/* A reload does not let anybody out. */
	rig_set_rules(&rig, overload_rules());
	ck_assert_int_eq(send_syn(&rig, "192.0.2.1", 5).reason, REASON_TABLE);
	rig.now++;
	ck_assert_int_eq(send_syn(&rig, "192.0.2.1", 6).reason, REASON_NEW);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("engine_limits");

	tcase_add_loop_test(tc, a_limit_is_shared_by_what_it_says, 0,
			    COUNT(scopes));
	tcase_add_test(tc, what_is_over_is_counted_and_named);
	tcase_add_test(tc, a_limit_in_connections_leaves_open_ones_alone);
	tcase_add_test(tc, a_retransmission_is_no_attempt);
	tcase_add_test(tc, a_limit_in_packets_counts_those_of_the_opener);
	tcase_add_test(tc, a_packet_over_the_limit_changes_nothing);
	tcase_add_test(tc, a_limit_in_octets_counts_whole_packets);
	tcase_add_test(
		tc, what_is_over_the_limit_of_a_rule_that_rejects_is_dropped);
	tcase_add_loop_test(tc, a_limit_goes_on_when_the_rules_change, 0, 2);
	tcase_add_test(tc,
		       without_memory_for_sources_there_is_no_limit_of_them);
	tcase_add_test(tc, who_uses_up_the_limit_by_handshakes_is_kept_out);
	tcase_add_test(tc, a_network_is_kept_out_as_it_is_counted);
	tcase_add_test(tc, who_has_sent_nothing_but_syns_is_not_kept_out);
	tcase_add_test(tc, who_speaks_udp_is_not_kept_out);
	tcase_add_test(tc, who_must_never_be_blocked_is_limited_alone);
	tcase_add_test(tc, an_audit_keeps_nobody_out);
	tcase_add_test(tc, proof_fades_with_time);
	tcase_add_test(tc, a_handshake_of_which_half_is_seen_proves_nothing);
	tcase_add_test(tc, an_open_connection_may_go_over_a_limit_in_packets);
	tcase_add_test(tc, syns_over_a_limit_in_packets_keep_nobody_out);
	tcase_add_test(
		tc,
		who_is_kept_out_is_refused_by_the_table_until_its_time_is_over);
	return run_tests(tc, "engine_limits");
}
