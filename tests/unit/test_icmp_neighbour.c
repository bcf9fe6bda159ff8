/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What neighbours on an IPv6 link say to each other: each message as a correct
 * neighbour sends it, and all that can be wrong with it.
 */
#include "engine/icmp.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/rig.h"
#include "unit/run.h"

enum { BODY_LEN = 32 };

/* Addresses in a message. */
#define HOST       0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define LINK_LOCAL 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define MULTICAST  0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1

/* As it should be, without options; hop limit 1 or 255. */
static const struct message {
	const char *what;
	uint8_t type;
	uint8_t hops;
	const char *src;
	const char *dst;
	uint8_t body[BODY_LEN]; /* behind the eighth octet */
	size_t body_len;
	bool has_options;
} messages[] = {
	/* clang-format off */
	{ "listener query", 130, 1, "fe80::1", "ff02::1", { 0 }, 16, false },
	{ "listener report",
	  131,
	  1,
	  "fe80::1",
	  "ff02::fb",
	  { MULTICAST },
	  16,
	  false },
	{ "listener done",
	  132,
	  1,
	  "fe80::1",
	  "ff02::2",
	  { MULTICAST },
	  16,
	  false },
	{ "router solicitation",
	  133,
	  255,
	  "fe80::1",
	  "ff02::2",
	  { 0 },
	  0,
	  true },
	{ "router advertisement",
	  134,
	  255,
	  "fe80::1",
	  "ff02::1",
	  { 0 },
	  8,
	  true },
	{ "neighbour solicitation",
	  135,
	  255,
	  "2001:db8::2",
	  "ff02::1:ff00:1",
	  { HOST },
	  16,
	  true },
	{ "neighbour advertisement",
	  136,
	  255,
	  "2001:db8::1",
	  "2001:db8::2",
	  { HOST },
	  16,
	  true },
	{ "redirect",
	  137,
	  255,
	  "fe80::9",
	  "2001:db8::2",
	  { LINK_LOCAL, HOST },
	  32,
	  true },
	{ "listener report, version 2",
	  143,
	  1,
	  "fe80::1",
	  "ff02::16",
	  { 0 },
	  0,
	  false },
	{ "multicast router advertisement",
	  151,
	  1,
	  "fe80::1",
	  "ff02::6a",
	  { 0 },
	  0,
	  false },
	{ "multicast router solicitation",
	  152,
	  1,
	  "fe80::1",
	  "ff02::2",
	  { 0 },
	  0,
	  false },
	{ "multicast router termination",
	  153,
	  1,
	  "fe80::1",
	  "ff02::6a",
	  { 0 },
	  0,
	  false },
	/* clang-format on */
};

/* The message with what a test changes in it. */
struct draft {
	struct build b;
	uint8_t body[BODY_LEN + 64];
	enum hook hook;
};

static void start(struct draft *draft, const struct message *msg)
{
	*draft = (struct draft){ .b = frame_draft(6, IPPROTO_ICMP),
				 .hook = HOOK_INPUT };
	draft->b.icmp.type = msg->type;
	draft->b.ip.hop_limit = msg->hops;
	draft->b.ip.src = msg->src;
	draft->b.ip.dst = msg->dst;
	memcpy(draft->body, msg->body, sizeof(msg->body));
	draft->b.payload_len = msg->body_len;
}

static void finish(struct draft *draft, struct frame *frame)
{
	draft->b.payload = draft->body;
	*frame = frame_build(&draft->b);
	frame->meta.hook = draft->hook;
}

static enum reason judge(struct draft *draft)
{
	struct frame frame;
	struct packet pkt;

	finish(draft, &frame);
	return frame_parse(&frame, &pkt);
}

static const struct message *find(uint8_t type)
{
	for (int i = 0; i < COUNT(messages); i++)
		if (messages[i].type == type)
			return &messages[i];
	ck_abort_msg("no message of type %u", type);
}

