/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets to be logged: the ring between two threads, and the lines.
 */
#include "daemon/packetlog.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "unit/frame.h"
#include "unit/run.h"

enum {
	RING_LEN = 256, /* as in packetlog.c: what fits exactly */
	LINE_MAX = 400,
	LINES_MAX = 2 * RING_LEN,
	FLOOD = 20000,
};

static struct packetlog *packet_log;
static char lines[LINES_MAX][LINE_MAX];
static size_t line_count;

static void start(void)
{
	packet_log = packetlog_create();
	ck_assert_ptr_nonnull(packet_log);
	line_count = 0;
}

static void stop(void)
{
	packetlog_destroy(packet_log);
}

static void keep_line(const char *line)
{
	ck_assert_uint_lt(line_count, LINES_MAX);
	ck_assert_uint_lt(strlen(line), LINE_MAX);
	ck_assert_ptr_null(strchr(line, '\n'));
	memcpy(lines[line_count++], line, strlen(line) + 1);
}

static void drain(void)
{
	packetlog_drain(packet_log, keep_line);
}

static struct packet numbered(uint32_t number)
{
	struct packet pkt = { .hop_limit = 64, .len = number };

	pkt.tuple.ipversion = 4;
	pkt.tuple.ipproto = IPPROTO_UDP;
	return pkt;
}

static void put(uint32_t number)
{
	const struct judged judged = { .verdict = verdict_drop(REASON_RULE) };
	struct packet pkt = numbered(number);

	packetlog_put(packet_log, &pkt, &judged);
}

/* The number of put() that a line is about. */
static uint32_t number_in(const char *line)
{
	const char *len = strstr(line, " LEN=");

	ck_assert_msg(len, "%s", line);
	return (uint32_t)strtoul(len + 5, NULL, 10);
}

START_TEST(an_empty_ring_gives_no_line)
{
	drain();
	ck_assert_uint_eq(line_count, 0);
}
END_TEST

START_TEST(lines_come_in_order_once)
{
	/* Round and round the ring. */
	for (uint32_t number = 0; number < 3 * RING_LEN; number++) {
		put(number);
		if (number % 100 != 99)
			continue;
		line_count = 0;
		drain();
		ck_assert_uint_eq(line_count, 100);
		for (uint32_t i = 0; i < 100; i++)
			ck_assert_uint_eq(number_in(lines[i]), number - 99 + i);
		drain();
		ck_assert_uint_eq(line_count, 100);
	}
}
END_TEST

START_TEST(what_does_not_fit_is_counted_and_told_once)
{
	for (uint32_t number = 0; number < RING_LEN + 7; number++)
		put(number);
	drain();
	ck_assert_uint_eq(line_count, RING_LEN + 1);
	ck_assert_uint_eq(number_in(lines[RING_LEN - 1]), RING_LEN - 1);
	ck_assert_str_eq(lines[RING_LEN],
			 "left out of the log: 7 packets, too many at once");
	drain();
	ck_assert_uint_eq(line_count, RING_LEN + 1);
	/* The next time only what was left out since. */
	line_count = 0;
	for (uint32_t number = 0; number < RING_LEN + 1; number++)
		put(number);
	drain();
	ck_assert_str_eq(lines[line_count - 1],
			 "left out of the log: 1 packet, too many at once");
}
END_TEST

static void put_another(const char *line)
{
	keep_line(line);
	put((uint32_t)line_count);
}

START_TEST(a_drain_ends_though_packets_keep_coming)
{
	put(0);
	put(0);
	packetlog_drain(packet_log, put_another);
	ck_assert_uint_eq(line_count, 2);
	drain();
	ck_assert_uint_eq(line_count, 4);
}
END_TEST

/* A worker that floods the log while it is drained. */

static _Atomic bool flooded;
static uint32_t told;
static uint64_t left_out;
static uint32_t next_number;

static void *flood(void *arg)
{
	(void)arg;
	for (uint32_t number = 0; number < FLOOD; number++)
		put(number);
	atomic_store(&flooded, true);
	return NULL;
}

