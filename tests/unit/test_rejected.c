/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel answers to a packet that was rejected passes through OUTPUT,
 * and nothing else between these ends does.
 */
#include "engine/rejected.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

#define SEQ 0xfffffff0U /* it wraps */

enum {
	ACK = 777,
	LIFE = 2000, /* ms */
	UNREACHABLE4 = 3,
	PORT4 = 3,
	UNREACHABLE6 = 1,
	PORT6 = 4,
	/* No more than this is remembered, in one place of many. */
	PLACE = 4,
	MANY = 4096,
};

static const uint8_t families[] = { 4, 6 };

/* Rules that reject what is forwarded, and let this machine open what it will. */
static void start(struct rig *rig)
{
	struct ruleset *rules = rig_make_rules();

	rig_start(rig, 64);
	ruleset_set_policy(rules, HOOK_FORWARD, ACTION_REJECT);
	rig_set_rules(rig, rules);
}

/* By that way; to OUTPUT nothing comes in. */
static struct verdict send_by(struct rig *rig, const struct build *b,
			      enum hook hook)
{
	struct frame frame = frame_build(b);

	frame.meta.hook = hook;
	if (hook == HOOK_OUTPUT)
		frame.meta.indev[0] = '\0';
	return rig_judge(rig, &frame);
}

static struct build segment(uint8_t version, uint8_t flags)
{
	struct build b = frame_draft(version, IPPROTO_TCP);

	b.tcp.flags = flags;
	b.tcp.seq = SEQ;
	b.tcp.ack = ACK;
	return b;
}

/* From the other end to the one that sent @b. */
static struct build back(const struct build *b)
{
	struct build answer = *b;

	answer.ip.src = b->ip.dst;
	answer.ip.dst = b->ip.src;
	answer.sport = b->dport;
	answer.dport = b->sport;
	answer.payload_len = 0;
	answer.tcp = (struct build_tcp){ .flags = TCP_RST };
	return answer;
}

/* A SYN with data was rejected. */
static const struct {
	const char *what;
	enum hook hook;
	msec_t after;
	uint8_t flags;
	uint32_t seq;
	uint32_t ack; /* counted from the first number of the SYN */
	size_t len;
	uint16_t port; /* 0: the right one */
	bool passes;
} segments[] = {
	{ "the RST", HOOK_OUTPUT, 0, TCP_RST | TCP_ACK, 0, 11, 0, 0, true },
	{ "for two seconds", HOOK_OUTPUT, LIFE - 1, TCP_RST | TCP_ACK, 0, 11, 0,
	  0, true },
	{ "and no longer", HOOK_OUTPUT, LIFE, TCP_RST | TCP_ACK, 0, 11, 0, 0,
	  false },
	{ "not through this machine", HOOK_FORWARD, 0, TCP_RST | TCP_ACK, 0, 11,
	  0, 0, false },
	{ "without ACK", HOOK_OUTPUT, 0, TCP_RST, 0, 0, 0, 0, false },
	{ "with a number", HOOK_OUTPUT, 0, TCP_RST | TCP_ACK, 1, 11, 0, 0,
	  false },
	{ "it acknowledges too little", HOOK_OUTPUT, 0, TCP_RST | TCP_ACK, 0, 1,
	  0, 0, false },
	{ "it acknowledges too much", HOOK_OUTPUT, 0, TCP_RST | TCP_ACK, 0, 12,
	  0, 0, false },
	{ "with data", HOOK_OUTPUT, 0, TCP_RST | TCP_ACK, 0, 11, 1, 0, false },
	{ "of another port", HOOK_OUTPUT, 0, TCP_RST | TCP_ACK, 0, 11, 0, 81,
	  false },
	{ "a SYN-ACK", HOOK_OUTPUT, 0, TCP_SYN | TCP_ACK, 0, 11, 0, 0, false },
	{ "an ACK", HOOK_OUTPUT, 0, TCP_ACK, 0, 11, 0, 0, false },
	{ "a FIN", HOOK_OUTPUT, 0, TCP_FIN | TCP_ACK, 0, 11, 0, 0, false },
};

