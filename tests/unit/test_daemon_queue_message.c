/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the kernel's queue: all that may be in them, in any order, cut
 * anywhere, and with lengths that lie.
 */
#include "daemon/queue_message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <string.h>

#include "unit/random.h"
#include "unit/run.h"

enum { MESSAGE_MAX = 512, ATTRS_MAX = 16, HEADERS_LEN = 20, QUEUE = 7 };

struct attr {
	uint16_t type;
	uint16_t len;
	const char *bytes;
};

struct message {
	union {
		char bytes[MESSAGE_MAX];
		struct nlmsghdr nlh;
	};
};

/* The id is 0x01020304, the protocol IPv4. */
#define HEADER(hook)                                      \
	{                                                 \
		NFQA_PACKET_HDR, 7, "\1\2\3\4\x08\0" hook \
	}
#define FORWARD HEADER("\2")
#define NUMBER(type, be32)    \
	{                     \
		type, 4, be32 \
	}
#define PAYLOAD                          \
	{                                \
		NFQA_PAYLOAD, 5, "abcde" \
	}

static void put_attrs(struct message *m, const struct attr *attrs)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(m->bytes);
	struct nfgenmsg *nfg =
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct nfgenmsg));

	nlh->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET;
	nfg->res_id = htons(QUEUE);
	for (size_t i = 0; i < ATTRS_MAX && attrs[i].bytes; i++)
		mnl_attr_put(nlh, attrs[i].type, attrs[i].len, attrs[i].bytes);
}

/* Parses the first octets of the message in memory of just that length. */
static bool parse_exactly(struct queue_message *msg, const struct message *m,
			  uint32_t len, size_t *payload_at)
{
	struct nlmsghdr *copy = malloc(len);
	bool ok;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, m->bytes, len);
	copy->nlmsg_len = len;
	ok = queue_message_parse(msg, copy);
	*payload_at = 0;
	if (msg->payload_len > 0) {
		*payload_at = (size_t)(msg->payload - (const uint8_t *)copy);
		ck_assert_uint_le(*payload_at + msg->payload_len, len);
	}
	ck_assert_ptr_nonnull(msg->payload);
	free(copy);
	return ok;
}

