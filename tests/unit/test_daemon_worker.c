/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers and lanes: threads that judge the packets of real queues, in a
 * network namespace of the test's own.
 */
#include "daemon/worker.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/lanes.h"
#include "daemon/recorder.h"
#include "unit/capture.h"
#include "unit/loopback.h"
#include "unit/netns.h"
#include "unit/run.h"

enum {
	FIRST = 5, /* queues */
	LAST = 8,
	PORT = 4000,
	SOURCE = 20000,
	LENGTH = 1024,
	ROOM = 1000,
	BURST = 100,
	PATIENCE = 5000, /* ms, for what takes a moment */
	SLICE = 5,
};

static const struct hash_key key = { 3, 5 };

static struct dataplane *dataplane;
static struct recorder *recorder;
static char lines[4096];

/* To port PORT all is let in, and logged; else nothing is. */
static struct ruleset *make_rules(void)
{
	struct ruleset *rules = ruleset_create();
	struct rule *rule = ruleset_add_rule(
		rules, "logged",
		&(struct rule_options){ .action = ACTION_ACCEPT, .log = true });
	struct match_fault fault;

	ck_assert(ruleset_add_match(rules, rule, match_type_find("proto"),
				    "udp", &fault));
	ck_assert(ruleset_add_match(rules, rule, match_type_find("dport"),
				    "4000", &fault));
	return rules;
}

static void start(void)
{
	netns_enter();
	dataplane = dataplane_create(ROOM, &key, make_rules(), clock_now());
	recorder = recorder_create();
	ck_assert_ptr_nonnull(recorder);
	ck_assert_ptr_nonnull(dataplane);
}

static void stop(void)
{
	dataplane_destroy(dataplane);
	recorder_destroy(recorder);
}

static struct queue *open_queue(uint16_t number)
{
	const struct queue_params params = { .number = number,
					     .length = LENGTH };
	struct queue_error error = { 0 };
	struct queue *queue = queue_open(&params, &error);

	ck_assert_msg(queue, "queue %u: %s", number, strerror(error.error));
	return queue;
}

static struct lanes *open_lanes(enum queue_fault *fault)
{
	const struct lanes_params params = {
		.first = FIRST,
		.last = LAST,
		.length = LENGTH,
		.dataplane = dataplane,
	};

	return lanes_open(&params, fault);
}

/* Time. */

static void wait_a_moment(void)
{
	const struct timespec slice = { .tv_nsec = SLICE * 1000000 };

	(void)nanosleep(&slice, NULL);
}

/* Whether @is_true became so in good time. */
static bool soon(bool (*is_true)(void *arg), void *arg)
{
	for (int i = 0; i < PATIENCE / SLICE; i++) {
		if (is_true(arg))
			return true;
		wait_a_moment();
	}
	return false;
}

/* Traffic. */

/* Each from a port of its own, so that each opens a connection. */
static void send_packets(uint16_t port, int count)
{
	for (int i = 0; i < count; i++)
		loopback_send((uint16_t)(SOURCE + i), port, 'x');
}

static int received(int fd)
{
	int count = 0;

	while (count < BURST && loopback_receive(fd) == 'x')
		count++;
	return count;
}

static bool all_are_judged(void *arg)
{
	const uint64_t *count = arg;
	struct engine_stats stats = dataplane_stats(dataplane);

	return stats.packets[ACTION_ACCEPT] + stats.packets[ACTION_DROP] >=
	       *count;
}

static void keep_line(const char *line)
{
	size_t used = strlen(lines);

	(void)snprintf(lines + used, sizeof(lines) - used, "%s\n", line);
}

/* A worker of its own. */

static struct worker *start_worker(struct queue *queue, struct packetlog *log)
{
	const struct worker_params params = { .queue = queue,
					      .dataplane = dataplane,
					      .log = log,
					      .recorder = recorder };
	struct worker *worker = worker_start(&params);

	ck_assert_ptr_nonnull(worker);
	return worker;
}

static bool heart_beats(void *arg)
{
	static uint64_t first;
	uint64_t now = worker_heartbeat(arg);

	if (first == 0)
		first = now;
	return now > first + 2;
}

START_TEST(a_worker_without_traffic_lives_and_ends_within_half_a_second)
{
	struct queue *queue = open_queue(FIRST);
	struct worker *worker = start_worker(queue, NULL);
	msec_t begin;

	ck_assert(soon(heart_beats, worker));
	ck_assert_int_eq(worker_error(worker), 0);
	begin = clock_now();
	worker_stop(worker);
	ck_assert_int_lt(clock_now() - begin, 500);
	queue_close(queue);
}
END_TEST

START_TEST(many_workers_end_together)
{
	enum queue_fault fault;
	struct lanes *lanes = open_lanes(&fault);
	msec_t begin;

	ck_assert_ptr_nonnull(lanes);
	ck_assert(lanes_start(lanes, true));
	begin = clock_now();
	lanes_stop(lanes);
	/* Not one after the other. */
	ck_assert_int_lt(clock_now() - begin, 500);
	lanes_close(lanes);
}
END_TEST