static void check_line(const char *line)
{
	unsigned long long count;
	uint32_t number;

	if (sscanf(line, "left out of the log: %llu", &count) == 1) {
		left_out += count;
		return;
	}
	/* Some are left out, but none comes late or twice. */
	number = number_in(line);
	ck_assert_uint_ge(number, next_number);
	next_number = number + 1;
	told++;
}

START_TEST(a_flood_is_told_or_counted_packet_by_packet)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, flood, NULL), 0);
	while (!atomic_load(&flooded))
		packetlog_drain(packet_log, check_line);
	pthread_join(thread, NULL);
	packetlog_drain(packet_log, check_line);
	ck_assert_uint_eq(told + left_out, FLOOD);
	ck_assert_uint_gt(told, 0);
}
END_TEST

/* Lines. */

static const struct {
	const char *what;
	uint8_t version;
	uint8_t ipproto;
	uint8_t tcp_flags;
	const char *indev;
	const char *outdev;
	const char *rule;
	struct verdict verdict;
	const char *line;
} cases[] = {
	{ "a dropped SYN",
	  4,
	  IPPROTO_TCP,
	  TCP_SYN,
	  "wan0",
	  "lan1",
	  "no-web",
	  { .action = ACTION_DROP,
	    .reason = REASON_RULE,
	    .rule = 0,
	    .log = true },
	  "drop rule=no-web reason=rule IN=wan0 OUT=lan1 SRC=192.0.2.10 "
	  "DST=198.51.100.20 LEN=40 TTL=64 PROTO=TCP SPT=40000 DPT=80 SYN" },
	{ "every flag of TCP",
	  4,
	  IPPROTO_TCP,
	  0x3f,
	  "wan0",
	  "",
	  "x",
	  { .action = ACTION_DROP,
	    .reason = REASON_RULE,
	    .rule = 0,
	    .log = true },
	  "drop rule=x reason=rule IN=wan0 OUT= SRC=192.0.2.10 "
	  "DST=198.51.100.20 LEN=40 TTL=64 PROTO=TCP SPT=40000 DPT=80 SYN ACK "
	  "FIN RST PSH URG" },
	{ "an accepted datagram of IPv6",
	  6,
	  IPPROTO_UDP,
	  0,
	  "",
	  "wan0",
	  "dns",
	  { .action = ACTION_ACCEPT,
	    .reason = REASON_NEW,
	    .rule = 0,
	    .log = true },
	  "accept rule=dns reason=new IN= OUT=wan0 SRC=2001:db8:1::10 "
	  "DST=2001:db8:2::20 LEN=48 TTL=64 PROTO=UDP SPT=40000 DPT=80" },
	{ "ICMP has no ports",
	  4,
	  IPPROTO_ICMP,
	  0,
	  "a",
	  "b",
	  "",
	  { .action = ACTION_REJECT,
	    .reason = REASON_POLICY,
	    .rule = RULE_NONE,
	    .log = true },
	  "reject rule=- reason=policy IN=a OUT=b SRC=192.0.2.10 "
	  "DST=198.51.100.20 LEN=28 TTL=64 PROTO=ICMP" },
	{ "ICMPv6 has its own name",
	  6,
	  IPPROTO_ICMP,
	  0,
	  "a",
	  "b",
	  "r",
	  { .action = ACTION_DROP,
	    .reason = REASON_RULE,
	    .rule = 0,
	    .log = true },
	  "drop rule=r reason=rule IN=a OUT=b SRC=2001:db8:1::10 "
	  "DST=2001:db8:2::20 LEN=48 TTL=64 PROTO=ICMPv6" },
	{ "other protocols are numbers",
	  4,
	  253,
	  0,
	  "a",
	  "b",
	  "gre",
	  { .action = ACTION_DROP,
	    .reason = REASON_RULE,
	    .rule = 0,
	    .log = true },
	  "drop rule=gre reason=rule IN=a OUT=b SRC=192.0.2.10 "
	  "DST=198.51.100.20 LEN=20 TTL=64 PROTO=253" },
	{ "interfaces cannot write to a terminal, or another line",
	  4,
	  253,
	  0,
	  "\033[2J\r\nx",
	  "\x7f\xff",
	  "r",
	  { .action = ACTION_DROP,
	    .reason = REASON_RULE,
	    .rule = 0,
	    .log = true },
	  "drop rule=r reason=rule IN=?[2J??x OUT=?? SRC=192.0.2.10 "
	  "DST=198.51.100.20 LEN=20 TTL=64 PROTO=253" },
	{ "interfaces cannot pass for another word",
	  4,
	  253,
	  0,
	  "a OUT=b",
	  "c\tSRC=1.1.1.1",
	  "r",
	  { .action = ACTION_DROP,
	    .reason = REASON_RULE,
	    .rule = 0,
	    .log = true },
	  "drop rule=r reason=rule IN=a?OUT=b OUT=c?SRC=1.1.1.1 SRC=192.0.2.10 "
	  "DST=198.51.100.20 LEN=20 TTL=64 PROTO=253" },
};