/* Stateless, and no rule is asked: without it there is no IPv6 at all. */
START_TEST(neighbours_speak_whatever_the_policy)
{
	static const enum hook hooks[] = { HOOK_INPUT, HOOK_OUTPUT };
	struct rig rig;

	rig_start(&rig, 64);
	for (int i = 0; i < COUNT(hooks); i++) {
		struct draft draft;
		struct frame frame;
		struct verdict verdict;

		start(&draft, &messages[_i]);
		draft.hook = hooks[i];
		finish(&draft, &frame);
		ruleset_set_policy(rig.rules, hooks[i], ACTION_DROP);
		verdict = rig_judge(&rig, &frame);
		ck_assert_msg(verdict.reason == REASON_NEIGHBOUR, "%s: %s",
			      messages[_i].what,
			      reason_info[verdict.reason].name);
	}
	ck_assert_uint_eq(engine_stats(rig.eng)->conns, 0);
	rig_stop(&rig);
}
END_TEST

START_TEST(neighbours_are_on_the_link)
{
	for (int hops = 0; hops < 256; hops++) {
		enum reason expected = hops == messages[_i].hops
					       ? REASON_NONE
					       : REASON_ND_HOPLIMIT;
		struct draft draft;

		start(&draft, &messages[_i]);
		draft.b.ip.hop_limit = hops ? hops : BUILD_ZERO;
		ck_assert_msg(judge(&draft) == expected, "%s, hop limit %d",
			      messages[_i].what, hops);
	}
}
END_TEST

START_TEST(neighbours_are_not_forwarded)
{
	struct draft draft;

	start(&draft, &messages[_i]);
	draft.hook = HOOK_FORWARD;
	ck_assert_int_eq(judge(&draft), REASON_ND_HOPLIMIT);
}
END_TEST

/* RFC 4286 section 3.1: a multicast router has an interval in its place. */
START_TEST(messages_of_neighbours_have_code_0)
{
	enum reason expected =
		messages[_i].type == 151 ? REASON_NONE : REASON_ND_INVALID;
	struct draft draft;

	start(&draft, &messages[_i]);
	draft.b.icmp.code = 20;
	ck_assert_msg(judge(&draft) == expected, "%s", messages[_i].what);
}
END_TEST

/* Of a packet that ends too early, and of a copy that does. */
START_TEST(a_short_message_is_told_from_a_short_copy)
{
	static const uint8_t short_ones[] = { 152, 153 };
	struct draft draft;
	struct frame frame;
	struct packet pkt;
	size_t len;

	start(&draft, &messages[_i]);
	finish(&draft, &frame);
	len = frame.len;
	/* The builder makes eight octets of ICMP at least. */
	if (memchr(short_ones, messages[_i].type, sizeof(short_ones)))
		len -= 4;
	for (frame.len = 40; frame.len < len; frame.len++)
		ck_assert_msg(frame_parse(&frame, &pkt) == REASON_SHORT_COPY,
			      "%s, %zu octets copied", messages[_i].what,
			      frame.len);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	for (frame.len = 44; frame.len < len; frame.len++) {
		enum reason reason;

		frame.octets[5] = (uint8_t)(frame.len - 40);
		frame.meta.len = (uint32_t)frame.len;
		frame.meta.verify_checksum = false;
		reason = frame_parse(&frame, &pkt);
		ck_assert_msg(reason == REASON_ND_INVALID, "%s, %zu octets: %s",
			      messages[_i].what, frame.len,
			      reason_info[reason].name);
	}
}
END_TEST

/* A multicast router solicitation has no more than type, code and checksum. */
START_TEST(four_octets_can_be_a_message)
{
	struct draft draft;
	struct frame frame;
	struct packet pkt;

	start(&draft, find(152));
	finish(&draft, &frame);
	frame.octets[5] = 4;
	frame.len = frame.meta.len = 44;
	frame.meta.verify_checksum = false;
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	frame.octets[5] = 3;
	frame.len = frame.meta.len = 43;
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_HEADER);
}
END_TEST

