/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of a queue of the real kernel, in a network namespace of the test's
 * own: on loopback, judged by a handler that remembers what it saw.
 */
#include "daemon/queue.h"

#include <cap-ng.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit/loopback.h"
#include "unit/netns.h"
#include "unit/run.h"

enum {
	QUEUE = 5,
	PORT = 4000,
	LENGTH = 1024,
	COPY_RANGE = 2048,
	BURST = 150, /* more than two batches */
	MTU = 1500,
	STREAM_LEN = 60000,
	NOW = 1000, /* whenever that is */
};

/* What a handler saw, and what it says. */
struct judge {
	enum action action; /* unless .by_payload */
	bool by_payload;    /* UDP: the first octet of the data is the action */
	bool marks;         /* UDP: it is accepted, with that as its mark */
	size_t packets;
	struct packet_meta last;
	uint8_t version;
	size_t copied;
	struct packet_meta longest;
	size_t copied_of_longest;
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

/* The third number of its line. */
static unsigned int waiting_in(unsigned int number)
{
	FILE *list =
		fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "re");
	unsigned int found = 0;
	unsigned int waiting = 0;

	ck_assert_ptr_nonnull(list);
	while (found != number)
		ck_assert_int_eq(
			fscanf(list, "%u %*u %u %*[^\n]", &found, &waiting), 2);
	(void)fclose(list);
	return waiting;
}

static void take_packet(struct judge *judge, struct queue_packet *packet)
{
	judge->packets++;
	judge->last = packet->meta;
	judge->version = packet->data[0] >> 4;
	judge->copied = packet->len;
	if (packet->meta.len > judge->longest.len) {
		judge->longest = packet->meta;
		judge->copied_of_longest = packet->len;
	}
	ck_assert_int_eq(packet->action, ACTION_DROP);
	ck_assert_uint_eq(packet->mark, packet->meta.mark);
	/* Behind the headers of IPv4 and UDP. */
	packet->action = judge->by_payload ? (enum action)packet->data[28]
					   : judge->action;
	if (judge->marks)
		packet->mark = packet->data[28];
}

static void take_packets(struct queue_packet *packets, size_t count, void *arg)
{
	ck_assert_uint_gt(count, 0);
	ck_assert_uint_le(count, QUEUE_PART_MAX);
	for (size_t i = 0; i < count; i++)
		take_packet(arg, &packets[i]);
}

/* Judges what comes, until there were @count packets. */
static void judge_packets(struct queue *queue, struct judge *judge,
			  size_t count)
{
	/* Each quiet receive waits for a quarter of a second. */
	for (int quiet = 0; judge->packets < count && quiet < 8;) {
		int n = queue_receive(queue);

		ck_assert_int_ge(n, 0);
		ck_assert_int_eq(
			queue_judge(queue, n, NOW, take_packets, judge), 0);
		if (n == 0)
			quiet++;
	}
	ck_assert_uint_eq(judge->packets, count);
}

static void queue_output(void)
{
	netns_run("iptables -w -A OUTPUT -j NFQUEUE --queue-num 5");
}

/* Keeps the user and loses the capability. */
static void lose_permission(void)
{
	capng_get_caps_process();
	ck_assert_int_eq(capng_update(CAPNG_DROP,
				      CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				      CAP_NET_ADMIN),
			 0);
	ck_assert_int_eq(capng_apply(CAPNG_SELECT_CAPS), 0);
}

START_TEST(packets_go_where_the_handler_sends_them)
{
	static const enum action actions[] = { ACTION_ACCEPT, ACTION_DROP,
					       ACTION_REJECT, ACTION_ACCEPT };
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .by_payload = true };
	int fd = loopback_open(PORT);

	queue_output();
	for (int i = 0; i < COUNT(actions); i++)
		loopback_send(0, PORT, (int)actions[i]);
	judge_packets(queue, &judge, COUNT(actions));
	/* In this order; had one of the others passed, it would be between. */
	ck_assert_int_eq(loopback_receive(fd), ACTION_ACCEPT);
	ck_assert_int_eq(loopback_receive(fd), ACTION_ACCEPT);
	ck_assert_int_eq(recv(fd, &judge, 1, MSG_DONTWAIT), -1);
	ck_assert_uint_eq(waiting_in(QUEUE), 0);
	queue_close(queue);
}
END_TEST

