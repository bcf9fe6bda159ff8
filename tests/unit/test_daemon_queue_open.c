/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Binding queues of the real kernel, in a network namespace of the test's own:
 * what is in force then, and why it may fail.
 */
#include "daemon/queue.h"

#include <cap-ng.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "unit/loopback.h"
#include "unit/netns.h"
#include "unit/run.h"

enum {
	QUEUE = 5,
	PORT = 4000,
	LENGTH = 1024,
	COPY_PACKET = 2, /* NFQNL_COPY_PACKET */
	COPY_RANGE = 2048,
	NOW = 1000, /* whenever that is */
};

/* What the kernel says of a queue. */
struct kernel_view {
	unsigned int port;
	unsigned int waiting;
	unsigned int copy_mode;
	unsigned int copy_range;
	unsigned int dropped; /* the queue was full */
};

static struct queue *open_queue(uint16_t number, uint32_t length)
{
	const struct queue_params params = { .number = number,
					     .length = length };
	struct queue_error error = { 0 };
	struct queue *queue = queue_open(&params, &error);

	ck_assert_msg(queue, "queue %u: %s", number, strerror(error.error));
	return queue;
}

static enum queue_fault fault_of(uint16_t number)
{
	const struct queue_params params = { .number = number,
					     .length = LENGTH };
	struct queue_error error = { 0 };

	ck_assert_ptr_null(queue_open(&params, &error));
	ck_assert_int_ne(error.error, 0);
	return error.fault;
}

/* false: it knows no such queue. */
static bool see_queue(unsigned int number, struct kernel_view *view)
{
	FILE *list =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	unsigned int found = 0;
	bool ok = false;

	ck_assert_ptr_nonnull(list);
	while (!ok && fscanf(list, "%u %u %u %u %u %u %*[^\n]", &found,
			     &view->port, &view->waiting, &view->copy_mode,
			     &view->copy_range, &view->dropped) == 6)
		ok = found == number;
	(void)fclose(list);
	return ok;
}

START_TEST(the_kernel_copies_as_much_as_was_asked_for)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct kernel_view view;

	ck_assert(see_queue(QUEUE, &view));
	ck_assert_uint_eq(view.copy_mode, COPY_PACKET);
	ck_assert_uint_eq(view.copy_range, COPY_RANGE);
	ck_assert_uint_eq(queue_number(queue), QUEUE);
	ck_assert_uint_eq(queue_owner(QUEUE), view.port);
	ck_assert_uint_ge(queue_stats(queue).receive_buffer,
			  queue_buffer_wanted(LENGTH));
	queue_close(queue);
	ck_assert(!see_queue(QUEUE, &view));
	ck_assert_uint_eq(queue_owner(QUEUE), 0);
}
END_TEST

START_TEST(as_many_packets_wait_as_was_asked_for)
{
	struct queue *queue = open_queue(QUEUE, 3);
	struct kernel_view view;

	netns_run("iptables -w -A OUTPUT -j NFQUEUE --queue-num 5");
	for (int i = 0; i < 5; i++)
		loopback_send(0, PORT, i);
	ck_assert(see_queue(QUEUE, &view));
	ck_assert_uint_eq(view.waiting, 3);
	ck_assert_uint_eq(view.dropped, 2);
	queue_close(queue);
}
END_TEST

START_TEST(a_length_beyond_the_kernels_is_cut_to_it)
{
	struct queue *queue = open_queue(QUEUE, 1000000);

	ck_assert_uint_ge(queue_stats(queue).receive_buffer,
			  queue_buffer_wanted(QUEUE_LENGTH_MAX));
	queue_close(queue);
}
END_TEST

START_TEST(a_queue_that_is_taken_is_busy)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);

	ck_assert_int_eq(fault_of(QUEUE), QUEUE_FAULT_BUSY);
	ck_assert_uint_ne(queue_owner(QUEUE), 0);
	queue_close(open_queue(QUEUE + 1, LENGTH));
	queue_close(queue);
	queue_close(open_queue(QUEUE, LENGTH));
}
END_TEST

START_TEST(without_the_capability_it_is_not_permitted_taken_or_not)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);

	capng_clear(CAPNG_SELECT_CAPS);
	ck_assert_int_eq(capng_apply(CAPNG_SELECT_CAPS), 0);
	ck_assert_int_eq(fault_of(QUEUE), QUEUE_FAULT_NOT_PERMITTED);
	ck_assert_int_eq(fault_of(QUEUE + 1), QUEUE_FAULT_NOT_PERMITTED);
	queue_close(queue);
}
END_TEST

static void refuse_to(struct queue_packet *packets, size_t count, void *arg)
{
	(void)packets;
	(void)count;
	(void)arg;
	ck_abort_msg("there is no packet to judge");
}

START_TEST(a_quiet_queue_returns_soon)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct timespec start;
	struct timespec end;
	double seconds;

	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert_int_eq(queue_receive(queue), 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - start.tv_sec) +
		  (double)(end.tv_nsec - start.tv_nsec) / 1e9;
	ck_assert(seconds > 0.2 && seconds < 1);
	ck_assert_int_eq(queue_judge(queue, 0, NOW, refuse_to, NULL), 0);
	ck_assert_uint_eq(queue_stats(queue).batches, 0);
	queue_close(queue);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	if (!netns_is_permitted("test_daemon_queue_open"))
		return run_tests(tc, "daemon_queue_open");
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, netns_enter, NULL);
	tcase_add_test(tc, the_kernel_copies_as_much_as_was_asked_for);
	tcase_add_test(tc, as_many_packets_wait_as_was_asked_for);
	tcase_add_test(tc, a_length_beyond_the_kernels_is_cut_to_it);
	tcase_add_test(tc, a_queue_that_is_taken_is_busy);
	tcase_add_test(tc,
		       without_the_capability_it_is_not_permitted_taken_or_not);
	tcase_add_test(tc, a_quiet_queue_returns_soon);
	return run_tests(tc, "daemon_queue_open");
}
