/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pipeline: who is asked, what is counted, what is shown.
 */
#include "engine/engine.h"

#include <netinet/in.h>
#include <string.h>

#include "engine/match.h"
#include "unit/random.h"
#include "unit/rig.h"
#include "unit/run.h"

enum { CONNS_MAX = 300 };

static struct build datagram(uint16_t sport)
{
	struct build b = frame_draft(4, IPPROTO_UDP);

	b.sport = sport;
	b.payload_len = 10;
	return b;
}

static struct build segment(uint16_t sport, uint8_t flags, uint32_t seq)
{
	struct build b = frame_draft(6, IPPROTO_TCP);

	b.sport = sport;
	b.tcp.flags = flags;
	b.tcp.seq = seq;
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

static uint64_t sum(const uint64_t *counters, size_t count)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += counters[i];
	return total;
}

/* Any packet: sensible ones, and ones that nobody understands. */
static struct frame random_frame(uint64_t *seed)
{
	static const uint8_t protocols[] = { IPPROTO_TCP, IPPROTO_UDP,
					     IPPROTO_ICMP, IPPROTO_GRE };
	struct build b = frame_draft(random_below(seed, 2) ? 4 : 6,
				     protocols[random_below(seed, 4)]);
	struct frame frame;

	b.sport = (uint16_t)(40000 + random_below(seed, 5));
	b.tcp.flags = (uint8_t)random_below(seed, 64);
	b.tcp.seq = random_below(seed, 4);
	b.tcp.ack = random_below(seed, 4);
	b.icmp.type = (uint8_t)random_below(seed, 256);
	b.payload_len = 8;
	if (random_below(seed, 2))
		b = backwards(b);
	frame = frame_build(&b);
	if (random_below(seed, 10) == 0)
		frame.octets[random_below(seed, (uint32_t)frame.len)] ^=
			(uint8_t)random_next(seed);
	return frame;
}

START_TEST(every_packet_is_counted_once)
{
	static struct engine_stats before;
	static struct frame frame;
	uint64_t seed = (uint64_t)_i + 1;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	for (uint64_t i = 1; i <= 5000; i++) {
		const struct engine_stats *after = engine_stats(rig.eng);
		struct verdict verdict;

		before = *after;
		frame = random_frame(&seed);
		verdict = rig_judge(&rig, &frame);

		rig.now += random_below(&seed, 2000);
		ck_assert_uint_eq(sum(after->packets, ACTION_COUNT), i);
		ck_assert_uint_eq(sum(after->reasons, REASON_COUNT), i);
		ck_assert_uint_eq(after->packets[verdict.action],
				  before.packets[verdict.action] + 1);
		ck_assert_uint_eq(after->reasons[verdict.reason],
				  before.reasons[verdict.reason] + 1);
	}
	rig_stop(&rig);
}
END_TEST

/* What a packet brings is not lost: all that is there was created. */
START_TEST(connections_are_counted)
{
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	for (uint16_t port = 1; port <= 100; port++) {
		struct build b = datagram(port);

		ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_NEW);
		ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_ESTABLISHED);
		ck_assert_uint_eq(engine_stats(rig.eng)->created, port);
		ck_assert_uint_eq(engine_stats(rig.eng)->conns, port);
	}
	rig.now += 3600 * 1000;
	ck_assert_uint_eq(engine_expire(rig.eng, rig.now, SIZE_MAX), 100);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	ck_assert_uint_eq(engine_stats(rig.eng)->created, 100);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_connection_counts_what_passed_each_way)
{
	struct build to = datagram(7);
	struct build back = backwards(to);
	struct conn_info conn;
	struct rig rig;

	back.payload_len = 100;
	rig_start(&rig, CONNS_MAX);
	for (int i = 0; i < 3; i++)
		(void)rig_send(&rig, &to);
	(void)rig_send(&rig, &back);
	ck_assert(rig_find(&rig, 1, &conn));
	ck_assert_uint_eq(conn.packets[DIR_ORIGINAL], 3);
	ck_assert_uint_eq(conn.packets[DIR_REPLY], 1);
	ck_assert_uint_eq(conn.bytes[DIR_ORIGINAL], 3 * (28 + 10));
	ck_assert_uint_eq(conn.bytes[DIR_REPLY], 28 + 100);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_listed_connection_is_as_its_first_packet_had_it)
{
	struct build b = _i ? backwards(datagram(7)) : datagram(7);
	struct conn_info conn;
	struct packet pkt;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	(void)rig_send(&rig, &b);
	ck_assert(rig_find(&rig, 1, &conn));
	ck_assert(tuple_equal(&conn.tuple, &pkt.tuple));
	ck_assert_int_eq(conn.created, rig.now);
	ck_assert_uint_eq(conn.rule, RULE_NONE);
	ck_assert_str_eq(conn.state, "unreplied");
	rig_stop(&rig);
}
END_TEST

