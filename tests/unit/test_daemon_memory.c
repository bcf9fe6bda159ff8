/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a million connections take of the machine's memory, as the kernel counts
 * it: everything that the dataplane has, and nothing left out.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/dataplane.h"
#include "unit/frame.h"
#include "unit/run.h"

enum {
	NOW = 1000000,
	ROOM = 1 << 20,
	CONNS = 1000000,
	CONN_OCTETS_MAX = 256, /* each, as the README promises */
	ISN = 1000,            /* of the client */
	PEER_ISN = 2000,
	CONNS_OF_CLIENT = 50, /* of a /64, which is what is counted as one */
};

/* A sanitizer's own memory would be counted too. */
#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static const struct hash_key key = { 3, 5 };

/* The three segments by which a connection is established. */
struct handshake {
	struct packet syn;
	struct packet syn_ack;
	struct packet ack;
};

static struct ruleset *make_rules(void)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	for (enum hook hook = HOOK_INPUT; hook < HOOK_COUNT; hook++)
		ruleset_set_policy(rules, hook, ACTION_ACCEPT);
	return rules;
}

static struct packet make_segment(uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct build b = frame_draft(6, IPPROTO_TCP);
	struct packet pkt;

	b.tcp.flags = flags;
	b.tcp.seq = seq;
	b.tcp.ack = ack;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	return pkt;
}

static void store(uint8_t octets[4], uint32_t number)
{
	for (size_t i = 0; i < sizeof(number); i++)
		octets[i] = (uint8_t)(number >> 8 * i);
}

/* The @n-th connection: each server is another one, and a client has few. */
static void set_tuple(struct handshake *hs, uint32_t n)
{
	struct tuple *tuple = &hs->syn.tuple;

	store(&tuple->src.bytes[4], n / CONNS_OF_CLIENT);
	store(&tuple->dst.bytes[12], n);
	hs->ack.tuple = *tuple;
	hs->syn_ack.tuple = tuple_reverse(tuple);
}

static void establish(struct dataplane *dp, const struct handshake *hs)
{
	struct verdict verdict;

	ck_assert_int_eq(dataplane_decide(dp, &hs->syn, NOW).verdict.action,
			 ACTION_ACCEPT);
	ck_assert_int_eq(dataplane_decide(dp, &hs->syn_ack, NOW).verdict.action,
			 ACTION_ACCEPT);
	verdict = dataplane_decide(dp, &hs->ack, NOW).verdict;
	ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	ck_assert_str_eq(verdict.conn.state, "ESTABLISHED");
}

/* Octets of this process that are in memory, see proc(5). */
static size_t resident(void)
{
	FILE *statm = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	ck_assert_ptr_nonnull(statm);
	ck_assert_int_eq(fscanf(statm, "%*u %lu", &pages), 1);
	(void)fclose(statm);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

START_TEST(a_million_connections_take_256_octets_each)
{
	struct handshake hs = {
		.syn = make_segment(TCP_SYN, ISN, 0),
		.syn_ack = make_segment(TCP_SYN | TCP_ACK, PEER_ISN, ISN + 1),
		.ack = make_segment(TCP_ACK, ISN + 1, PEER_ISN + 1),
	};
	size_t before = resident();
	struct dataplane *dp = dataplane_create(ROOM, &key, make_rules(), NOW);
	size_t each;

	ck_assert_ptr_nonnull(dp);
	for (uint32_t n = 0; n < CONNS; n++) {
		set_tuple(&hs, n);
		establish(dp, &hs);
	}
	each = (resident() - before + CONNS - 1) / CONNS;
	ck_assert_uint_eq(dataplane_stats(dp).conns, CONNS);
	printf("%d connections over IPv6 take %zu octets each\n", CONNS, each);
	ck_assert_uint_le(each, CONN_OCTETS_MAX);
	dataplane_destroy(dp);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("memory");

	tcase_set_timeout(tc, 120);
	if (SANITIZED)
		puts("skip a million connections take 256 octets each");
	else
		tcase_add_test(tc, a_million_connections_take_256_octets_each);
	return run_tests(tc, "daemon_memory");
}