START_TEST(every_packet_of_a_burst_gets_one_verdict)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .by_payload = true };
	struct queue_stats stats;
	int fd = loopback_open(PORT);
	int accepted = 0;

	queue_output();
	for (int i = 0; i < BURST; i++)
		loopback_send(0, PORT, i % 3 ? ACTION_ACCEPT : ACTION_DROP);
	ck_assert_uint_eq(waiting_in(QUEUE), BURST);
	judge_packets(queue, &judge, BURST);
	ck_assert_uint_eq(waiting_in(QUEUE), 0);
	while (loopback_receive(fd) == ACTION_ACCEPT &&
	       accepted < BURST * 2 / 3)
		accepted++;
	/* A second verdict would be answered with an error. */
	ck_assert_int_eq(queue_receive(queue), 0);
	stats = queue_stats(queue);
	ck_assert_int_eq(accepted, BURST * 2 / 3);
	ck_assert_uint_eq(stats.packets, BURST);
	ck_assert_uint_lt(stats.batches, BURST);
	ck_assert_uint_eq(stats.verdict_errors, 0);
	ck_assert_uint_eq(stats.malformed, 0);
	queue_close(queue);
}
END_TEST

static const struct {
	const char *what;
	int every; /* so manieth packet is dropped; 0: none */
	size_t answers_max;
} runs[] = {
	{ "a run of equal verdicts is one answer", 0, 3 },
	{ "and so is each one of several", 50, 8 },
	{ "single ones have one each", 2, BURST },
};

START_TEST(one_answer_is_enough_for_a_run)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .by_payload = true };
	int fd = loopback_open(PORT);
	int every = runs[_i].every;
	int dropped = every ? BURST / every : 0;

	queue_output();
	for (int i = 1; i <= BURST; i++)
		loopback_send(0, PORT,
			      every && i % every == 0 ? ACTION_DROP
						      : ACTION_ACCEPT);
	judge_packets(queue, &judge, BURST);
	for (int i = 0; i < BURST - dropped; i++)
		ck_assert_msg(loopback_receive(fd) == ACTION_ACCEPT, "%s",
			      runs[_i].what);
	ck_assert_int_eq(recv(fd, &judge, 1, MSG_DONTWAIT), -1);
	ck_assert_uint_eq(waiting_in(QUEUE), 0);
	ck_assert_msg(queue_stats(queue).answers <= runs[_i].answers_max,
		      "%s: %ju answers", runs[_i].what,
		      (uintmax_t)queue_stats(queue).answers);
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 0);
	queue_close(queue);
}
END_TEST

/* What passes has the mark that it was given, and no other does. */
START_TEST(each_packet_leaves_with_its_own_mark)
{
	static const int marks[] = { 0, 1, 1, 1, 0, 2, 2, 3, 0, 0, 1, 3 };
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .action = ACTION_ACCEPT, .marks = true };
	int fd = loopback_open(PORT);

	netns_run("iptables -w -t mangle -A OUTPUT -j NFQUEUE --queue-num 5");
	netns_run("iptables -w -A OUTPUT -m mark --mark 1 -j ACCEPT");
	netns_run("iptables -w -A OUTPUT -m mark --mark 3 -j ACCEPT");
	netns_run("iptables -w -P OUTPUT DROP");
	for (int i = 0; i < COUNT(marks); i++)
		loopback_send(0, PORT, marks[i]);
	judge_packets(queue, &judge, COUNT(marks));
	for (int i = 0; i < COUNT(marks); i++)
		if (marks[i] == 1 || marks[i] == 3)
			ck_assert_int_eq(loopback_receive(fd), marks[i]);
	ck_assert_int_eq(recv(fd, &judge, 1, MSG_DONTWAIT), -1);
	ck_assert_uint_eq(waiting_in(QUEUE), 0);
	ck_assert_uint_eq(queue_stats(queue).answers, 8);
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 0);
	queue_close(queue);
}
END_TEST

enum { SHORT = 4, OVERFLOW = 3 };

/* With the bits, a packet comes by our chains. */
#define MARK_OUTPUT                                                    \
	"iptables -w -t mangle -A OUTPUT -p udp --dport 4000 -j MARK " \
	"--set-xmark 0x300/0x300"

static const struct {
	const char *what;
	const char *rule; /* NULL: nothing is marked */
	bool fails_open;
	bool by_others; /* a packet comes by another way as well */
	int passed;
} floods[] = {
	{ "rescue rules stand behind it", MARK_OUTPUT, true, false, OVERFLOW },
	{ "it is not wanted", MARK_OUTPUT, false, false, 0 },
	{ "other rules have queued it", NULL, true, false, 0 },
	{ "other rules queue as well", MARK_OUTPUT, true, true, 0 },
};

