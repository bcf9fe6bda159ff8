/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shards: which packets meet in one, what they share, and the exchange of
 * the rules.  Threads have a test of their own.
 */
#include "daemon/dataplane.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/table.h"
#include "engine/tcp.h"
#include "unit/frame.h"
#include "unit/random.h"
#include "unit/rig.h"
#include "unit/run.h"

enum {
	NOW = 1000000,
	MINUTE = 60000,
	YEAR = 2000000000, /* whatever there is, it has ended by then */
	ROOM = 640,
	EXPIRE_ALL = 100000,
	PAIRS = 200, /* of hosts: some for every shard */
};

static const char *const router[] = { "203.0.113.1", "2001:db8:ffff::1" };
static const struct hash_key key = { 3, 5 };

static struct ruleset *make_rules(enum action policy)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		ruleset_set_policy(rules, hook, policy);
	return rules;
}

/* One rule for everything. */
static struct ruleset *make_rule(const char *name, enum action action, bool log)
{
	struct ruleset *rules = make_rules(ACTION_DROP);

	ck_assert_ptr_nonnull(ruleset_add_rule(
		rules, name,
		&(struct rule_options){ .action = action, .log = log }));
	return rules;
}

static struct dataplane *start(size_t room, struct ruleset *rules)
{
	struct dataplane *dp = dataplane_create(room, &key, rules, NOW);

	ck_assert_ptr_nonnull(dp);
	return dp;
}

static struct packet read_packet(const struct build *b)
{
	struct packet pkt;

	ck_assert_int_eq(frame_read(b, &pkt), REASON_NONE);
	return pkt;
}

/* Host @host of a network asks one beyond, in UDP. */
struct question {
	struct build b;
	char src[40];
};

static const struct build *ask(struct question *q, uint8_t version, int host)
{
	q->b = frame_draft(version, IPPROTO_UDP);
	(void)snprintf(q->src, sizeof(q->src),
		       version == 4 ? "192.0.2.%d" : "2001:db8:1::%d",
		       host % 250 + 1);
	q->b.ip.src = q->src;
	return &q->b;
}

static struct verdict decide(struct dataplane *dp, const struct build *b,
			     msec_t now)
{
	struct packet pkt = read_packet(b);

	return dataplane_decide(dp, &pkt, now).verdict;
}

static struct verdict decide_port(struct dataplane *dp, uint16_t port,
				  msec_t now)
{
	struct build b = frame_draft(4, IPPROTO_UDP);

	b.sport = port;
	return decide(dp, &b, now);
}

static const uint8_t versions[] = { 4, 6 };

/* Kept apart: they are large. */
static const struct engine_stats *read_stats(struct dataplane *dp)
{
	static struct engine_stats stats;

	stats = dataplane_stats(dp);
	return &stats;
}

static uint64_t count_conns(struct dataplane *dp)
{
	return read_stats(dp)->conns;
}

START_TEST(an_icmp_error_meets_the_connection_that_it_is_about)
{
	uint8_t version = versions[_i];
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));
	uint8_t quoted[256];

	for (int host = 0; host < PAIRS; host++) {
		struct question q;
		struct build error = frame_draft(version, IPPROTO_ICMP);

		ck_assert_int_eq(decide(dp, ask(&q, version, host), NOW).reason,
				 REASON_NEW);
		error.ip.src = router[version == 6];
		error.ip.dst = q.src;
		error.icmp.type = version == 4 ? 3 : 1;
		error.payload = quoted;
		error.payload_len = build_packet(&q.b, quoted, sizeof(quoted));
		ck_assert_int_eq(decide(dp, &error, NOW).reason,
				 REASON_RELATED);
	}
	dataplane_destroy(dp);
}
END_TEST

START_TEST(both_directions_meet)
{
	uint8_t version = versions[_i];
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));

	for (int host = 0; host < PAIRS; host++) {
		struct question q;
		struct packet pkt = read_packet(ask(&q, version, host));
		struct verdict first = dataplane_decide(dp, &pkt, NOW).verdict;
		struct verdict second;

		pkt.tuple = tuple_reverse(&pkt.tuple);
		second = dataplane_decide(dp, &pkt, NOW).verdict;
		ck_assert_int_eq(second.reason, REASON_ESTABLISHED);
		ck_assert_uint_eq(second.conn.id, first.conn.id);
		ck_assert(second.conn.reply);
	}
	ck_assert_uint_eq(count_conns(dp), PAIRS);
	dataplane_destroy(dp);
}
END_TEST

