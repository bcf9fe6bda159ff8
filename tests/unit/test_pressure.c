/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table that is nearly full: who must go, who may stay, who is not let in.
 */
#include "engine/halfopen.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

enum { CONNS_MAX = 200 };

/* A rig whose half-open connections are counted. */
struct press {
	struct rig rig;
	struct halfopen *halfopen;
};

static void setup(struct press *press)
{
	static const struct hash_key key = { 7, 9 };
	struct engine_params params = { .key = key, .count = 1 };

	rig_start(&press->rig, CONNS_MAX);
	press->halfopen = halfopen_create(CONNS_MAX, &key);
	ck_assert_ptr_nonnull(press->halfopen);
	params.pool = press->rig.pool;
	params.halfopen = press->halfopen;
	params.rules = press->rig.rules;
	engine_destroy(press->rig.eng);
	press->rig.eng = engine_create(&params);
	ck_assert_ptr_nonnull(press->rig.eng);
}

static void teardown(struct press *press)
{
	rig_stop(&press->rig);
	halfopen_destroy(press->halfopen);
}

static struct verdict say_that(struct press *press, uint16_t port, bool reply,
			       struct build_tcp tcp)
{
	struct build b = frame_draft(4, IPPROTO_TCP);
	const char *client = b.ip.src;

	b.sport = port;
	b.dport = 443;
	if (reply) {
		b.ip.src = b.ip.dst;
		b.ip.dst = client;
		b.sport = 443;
		b.dport = port;
	}
	b.tcp.flags = tcp.flags;
	b.tcp.seq = tcp.seq;
	b.tcp.ack = tcp.ack;
	return rig_send(&press->rig, &b);
}

static struct verdict say(struct press *press, uint16_t port, bool reply,
			  uint8_t flags, uint32_t seq)
{
	struct build_tcp tcp = { .flags = flags, .seq = seq };

	tcp.ack = flags & TCP_ACK ? 1 : 0;
	return say_that(press, port, reply, tcp);
}

static struct verdict open_half(struct press *press, uint16_t port)
{
	return say(press, port, false, TCP_SYN, 0);
}

static void open_whole(struct press *press, uint16_t port)
{
	(void)open_half(press, port);
	(void)say(press, port, true, TCP_SYN | TCP_ACK, 0);
	ck_assert_int_eq(say(press, port, false, TCP_ACK, 1).reason,
			 REASON_THIRD_ACK);
}

static void close_whole(struct press *press, uint16_t port)
{
	open_whole(press, port);
	ck_assert_str_eq(say(press, port, false, TCP_RST, 1).conn.state,
			 "CLOSED");
}

static struct verdict ask(struct press *press, uint16_t port)
{
	struct build b = frame_draft(4, IPPROTO_UDP);

	b.sport = port;
	b.dport = 53;
	return rig_send(&press->rig, &b);
}

/* The state of the connection from that port; NULL: there is none. */
static const char *state_of(const struct press *press, uint16_t port)
{
	static struct conn_info list[CONNS_MAX];
	size_t count = rig_list(&press->rig, list, CONNS_MAX);

	for (size_t i = 0; i < count; i++)
		if (list[i].tuple.sport == port)
			return list[i].state;
	return NULL;
}

START_TEST(established_connections_never_make_room)
{
	struct press press;

	setup(&press);
	for (uint16_t port = 1; port <= CONNS_MAX; port++)
		open_whole(&press, port);
	for (uint16_t port = 1000; port < 1050; port++)
		ck_assert_int_eq(open_half(&press, port).reason,
				 REASON_TABLE_FULL);
	for (uint16_t port = 1; port <= CONNS_MAX; port++)
		ck_assert_str_eq(state_of(&press, port), "ESTABLISHED");
	ck_assert_uint_eq(engine_stats(press.rig.eng)->evicted, 0);
	teardown(&press);
}
END_TEST

/* In the order of enum evict: closed, unanswered, then what is half open. */
START_TEST(room_is_made_in_order)
{
	struct press press;

	setup(&press);
	for (uint16_t port = 1; port <= CONNS_MAX - 3; port++)
		open_whole(&press, port);
	(void)ask(&press, 501);
	press.rig.now += 10;
	close_whole(&press, 502);
	(void)open_half(&press, 503);
	(void)say(&press, 503, true, TCP_SYN | TCP_ACK, 0);
	ck_assert_str_eq(state_of(&press, 503), "SYN_RECV");

	open_whole(&press, 601);
	ck_assert_ptr_null(state_of(&press, 502));
	open_whole(&press, 602);
	ck_assert_ptr_null(state_of(&press, 501));
	open_whole(&press, 603);
	ck_assert_ptr_null(state_of(&press, 503));
	ck_assert_int_eq(open_half(&press, 604).reason, REASON_TABLE_FULL);
	ck_assert_uint_eq(engine_stats(press.rig.eng)->evicted, 3);
	teardown(&press);
}
END_TEST

