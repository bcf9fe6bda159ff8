/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maxima of connections: a rule's, and a source's by a rule.  Whichever way a
 * connection begins, changes hands or ends, it is counted once or not at all.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "engine/engine_state.h"
#include "engine/match.h"
#include "engine/ruleset_state.h"
#include "unit/random.h"
#include "unit/rig.h"
#include "unit/run.h"

enum { CONNS_MAX = 300, DAY = 24 * 3600 * 1000 };

/* Rules with one, which all match; the policy accepts what it refuses not. */
static struct ruleset *make_rules(const char *name, uint32_t max,
				  uint32_t max_per_source)
{
	const struct rule_options options = {
		.max = max,
		.max_per_source = max_per_source,
	};
	struct ruleset *rules = rig_make_rules();

	(void)rig_add_rule(rules, name, &options, NULL, NULL);
	return rules;
}

static void start(struct rig *rig, uint32_t max, uint32_t max_per_source)
{
	rig_start(rig, CONNS_MAX);
	rig_set_rules(rig, make_rules("few", max, max_per_source));
}

static struct build datagram(const char *src, uint16_t sport)
{
	struct build b = frame_draft(strchr(src, ':') ? 6 : 4, IPPROTO_UDP);

	b.ip.src = src;
	b.sport = sport;
	return b;
}

static struct verdict send_from(struct rig *rig, const char *src,
				uint16_t sport)
{
	struct build b = datagram(src, sport);

	return rig_send(rig, &b);
}

static uint32_t count_of(const struct rig *rig, uint32_t rule)
{
	return atomic_load(&ruleset_rule(rig->rules, rule)->state->conns);
}

static uint32_t count_from(const struct rig *rig, uint32_t rule,
			   const char *src)
{
	struct tuple tuple = { .ipversion = strchr(src, ':') ? 6 : 4 };
	struct sources_key key;

	ck_assert_int_eq(addr_parse(&tuple.src, src), 0);
	key = engine_sources_key(ruleset_rule(rig->rules, rule), SOURCES_CONNS,
				 &tuple);
	return sources_count(rig->sources, &key);
}

START_TEST(a_rule_has_at_most_so_many_connections)
{
	struct verdict verdict;
	struct rig rig;

	start(&rig, 2, 0);
	(void)send_from(&rig, "192.0.2.1", 1);
	(void)send_from(&rig, "192.0.2.2", 1);
	verdict = send_from(&rig, "192.0.2.3", 1);
	ck_assert_int_eq(verdict.action, ACTION_DROP);
	ck_assert_int_eq(verdict.reason, REASON_CONNECTION_LIMIT);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(verdict.conn.id, 0);
	ck_assert_uint_eq(engine_rule_stats(rig.eng, 0)->limited, 1);
	/* Those that are there go on. */
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 1).reason,
			 REASON_ESTABLISHED);
	rig_stop(&rig);
}
END_TEST

static const struct {
	const char *src;
	bool is_refused;
} thirds[] = {
	{ "192.0.2.1", true },
	{ "192.0.2.2", false },
	{ "2001:db8::9", true }, /* the network is what counts */
	{ "2001:db8:0:1::1", false },
};

START_TEST(a_source_has_at_most_so_many_connections)
{
	struct verdict verdict;
	struct rig rig;

	start(&rig, 0, 2);
	for (uint16_t i = 1; i <= 2; i++) {
		(void)send_from(&rig, "192.0.2.1", i);
		(void)send_from(&rig, "2001:db8::1", i);
	}
	verdict = send_from(&rig, thirds[_i].src, 3);
	ck_assert_int_eq(verdict.reason, thirds[_i].is_refused
						 ? REASON_SOURCE_LIMIT
						 : REASON_NEW);
	ck_assert_int_eq(verdict.rule, 0);
	/* A source that has none left takes none from the rule. */
	rig_set_rules(&rig, make_rules("few", 6, 2));
	for (uint16_t i = 0; i < 5; i++)
		(void)send_from(&rig, "192.0.2.1", (uint16_t)(10 + i));
	ck_assert_uint_eq(count_of(&rig, 0), engine_stats(rig.eng)->conns);
	rig_stop(&rig);
}
END_TEST

static bool always(const struct conn_info *conn, void *arg)
{
	(void)conn;
	(void)arg;
	return true;
}