static const struct {
	const char *what;
	uint8_t type;
	const char *src; /* NULL: as it should be */
	const char *dst;
	enum reason reason;
} scopes[] = {
	/* clang-format off */
	{ "a router from another address", 134, "2001:db8::1", NULL,
	  REASON_ND_INVALID },
	{ "a router from none", 134, "::", NULL, REASON_ND_INVALID },
	{ "a redirect from another address", 137, "2001:db8::9", NULL,
	  REASON_ND_INVALID },
	{ "who looks for a router may have an address", 133, "2001:db8::1",
	  NULL, REASON_NONE },
	{ "or none", 133, "::", NULL, REASON_NONE },
	{ "is that address taken?", 135, "::", "ff02::1:ff00:1", REASON_NONE },
	{ "is it, asked of all", 135, "::", "ff02::1", REASON_ND_INVALID },
	{ "is it, asked of one", 135, "::", "2001:db8::1", REASON_ND_INVALID },
	{ "are you there?", 135, "2001:db8::2", "2001:db8::1", REASON_NONE },
	{ "a listener from another address", 131, "2001:db8::1", NULL,
	  REASON_ND_INVALID },
	{ "a listener from none", 131, "::", NULL, REASON_NONE },
	{ "a listener from none, version 2", 143, "::", NULL, REASON_NONE },
	{ "a querier from another address", 130, "2001:db8::1", NULL,
	  REASON_ND_INVALID },
	{ "a multicast router from another address", 151, "2001:db8::1", NULL,
	  REASON_ND_INVALID },
	{ "the first address that is not link-local", 134, "fec0::1", NULL,
	  REASON_ND_INVALID },
	{ "the last that is", 134, "febf::1", NULL, REASON_NONE },
	/* clang-format on */
};

START_TEST(addresses_are_of_the_link)
{
	struct draft draft;
	enum reason reason;

	start(&draft, find(scopes[_i].type));
	if (scopes[_i].src)
		draft.b.ip.src = scopes[_i].src;
	if (scopes[_i].dst)
		draft.b.ip.dst = scopes[_i].dst;
	reason = judge(&draft);
	ck_assert_msg(reason == scopes[_i].reason, "%s: %s", scopes[_i].what,
		      reason_info[reason].name);
}
END_TEST

/* Addresses in the message, and the flags of an advertisement. */
static const struct {
	const char *what;
	uint8_t type;
	const char *dst;
	uint8_t body[BODY_LEN];
	uint32_t rest; /* octets 4 to 7 */
	enum reason reason;
} bodies[] = {
	/* clang-format off */
	{ "looking for a multicast address",
	  135,
	  "ff02::1:ff00:1",
	  { MULTICAST },
	  0,
	  REASON_ND_INVALID },
	{ "being a multicast address",
	  136,
	  "2001:db8::2",
	  { MULTICAST },
	  0,
	  REASON_ND_INVALID },
	{ "an answer to one",
	  136,
	  "2001:db8::2",
	  { HOST },
	  0x40000000,
	  REASON_NONE },
	{ "an answer to all",
	  136,
	  "ff02::1",
	  { HOST },
	  0x40000000,
	  REASON_ND_INVALID },
	{ "news for all", 136, "ff02::1", { HOST }, 0xa0000000, REASON_NONE },
	{ "redirected to a router",
	  137,
	  "2001:db8::2",
	  { LINK_LOCAL, HOST },
	  0,
	  REASON_NONE },
	{ "redirected to the host itself",
	  137,
	  "2001:db8::2",
	  { HOST, HOST },
	  0,
	  REASON_NONE },
	{ "redirected to another host",
	  137,
	  "2001:db8::2",
	  { HOST, LINK_LOCAL },
	  0,
	  REASON_ND_INVALID },
	{ "a multicast address redirected",
	  137,
	  "2001:db8::2",
	  { LINK_LOCAL, MULTICAST },
	  0,
	  REASON_ND_INVALID },
	/* clang-format on */
};

START_TEST(what_a_message_says_is_possible)
{
	struct draft draft;
	enum reason reason;

	start(&draft, find(bodies[_i].type));
	draft.b.ip.dst = bodies[_i].dst;
	draft.b.icmp.rest = bodies[_i].rest;
	memcpy(draft.body, bodies[_i].body, sizeof(bodies[_i].body));
	reason = judge(&draft);
	ck_assert_msg(reason == bodies[_i].reason, "%s: %s", bodies[_i].what,
		      reason_info[reason].name);
}
END_TEST