static const struct {
	const char *what;
	struct attr attrs[ATTRS_MAX];
	struct queue_message want;
} cases[] = {
	{ "the header alone", { FORWARD }, { .hook = HOOK_FORWARD } },
	{ "all that the kernel has for FORWARD",
	  { FORWARD,
	    NUMBER(NFQA_IFINDEX_INDEV, "\0\0\0\5"),
	    NUMBER(NFQA_IFINDEX_PHYSINDEV, "\0\0\0\7"),
	    NUMBER(NFQA_IFINDEX_OUTDEV, "\0\0\1\0"),
	    NUMBER(NFQA_IFINDEX_PHYSOUTDEV, "\0\0\0\x08"),
	    NUMBER(NFQA_MARK, "\xde\xad\xbe\xef"),
	    NUMBER(NFQA_PRIORITY, "\0\0\0\6"),
	    { NFQA_HWADDR, 12, "\0\6\0\0mac-addr" },
	    { NFQA_VLAN | NLA_F_NESTED, 8, "\6\0\1\0\0\1\0\0" },
	    { NFQA_L2HDR, 14, "14 octets of it" },
	    { NFQA_TIMESTAMP, 16, "seconds and usec" },
	    NUMBER(NFQA_UID, "\0\0\3\xe8"),
	    NUMBER(NFQA_GID, "\0\0\3\xe8"),
	    NUMBER(NFQA_CAP_LEN, "\0\0\5\xdc"),
	    NUMBER(NFQA_SKB_INFO, "\0\0\0\4"),
	    PAYLOAD },
	  { .hook = HOOK_FORWARD,
	    .indev = 5,
	    .outdev = 256,
	    .mark = 0xdeadbeef,
	    .len = 1500,
	    .verify_checksum = true,
	    .payload_len = 5 } },
	{ "the order is no matter",
	  { PAYLOAD, NUMBER(NFQA_SKB_INFO, "\0\0\0\4"),
	    NUMBER(NFQA_CAP_LEN, "\0\0\5\xdc"),
	    NUMBER(NFQA_MARK, "\xde\xad\xbe\xef"),
	    NUMBER(NFQA_IFINDEX_OUTDEV, "\0\0\1\0"),
	    NUMBER(NFQA_IFINDEX_INDEV, "\0\0\0\5"), FORWARD },
	  { .hook = HOOK_FORWARD,
	    .indev = 5,
	    .outdev = 256,
	    .mark = 0xdeadbeef,
	    .len = 1500,
	    .verify_checksum = true,
	    .payload_len = 5 } },
	{ "attributes of kernels to come are passed over",
	  { { 100, 3, "new" },
	    FORWARD,
	    { 0x3fff, 1, "?" },
	    { 0, 2, "??" },
	    { 101 | NLA_F_NET_BYTEORDER, 4, "\0\0\0\1" },
	    PAYLOAD,
	    { 102, 0, "" } },
	  { .hook = HOOK_FORWARD, .len = 5, .payload_len = 5 } },
	{ "a packet that was copied whole is as long as the copy",
	  { FORWARD, PAYLOAD },
	  { .hook = HOOK_FORWARD, .len = 5, .payload_len = 5 } },
	{ "a packet is never shorter than its copy",
	  { FORWARD, NUMBER(NFQA_CAP_LEN, "\0\0\0\4"), PAYLOAD },
	  { .hook = HOOK_FORWARD, .len = 5, .payload_len = 5 } },
	{ "a packet of which nothing was copied has its length",
	  { FORWARD, NUMBER(NFQA_CAP_LEN, "\0\0\5\xdc") },
	  { .hook = HOOK_FORWARD, .len = 1500 } },
	{ "a payload of no octets",
	  { FORWARD, { NFQA_PAYLOAD, 0, "" } },
	  { .hook = HOOK_FORWARD } },
	{ "a number that is too short is 0",
	  { FORWARD,
	    { NFQA_IFINDEX_INDEV, 3, "\1\1\1" },
	    { NFQA_IFINDEX_OUTDEV, 0, "" },
	    { NFQA_MARK, 2, "\1\1" },
	    { NFQA_CAP_LEN, 1, "\1" },
	    { NFQA_SKB_INFO, 3, "\7\7\7" } },
	  { .hook = HOOK_FORWARD } },
	{ "of a number that is too long the first octets count",
	  { FORWARD, { NFQA_MARK, 8, "\0\0\0\1\0\0\0\2" } },
	  { .hook = HOOK_FORWARD, .mark = 1 } },
	{ "a header that is longer than ours",
	  { { NFQA_PACKET_HDR, 12, "\1\2\3\4\x08\0\3extra" } },
	  { .hook = HOOK_OUTPUT } },
};

static void check_equal(const struct queue_message *msg,
			const struct queue_message *want, const char *what)
{
	ck_assert_msg(msg->id == 0x01020304, "%s: id %x", what, msg->id);
	ck_assert_msg(msg->indev == want->indev, "%s: indev", what);
	ck_assert_msg(msg->outdev == want->outdev, "%s: outdev", what);
	ck_assert_msg(msg->mark == want->mark, "%s: mark", what);
	ck_assert_msg(msg->len == want->len, "%s: len %u", what, msg->len);
	ck_assert_msg(msg->hook == want->hook, "%s: hook", what);
	ck_assert_msg(msg->gso == want->gso, "%s: gso", what);
	ck_assert_msg(msg->verify_checksum == want->verify_checksum,
		      "%s: checksum", what);
	ck_assert_msg(msg->payload_len == want->payload_len, "%s: payload_len",
		      what);
	ck_assert_ptr_nonnull(msg->payload);
	ck_assert_mem_eq(msg->payload, "abcde", msg->payload_len);
}