static void check_same(const struct verdict *a, const struct verdict *b)
{
	ck_assert_int_eq(a->action, b->action);
	ck_assert_int_eq(a->reason, b->reason);
	ck_assert_uint_eq(a->conn.id, b->conn.id);
	ck_assert(a->conn.reply == b->conn.reply);
	ck_assert(a->conn.state == b->conn.state);
}

/* A question of one of a few hosts, or an answer, perhaps to none. */
static struct packet random_packet(uint64_t *seed)
{
	enum { HOSTS = 20, PORTS = 3 };
	uint8_t version = versions[random_below(seed, 2)];
	struct question q;
	struct packet pkt;

	(void)ask(&q, version, (int)random_below(seed, HOSTS));
	q.b.sport = (uint16_t)(1000 + random_below(seed, PORTS));
	pkt = read_packet(&q.b);
	if (random_below(seed, 2))
		pkt.tuple = tuple_reverse(&pkt.tuple);
	return pkt;
}

/* Also those whose connection is opened, or over, by one of the same part. */
START_TEST(packets_are_judged_together_as_one_by_one)
{
	enum { ROUNDS = 3000, STEP_MAX = 100000 };
	struct dataplane *one = start(ROOM, make_rules(ACTION_ACCEPT));
	struct dataplane *all = start(ROOM, make_rules(ACTION_ACCEPT));
	static struct packet packets[DATAPLANE_PART_MAX];
	static struct judged judged[DATAPLANE_PART_MAX];
	uint64_t seed = 5;
	msec_t now = NOW;

	for (int i = 0; i < ROUNDS; i++) {
		size_t count = random_below(&seed, DATAPLANE_PART_MAX + 1);

		for (size_t j = 0; j < count; j++)
			packets[j] = random_packet(&seed);
		now += random_below(&seed, STEP_MAX);
		dataplane_judge(all, packets, count, now, judged);
		for (size_t j = 0; j < count; j++) {
			struct judged alone =
				dataplane_decide(one, &packets[j], now);

			check_same(&judged[j].verdict, &alone.verdict);
		}
	}
	ck_assert_uint_gt(read_stats(all)->created, ROUNDS);
	ck_assert_uint_eq(count_conns(all), count_conns(one));
	dataplane_destroy(one);
	dataplane_destroy(all);
}
END_TEST

START_TEST(one_pair_of_hosts_may_fill_the_table)
{
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));
	int refused = 0;

	for (uint16_t i = 0; i < ROOM; i++)
		ck_assert_int_eq(decide_port(dp, 1024 + i, NOW).reason,
				 REASON_NEW);
	ck_assert_uint_eq(count_conns(dp), ROOM);
	/* No room is held back for the other shards: theirs are refused. */
	for (int host = 0; host < PAIRS; host++) {
		struct question q;
		struct verdict v = decide(dp, ask(&q, 6, host), NOW);

		if (v.reason == REASON_TABLE_FULL)
			refused++;
		ck_assert_uint_eq(count_conns(dp), ROOM);
	}
	ck_assert_int_ge(refused, PAIRS / 2);
	dataplane_destroy(dp);
}
END_TEST

START_TEST(a_full_table_has_room_for_all_shards_after_the_next_expiry)
{
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));

	for (uint16_t i = 0; i < ROOM; i++)
		(void)decide_port(dp, 1024 + i, NOW);
	/* What moved a moment ago does not make room. */
	dataplane_expire(dp, NOW + 1, EXPIRE_ALL);
	ck_assert_uint_eq(read_stats(dp)->evicted, 0);
	dataplane_expire(dp, NOW + 250, EXPIRE_ALL);
	for (int host = 0; host < ROOM / 20; host++) {
		struct question q;

		ck_assert_int_eq(decide(dp, ask(&q, 6, host), NOW + 250).reason,
				 REASON_NEW);
	}
	ck_assert_uint_gt(read_stats(dp)->evicted, 0);
	dataplane_destroy(dp);
}
END_TEST