/* A list of any length shows everyone once, in as many calls as it takes. */
static const size_t list_lengths[] = { 1, 2, 3, 7, 64, CONNS_MAX };

START_TEST(a_list_shows_everyone_once)
{
	static struct conn_info list[CONNS_MAX];
	bool seen[CONNS_MAX + 1] = { false };
	size_t cursor = 0;
	size_t calls = 0;
	size_t shown = 0;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	for (uint16_t port = 1; port <= CONNS_MAX; port++) {
		struct build b = datagram(port);

		(void)rig_send(&rig, &b);
	}
	while (cursor != SIZE_MAX && calls++ < 10000) {
		size_t len = engine_list(rig.eng, rig.now, &cursor, list,
					 list_lengths[_i]);

		ck_assert_uint_le(len, list_lengths[_i]);
		for (size_t i = 0; i < len; i++) {
			ck_assert(!seen[list[i].id]);
			seen[list[i].id] = true;
			shown++;
		}
	}
	/* Of a bucket that is longer than the list, only a part is shown. */
	if (list_lengths[_i] >= 7)
		ck_assert_uint_eq(shown, CONNS_MAX);
	ck_assert_uint_eq(cursor, SIZE_MAX);
	rig_stop(&rig);
}
END_TEST

START_TEST(what_is_over_is_not_listed)
{
	struct conn_info list[4];
	struct build b = datagram(7);
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_send(&rig, &b);
	rig.now += timeout_info[TIMEOUT_UDP_UNREPLIED].value - 1;
	ck_assert_uint_eq(rig_list(&rig, list, 4), 1);
	rig.now++;
	ck_assert_uint_eq(rig_list(&rig, list, 4), 0);
	rig_stop(&rig);
}
END_TEST

/* Rules with one. */
static void set_rule(struct rig *rig, enum action action, bool log,
		     const char *key, const char *text)
{
	struct ruleset *rules = rig_make_rules();
	struct rule *rule = ruleset_add_rule(
		rules, "r",
		&(struct rule_options){ .action = action, .log = log });
	struct match_fault fault;

	ck_assert(ruleset_add_match(rules, rule, match_type_find(key), text,
				    &fault));
	rig_set_rules(rig, rules);
}

START_TEST(rules_are_asked_about_new_connections_only)
{
	struct build b = datagram(7);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	set_rule(&rig, ACTION_ACCEPT, true, "dport", "80");
	verdict = rig_send(&rig, &b);
	ck_assert_int_eq(verdict.reason, REASON_NEW);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert(verdict.log);
	/* From now on there is nothing to ask, and nothing to log. */
	rig_set_rules(&rig, ruleset_create());
	verdict = rig_send(&rig, &b);
	ck_assert_int_eq(verdict.reason, REASON_ESTABLISHED);
	ck_assert_uint_eq(verdict.rule, RULE_NONE);
	ck_assert(!verdict.log);
	b = backwards(b);
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_ACCEPT);
	b = datagram(8);
	ck_assert_int_eq(rig_send(&rig, &b).reason, REASON_POLICY);
	rig_stop(&rig);
}
END_TEST

static const enum action refusals[] = { ACTION_DROP, ACTION_REJECT };