START_TEST(reads_what_is_there_and_nothing_else)
{
	struct message m;
	struct queue_message msg;

	put_attrs(&m, cases[_i].attrs);
	ck_assert_msg(queue_message_parse(&msg, &m.nlh), "%s", cases[_i].what);
	check_equal(&msg, &cases[_i].want, cases[_i].what);
}
END_TEST

static const struct {
	char kernel;
	enum hook hook;
} hooks[] = {
	{ NF_INET_PRE_ROUTING, HOOK_FORWARD },
	{ NF_INET_LOCAL_IN, HOOK_INPUT },
	{ NF_INET_FORWARD, HOOK_FORWARD },
	{ NF_INET_LOCAL_OUT, HOOK_OUTPUT },
	{ NF_INET_POST_ROUTING, HOOK_FORWARD },
	{ NF_INET_INGRESS, HOOK_FORWARD },
	{ '\xff', HOOK_FORWARD },
};

START_TEST(knows_input_and_output_from_what_passes_through)
{
	char header[] = "\1\2\3\4\x08\0?";
	const struct attr attrs[ATTRS_MAX] = { { NFQA_PACKET_HDR, 7, header } };
	struct message m;
	struct queue_message msg;

	header[6] = hooks[_i].kernel;
	put_attrs(&m, attrs);
	ck_assert(queue_message_parse(&msg, &m.nlh));
	ck_assert_int_eq(msg.hook, hooks[_i].hook);
}
END_TEST

/* Bits of NFQA_SKB_INFO: 1 checksum not ready, 2 GSO, 4 not verified. */
START_TEST(verifies_a_checksum_that_is_whole_and_that_nobody_has_verified)
{
	char info[4] = { 0, 0, 0, (char)_i };
	const struct attr attrs[ATTRS_MAX] = { FORWARD,
					       { NFQA_SKB_INFO, 4, info } };
	struct message m;
	struct queue_message msg;

	put_attrs(&m, attrs);
	ck_assert(queue_message_parse(&msg, &m.nlh));
	ck_assert_int_eq(msg.gso, (_i & 2) != 0);
	ck_assert_int_eq(msg.verify_checksum, (_i & 5) == 4);
}
END_TEST

/* What the kernel would never send, and what is not about a packet. */
static const struct {
	const char *what;
	uint16_t type;
	struct attr attrs[ATTRS_MAX];
} refused[] = {
	{ "nothing", NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET, { { 0 } } },
	{ "no header",
	  NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET,
	  { NUMBER(NFQA_MARK, "\0\0\0\1"), PAYLOAD } },
	{ "a header cut short",
	  NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET,
	  { { NFQA_PACKET_HDR, 6, "\1\2\3\4\x08\0" }, PAYLOAD } },
	{ "an empty header",
	  NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET,
	  { { NFQA_PACKET_HDR, 0, "" }, PAYLOAD } },
	{ "a verdict",
	  NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_VERDICT,
	  { FORWARD, PAYLOAD } },
	{ "a packet of the log",
	  NFNL_SUBSYS_ULOG << 8 | NFQNL_MSG_PACKET,
	  { FORWARD, PAYLOAD } },
	{ "a message of netlink itself", NLMSG_NOOP, { FORWARD, PAYLOAD } },
};

START_TEST(refuses_what_is_no_packet)
{
	struct message m;
	struct queue_message msg;

	put_attrs(&m, refused[_i].attrs);
	m.nlh.nlmsg_type = refused[_i].type;
	ck_assert_msg(!queue_message_parse(&msg, &m.nlh), "%s",
		      refused[_i].what);
}
END_TEST

/* Where the second case's header ends, and where its payload begins. */
enum { HEADER_END = HEADERS_LEN + 4 + 7 };