START_TEST(what_one_shard_gives_back_another_may_take)
{
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));
	struct question q;

	for (uint16_t i = 0; i < ROOM; i++)
		(void)decide_port(dp, 1024 + i, NOW);
	dataplane_expire(dp, NOW + YEAR, EXPIRE_ALL);
	ck_assert_uint_eq(count_conns(dp), 0);
	for (uint16_t i = 0; i < ROOM; i++) {
		struct packet pkt = read_packet(ask(&q, 6, 7));

		pkt.tuple.sport = 1024 + i;
		ck_assert_int_eq(
			dataplane_decide(dp, &pkt, NOW + YEAR).verdict.reason,
			REASON_NEW);
	}
	ck_assert_uint_eq(count_conns(dp), ROOM);
	dataplane_destroy(dp);
}
END_TEST

START_TEST(new_rules_judge_the_next_packet_and_spare_the_connections)
{
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));
	struct question q;

	for (int host = 0; host < PAIRS; host++)
		(void)decide(dp, ask(&q, 4, host), NOW);
	ck_assert(dataplane_set_rules(dp, make_rules(ACTION_DROP)));
	for (int host = 0; host < PAIRS; host++) {
		ck_assert_int_eq(decide(dp, ask(&q, 4, host), NOW).reason,
				 REASON_ESTABLISHED);
		ck_assert_int_eq(decide(dp, ask(&q, 6, host), NOW).reason,
				 REASON_POLICY);
	}
	dataplane_destroy(dp);
}
END_TEST

/* What becomes of connections that the new rules would not let in. */
static const struct {
	enum recheck recheck;
	bool ends_refused; /* those of IPv6 */
	bool ends_allowed; /* those of IPv4, which the new rules let in */
} rechecks[] = {
	{ RECHECK_KEEP, false, false },
	{ RECHECK_JUDGE, true, false },
	{ RECHECK_FLUSH, true, true },
};

static struct ruleset *refuse_ipv6(void)
{
	struct ruleset *rules = make_rules(ACTION_ACCEPT);
	struct rule *rule = ruleset_add_rule(
		rules, "no-ipv6",
		&(struct rule_options){ .action = ACTION_DROP });
	struct match_fault fault;

	ck_assert_ptr_nonnull(rule);
	ck_assert(ruleset_add_match(rules, rule, match_type_find("dst"),
				    "2001:db8::/32", &fault));
	return rules;
}

static bool is_open(struct dataplane *dp, uint8_t version, int host)
{
	struct question q;
	struct packet pkt = read_packet(ask(&q, version, host));

	/* Else it opens another one, or the rules refuse it. */
	return dataplane_decide(dp, &pkt, NOW).verdict.reason ==
	       REASON_ESTABLISHED;
}

START_TEST(new_rules_end_the_connections_that_they_are_told_to)
{
	static struct recheck_report report;
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));
	struct question q;
	int steps = 0;

	for (int host = 0; host < PAIRS; host++) {
		(void)decide(dp, ask(&q, 4, host), NOW);
		(void)decide(dp, ask(&q, 6, host), NOW);
	}
	ck_assert(dataplane_set_rules(dp, refuse_ipv6()));
	while (!dataplane_recheck(dp, rechecks[_i].recheck, NOW, &report))
		ck_assert_int_lt(steps++, 1000);
	ck_assert_uint_eq(report.closed,
			  PAIRS * (size_t)(rechecks[_i].ends_refused +
					   rechecks[_i].ends_allowed));
	ck_assert_uint_eq(report.listed,
			  report.closed ? RECHECK_LISTED_MAX : 0);
	for (size_t i = 0; i < report.listed && _i == RECHECK_JUDGE; i++) {
		ck_assert_uint_eq(report.list[i].conn.tuple.ipversion, 6);
		ck_assert_str_eq(report.list[i].rule, "no-ipv6");
	}
	for (int host = 0; host < PAIRS; host++) {
		ck_assert(is_open(dp, 6, host) != rechecks[_i].ends_refused);
		ck_assert(is_open(dp, 4, host) != rechecks[_i].ends_allowed);
	}
	/* Done is done. */
	ck_assert(dataplane_recheck(dp, RECHECK_FLUSH, NOW, &report));
	dataplane_destroy(dp);
}
END_TEST