START_TEST(only_the_rst_to_a_rejected_segment_passes)
{
	for (int i = 0; i < COUNT(families); i++) {
		struct build syn = segment(families[i], TCP_SYN);
		struct build answer = back(&syn);
		struct verdict verdict;
		struct rig rig;

		start(&rig);
		syn.payload_len = 10;
		ck_assert_int_eq(rig_send(&rig, &syn).action, ACTION_REJECT);
		answer.tcp.flags = segments[_i].flags;
		answer.tcp.seq = segments[_i].seq;
		answer.tcp.ack = SEQ + segments[_i].ack;
		answer.payload_len = segments[_i].len;
		if (segments[_i].port)
			answer.sport = segments[_i].port;
		rig.now += segments[_i].after;
		verdict = send_by(&rig, &answer, segments[_i].hook);
		ck_assert_msg((verdict.action == ACTION_ACCEPT) ==
				      segments[_i].passes,
			      "%s: %s", segments[_i].what,
			      reason_info[verdict.reason].name);
		ck_assert_msg((verdict.reason == REASON_REJECT_ANSWER) ==
				      segments[_i].passes,
			      "%s", segments[_i].what);
		rig_stop(&rig);
	}
}
END_TEST

static const struct {
	const char *what;
	uint8_t flags;
	uint8_t answer;
	uint32_t seq;
	uint32_t ack;
} answers[] = {
	{ "a SYN", TCP_SYN, TCP_RST | TCP_ACK, 0, SEQ + 1 },
	{ "what has an ACK", TCP_ACK, TCP_RST, ACK, 0 },
	{ "a FIN that has one", TCP_FIN | TCP_ACK, TCP_RST, ACK, 0 },
};

/* Of segments that belong to nothing and are picked up, rules are asked too. */
START_TEST(the_rst_has_the_number_that_the_segment_asks_for)
{
	struct build asked = segment(4, answers[_i].flags);
	struct build answer = back(&asked);
	struct rejected *rejected = rejected_create();
	struct hash_key key = { 1, 2 };
	struct tuple_key keys[2] = { 0 };
	struct packet pkts[2];

	ck_assert_ptr_nonnull(rejected);
	answer.tcp.flags = answers[_i].answer;
	answer.tcp.seq = answers[_i].seq;
	answer.tcp.ack = answers[_i].ack;
	ck_assert_int_eq(frame_read(&asked, &pkts[0]), REASON_NONE);
	ck_assert_int_eq(frame_read(&answer, &pkts[1]), REASON_NONE);
	for (int i = 0; i < 2; i++) {
		keys[i].canonical =
			tuple_canonical(&pkts[i].tuple, &keys[i].swapped);
		keys[i].hash = (uint32_t)tuple_hash(&keys[i].canonical, &key);
	}
	ck_assert(!rejected_any(rejected, 1000));
	rejected_note(rejected, &pkts[0], &keys[0], 1000);
	ck_assert(rejected_any(rejected, 1000));
	ck_assert_msg(rejected_answers(rejected, &pkts[1], &keys[1], 1000),
		      "%s", answers[_i].what);
	pkts[1].tcp.seq++;
	ck_assert_msg(!rejected_answers(rejected, &pkts[1], &keys[1], 1000),
		      "%s, another number", answers[_i].what);
	rejected_destroy(rejected);
}
END_TEST

/* A packet of UDP was rejected. */
static const struct {
	const char *what;
	enum hook hook;
	msec_t after;
	bool about_another;
	bool to_another;
	uint8_t codes[2]; /* of ICMP and ICMPv6 */
	bool passes;
} errors[] = {
	{ "the error", HOOK_OUTPUT, 0, false, false, { PORT4, PORT6 }, true },
	{ "for two seconds",
	  HOOK_OUTPUT,
	  LIFE - 1,
	  false,
	  false,
	  { PORT4, PORT6 },
	  true },
	{ "and no longer",
	  HOOK_OUTPUT,
	  LIFE,
	  false,
	  false,
	  { PORT4, PORT6 },
	  false },
	{ "not through this machine",
	  HOOK_FORWARD,
	  0,
	  false,
	  false,
	  { PORT4, PORT6 },
	  false },
	{ "about another packet",
	  HOOK_OUTPUT,
	  0,
	  true,
	  false,
	  { PORT4, PORT6 },
	  false },
	{ "to another host",
	  HOOK_OUTPUT,
	  0,
	  false,
	  true,
	  { PORT4, PORT6 },
	  false },
	{ "of another kind", HOOK_OUTPUT, 0, false, false, { 1, 0 }, false },
};