START_TEST(a_full_queue_lets_pass_only_what_others_will_judge)
{
	const struct queue_params params = {
		.number = QUEUE,
		.length = SHORT,
		.marks = { .accept = 0x100, .reject = 0x200, .output = true },
		.fails_open = floods[_i].fails_open,
	};
	struct queue_error error;
	struct queue *queue = queue_open(&params, &error);
	struct judge judge = { .action = ACTION_ACCEPT };
	int fd = loopback_open(PORT);

	ck_assert_ptr_nonnull(queue);
	if (floods[_i].rule)
		netns_run(floods[_i].rule);
	queue_output();
	loopback_send(0, PORT, 1);
	if (floods[_i].by_others)
		loopback_send(0, PORT + 1, 1);
	judge_packets(queue, &judge, floods[_i].by_others ? 2 : 1);
	ck_assert_int_eq(loopback_receive(fd), 1);
	for (int i = 0; i < SHORT + OVERFLOW; i++)
		loopback_send(0, PORT, 2);
	for (int i = 0; i < floods[_i].passed; i++)
		ck_assert_msg(loopback_receive(fd) == 2, "%s", floods[_i].what);
	ck_assert_msg(recv(fd, &judge, 1, MSG_DONTWAIT) == -1, "%s",
		      floods[_i].what);
	queue_close(queue);
}
END_TEST

static const struct {
	const char *rules[2];
	enum hook hook;
	uint32_t mark;
	const char *indev;
	const char *outdev;
} ways[] = {
	{ { "iptables -w -A OUTPUT -j NFQUEUE --queue-num 5" },
	  HOOK_OUTPUT,
	  0,
	  "",
	  "lo" },
	{ { "iptables -w -A INPUT -j NFQUEUE --queue-num 5" },
	  HOOK_INPUT,
	  0,
	  "lo",
	  "" },
	{ { "iptables -w -t mangle -A OUTPUT -j MARK --set-mark 0x8000002a",
	    "iptables -w -A OUTPUT -j NFQUEUE --queue-num 5" },
	  HOOK_OUTPUT,
	  0x8000002a,
	  "",
	  "lo" },
};

START_TEST(the_handler_is_told_which_way_the_packet_goes)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .action = ACTION_DROP };

	for (int i = 0; i < 2 && ways[_i].rules[i]; i++)
		netns_run(ways[_i].rules[i]);
	loopback_send(0, PORT, 0);
	judge_packets(queue, &judge, 1);
	ck_assert_int_eq(judge.last.hook, ways[_i].hook);
	ck_assert_str_eq(judge.last.indev, ways[_i].indev);
	ck_assert_str_eq(judge.last.outdev, ways[_i].outdev);
	ck_assert_uint_eq(judge.last.mark, ways[_i].mark);
	/* Headers and one octet; what is sent here is summed by no card. */
	ck_assert_uint_eq(judge.last.len, 29);
	ck_assert_uint_eq(judge.copied, 29);
	ck_assert_uint_eq(judge.version, 4);
	ck_assert(!judge.last.verify_checksum && !judge.last.gso);
	queue_close(queue);
}
END_TEST

START_TEST(ipv6_comes_the_same_way)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6,
				     .sin6_port = htons(PORT),
				     .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .action = ACTION_DROP };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	netns_run("ip6tables -w -A OUTPUT -p udp -j NFQUEUE --queue-num 5");
	ck_assert_int_eq(sendto(fd, "x", 1, 0, (struct sockaddr *)&addr,
				sizeof(addr)),
			 1);
	judge_packets(queue, &judge, 1);
	ck_assert_uint_eq(judge.version, 6);
	ck_assert_uint_eq(judge.last.len, 49);
	queue_close(queue);
}
END_TEST

/* Judges what there is until @fd can be written to, or read. */
static void judge_until_ready(struct queue *queue, struct judge *judge, int fd,
			      short events)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };

	for (int i = 0; i < 100 && poll(&poll_fd, 1, 0) == 0; i++)
		ck_assert_int_eq(queue_judge(queue, queue_receive(queue), NOW,
					     take_packets, judge),
				 0);
	ck_assert_int_ne(poll_fd.revents & events, 0);
}