static const struct {
	const char *what;
	const char *name;
	enum action action;
	bool log;
	const char *told; /* NULL: it is not to be logged */
} logged[] = {
	{ "an accepting rule", "web", ACTION_ACCEPT, true, "web" },
	{ "a dropping rule", "no-web", ACTION_DROP, true, "no-web" },
	{ "a rule that does not log", "web", ACTION_DROP, false, NULL },
	{ "the longest name that a rule can have",
	  "a-name-of-forty-eight-letters-and-not-one-more--", ACTION_ACCEPT,
	  true, "a-name-of-forty-eight-letters-and-not-one-more--" },
};

START_TEST(a_verdict_to_be_logged_names_its_rule)
{
	struct dataplane *dp =
		start(ROOM, make_rule(logged[_i].name, logged[_i].action,
				      logged[_i].log));
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct packet pkt = read_packet(&b);
	struct judged judged = dataplane_decide(dp, &pkt, NOW);

	ck_assert_msg(judged.verdict.log == (logged[_i].told != NULL), "%s",
		      logged[_i].what);
	if (logged[_i].told)
		ck_assert_str_eq(judged.rule, logged[_i].told);
	/* The name stays when its rule goes. */
	ck_assert(dataplane_set_rules(dp, make_rules(ACTION_DROP)));
	if (logged[_i].told)
		ck_assert_str_eq(judged.rule, logged[_i].told);
	dataplane_destroy(dp);
}
END_TEST

START_TEST(packets_that_cannot_be_parsed_are_counted)
{
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));
	struct verdict verdict = dataplane_refuse(dp, REASON_BAD_HEADER);
	struct engine_stats stats;

	ck_assert_int_eq(verdict.action, ACTION_DROP);
	ck_assert_int_eq(verdict.reason, REASON_BAD_HEADER);
	(void)dataplane_refuse(dp, REASON_FRAGMENT);
	stats = dataplane_stats(dp);
	ck_assert_uint_eq(stats.packets[ACTION_DROP], 2);
	ck_assert_uint_eq(stats.reasons[REASON_BAD_HEADER], 1);
	ck_assert_uint_eq(stats.reasons[REASON_FRAGMENT], 1);
	dataplane_destroy(dp);
}
END_TEST

struct listing {
	struct dataplane *dp;
	size_t len;
	bool seen[PAIRS]; /* by port */
};

static void list_conn(const struct conn_info *conn, void *arg)
{
	struct listing *listing = arg;

	listing->len++;
	ck_assert_uint_lt(conn->tuple.sport, PAIRS);
	listing->seen[conn->tuple.sport] = true;
	/* Would never return if the lock of any shard were held. */
	ck_assert_uint_eq(dataplane_stats(listing->dp).conns, PAIRS);
}

START_TEST(each_live_connection_is_listed_once_with_no_lock_held)
{
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));
	struct listing listing = { .dp = dp };
	struct question q;

	for (uint16_t host = 0; host < PAIRS; host++) {
		struct packet pkt = read_packet(ask(&q, 4, host));

		pkt.tuple.sport = host;
		(void)dataplane_decide(dp, &pkt, NOW);
	}
	dataplane_list(dp, NOW, list_conn, &listing);
	ck_assert_uint_eq(listing.len, PAIRS);
	for (size_t i = 0; i < PAIRS; i++)
		ck_assert_msg(listing.seen[i], "connection %zu", i);
	listing.len = 0;
	dataplane_list(dp, NOW + YEAR, list_conn, &listing);
	ck_assert_uint_eq(listing.len, 0);
	dataplane_destroy(dp);
}
END_TEST