START_TEST(the_oldest_of_a_class_goes_first)
{
	struct press press;

	setup(&press);
	for (uint16_t port = 1; port <= CONNS_MAX; port++) {
		(void)open_half(&press, port);
		press.rig.now += 10;
	}
	for (uint16_t i = 1; i <= 50; i++) {
		ck_assert_int_eq(open_half(&press, (uint16_t)(1000 + i)).reason,
				 REASON_NEW);
		ck_assert_ptr_null(state_of(&press, i));
		ck_assert_ptr_nonnull(state_of(&press, (uint16_t)(i + 1)));
	}
	teardown(&press);
}
END_TEST

/* Lives shrink from four fifths on, and those of the established little. */
START_TEST(lives_shrink_as_the_table_fills)
{
	struct press press;
	struct conn_info conn;
	msec_t last = INT64_MAX;
	struct verdict verdict;

	setup(&press);
	for (uint16_t port = 1; port <= CONNS_MAX; port++) {
		verdict = open_half(&press, port);
		ck_assert(rig_find(&press.rig, verdict.conn.id, &conn));
		ck_assert_int_le(conn.expires - press.rig.now, last);
		last = conn.expires - press.rig.now;
		if (port <= CONNS_MAX * 4 / 5)
			ck_assert_int_eq(
				last, timeout_info[TIMEOUT_TCP_SYN_SENT].value);
	}
	ck_assert_int_eq(last, timeout_info[TIMEOUT_TCP_SYN_SENT].floor);
	teardown(&press);
}
END_TEST

/* The limit of all its lives together is none of the pressure's business. */
START_TEST(what_may_live_on_does_not_end_with_the_packet_that_says_so)
{
	struct press press;
	const struct build_tcp fin = { .flags = TCP_FIN | TCP_ACK,
				       .seq = 1,
				       .ack = 2 };
	const struct build_tcp last = { .flags = TCP_ACK, .seq = 2, .ack = 2 };
	struct conn_info conn;
	struct verdict verdict;

	setup(&press);
	open_whole(&press, 1);
	(void)say(&press, 1, false, TCP_FIN | TCP_ACK, 1);
	(void)say_that(&press, 1, true, fin);
	(void)say_that(&press, 1, false, last);
	press.rig.now += 100000;
	for (uint16_t port = 2; port <= CONNS_MAX; port++)
		(void)open_half(&press, port);
	verdict = say_that(&press, 1, true, fin);
	ck_assert_int_eq(verdict.reason, REASON_LAST_ACK_LOST);
	ck_assert(rig_find(&press.rig, verdict.conn.id, &conn));
	ck_assert_int_eq(conn.expires - press.rig.now,
			 timeout_info[TIMEOUT_TCP_TIME_WAIT].floor);
	teardown(&press);
}
END_TEST

START_TEST(no_life_shrinks_below_its_floor)
{
	const struct timeout_info *info = &timeout_info[_i];

	ck_assert_int_gt(info->floor, 0);
	ck_assert_int_le(info->floor, info->value);
	/* RFC 5382 REQ-5. */
	if (_i == TIMEOUT_TCP_ESTABLISHED) {
		ck_assert_int_ge(info->floor, 124 * 60 * 1000);
		ck_assert_int_eq(info->evict, EVICT_NEVER);
	}
}
END_TEST

START_TEST(a_nearly_full_table_is_relieved_of_what_may_go)
{
	struct press press;
	size_t removed;

	setup(&press);
	for (uint16_t port = 1; port <= 100; port++)
		open_whole(&press, port);
	for (uint16_t port = 101; port <= CONNS_MAX; port++)
		(void)open_half(&press, port);
	removed = engine_relieve(press.rig.eng, 0, press.rig.now, 5);
	ck_assert_uint_eq(removed, 5);
	removed = engine_relieve(press.rig.eng, 0, press.rig.now, SIZE_MAX);
	ck_assert_uint_le(removed, CONNS_MAX / 10 - 5);
	ck_assert_uint_eq(engine_stats(press.rig.eng)->conns,
			  CONNS_MAX - 5 - removed);
	for (uint16_t port = 1; port <= 100; port++)
		ck_assert_str_eq(state_of(&press, port), "ESTABLISHED");
	/* With room there is nothing to do. */
	ck_assert_uint_eq(
		engine_relieve(press.rig.eng, 0, press.rig.now, SIZE_MAX), 0);
	teardown(&press);
}
END_TEST

