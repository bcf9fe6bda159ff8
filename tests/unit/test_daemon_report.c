/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What SIGUSR2 makes the daemon log.
 */
#include "daemon/report.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "unit/frame.h"
#include "unit/run.h"

enum { NOW = 1000000, ROOM = 4000, LINES_MAX = 1100, LINE_MAX = 400 };

static const struct hash_key key = { 3, 5 };

static struct dataplane *dataplane;
static char lines[LINES_MAX][LINE_MAX];
static int line_count;

static void start(void)
{
	struct ruleset *rules = ruleset_create();

	ruleset_set_policy(rules, HOOK_FORWARD, ACTION_ACCEPT);
	dataplane = dataplane_create(ROOM, &key, rules, NOW);
	ck_assert_ptr_nonnull(dataplane);
	line_count = 0;
}

static void stop(void)
{
	dataplane_destroy(dataplane);
}

static void keep_line(const char *line)
{
	ck_assert_int_lt(line_count, LINES_MAX);
	ck_assert_uint_lt(strlen(line), LINE_MAX);
	memcpy(lines[line_count++], line, strlen(line) + 1);
}

static void decide(const struct build *b, msec_t now)
{
	struct packet pkt;

	ck_assert_int_eq(frame_read(b, &pkt), REASON_NONE);
	(void)dataplane_decide(dataplane, &pkt, now);
}

START_TEST(a_daemon_that_has_done_nothing_says_so)
{
	report_verdicts(dataplane, keep_line);
	ck_assert_int_eq(line_count, 1);
	ck_assert_str_eq(lines[0],
			 "packets: 0 accepted, 0 dropped; "
			 "connections: 0 now, 0 since the start, 0 evicted");
	report_connections(dataplane, NOW, keep_line);
	ck_assert_int_eq(line_count, 1);
}
END_TEST

START_TEST(packets_are_told_by_verdict_and_reason)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	struct build ack = frame_draft(4, IPPROTO_TCP);

	ack.tcp.flags = TCP_ACK;
	decide(&b, NOW);
	decide(&b, NOW);
	decide(&ack, NOW);
	(void)dataplane_refuse(dataplane, REASON_FRAGMENT);
	report_verdicts(dataplane, keep_line);
	ck_assert_int_eq(line_count, 5);
	ck_assert_str_eq(lines[0],
			 "packets: 2 accepted, 2 dropped; "
			 "connections: 1 now, 1 since the start, 0 evicted");
	/* In the order of the manual. */
	ck_assert_str_eq(lines[1], "reason new: 1 accepted");
	ck_assert_str_eq(lines[2], "reason established: 1 accepted");
	ck_assert_str_eq(lines[3], "reason fragment: 1 dropped");
	ck_assert_str_eq(lines[4], "reason orphan-ack: 1 dropped");
}
END_TEST

static const struct {
	uint8_t version;
	uint8_t ipproto;
	const char *line; /* with the id and what follows the bytes cut off */
} conns[] = {
	{ 4, IPPROTO_TCP,
	  "tcp SYN_SENT src=192.0.2.10 dst=198.51.100.20 sport=40000 dport=80 "
	  "packets=1/0 bytes=40/0 " },
	{ 6, IPPROTO_UDP,
	  "udp unreplied src=2001:db8:1::10 dst=2001:db8:2::20 sport=40000 "
	  "dport=80 packets=1/0 bytes=48/0 " },
	{ 4, IPPROTO_ICMP,
	  "icmp unreplied src=192.0.2.10 dst=198.51.100.20 packets=1/0 "
	  "bytes=28/0 " },
	{ 6, IPPROTO_ICMP,
	  "icmpv6 unreplied src=2001:db8:1::10 dst=2001:db8:2::20 packets=1/0 "
	  "bytes=48/0 " },
	{ 4, IPPROTO_UDPLITE,
	  "udplite unreplied src=192.0.2.10 dst=198.51.100.20 sport=40000 "
	  "dport=80 packets=1/0 bytes=28/0 " },
	{ 4, IPPROTO_GRE,
	  "gre unreplied src=192.0.2.10 dst=198.51.100.20 packets=1/0 "
	  "bytes=24/0 " },
	{ 4, 253,
	  "253 unreplied src=192.0.2.10 dst=198.51.100.20 packets=1/0 "
	  "bytes=20/0 " },
};

START_TEST(a_connection_is_a_line)
{
	struct build b = frame_draft(conns[_i].version, conns[_i].ipproto);
	unsigned long long id;
	long long seconds;
	int start_at = 0;
	const char *end;

	b.tcp.flags = TCP_SYN;
	b.icmp.type = conns[_i].version == 4 ? 8 : 128;
	decide(&b, NOW);
	report_connections(dataplane, NOW, keep_line);
	ck_assert_int_eq(line_count, 1);
	ck_assert_int_eq(
		sscanf(lines[0], "connection %llu: %n", &id, &start_at), 1);
	ck_assert_uint_gt(id, 0);
	ck_assert_int_gt(start_at, 0);
	end = strstr(lines[0], "expires=");
	ck_assert_ptr_nonnull(end);
	ck_assert_int_eq(strncmp(lines[0] + start_at, conns[_i].line,
				 strlen(conns[_i].line)),
			 0);
	ck_assert_ptr_eq(lines[0] + start_at + strlen(conns[_i].line), end);
	ck_assert_int_eq(sscanf(end, "expires=%llds", &seconds), 1);
	ck_assert_int_gt(seconds, 0);
	ck_assert_int_eq(end[strlen(end) - 1], 's');
}
END_TEST

static const struct {
	int conns;
	int lines;
	const char *last; /* NULL: a connection like the others */
} sizes[] = {
	{ REPORT_CONNECTIONS_MAX, REPORT_CONNECTIONS_MAX, NULL },
	{ REPORT_CONNECTIONS_MAX + 1, REPORT_CONNECTIONS_MAX + 1,
	  "and 1 connection more" },
	{ 3 * REPORT_CONNECTIONS_MAX, REPORT_CONNECTIONS_MAX + 1,
	  "and 2000 connections more" },
};

START_TEST(of_a_large_table_the_report_is_short)
{
	struct build b = frame_draft(4, IPPROTO_UDP);
	const char *last;

	for (int i = 0; i < sizes[_i].conns; i++) {
		b.sport = (uint16_t)(1024 + i);
		decide(&b, NOW);
	}
	report_connections(dataplane, NOW, keep_line);
	ck_assert_int_eq(line_count, sizes[_i].lines);
	last = lines[line_count - 1];
	if (sizes[_i].last)
		ck_assert_str_eq(last, sizes[_i].last);
	else
		ck_assert_int_eq(strncmp(last, "connection ", 11), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_daemon_that_has_done_nothing_says_so);
	tcase_add_test(tc, packets_are_told_by_verdict_and_reason);
	tcase_add_loop_test(tc, a_connection_is_a_line, 0, COUNT(conns));
	tcase_add_loop_test(tc, of_a_large_table_the_report_is_short, 0,
			    COUNT(sizes));
	return run_tests(tc, "daemon_report");
}