START_TEST(an_expiry_does_no_more_than_its_budget_a_shard)
{
	struct dataplane *dp = start(ROOM, make_rules(ACTION_ACCEPT));

	/* One pair of hosts is one shard, and the table is far from full. */
	for (uint16_t i = 0; i < ROOM / 2; i++)
		(void)decide_port(dp, 1024 + i, NOW);
	dataplane_expire(dp, NOW + YEAR, 10);
	ck_assert_uint_eq(count_conns(dp), ROOM / 2 - 10);
	dataplane_destroy(dp);
}
END_TEST

/* Two connections in a minute from one source, or it is in <bad> for one. */
static struct ruleset *make_overload(void)
{
	const struct table_options dynamic = { .dynamic = true,
					       .timeout = MINUTE,
					       .max_entries = 16 };
	const struct rule_options drops = { .action = ACTION_DROP };
	struct ruleset *rules = rig_make_rules();
	struct table *bad = ruleset_add_table(rules, "bad");
	const struct rule_options limited = {
		.limit = { .unit = LIMIT_NEW,
			   .rate = { .amount = 2, .period = MINUTE },
			   .scope = LIMIT_SOURCE,
			   .overload = bad,
			   .kill = true },
	};

	ck_assert_int_eq(table_seal(bad), 0);
	ck_assert_int_eq(table_set_options(bad, &dynamic), 0);
	(void)rig_add_rule(rules, "banned", &drops, "src", "<bad>");
	(void)rig_add_rule(rules, "limited", &limited, NULL, NULL);
	return rules;
}

/* Drafts are large, so there is one of them. */
static struct build *draft(const char *dst, uint8_t flags)
{
	static struct build b;

	b = frame_draft(4, IPPROTO_TCP);
	b.ip.dst = dst;
	b.tcp.flags = flags;
	b.tcp.seq = 100;
	b.tcp.window = 1000;
	return &b;
}

static enum reason send_syn(struct dataplane *dp, const char *dst, msec_t now)
{
	return decide(dp, draft(dst, TCP_SYN), now).reason;
}

static enum reason send_synack(struct dataplane *dp, const char *src)
{
	struct build *b = draft(src, TCP_SYN | TCP_ACK);
	uint16_t port = b->sport;

	b->ip.dst = b->ip.src;
	b->ip.src = src;
	b->sport = b->dport;
	b->dport = port;
	b->tcp.seq = 500;
	b->tcp.ack = 101;
	return decide(dp, b, NOW).reason;
}

static enum reason send_ack(struct dataplane *dp, const char *dst)
{
	struct build *b = draft(dst, TCP_ACK);

	b->tcp.seq = 101;
	b->tcp.ack = 501;
	return decide(dp, b, NOW).reason;
}

static void shake_hands(struct dataplane *dp, const char *server)
{
	ck_assert_int_eq(send_syn(dp, server, NOW), REASON_NEW);
	ck_assert_int_eq(send_synack(dp, server), REASON_SYNACK);
	ck_assert_int_eq(send_ack(dp, server), REASON_THIRD_ACK);
}

static char kept_out[3][80]; /* what note_kept_out() was told */
static size_t kept_out_count;

static void note_kept_out(const struct table *table,
			  const struct prefix *source, bool full)
{
	char text[ADDR_TEXT_LEN];

	ck_assert_uint_lt(kept_out_count, COUNT(kept_out));
	addr_format(&source->addr, text);
	(void)snprintf(kept_out[kept_out_count++], sizeof(kept_out[0]),
		       "%s %s%s", table_name(table), text, full ? " full" : "");
}

START_TEST(who_is_over_a_limit_is_kept_out_and_his_connections_are_closed)
{
	const char *third = "198.51.100.23";
	struct dataplane *dp = start(ROOM, make_overload());

	shake_hands(dp, "198.51.100.21");
	shake_hands(dp, "198.51.100.22");
	ck_assert_int_eq(send_syn(dp, third, NOW), REASON_SOURCE_LIMIT);
	ck_assert_int_eq(send_syn(dp, third, NOW), REASON_SOURCE_LIMIT);
	ck_assert_uint_eq(count_conns(dp), 2);
	kept_out_count = 0;
	dataplane_keep_out(dp, NOW, note_kept_out);
	ck_assert_uint_eq(kept_out_count, 1);
	ck_assert_str_eq(kept_out[0], "bad 192.0.2.10");
	ck_assert_uint_eq(count_conns(dp), 0);
	ck_assert_int_eq(send_syn(dp, third, NOW), REASON_TABLE);
	/* New rules with a table of that name know it still. */
	ck_assert(dataplane_set_rules(dp, make_overload()));
	ck_assert_int_eq(send_syn(dp, third, NOW + MINUTE - 1), REASON_TABLE);
	ck_assert_int_eq(send_syn(dp, third, NOW + MINUTE), REASON_NEW);
	dataplane_destroy(dp);
}
END_TEST