static void limit(struct press *press, uint32_t source, uint32_t destination)
{
	struct limits limits = *ruleset_limits(press->rig.rules);

	limits.half_open_per_source = source;
	limits.half_open_per_destination = destination;
	ruleset_set_limits(press->rig.rules, &limits);
}

START_TEST(half_open_connections_of_a_source_are_limited)
{
	struct press press;

	setup(&press);
	limit(&press, 10, 0);
	open_whole(&press, 1);
	for (uint16_t port = 100; port < 110; port++)
		ck_assert_int_eq(open_half(&press, port).reason, REASON_NEW);
	ck_assert_int_eq(open_half(&press, 110).reason, REASON_SRC_HALFOPEN);
	/* Those that are there go on. */
	ck_assert_int_eq(open_half(&press, 109).reason, REASON_DUP_SYN);
	ck_assert_int_eq(say(&press, 1, false, TCP_ACK, 1).reason,
			 REASON_ESTABLISHED);
	/* One completes its handshake: there is a place again. */
	(void)say(&press, 100, true, TCP_SYN | TCP_ACK, 0);
	(void)say(&press, 100, false, TCP_ACK, 1);
	ck_assert_int_eq(open_half(&press, 110).reason, REASON_NEW);
	ck_assert_int_eq(open_half(&press, 111).reason, REASON_SRC_HALFOPEN);
	/* UDP has no such state. */
	ck_assert_int_eq(ask(&press, 1).reason, REASON_NEW);
	teardown(&press);
}
END_TEST

START_TEST(half_open_connections_to_a_destination_are_limited)
{
	struct press press;

	setup(&press);
	limit(&press, 0, 5);
	for (uint16_t port = 100; port < 105; port++)
		ck_assert_int_eq(open_half(&press, port).reason, REASON_NEW);
	ck_assert_int_eq(open_half(&press, 105).reason, REASON_DST_HALFOPEN);
	teardown(&press);
}
END_TEST

START_TEST(half_open_connections_are_counted_while_they_are)
{
	struct press press;

	setup(&press);
	(void)open_half(&press, 1);
	(void)open_half(&press, 2);
	open_whole(&press, 3);
	ck_assert_uint_eq(halfopen_total(press.halfopen), 2);
	(void)say(&press, 1, true, TCP_RST | TCP_ACK, 0);
	ck_assert_uint_eq(halfopen_total(press.halfopen), 1);
	press.rig.now += 3600 * 1000;
	(void)engine_expire(press.rig.eng, press.rig.now, SIZE_MAX);
	ck_assert_uint_eq(halfopen_total(press.halfopen), 0);
	(void)open_half(&press, 4);
	engine_destroy(press.rig.eng);
	press.rig.eng = NULL;
	ck_assert_uint_eq(halfopen_total(press.halfopen), 0);
	teardown(&press);
}
END_TEST

/* A SYN may take the ports of what is over, but not if it is dropped. */
START_TEST(a_refused_syn_leaves_what_it_would_replace)
{
	struct press press;

	setup(&press);
	close_whole(&press, 1);
	limit(&press, 3, 0);
	for (uint16_t port = 100; port < 103; port++)
		(void)open_half(&press, port);
	ck_assert_int_eq(say(&press, 1, false, TCP_SYN, 9000).reason,
			 REASON_SRC_HALFOPEN);
	ck_assert_str_eq(state_of(&press, 1), "CLOSED");
	teardown(&press);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("pressure");

	tcase_add_test(tc, established_connections_never_make_room);
	tcase_add_test(tc, room_is_made_in_order);
	tcase_add_test(tc, the_oldest_of_a_class_goes_first);
	tcase_add_test(tc, lives_shrink_as_the_table_fills);
	tcase_add_test(
		tc, what_may_live_on_does_not_end_with_the_packet_that_says_so);
	tcase_add_loop_test(tc, no_life_shrinks_below_its_floor, 0,
			    TIMEOUT_COUNT);
	tcase_add_test(tc, a_nearly_full_table_is_relieved_of_what_may_go);
	tcase_add_test(tc, half_open_connections_of_a_source_are_limited);
	tcase_add_test(tc, half_open_connections_to_a_destination_are_limited);
	tcase_add_test(tc, half_open_connections_are_counted_while_they_are);
	tcase_add_test(tc, a_refused_syn_leaves_what_it_would_replace);
	return run_tests(tc, "pressure");
}
