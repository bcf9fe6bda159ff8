/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A queue whose process ends, and goes on with the next one: see
 * tests/unit/test_daemon_queue.c for the rest.
 */
#include "daemon/queue.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/loopback.h"
#include "unit/netns.h"
#include "unit/run.h"

enum { QUEUE = 5, PORT = 4000, LENGTH = 1024, NOW = 1000 };

static const struct queue_params params = { .number = QUEUE, .length = LENGTH };

static struct queue *open_queue(void)
{
	struct queue_error error = { 0 };
	struct queue *queue = queue_open(&params, &error);

	ck_assert_msg(queue, "%s", strerror(error.error));
	netns_run("iptables -w -A OUTPUT -j NFQUEUE --queue-num 5");
	return queue;
}

/* The process that has it ends; somebody else has the socket, too. */
static int outlive(struct queue *queue)
{
	int fd = fcntl(queue_fd(queue), F_DUPFD_CLOEXEC, 3);

	ck_assert_int_ge(fd, 0);
	queue_close(queue);
	return fd;
}

static struct queue *adopt(int fd)
{
	struct queue *queue = queue_adopt(&params, fd);

	ck_assert_ptr_nonnull(queue);
	return queue;
}

static void accept_all(struct queue_packet *packets, size_t count, void *arg)
{
	size_t *judged = arg;

	for (size_t i = 0; i < count; i++)
		packets[i].action = ACTION_ACCEPT;
	*judged += count;
}

static void judge_packets(struct queue *queue, size_t count)
{
	size_t judged = 0;

	for (int quiet = 0; judged < count && quiet < 8;) {
		int n = queue_receive(queue);

		ck_assert_int_ge(n, 0);
		ck_assert_int_eq(
			queue_judge(queue, n, NOW, accept_all, &judged), 0);
		quiet += n == 0;
	}
	ck_assert_uint_eq(judged, count);
}

/* In its line: the third number. */
static unsigned int waiting(void)
{
	FILE *list =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	unsigned int count = 0;

	ck_assert_ptr_nonnull(list);
	ck_assert_int_eq(fscanf(list, "%*u %*u %u", &count), 1);
	(void)fclose(list);
	return count;
}

START_TEST(what_waits_is_judged_by_the_next_one)
{
	struct queue *queue = open_queue();
	unsigned int port = queue_owner(QUEUE);
	int fd = loopback_open(PORT);

	ck_assert_uint_ne(port, 0);
	for (int i = 1; i <= 3; i++)
		loopback_send(0, PORT, i);
	queue = adopt(outlive(queue));
	loopback_send(0, PORT, 4);
	judge_packets(queue, 4);
	for (int i = 1; i <= 4; i++)
		ck_assert_int_eq(loopback_receive(fd), i);
	ck_assert_uint_eq(queue_owner(QUEUE), port);
	/* There was nothing to be dropped, and that is no error. */
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 0);
	queue_close(queue);
}
END_TEST

START_TEST(what_the_process_held_is_dropped)
{
	struct queue *queue = open_queue();
	int fd = loopback_open(PORT);

	for (int i = 1; i <= 3; i++)
		loopback_send(0, PORT, i);
	ck_assert_int_eq(queue_receive(queue), 3);
	loopback_send(0, PORT, 4);
	queue = adopt(outlive(queue));
	ck_assert_uint_eq(waiting(), 4);
	judge_packets(queue, 1);
	ck_assert_uint_eq(waiting(), 0);
	ck_assert_int_eq(loopback_receive(fd), 4);
	loopback_send(0, PORT, 5);
	judge_packets(queue, 1);
	ck_assert_int_eq(loopback_receive(fd), 5);
	queue_close(queue);
}
END_TEST

START_TEST(what_was_answered_stays_answered)
{
	struct queue *queue = open_queue();
	int fd = loopback_open(PORT);

	loopback_send(0, PORT, 1);
	judge_packets(queue, 1);
	queue = adopt(outlive(queue));
	loopback_send(0, PORT, 2);
	judge_packets(queue, 1);
	ck_assert_int_eq(loopback_receive(fd), 1);
	ck_assert_int_eq(loopback_receive(fd), 2);
	queue_close(queue);
}
END_TEST

/* The first answer of the kernel is behind all of them. */
START_TEST(a_full_queue_is_adopted)
{
	struct queue *queue = open_queue();
	int fd = loopback_open(PORT);
	int octets = 0;

	for (int i = 0; i < 200; i++)
		loopback_send(0, PORT, i);
	queue = adopt(outlive(queue));
	judge_packets(queue, 200);
	while (octets < 200 && loopback_receive(fd) == octets)
		octets++;
	ck_assert_int_eq(octets, 200);
	queue_close(queue);
}
END_TEST

static int open_netfilter(void)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	return fd;
}

static int open_udp(void)
{
	return loopback_open(0);
}

static int open_file(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static const struct {
	const char *what;
	int (*open)(void);
} strangers[] = {
	{ "a socket that has bound no queue", open_netfilter },
	{ "a socket of another kind", open_udp },
	{ "no socket", open_file },
};

START_TEST(nothing_else_is_adopted)
{
	int fd = strangers[_i].open();

	ck_assert_int_ge(fd, 0);
	ck_assert_msg(!queue_adopt(&params, fd), "%s", strangers[_i].what);
	/* It is closed. */
	ck_assert_int_lt(fcntl(fd, F_GETFD), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("queue_adopt");

	if (netns_is_permitted("daemon_queue_adopt")) {
		tcase_add_checked_fixture(tc, netns_enter, NULL);
		tcase_add_test(tc, what_waits_is_judged_by_the_next_one);
		tcase_add_test(tc, what_the_process_held_is_dropped);
		tcase_add_test(tc, what_was_answered_stays_answered);
		tcase_add_test(tc, a_full_queue_is_adopted);
		tcase_add_loop_test(tc, nothing_else_is_adopted, 0,
				    COUNT(strangers));
	}
	return run_tests(tc, "daemon_queue_adopt");
}