static const struct {
	const char *what;
	const char *src; /* NULL: as it should be */
	uint8_t octets[24];
	size_t len;
	enum reason reason;
} options[] = {
	/* clang-format off */
	{ "one", NULL, { 1, 1 }, 8, REASON_NONE },
	{ "two", NULL, { 1, 1, 0, 0, 0, 0, 0, 0, 5, 1 }, 16, REASON_NONE },
	{ "a longer one", NULL, { 3, 3 }, 24, REASON_NONE },
	{ "one that nobody knows", NULL, { 253, 1 }, 8, REASON_NONE },
	{ "without length", NULL, { 1, 0 }, 8, REASON_ND_INVALID },
	{ "the second without length",
	  NULL,
	  { 1, 1, 0, 0, 0, 0, 0, 0, 5, 0 },
	  16,
	  REASON_ND_INVALID },
	{ "longer than the message", NULL, { 1, 2 }, 8, REASON_ND_INVALID },
	{ "much longer", NULL, { 1, 255 }, 24, REASON_ND_INVALID },
	{ "the second longer",
	  NULL,
	  { 1, 1, 0, 0, 0, 0, 0, 0, 5, 2 },
	  16,
	  REASON_ND_INVALID },
	{ "the head of one", NULL, { 1, 1 }, 2, REASON_ND_INVALID },
	{ "less than the head of one", NULL, { 1 }, 1, REASON_ND_INVALID },
	{ "a piece behind it",
	  NULL,
	  { 1, 1, 0, 0, 0, 0, 0, 0, 5 },
	  12,
	  REASON_ND_INVALID },
	{ "an address for who has none", "::", { 1, 1 }, 8, REASON_ND_INVALID },
	{ "another for who has none", "::", { 14, 1 }, 8, REASON_NONE },
	/* clang-format on */
};

/* In a router solicitation, to which they all may belong. */
START_TEST(options_lie_within_the_message)
{
	struct draft draft;
	enum reason reason;

	start(&draft, find(133));
	if (options[_i].src)
		draft.b.ip.src = options[_i].src;
	memcpy(draft.body, options[_i].octets, sizeof(options[_i].octets));
	draft.b.payload_len = options[_i].len;
	reason = judge(&draft);
	ck_assert_msg(reason == options[_i].reason, "%s: %s", options[_i].what,
		      reason_info[reason].name);
}
END_TEST

START_TEST(options_are_looked_at_where_there_are_any)
{
	struct draft draft;

	start(&draft, &messages[_i]);
	draft.body[draft.b.payload_len] = 1;
	draft.b.payload_len += 8;
	ck_assert_msg(judge(&draft) == (messages[_i].has_options
						? REASON_ND_INVALID
						: REASON_NONE),
		      "%s", messages[_i].what);
}
END_TEST

START_TEST(a_copy_that_ends_in_the_options_is_short)
{
	struct draft draft;
	struct frame frame;
	struct packet pkt;
	size_t len;

	start(&draft, find(133));
	draft.body[0] = 1;
	draft.body[1] = 1;
	draft.b.payload_len = 8;
	finish(&draft, &frame);
	len = frame.len;
	for (frame.len = 48; frame.len < len; frame.len++)
		ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
}
END_TEST

static void add(TCase *tc)
{
	tcase_add_loop_test(tc, neighbours_speak_whatever_the_policy, 0,
			    COUNT(messages));
	tcase_add_loop_test(tc, neighbours_are_on_the_link, 0, COUNT(messages));
	tcase_add_loop_test(tc, neighbours_are_not_forwarded, 0,
			    COUNT(messages));
	tcase_add_loop_test(tc, messages_of_neighbours_have_code_0, 0,
			    COUNT(messages));
	tcase_add_loop_test(tc, a_short_message_is_told_from_a_short_copy, 0,
			    COUNT(messages));
	tcase_add_test(tc, four_octets_can_be_a_message);
	tcase_add_loop_test(tc, addresses_are_of_the_link, 0, COUNT(scopes));
	tcase_add_loop_test(tc, what_a_message_says_is_possible, 0,
			    COUNT(bodies));
	tcase_add_loop_test(tc, options_lie_within_the_message, 0,
			    COUNT(options));
	tcase_add_loop_test(tc, options_are_looked_at_where_there_are_any, 0,
			    COUNT(messages));
	tcase_add_test(tc, a_copy_that_ends_in_the_options_is_short);
}

int main(void)
{
	TCase *tc = tcase_create("icmp_neighbour");

	add(tc);
	return run_tests(tc, "icmp_neighbour");
}