static void end_by_lookup(struct rig *rig)
{
	rig->now += DAY;
	for (uint16_t i = 1; i <= 2; i++) {
		struct build b = datagram("192.0.2.1", i);

		/* The lookup removes it, and the policy lets it in again. */
		rig_set_rules(rig, rig_make_rules());
		(void)rig_send(rig, &b);
	}
}

static void end_by_sweep(struct rig *rig)
{
	rig->now += DAY;
	while (engine_expire(rig->eng, rig->now, CONNS_MAX) > 0)
		;
}

static void end_by_eviction(struct rig *rig)
{
	while (engine_evict(rig->eng, EVICT_QUIET, 0, rig->now))
		;
}

static void end_by_closing(struct rig *rig)
{
	const struct engine_close close = { .wanted = always };
	size_t cursor = 0;

	while (cursor != SIZE_MAX)
		(void)engine_close(rig->eng, rig->now, &cursor, &close);
}

static void end_by_flush(struct rig *rig)
{
	ck_assert_uint_eq(
		rig_reload(rig, make_rules("few", 2, 2), RECHECK_FLUSH), 2);
}

static void (*const ends[])(struct rig *rig) = {
	end_by_sweep, end_by_eviction, end_by_closing,
	end_by_flush, end_by_lookup,
};

START_TEST(however_a_connection_ends_another_may_begin)
{
	struct rig rig;

	start(&rig, 2, 2);
	for (uint16_t i = 1; i <= 2; i++)
		(void)send_from(&rig, "192.0.2.1", i);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 3).action, ACTION_DROP);
	ends[_i](&rig);
	rig_set_rules(&rig, make_rules("few", 2, 2));
	ck_assert_uint_eq(count_of(&rig, 0), 0);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 0);
	for (uint16_t i = 11; i <= 12; i++)
		ck_assert_int_eq(send_from(&rig, "192.0.2.1", i).action,
				 ACTION_ACCEPT);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 13).action, ACTION_DROP);
	rig_stop(&rig);
}
END_TEST

/* Reloads. */

START_TEST(a_maximum_goes_on_when_the_rules_change)
{
	struct ruleset *rules = rig_make_rules();
	const struct rule_options options = { .max = 2, .max_per_source = 2 };
	struct rig rig;

	start(&rig, 2, 2);
	(void)send_from(&rig, "192.0.2.1", 1);
	(void)send_from(&rig, "192.0.2.1", 2);
	(void)rig_add_rule(rules, "other", &options, "proto", "tcp");
	(void)rig_add_rule(rules, "few", &options, NULL, NULL);
	rig_set_rules(&rig, rules);
	ck_assert_uint_eq(count_of(&rig, 1), 2);
	ck_assert_int_eq(send_from(&rig, "192.0.2.2", 1).reason,
			 REASON_CONNECTION_LIMIT);
	rig.now += DAY;
	end_by_sweep(&rig);
	ck_assert_uint_eq(count_of(&rig, 1), 0);
	ck_assert_uint_eq(count_from(&rig, 1, "192.0.2.1"), 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(what_was_there_before_the_maximum_is_counted)
{
	struct rig rig;

	start(&rig, 0, 0);
	for (uint16_t i = 1; i <= 3; i++)
		(void)send_from(&rig, "192.0.2.1", i);
	rig_set_rules(&rig, make_rules("few", 4, 4));
	ck_assert_uint_eq(count_of(&rig, 0), 3);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 3);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 4).action, ACTION_ACCEPT);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 5).action, ACTION_DROP);
	rig_stop(&rig);
}
END_TEST

/* Without it, with it, and without the rule: nothing is left behind. */
START_TEST(a_maximum_may_come_and_go)
{
	struct rig rig;

	start(&rig, 9, 9);
	for (uint16_t i = 1; i <= 3; i++)
		(void)send_from(&rig, "192.0.2.1", i);
	rig_set_rules(&rig, make_rules("few", 0, 0));
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 0);
	(void)send_from(&rig, "192.0.2.1", 4);
	rig_set_rules(&rig, make_rules("few", 9, 9));
	ck_assert_uint_eq(count_of(&rig, 0), 4);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 4);
	rig_set_rules(&rig, make_rules("else", 9, 9));
	ck_assert_uint_eq(count_of(&rig, 0), 0);
	rig_set_rules(&rig, make_rules("few", 9, 9));
	ck_assert_uint_eq(count_of(&rig, 0), 0);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_recheck_takes_connections_to_the_rule_that_has_them_now)
{
	struct rig rig;

	start(&rig, 9, 9);
	(void)send_from(&rig, "192.0.2.1", 1);
	ck_assert_uint_eq(
		rig_reload(&rig, make_rules("else", 9, 9), RECHECK_JUDGE), 0);
	ck_assert_uint_eq(count_of(&rig, 0), 1);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 1);
	rig_stop(&rig);
}
END_TEST

