/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dataplane under threads.  Built with SAN=thread, this also shows that
 * there is no race.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/dataplane.h"
#include "unit/frame.h"
#include "unit/random.h"
#include "unit/run.h"

enum {
	NOW = 1000000,
	ROOM = 8192,
	PAIR = 2,
	ROUNDS = 2000,
	CONNS = 200,
	SEGMENTS = 300, /* a direction; all within one window */
	SEGMENT_LEN = 100,
	CROWD = 4,
	PACKETS = 1000, /* of each in the crowd, before and after */
	SWAPS = 200,    /* even: the last rules accept nothing */
};

static const struct hash_key key = { 3, 5 };

static struct ruleset *make_rules(enum action policy)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		ruleset_set_policy(rules, hook, policy);
	return rules;
}

static struct dataplane *start(enum action policy)
{
	struct dataplane *dp =
		dataplane_create(ROOM, &key, make_rules(policy), NOW);

	ck_assert_ptr_nonnull(dp);
	return dp;
}

static struct packet read_packet(uint8_t ipproto)
{
	struct build b = frame_draft(4, ipproto);
	struct packet pkt;

	b.tcp.flags = TCP_SYN;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	return pkt;
}

/* Each host is another pair, so that all shards have their share. */
static struct packet from_host(const struct packet *draft, uint32_t host)
{
	struct packet pkt = *draft;

	pkt.tuple.src.bytes[14] = (uint8_t)(host >> 8);
	pkt.tuple.src.bytes[15] = (uint8_t)host;
	return pkt;
}

/* A thread of a test, and what it has counted. */
struct player {
	struct dataplane *dp;
	pthread_barrier_t *barrier;
	struct packet draft;
	enum direction dir;
	uint64_t seed;
	uint64_t actions[ACTION_COUNT];
	uint64_t reasons[REASON_COUNT];
};

static struct player players[CROWD];
static _Atomic bool house_is_kept;
static struct recheck_report report;

static struct verdict play(struct player *player, const struct packet *pkt)
{
	struct verdict verdict = dataplane_decide(player->dp, pkt, NOW).verdict;

	player->actions[verdict.action]++;
	player->reasons[verdict.reason]++;
	return verdict;
}

static void run_threads(size_t count, void *(*run)(void *arg))
{
	pthread_t threads[CROWD];

	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, run, &players[i]), 0);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

/* All threads send the same packet, which opens a connection, at once. */
static void *send_together(void *arg)
{
	struct player *player = arg;

	for (uint32_t round = 0; round < ROUNDS; round++) {
		struct packet pkt = from_host(&player->draft, round);

		pthread_barrier_wait(player->barrier);
		(void)play(player, &pkt);
	}
	return NULL;
}

START_TEST(the_same_new_packet_twice_at_once_is_one_connection)
{
	struct dataplane *dp = start(ACTION_ACCEPT);
	pthread_barrier_t barrier;
	struct engine_stats stats;

	pthread_barrier_init(&barrier, NULL, PAIR);
	for (int i = 0; i < PAIR; i++)
		players[i] =
			(struct player){ .dp = dp,
					 .barrier = &barrier,
					 .draft = read_packet(IPPROTO_UDP) };
	run_threads(PAIR, send_together);
	stats = dataplane_stats(dp);
	ck_assert_uint_eq(stats.created, ROUNDS);
	ck_assert_uint_eq(stats.conns, ROUNDS);
	ck_assert_uint_eq(stats.packets[ACTION_ACCEPT], PAIR * ROUNDS);
	ck_assert_uint_eq(stats.reasons[REASON_NEW], ROUNDS);
	ck_assert_uint_eq(stats.reasons[REASON_ESTABLISHED], ROUNDS);
	for (int i = 0; i < PAIR; i++)
		ck_assert_uint_eq(players[i].actions[ACTION_ACCEPT], ROUNDS);
	pthread_barrier_destroy(&barrier);
	dataplane_destroy(dp);
}
END_TEST