START_TEST(new_rules_forget_who_was_over_a_limit_of_the_old_ones)
{
	const char *third = "198.51.100.23";
	struct dataplane *dp = start(ROOM, make_overload());

	shake_hands(dp, "198.51.100.21");
	shake_hands(dp, "198.51.100.22");
	ck_assert_int_eq(send_syn(dp, third, NOW), REASON_SOURCE_LIMIT);
	ck_assert(dataplane_set_rules(dp, make_rules(ACTION_DROP)));
	kept_out_count = 0;
	dataplane_keep_out(dp, NOW, note_kept_out);
	ck_assert_uint_eq(kept_out_count, 0);
	ck_assert_uint_eq(count_conns(dp), 2);
	dataplane_destroy(dp);
}
END_TEST

START_TEST(destroying_none_does_nothing)
{
	dataplane_destroy(NULL);
}
END_TEST

/* A Thursday, 1970-01-01, at midnight and a second. */
START_TEST(a_schedule_goes_by_the_local_time)
{
	const struct rule_options options = {
		.schedule = { 0x08, 1, false, { { 60, 120 } } },
	};
	struct ruleset *rules = make_rules(ACTION_DROP);
	struct dataplane *dp;

	ck_assert_ptr_nonnull(ruleset_add_rule(rules, "hour", &options));
	dp = start(ROOM, rules);
	dataplane_set_wall(dp, 1000 - NOW, 0);
	for (int i = 0; i < PAIRS; i++) {
		struct question q;

		ck_assert_int_eq(decide(dp, ask(&q, 4, i), NOW).action,
				 ACTION_DROP);
	}
	dataplane_set_wall(dp, 1000 - NOW, 3600);
	for (int i = 0; i < PAIRS; i++) {
		struct question q;

		ck_assert_int_eq(decide(dp, ask(&q, 4, i), NOW).action,
				 ACTION_ACCEPT);
	}
	dataplane_destroy(dp);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc,
			    an_icmp_error_meets_the_connection_that_it_is_about,
			    0, COUNT(versions));
	tcase_add_loop_test(tc, both_directions_meet, 0, COUNT(versions));
	tcase_add_test(tc, packets_are_judged_together_as_one_by_one);
	tcase_add_test(tc, one_pair_of_hosts_may_fill_the_table);
	tcase_add_test(
		tc, a_full_table_has_room_for_all_shards_after_the_next_expiry);
	tcase_add_test(tc, what_one_shard_gives_back_another_may_take);
	tcase_add_test(
		tc, new_rules_judge_the_next_packet_and_spare_the_connections);
	tcase_add_loop_test(tc,
			    new_rules_end_the_connections_that_they_are_told_to,
			    0, COUNT(rechecks));
	tcase_add_loop_test(tc, a_verdict_to_be_logged_names_its_rule, 0,
			    COUNT(logged));
	tcase_add_test(tc, packets_that_cannot_be_parsed_are_counted);
	tcase_add_test(tc,
		       each_live_connection_is_listed_once_with_no_lock_held);
	tcase_add_test(tc, an_expiry_does_no_more_than_its_budget_a_shard);
	tcase_add_test(
		tc,
		who_is_over_a_limit_is_kept_out_and_his_connections_are_closed);
	tcase_add_test(tc,
		       new_rules_forget_who_was_over_a_limit_of_the_old_ones);
	tcase_add_test(tc, destroying_none_does_nothing);
	tcase_add_test(tc, a_schedule_goes_by_the_local_time);
	return run_tests(tc, "daemon_dataplane");
}