/* In the middle of a recheck, half of the connections are of before. */
START_TEST(a_connection_may_end_before_the_recheck_comes_to_it)
{
	struct ruleset *rules = make_rules("few", 9, 9);
	struct rule_stats *stats = rule_stats_create(rules);
	struct rule_heir *map;
	struct rig rig;

	start(&rig, 9, 9);
	for (uint16_t i = 1; i <= 3; i++)
		(void)send_from(&rig, "192.0.2.1", i);
	map = ruleset_map(rig.rules, rules);
	ck_assert(map && stats);
	ruleset_inherit(rules, rig.rules, map);
	engine_set_rules(rig.eng, rules, map, stats);
	ruleset_destroy(rig.rules);
	free(rig.map);
	rig.rules = rules;
	rig.map = map;
	ck_assert_uint_eq(count_of(&rig, 0), 3);
	end_by_closing(&rig);
	ck_assert_uint_eq(count_of(&rig, 0), 0);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 0);
	rig_stop(&rig);
}
END_TEST

/* TCP: connections that give way to others of their tuple. */

static struct build segment(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct build b = frame_draft(4, IPPROTO_TCP);

	b.ip.src = "192.0.2.1";
	b.tcp.flags = flags;
	b.tcp.seq = seq;
	b.tcp.ack = ack;
	b.tcp.window = 1000;
	return b;
}

static struct verdict say(struct rig *rig, enum direction dir, uint8_t flags,
			  uint32_t seq, uint32_t ack)
{
	struct build b = segment(flags, seq, ack);

	if (dir == DIR_REPLY) {
		const char *src = b.ip.src;
		uint16_t sport = b.sport;

		b.ip.src = b.ip.dst;
		b.ip.dst = src;
		b.sport = b.dport;
		b.dport = sport;
	}
	return rig_send(rig, &b);
}

static void shake_hands(struct rig *rig)
{
	(void)say(rig, DIR_ORIGINAL, TCP_SYN, 100, 0);
	(void)say(rig, DIR_REPLY, TCP_SYN | TCP_ACK, 500, 101);
	ck_assert_int_eq(say(rig, DIR_ORIGINAL, TCP_ACK, 101, 501).reason,
			 REASON_THIRD_ACK);
}

/* Of established connections, none of which gives way. */
START_TEST(what_a_full_table_refuses_is_not_counted)
{
	struct rig rig;

	rig_start(&rig, 1);
	rig_set_rules(&rig, make_rules("few", 1000, 1000));
	shake_hands(&rig);
	ck_assert_int_eq(send_from(&rig, "192.0.2.2", 1).reason,
			 REASON_TABLE_FULL);
	ck_assert_uint_eq(count_of(&rig, 0), 1);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.2"), 0);
	rig_stop(&rig);
}
END_TEST

/* One is all that there may be, and it is replaced. */
START_TEST(a_connection_may_be_replaced_at_the_maximum)
{
	struct rig rig;

	start(&rig, 1, 1);
	shake_hands(&rig);
	(void)say(&rig, DIR_ORIGINAL, TCP_RST, 101, 0);
	ck_assert_int_eq(say(&rig, DIR_ORIGINAL, TCP_SYN, 9000, 0).reason,
			 REASON_REUSE);
	ck_assert_uint_eq(count_of(&rig, 0), 1);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 1);
	rig_stop(&rig);
}
END_TEST

/* The server lost its state: it answers, and the next connection begins. */
START_TEST(a_connection_may_be_renewed_at_the_maximum)
{
	struct rig rig;

	start(&rig, 1, 1);
	shake_hands(&rig);
	ck_assert_int_eq(say(&rig, DIR_ORIGINAL, TCP_SYN, 9000, 0).reason,
			 REASON_PENDING_SYN);
	ck_assert_int_eq(
		say(&rig, DIR_REPLY, TCP_SYN | TCP_ACK, 7000, 9001).reason,
		REASON_PENDING_SYNACK);
	ck_assert_int_eq(say(&rig, DIR_ORIGINAL, TCP_ACK, 9001, 7001).reason,
			 REASON_RESYNC);
	ck_assert_uint_eq(count_of(&rig, 0), 1);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 1);
	rig_stop(&rig);
}
END_TEST