static void copy_name(char name[PACKET_IFNAME_LEN], const char *text)
{
	ck_assert_uint_lt(strlen(text), PACKET_IFNAME_LEN);
	memcpy(name, text, strlen(text) + 1);
}

START_TEST(a_packet_is_told_in_the_words_of_the_kernels_log)
{
	struct build b = frame_draft(cases[_i].version, cases[_i].ipproto);
	struct judged judged = { .verdict = cases[_i].verdict };
	struct packet pkt;

	b.icmp.type = cases[_i].version == 4 ? 8 : 128;
	b.tcp.flags = TCP_SYN;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	if (cases[_i].ipproto == IPPROTO_TCP)
		pkt.tcp.flags = cases[_i].tcp_flags;
	copy_name(pkt.indev, cases[_i].indev);
	copy_name(pkt.outdev, cases[_i].outdev);
	memcpy(judged.rule, cases[_i].rule, strlen(cases[_i].rule) + 1);
	packetlog_put(packet_log, &pkt, &judged);
	drain();
	ck_assert_msg(line_count == 1, "%s", cases[_i].what);
	ck_assert_str_eq(lines[0], cases[_i].line);
}
END_TEST

/* The longest of everything. */
START_TEST(no_line_is_cut)
{
	struct build b = frame_draft(6, IPPROTO_TCP);
	struct judged judged = { .verdict = verdict_drop(REASON_RULE) };
	struct packet pkt;

	b.ip.src = "2001:db8:1111:2222:3333:4444:5555:6666";
	b.ip.dst = "2001:db8:7777:8888:9999:aaaa:bbbb:cccc";
	b.tcp.flags = TCP_SYN;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	pkt.tcp.flags = 0x3f;
	pkt.tuple.sport = UINT16_MAX;
	pkt.tuple.dport = UINT16_MAX;
	pkt.len = UINT32_MAX;
	pkt.hop_limit = UINT8_MAX;
	memset(pkt.indev, 'i', sizeof(pkt.indev) - 1);
	memset(pkt.outdev, 'o', sizeof(pkt.outdev) - 1);
	memset(judged.rule, 'r', sizeof(judged.rule) - 1);
	judged.verdict.action = ACTION_REJECT;
	for (int reason = 1; reason < REASON_COUNT; reason++) {
		judged.verdict.reason = (enum reason)reason;
		line_count = 0;
		packetlog_put(packet_log, &pkt, &judged);
		drain();
		ck_assert_str_eq(strrchr(lines[0], ' '), " URG");
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, an_empty_ring_gives_no_line);
	tcase_add_test(tc, lines_come_in_order_once);
	tcase_add_test(tc, what_does_not_fit_is_counted_and_told_once);
	tcase_add_test(tc, a_drain_ends_though_packets_keep_coming);
	tcase_add_test(tc, a_flood_is_told_or_counted_packet_by_packet);
	tcase_add_loop_test(tc,
			    a_packet_is_told_in_the_words_of_the_kernels_log, 0,
			    COUNT(cases));
	tcase_add_test(tc, no_line_is_cut);
	return run_tests(tc, "daemon_packetlog");
}