/* TCP, each direction on a thread of its own. */

static struct packet segment(const struct packet *draft, uint32_t host,
			     enum direction dir)
{
	/* The server's numbers wrap. */
	static const uint32_t isns[DIR_COUNT] = { 1000, 0xffffff00 };
	struct packet pkt = from_host(draft, host);

	if (dir == DIR_REPLY)
		pkt.tuple = tuple_reverse(&pkt.tuple);
	pkt.tcp = (struct tcp_segment){
		.seq = isns[dir] + 1,
		.ack = isns[!dir] + 1,
		.sack_right = isns[!dir] + 1,
		.flags = TCP_ACK,
		.window = UINT16_MAX,
	};
	return pkt;
}

static void shake_hands(struct player *player, uint32_t host)
{
	struct packet syn = segment(&player->draft, host, DIR_ORIGINAL);
	struct packet synack = segment(&player->draft, host, DIR_REPLY);
	struct packet ack = syn;

	syn.tcp.seq--;
	syn.tcp.ack = 0;
	syn.tcp.sack_right = 0;
	syn.tcp.flags = TCP_SYN;
	synack.tcp.seq--;
	synack.tcp.flags = TCP_SYN | TCP_ACK;
	ck_assert_int_eq(play(player, &syn).reason, REASON_NEW);
	ck_assert_int_eq(play(player, &synack).reason, REASON_SYNACK);
	ck_assert_int_eq(play(player, &ack).reason, REASON_THIRD_ACK);
}

static void *stream(void *arg)
{
	struct player *player = arg;

	pthread_barrier_wait(player->barrier);
	for (uint32_t i = 0; i < SEGMENTS; i++) {
		for (uint32_t host = 0; host < CONNS; host++) {
			struct packet pkt =
				segment(&player->draft, host, player->dir);

			pkt.tcp.seq += i * SEGMENT_LEN;
			pkt.tcp.len = SEGMENT_LEN;
			(void)play(player, &pkt);
		}
	}
	return NULL;
}

static void check_conn(const struct conn_info *conn, void *arg)
{
	int *count = arg;

	++*count;
	ck_assert_str_eq(conn->state, "ESTABLISHED");
	/* Two of the original direction and one of the other shook hands. */
	ck_assert_uint_eq(conn->packets[DIR_ORIGINAL], SEGMENTS + 2);
	ck_assert_uint_eq(conn->packets[DIR_REPLY], SEGMENTS + 1);
}

START_TEST(connections_keep_their_state_with_a_thread_for_each_direction)
{
	struct dataplane *dp = start(ACTION_ACCEPT);
	pthread_barrier_t barrier;
	int count = 0;

	pthread_barrier_init(&barrier, NULL, PAIR);
	for (int i = 0; i < PAIR; i++)
		players[i] =
			(struct player){ .dp = dp,
					 .barrier = &barrier,
					 .draft = read_packet(IPPROTO_TCP),
					 .dir = i ? DIR_REPLY : DIR_ORIGINAL };
	for (uint32_t host = 0; host < CONNS; host++)
		shake_hands(&players[0], host);
	run_threads(PAIR, stream);
	ck_assert_uint_eq(players[0].reasons[REASON_ESTABLISHED],
			  CONNS * SEGMENTS);
	ck_assert_uint_eq(players[1].reasons[REASON_ESTABLISHED],
			  CONNS * SEGMENTS);
	dataplane_list(dp, NOW, check_conn, &count);
	ck_assert_int_eq(count, CONNS);
	pthread_barrier_destroy(&barrier);
	dataplane_destroy(dp);
}
END_TEST