/* With the roles changed, another source has it. */
START_TEST(a_connection_is_counted_for_who_opens_it_anew)
{
	struct rig rig;

	start(&rig, 1, 1);
	shake_hands(&rig);
	ck_assert_int_eq(say(&rig, DIR_REPLY, TCP_SYN, 9000, 0).reason,
			 REASON_PENDING_SYN);
	ck_assert_int_eq(
		say(&rig, DIR_ORIGINAL, TCP_SYN | TCP_ACK, 7000, 9001).reason,
		REASON_PENDING_SYNACK);
	ck_assert_int_eq(say(&rig, DIR_REPLY, TCP_ACK, 9001, 7001).reason,
			 REASON_RESYNC);
	ck_assert_uint_eq(count_of(&rig, 0), 1);
	ck_assert_uint_eq(count_from(&rig, 0, "192.0.2.1"), 0);
	ck_assert_uint_eq(count_from(&rig, 0, "198.51.100.20"), 1);
	rig_stop(&rig);
}
END_TEST

/* Another SYN of a handshake, which another rule lets in. */
START_TEST(a_connection_does_not_go_over_to_a_rule_that_is_full)
{
	const struct rule_options one = { .max = 1 };
	const struct rule_options until = { .max = 9, .expires = 2000 };
	struct ruleset *rules = ruleset_create();
	struct build other = segment(TCP_SYN, 1, 0);
	struct verdict verdict;
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	ck_assert_ptr_nonnull(rules);
	(void)rig_add_rule(rules, "until", &until, "sport", "40000");
	(void)rig_add_rule(rules, "one", &one, NULL, NULL);
	rig_set_rules(&rig, rules);
	other.sport = 1;
	ck_assert_uint_eq(rig_send(&rig, &other).rule, 1);
	ck_assert_uint_eq(say(&rig, DIR_ORIGINAL, TCP_SYN, 100, 0).rule, 0);
	/* The first rule's date has come. */
	engine_set_wall(rig.eng, 2000 * 1000);
	verdict = say(&rig, DIR_ORIGINAL, TCP_SYN, 5000, 0);
	ck_assert_int_eq(verdict.reason, REASON_CONNECTION_LIMIT);
	ck_assert_uint_eq(count_of(&rig, 0), 1);
	ck_assert_uint_eq(count_of(&rig, 1), 1);
	end_by_closing(&rig);
	ck_assert_int_eq(say(&rig, DIR_ORIGINAL, TCP_SYN, 5000, 0).reason,
			 REASON_NEW);
	rig_stop(&rig);
}
END_TEST

START_TEST(an_audit_counts_what_it_lets_pass)
{
	struct verdict verdict;
	struct rig rig;

	start(&rig, 1, 0);
	ruleset_set_audit(rig.rules, true);
	(void)send_from(&rig, "192.0.2.1", 1);
	verdict = send_from(&rig, "192.0.2.1", 2);
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_int_eq(verdict.would.reason, REASON_CONNECTION_LIMIT);
	ck_assert_uint_ne(verdict.conn.id, 0);
	ck_assert_uint_eq(count_of(&rig, 0), 2);
	end_by_closing(&rig);
	ck_assert_uint_eq(count_of(&rig, 0), 0);
	rig_stop(&rig);
}
END_TEST

/*
 * Whatever happens, in whatever order: what the rules count together is what
 * there is.
 */
static const char *const hosts[] = { "192.0.2.1", "192.0.2.2",
				     "198.51.100.20" };

static struct ruleset *random_rules(uint64_t *seed)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	struct ruleset *rules = ruleset_create();
	uint32_t first = random_below(seed, COUNT(names));

	ck_assert_ptr_nonnull(rules);
	for (uint32_t i = 0; i < 2; i++) {
		const struct rule_options options = {
			.max = 5 + random_below(seed, 20),
			.max_per_source = 3 + random_below(seed, 20),
		};

		(void)rig_add_rule(rules, names[(first + i) % COUNT(names)],
				   &options, i == 0 ? "dport" : NULL, "80-85");
	}
	return rules;
}