static struct build error_about(const struct build *inner, uint8_t *quoted,
				size_t size)
{
	struct build error = frame_draft(inner->ip.version, IPPROTO_ICMP);

	error.payload_len = build_packet(inner, quoted, size);
	error.payload = quoted;
	error.ip.src = inner->ip.dst;
	error.ip.dst = inner->ip.src;
	error.icmp.type = inner->ip.version == 4 ? UNREACHABLE4 : UNREACHABLE6;
	return error;
}

START_TEST(only_the_error_about_a_rejected_packet_passes)
{
	for (int i = 0; i < COUNT(families); i++) {
		struct build asked = frame_draft(families[i], IPPROTO_UDP);
		uint8_t quoted[512];
		struct build error;
		struct verdict verdict;
		struct rig rig;

		start(&rig);
		ck_assert_int_eq(rig_send(&rig, &asked).action, ACTION_REJECT);
		asked.sport += errors[_i].about_another;
		error = error_about(&asked, quoted, sizeof(quoted));
		error.icmp.code = errors[_i].codes[i];
		if (errors[_i].to_another)
			error.ip.dst = families[i] == 4 ? "192.0.2.99"
							: "2001:db8:1::99";
		rig.now += errors[_i].after;
		verdict = send_by(&rig, &error, errors[_i].hook);
		ck_assert_msg((verdict.reason == REASON_REJECT_ANSWER) ==
				      errors[_i].passes,
			      "%s: %s", errors[_i].what,
			      reason_info[verdict.reason].name);
		ck_assert_msg((verdict.action == ACTION_ACCEPT) ==
				      errors[_i].passes,
			      "%s", errors[_i].what);
		rig_stop(&rig);
	}
}
END_TEST

/* What is dropped is not answered. */
START_TEST(nothing_passes_without_a_reject)
{
	struct build syn = segment(4, TCP_SYN);
	struct build answer = back(&syn);
	struct rig rig;

	start(&rig);
	ruleset_set_policy(rig.rules, HOOK_FORWARD, ACTION_DROP);
	ck_assert_int_eq(rig_send(&rig, &syn).action, ACTION_DROP);
	answer.tcp.flags = TCP_RST | TCP_ACK;
	answer.tcp.ack = SEQ + 1;
	ck_assert_int_eq(send_by(&rig, &answer, HOOK_OUTPUT).reason,
			 REASON_ORPHAN_RST);
	rig_stop(&rig);
}
END_TEST

/* The last ones are always there, however many came before. */
START_TEST(the_oldest_give_way)
{
	struct build syn = segment(4, TCP_SYN);
	int passed = 0;
	struct rig rig;

	start(&rig);
	for (uint16_t i = 0; i < MANY; i++) {
		syn.sport = (uint16_t)(1024 + i);
		ck_assert_int_eq(rig_send(&rig, &syn).action, ACTION_REJECT);
	}
	for (uint16_t i = 0; i < MANY; i++) {
		struct build answer = back(&syn);

		answer.dport = (uint16_t)(1024 + i);
		answer.tcp.flags = TCP_RST | TCP_ACK;
		answer.tcp.ack = SEQ + 1;
		if (send_by(&rig, &answer, HOOK_OUTPUT).action == ACTION_ACCEPT)
			passed++;
		else
			ck_assert_int_lt(i, MANY - PLACE);
	}
	ck_assert_int_gt(passed, 256);
	ck_assert_int_lt(passed, MANY);
	rig_stop(&rig);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("rejected");

	tcase_add_loop_test(tc, only_the_rst_to_a_rejected_segment_passes, 0,
			    COUNT(segments));
	tcase_add_loop_test(tc,
			    the_rst_has_the_number_that_the_segment_asks_for, 0,
			    COUNT(answers));
	tcase_add_loop_test(tc, only_the_error_about_a_rejected_packet_passes,
			    0, COUNT(errors));
	tcase_add_test(tc, nothing_passes_without_a_reject);
	tcase_add_test(tc, the_oldest_give_way);
	return run_tests(tc, "rejected");
}