/* A crowd that sends whatever there is: before, during and after changes. */
static void send_anything(struct player *player)
{
	uint32_t random = random_next(&player->seed);
	struct packet pkt = from_host(&player->draft, random % 300);

	if (random >> 16 & 1)
		pkt.tuple = tuple_reverse(&pkt.tuple);
	if (random >> 17 & 1) {
		(void)play(player, &pkt);
		return;
	}
	player->actions[ACTION_DROP]++;
	player->reasons[REASON_BAD_HEADER]++;
	(void)dataplane_refuse(player->dp, REASON_BAD_HEADER);
}

static void *join_crowd(void *arg)
{
	struct player *player = arg;

	for (int i = 0; i < PACKETS; i++)
		send_anything(player);
	pthread_barrier_wait(player->barrier);
	while (!atomic_load(&house_is_kept))
		send_anything(player);
	for (int i = 0; i < PACKETS; i++)
		send_anything(player);
	return NULL;
}

static void count_conn(const struct conn_info *conn, void *arg)
{
	uint64_t *count = arg;

	ck_assert_ptr_nonnull(conn->state);
	++*count;
}

/* The main thread's part meanwhile: each call of it, again and again. */
static void *keep_house(void *arg)
{
	struct player *player = arg;

	pthread_barrier_wait(player->barrier);
	for (int i = 0; i < SWAPS; i++) {
		struct ruleset *rules =
			make_rules(i % 2 ? ACTION_DROP : ACTION_ACCEPT);
		uint64_t listed = 0;
		struct engine_stats stats;

		ck_assert(dataplane_set_rules(player->dp, rules));
		/* All of it, a part, or nothing before the next ones come. */
		for (int step = i % 3 * 10; step > 0; step--)
			(void)dataplane_recheck(player->dp, RECHECK_JUDGE, NOW,
						&report);
		/* Mostly, and in the end, everything has expired. */
		dataplane_expire(player->dp, NOW + i % 4 * 1000000, 100);
		dataplane_list(player->dp, NOW, count_conn, &listed);
		stats = dataplane_stats(player->dp);
		ck_assert_uint_le(stats.conns, stats.created);
		ck_assert_uint_le(listed, stats.created);
	}
	atomic_store(&house_is_kept, true);
	return NULL;
}

static void *run_crowd(void *arg)
{
	struct player *player = arg;

	return player->seed ? join_crowd(arg) : keep_house(arg);
}

START_TEST(counts_add_up_while_rules_change_and_connections_expire)
{
	static struct engine_stats stats;
	struct dataplane *dp = start(ACTION_ACCEPT);
	pthread_barrier_t barrier;

	pthread_barrier_init(&barrier, NULL, CROWD);
	for (int i = 0; i < CROWD; i++)
		players[i] = (struct player){ .dp = dp,
					      .barrier = &barrier,
					      .draft = read_packet(IPPROTO_UDP),
					      .seed = (uint64_t)i };
	run_threads(CROWD, run_crowd);
	stats = dataplane_stats(dp);
	for (int a = 0; a < ACTION_COUNT; a++) {
		for (int i = 0; i < CROWD; i++)
			stats.packets[a] -= players[i].actions[a];
		ck_assert_uint_eq(stats.packets[a], 0);
	}
	for (int r = 0; r < REASON_COUNT; r++) {
		for (int i = 0; i < CROWD; i++)
			stats.reasons[r] -= players[i].reasons[r];
		ck_assert_uint_eq(stats.reasons[r], 0);
	}
	/* Every kind of thing has happened. */
	ck_assert_uint_gt(players[1].reasons[REASON_NEW], 0);
	ck_assert_uint_gt(players[1].reasons[REASON_POLICY], 0);
	ck_assert_uint_gt(players[1].reasons[REASON_ESTABLISHED], 0);
	pthread_barrier_destroy(&barrier);
	dataplane_destroy(dp);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_same_new_packet_twice_at_once_is_one_connection);
	tcase_add_test(
		tc,
		connections_keep_their_state_with_a_thread_for_each_direction);
	tcase_add_test(tc,
		       counts_add_up_while_rules_change_and_connections_expire);
	return run_tests(tc, "daemon_threads");
}