START_TEST(packets_pass_or_not_as_the_policy_says)
{
	uint64_t count = 2 * BURST;
	struct queue *queue = open_queue(FIRST);
	struct packetlog *log = packetlog_create();
	struct worker *worker = start_worker(queue, log);
	int open_fd = loopback_open(PORT);
	int closed_fd = loopback_open(PORT + 1);
	struct engine_stats stats;
	char octet;

	netns_run("iptables -w -A OUTPUT -j NFQUEUE --queue-num 5");
	send_packets(PORT + 1, BURST);
	send_packets(PORT, BURST);
	ck_assert_int_eq(received(open_fd), BURST);
	ck_assert(soon(all_are_judged, &count));
	ck_assert_int_eq(recv(closed_fd, &octet, 1, MSG_DONTWAIT), -1);
	worker_stop(worker);
	stats = dataplane_stats(dataplane);
	ck_assert_uint_eq(stats.reasons[REASON_NEW], BURST);
	ck_assert_uint_eq(stats.reasons[REASON_POLICY], BURST);
	ck_assert_uint_eq(queue_stats(queue).packets, 2 * BURST);
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 0);
	packetlog_drain(log, keep_line);
	ck_assert_int_eq(strncmp(lines, "accept rule=logged reason=new ", 30),
			 0);
	packetlog_destroy(log);
	queue_close(queue);
}
END_TEST

static bool is_lost(void *arg)
{
	return worker_error(arg) == EPERM;
}

/* The worker has the capabilities of the thread that started it. */
START_TEST(a_worker_whose_queue_is_lost_says_so_and_ends)
{
	struct queue *queue = open_queue(FIRST);
	struct worker *worker;

	netns_run("iptables -w -A OUTPUT -j NFQUEUE --queue-num 5");
	capng_clear(CAPNG_SELECT_CAPS);
	ck_assert_int_eq(capng_apply(CAPNG_SELECT_CAPS), 0);
	worker = start_worker(queue, NULL);
	send_packets(PORT + 1, 1);
	ck_assert(soon(is_lost, worker));
	worker_stop(worker);
	queue_close(queue);
}
END_TEST

/* Lanes: several of them. */

static bool all_have_moved(void *arg)
{
	return lanes_all_moved(arg);
}

START_TEST(lanes_have_moved_when_each_worker_has)
{
	enum queue_fault fault;
	struct lanes *lanes = open_lanes(&fault);

	ck_assert_ptr_nonnull(lanes);
	ck_assert(lanes_start(lanes, false));
	ck_assert(soon(all_have_moved, lanes));
	/* Since then none has: that takes a quarter of a second. */
	ck_assert(!lanes_all_moved(lanes));
	ck_assert(soon(all_have_moved, lanes));
	ck_assert(!lanes_have_failed(lanes));
	lanes_stop(lanes);
	lanes_close(lanes);
}
END_TEST

static const struct {
	const char *what;
	uint16_t taken;
} taken_queues[] = {
	{ "the first one", FIRST },
	{ "one between", FIRST + 1 },
	{ "the last one", LAST },
};

START_TEST(lanes_are_opened_all_or_none)
{
	enum queue_fault fault = QUEUE_FAULT_OTHER;
	struct queue *other = open_queue(taken_queues[_i].taken);
	unsigned int owner = queue_owner(taken_queues[_i].taken);
	char want[128];
	const char *log;

	capture_start();
	ck_assert_ptr_null(open_lanes(&fault));
	log = capture_stop();
	ck_assert_int_eq(fault, QUEUE_FAULT_BUSY);
	(void)snprintf(want, sizeof(want),
		       "queue %u is bound by another process (netlink port %u,",
		       taken_queues[_i].taken, owner);
	ck_assert_msg(strstr(log, want), "%s", log);
	for (uint16_t number = FIRST; number <= LAST; number++)
		ck_assert_msg(queue_owner(number) ==
				      (number == taken_queues[_i].taken ? owner
									: 0),
			      "%s: queue %u", taken_queues[_i].what, number);
	queue_close(other);
}
END_TEST

START_TEST(lanes_share_one_table)
{
	uint64_t count = BURST;
	enum queue_fault fault;
	struct lanes *lanes = open_lanes(&fault);
	int fd = loopback_open(PORT);
	struct engine_stats stats;

	ck_assert_ptr_nonnull(lanes);
	ck_assert(lanes_start(lanes, false));
	/* Each packet twice: when it leaves and when it comes in. */
	netns_run("iptables -w -A OUTPUT -j NFQUEUE --queue-num 5");
	netns_run("iptables -w -A INPUT -j NFQUEUE --queue-num 6");
	send_packets(PORT, BURST / 2);
	ck_assert(soon(all_are_judged, &count));
	lanes_stop(lanes);
	stats = dataplane_stats(dataplane);
	ck_assert_uint_eq(stats.packets[ACTION_ACCEPT], BURST);
	ck_assert_uint_eq(stats.created, BURST / 2);
	lanes_drain_logs(lanes, keep_line);
	ck_assert_ptr_nonnull(strstr(lines, "accept rule=logged reason=new"));
	lines[0] = '\0';
	lanes_report(lanes, keep_line);
	ck_assert_ptr_nonnull(strstr(lines, "queue 5: 50 packets in "));
	ck_assert_ptr_nonnull(strstr(lines, "queue 6: 50 packets in "));
	ck_assert_ptr_nonnull(strstr(lines, "queue 8: 0 packets in 0 "));
	(void)close(fd);
	lanes_close(lanes);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	if (!netns_is_permitted("test_daemon_worker"))
		return run_tests(tc, "daemon_worker");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(
		tc,
		a_worker_without_traffic_lives_and_ends_within_half_a_second);
	tcase_add_test(tc, many_workers_end_together);
	tcase_add_test(tc, packets_pass_or_not_as_the_policy_says);
	tcase_add_test(tc, a_worker_whose_queue_is_lost_says_so_and_ends);
	tcase_add_test(tc, lanes_have_moved_when_each_worker_has);
	tcase_add_loop_test(tc, lanes_are_opened_all_or_none, 0,
			    COUNT(taken_queues));
	tcase_add_test(tc, lanes_share_one_table);
	return run_tests(tc, "daemon_worker");
}