static struct build random_packet(uint64_t *seed)
{
	static const uint8_t flags[] = { TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK,
					 TCP_RST };
	struct build b = frame_draft(4, random_below(seed, 3) ? IPPROTO_TCP
							      : IPPROTO_UDP);
	uint32_t src = random_below(seed, COUNT(hosts));

	b.ip.src = hosts[src];
	b.ip.dst = hosts[(src + 1 + random_below(seed, 2)) % COUNT(hosts)];
	b.sport = (uint16_t)(80 + random_below(seed, 10));
	b.dport = (uint16_t)(80 + random_below(seed, 10));
	b.tcp.flags = flags[random_below(seed, COUNT(flags))];
	b.tcp.seq = 1 + random_below(seed, 3);
	b.tcp.ack = 1 + random_below(seed, 3);
	b.tcp.window = 1000;
	return b;
}

static void check_counts(const struct rig *rig)
{
	uint32_t all = 0;
	uint32_t by_source = 0;

	for (uint32_t i = 0; i < ruleset_rule_count(rig->rules); i++) {
		all += count_of(rig, i);
		for (int j = 0; j < COUNT(hosts); j++)
			by_source += count_from(rig, i, hosts[j]);
	}
	ck_assert_uint_eq(all, engine_stats(rig->eng)->conns);
	ck_assert_uint_eq(by_source, engine_stats(rig->eng)->conns);
}

START_TEST(counts_are_those_of_the_connections)
{
	static const enum recheck ways[] = { RECHECK_JUDGE, RECHECK_FLUSH };
	uint64_t seed = (uint64_t)_i + 1;
	struct rig rig;

	rig_start(&rig, 64);
	(void)rig_reload(&rig, random_rules(&seed), RECHECK_FLUSH);
	for (int i = 0; i < 20000; i++) {
		struct build b = random_packet(&seed);

		(void)rig_send(&rig, &b);
		rig.now += random_below(&seed, 500);
		if (random_below(&seed, 50) == 0)
			(void)engine_expire(rig.eng, rig.now, 10);
		/* With RECHECK_KEEP some may be of a rule that is gone. */
		if (random_below(&seed, 500) == 0)
			(void)rig_reload(&rig, random_rules(&seed),
					 ways[random_below(&seed, 8) == 0]);
		check_counts(&rig);
	}
	rig_stop(&rig);
}
END_TEST

/* Engines that share a pool, each in a thread, open what they can. */

enum { THREADS = 4, MAX = 50 };

struct player {
	struct engine *eng;
	uint16_t sport;
	int opened;
};

static void *open_all(void *arg)
{
	struct player *player = arg;

	for (int i = 0; i < 2 * MAX; i++) {
		struct build b = datagram("192.0.2.1", player->sport++);
		struct packet pkt;

		ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
		player->opened += engine_decide(player->eng, &pkt, 1).action ==
				  ACTION_ACCEPT;
	}
	return NULL;
}

START_TEST(engines_share_a_maximum)
{
	struct ruleset *rules =
		_i == 0 ? make_rules("few", MAX, 0) : make_rules("few", 0, MAX);
	struct engine_params params = { .rules = rules, .count = THREADS };
	struct player players[THREADS] = { 0 };
	pthread_t threads[THREADS];
	int opened = 0;

	params.pool = pool_create(1000);
	params.sources = sources_create(1000, &params.key);
	for (uint32_t i = 0; i < THREADS; i++) {
		params.number = i;
		players[i].sport = (uint16_t)(1000 * (i + 1));
		players[i].eng = engine_create(&params);
		ck_assert_ptr_nonnull(players[i].eng);
	}
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, open_all,
						&players[i]),
				 0);
	for (int i = 0; i < THREADS; i++) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		opened += players[i].opened;
	}
	/* By source, some that come at once may all be refused; none is over. */
	ck_assert_int_le(opened, MAX);
	ck_assert_int_ge(opened, _i == 0 ? MAX : 1);
	for (int i = 0; i < THREADS; i++)
		engine_destroy(players[i].eng);
	ck_assert_uint_eq(atomic_load(&ruleset_rule(rules, 0)->state->conns),
			  0);
	ruleset_destroy(rules);
	sources_destroy(params.sources);
	pool_destroy(params.pool);
}
END_TEST

