/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients of the control sockets: what they ask, in whatever pieces it comes,
 * and how long they may take.
 */
#include "daemon/control_client.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/control_message.h"
#include "unit/run.h"

enum { NOW = 1000000 };

static int other; /* the end of who asks */
static struct client *client;

static void start(void)
{
	int fds[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_eq(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	other = fds[1];
	client = client_create(fds[0], NOW);
	ck_assert_ptr_nonnull(client);
}

static void stop(void)
{
	client_destroy(client);
	(void)close(other);
}

static void send_octets(const char *octets, size_t len)
{
	ck_assert_int_eq(send(other, octets, len, 0), (ssize_t)len);
}

static void check_request(const char *expected)
{
	const char *text;
	size_t len;

	ck_assert_int_eq(client_read(client, NOW), CLIENT_REQUEST);
	text = client_request(client, &len);
	ck_assert_uint_eq(len, strlen(expected));
	ck_assert_int_eq(memcmp(text, expected, len), 0);
}

static void check_received(const char *expected, size_t len)
{
	char octets[200];

	ck_assert_int_eq(recv(other, octets, sizeof(octets), 0), (ssize_t)len);
	ck_assert_int_eq(memcmp(octets, expected, len), 0);
}

START_TEST(a_request_may_come_in_pieces)
{
	ck_assert_int_eq(client_read(client, NOW), CLIENT_NOTHING);
	send_octets("{\"a\"", 4);
	ck_assert_int_eq(client_read(client, NOW), CLIENT_NOTHING);
	send_octets(":1}\n", 4);
	check_request("{\"a\":1}");
	client_next(client, NOW);
	ck_assert_int_eq(client_read(client, NOW), CLIENT_NOTHING);
}
END_TEST

START_TEST(requests_may_come_together)
{
	send_octets("one\ntwo\nthr", 11);
	check_request("one");
	/* The same one, until it is dealt with. */
	check_request("one");
	client_next(client, NOW);
	ck_assert(client_has_request(client));
	check_request("two");
	client_next(client, NOW);
	ck_assert(!client_has_request(client));
	ck_assert_int_eq(client_read(client, NOW), CLIENT_NOTHING);
	send_octets("ee\n", 3);
	check_request("three");
}
END_TEST

START_TEST(replies_end_as_the_request_did)
{
	send_octets("one\ntwo", 8);
	check_request("one");
	ck_assert(client_say(client, json_pack("[i]", 1), NOW));
	client_next(client, NOW);
	check_request("two");
	ck_assert(client_say(client, json_pack("[i]", 2), NOW));
	ck_assert(client_write(client, NOW));
	ck_assert(!client_has_output(client));
	check_received("[1]\n[2]", 8);
}
END_TEST

START_TEST(a_request_has_a_limit)
{
	static char octets[CONTROL_REQUEST_MAX + 2];
	enum client_input input = CLIENT_NOTHING;

	memset(octets, 'a', sizeof(octets));
	octets[CONTROL_REQUEST_MAX] = _i == 0 ? '\n' : 'a';
	send_octets(octets, CONTROL_REQUEST_MAX + 1);
	for (int i = 0; i < 100 && input == CLIENT_NOTHING; i++)
		input = client_read(client, NOW);
	ck_assert_int_eq(input, _i == 0 ? CLIENT_REQUEST : CLIENT_TOO_LONG);
}
END_TEST

START_TEST(who_hangs_up_is_seen)
{
	send_octets("half", 4);
	ck_assert_int_eq(shutdown(other, SHUT_WR), 0);
	ck_assert_int_eq(client_read(client, NOW), CLIENT_NOTHING);
	ck_assert_int_eq(client_read(client, NOW), CLIENT_END);
}
END_TEST

START_TEST(half_a_request_has_two_seconds)
{
	send_octets("half", 4);
	(void)client_read(client, NOW);
	ck_assert_int_eq(client_check(client, false, NOW + 1999), CLIENT_FINE);
	/* A little more makes it no younger. */
	send_octets("of", 2);
	(void)client_read(client, NOW + 1999);
	ck_assert_int_eq(client_check(client, false, NOW + 2000),
			 CLIENT_SLOW_WRITER);
}
END_TEST

START_TEST(who_asks_nothing_may_stay_for_a_minute)
{
	ck_assert_int_eq(client_check(client, false, NOW + 59999), CLIENT_FINE);
	ck_assert_int_eq(client_check(client, false, NOW + 60000), CLIENT_IDLE);
	/* Who waits for an answer is not idle. */
	ck_assert_int_eq(client_check(client, true, NOW + 60000), CLIENT_FINE);
	ck_assert_int_eq(client_idle_since(client), NOW);
}
END_TEST

/* More than a socket holds; returns when that is full. */
static void fill(void)
{
	while (!client_is_full(client))
		ck_assert(client_say(client, json_pack("[s]", "ten octets"),
				     NOW));
	for (int i = 0; i < 100 && client_write(client, NOW); i++)
		while (!client_is_full(client))
			ck_assert(client_say(
				client, json_pack("[s]", "ten octets"), NOW));
	ck_assert(client_has_output(client));
}

START_TEST(who_does_not_read_has_two_seconds)
{
	fill();
	ck_assert(client_write(client, NOW + 1999));
	ck_assert_int_eq(client_check(client, true, NOW + 1999), CLIENT_FINE);
	ck_assert_int_eq(client_check(client, true, NOW + 2000),
			 CLIENT_SLOW_READER);
}
END_TEST

START_TEST(who_reads_has_longer)
{
	static char octets[65536];

	fill();
	for (int i = 0; i < 4; i++)
		(void)recv(other, octets, sizeof(octets), 0);
	ck_assert(client_write(client, NOW + 1500));
	ck_assert_int_eq(client_check(client, true, NOW + 3000), CLIENT_FINE);
}
END_TEST

START_TEST(who_is_gone_is_seen)
{
	ck_assert(client_say(client, json_pack("[i]", 1), NOW));
	(void)close(other);
	ck_assert(!client_write(client, NOW));
	other = -1;
}
END_TEST

START_TEST(without_memory_nothing_is_said)
{
	ck_assert(!client_say(client, NULL, NOW));
	ck_assert(!client_has_output(client));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_request_may_come_in_pieces);
	tcase_add_test(tc, requests_may_come_together);
	tcase_add_test(tc, replies_end_as_the_request_did);
	tcase_add_loop_test(tc, a_request_has_a_limit, 0, 2);
	tcase_add_test(tc, who_hangs_up_is_seen);
	tcase_add_test(tc, half_a_request_has_two_seconds);
	tcase_add_test(tc, who_asks_nothing_may_stay_for_a_minute);
	tcase_add_test(tc, who_does_not_read_has_two_seconds);
	tcase_add_test(tc, who_reads_has_longer);
	tcase_add_test(tc, who_is_gone_is_seen);
	tcase_add_test(tc, without_memory_nothing_is_said);
	return run_tests(tc, "daemon_control_client");
}