START_TEST(reads_a_message_cut_at_any_octet_up_to_there)
{
	const struct queue_message *want = &cases[1].want;
	struct message m;
	struct queue_message msg;
	size_t at;

	put_attrs(&m, cases[1].attrs);
	for (uint32_t len = sizeof(struct nlmsghdr); len < m.nlh.nlmsg_len;
	     len++) {
		bool ok = parse_exactly(&msg, &m, len, &at);

		ck_assert_msg(ok == (len >= HEADER_END), "%u octets", len);
		ck_assert(msg.indev == 0 || msg.indev == want->indev);
		ck_assert(msg.outdev == 0 || msg.outdev == want->outdev);
		ck_assert(msg.mark == 0 || msg.mark == want->mark);
		ck_assert(msg.len == 0 || msg.len == want->len);
		/* It is padded to four octets, but only five are its own. */
		ck_assert(msg.payload_len ==
			  (len >= m.nlh.nlmsg_len - 3 ? 5 : 0));
	}
}
END_TEST

START_TEST(refuses_a_message_that_claims_to_be_shorter_than_its_header)
{
	struct message m;
	struct queue_message msg;

	put_attrs(&m, cases[1].attrs);
	m.nlh.nlmsg_len = (uint32_t)_i;
	ck_assert(!queue_message_parse(&msg, &m.nlh));
}
END_TEST

/* Of an attribute behind the header, which is of 8 octets. */
static const uint16_t lies[] = { 0, 1, 2, 3, 9, 10, 12, 100, 0x7fff, 0xffff };

START_TEST(stops_at_an_attribute_whose_length_lies)
{
	static const struct attr attrs[ATTRS_MAX] = {
		FORWARD, NUMBER(NFQA_MARK, "\0\0\0\1")
	};
	struct message m;
	struct queue_message msg;
	struct nlattr *mark;
	size_t at;

	put_attrs(&m, attrs);
	mark = mnl_nlmsg_get_payload_offset(&m.nlh, sizeof(struct nfgenmsg));
	mark = mnl_attr_next(mark);
	ck_assert_uint_eq(mark->nla_type, NFQA_MARK);
	mark->nla_len = lies[_i];
	ck_assert(parse_exactly(&msg, &m, m.nlh.nlmsg_len, &at));
	ck_assert_uint_eq(msg.id, 0x01020304);
	ck_assert_uint_eq(msg.mark, 0);
}
END_TEST

/* A checked build sees what is read outside of the message. */
START_TEST(takes_any_octets_for_a_message)
{
	uint64_t seed = 1;
	struct message m;
	struct queue_message msg;
	size_t at;

	for (int round = 0; round < 20000; round++) {
		uint32_t len;

		put_attrs(&m, cases[1].attrs);
		len = m.nlh.nlmsg_len;
		for (uint32_t i = random_below(&seed, 6); i > 0; i--)
			m.bytes[HEADERS_LEN +
				random_below(&seed, len - HEADERS_LEN)] =
				(char)random_next(&seed);
		len -= random_below(&seed, 8);
		(void)parse_exactly(&msg, &m, len, &at);
		ck_assert_uint_ge(msg.len, msg.payload_len);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, reads_what_is_there_and_nothing_else, 0,
			    COUNT(cases));
	tcase_add_loop_test(tc, knows_input_and_output_from_what_passes_through,
			    0, COUNT(hooks));
	tcase_add_loop_test(
		tc,
		verifies_a_checksum_that_is_whole_and_that_nobody_has_verified,
		0, 8);
	tcase_add_loop_test(tc, refuses_what_is_no_packet, 0, COUNT(refused));
	tcase_add_test(tc, reads_a_message_cut_at_any_octet_up_to_there);
	tcase_add_loop_test(
		tc, refuses_a_message_that_claims_to_be_shorter_than_its_header,
		0, HEADERS_LEN);
	tcase_add_loop_test(tc, stops_at_an_attribute_whose_length_lies, 0,
			    COUNT(lies));
	tcase_add_test(tc, takes_any_octets_for_a_message);
	return run_tests(tc, "daemon_queue_message");
}
