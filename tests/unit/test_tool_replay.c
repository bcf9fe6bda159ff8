/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine driven by frames: its clock, its memory, its counters.
 */
#include "tool/replay.h"

#include <netinet/in.h>
#include <pcap/dlt.h>
#include <string.h>

#include "unit/build.h"
#include "unit/run.h"

enum { FRAME_LEN = 256 };

static const int64_t second = 1000000000;

static struct ruleset *rules;
static struct replay *replay;
static uint8_t octets[FRAME_LEN];

static void start(bool measure)
{
	static const struct routing unknown;

	rules = ruleset_create();
	ck_assert_ptr_nonnull(rules);
	ruleset_set_policy(rules, HOOK_FORWARD, ACTION_ACCEPT);
	replay = replay_create(&(struct replay_params){
		.rules = rules,
		.max_conns = 1000,
		.link_type = link_type_find(DLT_RAW),
		.routing = &unknown,
		.verify_checksum = true,
		.measure = measure,
	});
	ck_assert_ptr_nonnull(replay);
}

static void stop(void)
{
	replay_destroy(replay);
	ruleset_destroy(rules);
}

/* A datagram from that port, at that time. */
static struct capture_frame datagram(uint16_t port, int64_t time)
{
	const struct build b = {
		.ip = { .version = 4,
			.src = "10.1.0.2",
			.dst = "192.0.2.1",
			.ipproto = IPPROTO_UDP },
		.sport = port,
		.dport = 53,
	};
	uint32_t len = (uint32_t)build_packet(&b, octets, sizeof(octets));

	return (struct capture_frame){
		.time = time, .data = octets, .captured = len, .len = len
	};
}

static struct judged judge(const struct capture_frame *frame)
{
	struct judged judged;

	replay_frame(replay, frame, &judged);
	return judged;
}

static void pass(uint16_t port, int64_t time)
{
	struct capture_frame frame = datagram(port, time);
	struct judged judged = judge(&frame);

	ck_assert_str_eq(judged_action(&judged), "accept");
}

static uint64_t count_conns(void)
{
	return replay_stats(replay).engine->conns;
}

START_TEST(connections_are_forgotten_as_the_capture_goes_on)
{
	start(false);
	for (uint16_t port = 1; port <= 500; port++)
		pass(port, port * second / 1000);
	ck_assert_uint_eq(count_conns(), 500);
	pass(501, 3600 * second);
	ck_assert_uint_eq(count_conns(), 1);
	stop();
}
END_TEST

START_TEST(time_does_not_run_backwards)
{
	start(false);
	pass(1, 3600 * second);
	pass(2, 0);
	pass(3, 3500 * second);
	ck_assert_uint_eq(count_conns(), 3);
	/* All three are as old as the first. */
	pass(4, 3640 * second);
	ck_assert_uint_eq(count_conns(), 1);
	stop();
}
END_TEST

START_TEST(every_frame_is_counted_once)
{
	struct capture_frame frame = datagram(1, 0);
	struct replay_stats stats;

	start(false);
	(void)judge(&frame);
	octets[20] ^= 1; /* the checksum is wrong now */
	(void)judge(&frame);
	frame.captured = 10;
	(void)judge(&frame);
	stats = replay_stats(replay);
	ck_assert_uint_eq(stats.frames, 3);
	ck_assert_uint_eq(stats.skipped, 0);
	ck_assert_uint_eq(stats.engine->packets[ACTION_ACCEPT], 1);
	ck_assert_uint_eq(stats.engine->packets[ACTION_DROP], 2);
	ck_assert_uint_eq(stats.engine->reasons[REASON_BAD_CHECKSUM], 1);
	ck_assert_uint_eq(stats.engine->reasons[REASON_SHORT_COPY], 1);
	ck_assert_uint_eq(stats.engine_time, 0);
	stop();
}
END_TEST

START_TEST(the_time_of_the_engine_is_measured_if_asked_for)
{
	start(true);
	pass(1, 0);
	ck_assert_uint_gt(replay_stats(replay).engine_time, 0);
	stop();
}
END_TEST

/*
 * The kernel hands out up to half a mebibyte as one packet, which it takes
 * apart later; the length field of IPv4 then is 0.
 */
START_TEST(a_packet_larger_than_any_is_one_not_yet_taken_apart)
{
	struct capture_frame frame = datagram(1, 0);
	struct judged judged;

	start(false);
	octets[2] = octets[3] = 0; /* which no checksum is verified of */
	frame.len = 70000;
	judged = judge(&frame);
	ck_assert_str_eq(judged_reason(&judged), "new");
	ck_assert_uint_eq(judged.pkt.len, 70000);
	stop();
}
END_TEST

static const struct {
	int64_t time;
	const char *text;
} times[] = {
	{ 1700000000123456000, "1700000000.123456" },
	{ 1700000000000001000, "1700000000.000001" },
	{ 1700000000000000999, "1700000000.000000" },
	{ 1700000000999999999, "1700000000.999999" },
	{ 1700000000000000000, "1700000000.000000" },
	{ 0, "0.000000" },
	{ INT64_MAX, "9223372036.854775" },
};

START_TEST(times_are_exact)
{
	char text[CAPTURE_TIME_LEN];

	capture_time_format(times[_i].time, text);
	ck_assert_str_eq(text, times[_i].text);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("replay");

	tcase_add_test(tc, connections_are_forgotten_as_the_capture_goes_on);
	tcase_add_test(tc, time_does_not_run_backwards);
	tcase_add_test(tc, every_frame_is_counted_once);
	tcase_add_test(tc, the_time_of_the_engine_is_measured_if_asked_for);
	tcase_add_test(tc, a_packet_larger_than_any_is_one_not_yet_taken_apart);
	tcase_add_loop_test(tc, times_are_exact, 0, COUNT(times));
	return run_tests(tc, "tool_replay");
}