/* Two ends of a connection over loopback that the queue lets through. */
static void connect_through(struct queue *queue, struct judge *judge,
			    int fds[2])
{
	struct sockaddr_in addr = loopback_addr(PORT);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(fds[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
		connect(fds[0], (struct sockaddr *)&addr, sizeof(addr)), -1);
	ck_assert_int_eq(errno, EINPROGRESS);
	judge_until_ready(queue, judge, fds[0], POLLOUT);
	judge_until_ready(queue, judge, listener, POLLIN);
	fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	ck_assert_int_ge(fds[1], 0);
	(void)close(listener);
}

START_TEST(a_super_packet_is_judged_as_one_and_arrives_whole)
{
	static uint8_t sent[STREAM_LEN];
	static uint8_t received[STREAM_LEN];
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .action = ACTION_ACCEPT };
	size_t len = 0;
	size_t written = 0;
	int fds[2];

	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i * i >> 8);
	netns_run("ip link set lo mtu 1500");
	queue_output();
	connect_through(queue, &judge, fds);
	while (len < STREAM_LEN) {
		ssize_t n = write(fds[0], sent + written, STREAM_LEN - written);

		written += n > 0 ? (size_t)n : 0;
		judge_until_ready(queue, &judge, fds[1], POLLIN);
		n = read(fds[1], received + len, STREAM_LEN - len);
		ck_assert_int_gt(n, 0);
		len += (size_t)n;
	}
	ck_assert_mem_eq(received, sent, STREAM_LEN);
	/* Longer than the link allows, and more than was copied of it. */
	ck_assert(judge.longest.gso);
	ck_assert_uint_gt(judge.longest.len, 2 * MTU);
	ck_assert_uint_eq(judge.copied_of_longest, COPY_RANGE);
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 0);
	queue_close(queue);
}
END_TEST

START_TEST(a_verdict_on_a_packet_that_is_gone_is_counted)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .action = ACTION_ACCEPT };

	queue_output();
	loopback_send(0, PORT, 0);
	ck_assert_int_eq(queue_receive(queue), 1);
	/* The kernel drops what waits to leave by it. */
	netns_run("ip link set lo down");
	ck_assert_int_eq(queue_judge(queue, 1, NOW, take_packets, &judge), 0);
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 0);
	/* Its answer, which is no packet. */
	ck_assert_int_eq(queue_receive(queue), 1);
	ck_assert_int_eq(queue_judge(queue, 1, NOW, take_packets, &judge), 0);
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 1);
	ck_assert_uint_eq(judge.packets, 1);
	queue_close(queue);
}
END_TEST

START_TEST(a_queue_that_takes_no_verdicts_any_more_is_lost)
{
	struct queue *queue = open_queue(QUEUE, LENGTH);
	struct judge judge = { .action = ACTION_ACCEPT };
	int n;

	queue_output();
	loopback_send(0, PORT, 0);
	lose_permission();
	ck_assert_int_eq(queue_receive(queue), 1);
	ck_assert_int_eq(queue_judge(queue, 1, NOW, take_packets, &judge), 0);
	n = queue_receive(queue);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(queue_judge(queue, n, NOW, take_packets, &judge),
			 -EPERM);
	ck_assert_uint_eq(queue_stats(queue).verdict_errors, 0);
	queue_close(queue);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	if (!netns_is_permitted("test_daemon_queue"))
		return run_tests(tc, "daemon_queue");
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, netns_enter, NULL);
	tcase_add_test(tc, packets_go_where_the_handler_sends_them);
	tcase_add_test(tc, every_packet_of_a_burst_gets_one_verdict);
	tcase_add_test(tc, each_packet_leaves_with_its_own_mark);
	tcase_add_loop_test(tc,
			    a_full_queue_lets_pass_only_what_others_will_judge,
			    0, COUNT(floods));
	tcase_add_loop_test(tc, one_answer_is_enough_for_a_run, 0, COUNT(runs));
	tcase_add_loop_test(tc, the_handler_is_told_which_way_the_packet_goes,
			    0, COUNT(ways));
	tcase_add_test(tc, ipv6_comes_the_same_way);
	tcase_add_test(tc, a_super_packet_is_judged_as_one_and_arrives_whole);
	tcase_add_test(tc, a_verdict_on_a_packet_that_is_gone_is_counted);
	tcase_add_test(tc, a_queue_that_takes_no_verdicts_any_more_is_lost);
	return run_tests(tc, "daemon_queue");
}