START_TEST(a_refused_packet_opens_nothing)
{
	struct build b = datagram(7);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	set_rule(&rig, refusals[_i], false, "sport", "7");
	verdict = rig_send(&rig, &b);
	ck_assert_int_eq(verdict.action, refusals[_i]);
	ck_assert_int_eq(verdict.reason, REASON_RULE);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(verdict.conn.id, 0);
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

static const struct {
	const char *what;
	uint8_t version;
	const char *dst;
} groups[] = {
	{ "a group", 4, "224.0.0.251" },
	{ "all hosts", 4, "255.255.255.255" },
	{ "a group, IPv6", 6, "ff02::fb" },
};

/* Answers come from other addresses; the rules are asked each time. */
START_TEST(what_goes_to_many_opens_nothing)
{
	struct build b = frame_draft(groups[_i].version, IPPROTO_UDP);
	struct rig rig;

	b.ip.dst = groups[_i].dst;
	rig_start(&rig, CONNS_MAX);
	for (int i = 0; i < 3; i++) {
		struct verdict verdict = rig_send(&rig, &b);

		ck_assert_msg(verdict.reason == REASON_NEW, "%s",
			      groups[_i].what);
		ck_assert_uint_eq(verdict.conn.id, 0);
	}
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	ruleset_set_policy(rig.rules, HOOK_FORWARD, ACTION_DROP);
	ck_assert_int_eq(rig_send(&rig, &b).action, ACTION_DROP);
	rig_stop(&rig);
}
END_TEST

/* A rule may forbid what an open connection's ends ask for anew. */
START_TEST(a_syn_is_asked_about_although_its_connection_is_known)
{
	struct build syn = segment(7, TCP_SYN, 1000);
	struct conn_info before;
	struct conn_info after;
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)rig_send(&rig, &syn);
	ck_assert(rig_find(&rig, 1, &before));
	set_rule(&rig, ACTION_DROP, false, "proto", "tcp");
	syn.tcp.seq = 9000;
	verdict = rig_send(&rig, &syn);
	ck_assert_int_eq(verdict.reason, REASON_RULE);
	ck_assert_uint_eq(verdict.conn.id, 1);
	ck_assert(rig_find(&rig, 1, &after));
	ck_assert(rig_same(&before, &after));
	/* The same SYN again is no new request. */
	syn.tcp.seq = 1000;
	ck_assert_int_eq(rig_send(&rig, &syn).reason, REASON_DUP_SYN);
	rig_stop(&rig);
}
END_TEST

START_TEST(packets_of_one_pair_of_hosts_meet_in_one_shard)
{
	struct hash_key key = { 5, 6 };
	struct build b = datagram(7);
	struct packet pkt;
	size_t shard;
	size_t used = 0;

	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	shard = engine_shard(&pkt, &key, 16);
	ck_assert_uint_lt(shard, 16);
	b = backwards(datagram(4711));
	b.ip.ipproto = IPPROTO_ICMP;
	b.icmp.type = 8;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert_uint_eq(engine_shard(&pkt, &key, 16), shard);
	/* And many pairs use them all. */
	for (uint8_t i = 0; i < 200; i++) {
		pkt.tuple.src.bytes[15] = i;
		used |= (size_t)1 << engine_shard(&pkt, &key, 16);
	}
	ck_assert_uint_eq(used, 0xffff);
}
END_TEST

/* The sum of all that a connection costs, of whatever protocol and family. */
START_TEST(a_connection_costs_at_most_256_octets)
{
	size_t bucket = 2 * sizeof(uint32_t);
	size_t slab = (sizeof(struct slab) + POOL_SLAB_LEN - 1) / POOL_SLAB_LEN;

	ck_assert_uint_le(sizeof(struct conn) + bucket + slab, 256);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, every_packet_is_counted_once, 0, 4);
	tcase_add_test(tc, connections_are_counted);
	tcase_add_test(tc, a_connection_counts_what_passed_each_way);
	tcase_add_loop_test(
		tc, a_listed_connection_is_as_its_first_packet_had_it, 0, 2);
	tcase_add_loop_test(tc, a_list_shows_everyone_once, 0,
			    COUNT(list_lengths));
	tcase_add_test(tc, what_is_over_is_not_listed);
	tcase_add_test(tc, rules_are_asked_about_new_connections_only);
	tcase_add_loop_test(tc, a_refused_packet_opens_nothing, 0,
			    COUNT(refusals));
	tcase_add_loop_test(tc, what_goes_to_many_opens_nothing, 0,
			    COUNT(groups));
	tcase_add_test(tc,
		       a_syn_is_asked_about_although_its_connection_is_known);
	tcase_add_test(tc, packets_of_one_pair_of_hosts_meet_in_one_shard);
	tcase_add_test(tc, a_connection_costs_at_most_256_octets);
}

int main(void)
{
	TCase *tc = tcase_create("engine");

	add(tc);
	return run_tests(tc, "engine");
}