/* Of all rules together. */

static struct ruleset *make_limited_rules(uint32_t per_source)
{
	struct ruleset *rules = rig_make_rules();
	struct limits limits = *ruleset_limits(rules);

	limits.connections_per_source = per_source;
	ruleset_set_limits(rules, &limits);
	return rules;
}

START_TEST(a_source_has_at_most_so_many_connections_of_all_rules)
{
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	rig_set_rules(&rig, make_limited_rules(2));
	for (uint16_t sport = 1; sport <= 2; sport++) {
		ck_assert_int_eq(send_from(&rig, "192.0.2.1", sport).reason,
				 REASON_NEW);
		ck_assert_int_eq(send_from(&rig, "2001:db8::1", sport).reason,
				 REASON_NEW);
	}
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 3).reason,
			 REASON_SRC_CONNECTIONS);
	/* Another address of the same /64. */
	ck_assert_int_eq(send_from(&rig, "2001:db8::2", 3).reason,
			 REASON_SRC_CONNECTIONS);
	ck_assert_int_eq(send_from(&rig, "192.0.2.2", 3).reason, REASON_NEW);
	ck_assert_int_eq(send_from(&rig, "2001:db8:0:1::1", 3).reason,
			 REASON_NEW);
	rig.now += DAY;
	(void)engine_expire(rig.eng, rig.now, SIZE_MAX);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 3).reason, REASON_NEW);
	rig_stop(&rig);
}
END_TEST

static const enum recheck rechecks[] = { RECHECK_KEEP, RECHECK_JUDGE };

/* Those of before are counted once, whenever the limit comes and goes. */
START_TEST(a_limit_of_sources_may_come_and_go)
{
	struct rig rig;

	rig_start(&rig, CONNS_MAX);
	(void)send_from(&rig, "192.0.2.1", 1);
	for (int i = 0; i < 3; i++) {
		(void)rig_reload(&rig, make_limited_rules(0), rechecks[_i]);
		(void)rig_reload(&rig, make_limited_rules(2), rechecks[_i]);
	}
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 2).reason, REASON_NEW);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 3).reason,
			 REASON_SRC_CONNECTIONS);
	(void)rig_reload(&rig, make_limited_rules(0), rechecks[_i]);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 3).reason, REASON_NEW);
	rig.now += DAY;
	(void)engine_expire(rig.eng, rig.now, SIZE_MAX);
	(void)rig_reload(&rig, make_limited_rules(1), rechecks[_i]);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 4).reason, REASON_NEW);
	ck_assert_int_eq(send_from(&rig, "192.0.2.1", 5).reason,
			 REASON_SRC_CONNECTIONS);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("engine_counts");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_rule_has_at_most_so_many_connections);
	tcase_add_loop_test(tc, a_source_has_at_most_so_many_connections, 0,
			    COUNT(thirds));
	tcase_add_loop_test(tc, however_a_connection_ends_another_may_begin, 0,
			    COUNT(ends));
	tcase_add_test(tc, what_a_full_table_refuses_is_not_counted);
	tcase_add_test(tc, a_maximum_goes_on_when_the_rules_change);
	tcase_add_test(tc, what_was_there_before_the_maximum_is_counted);
	tcase_add_test(tc, a_maximum_may_come_and_go);
	tcase_add_test(
		tc, a_recheck_takes_connections_to_the_rule_that_has_them_now);
	tcase_add_test(tc, a_connection_may_end_before_the_recheck_comes_to_it);
	tcase_add_test(tc, a_connection_may_be_replaced_at_the_maximum);
	tcase_add_test(tc, a_connection_may_be_renewed_at_the_maximum);
	tcase_add_test(tc, a_connection_is_counted_for_who_opens_it_anew);
	tcase_add_test(tc,
		       a_connection_does_not_go_over_to_a_rule_that_is_full);
	tcase_add_test(tc, an_audit_counts_what_it_lets_pass);
	tcase_add_loop_test(tc, counts_are_those_of_the_connections, 0, 4);
	tcase_add_loop_test(tc, engines_share_a_maximum, 0, 2);
	tcase_add_test(tc,
		       a_source_has_at_most_so_many_connections_of_all_rules);
	tcase_add_loop_test(tc, a_limit_of_sources_may_come_and_go, 0,
			    COUNT(rechecks));
	return run_tests(tc, "engine_counts");
}
