/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols that we do not know: their addresses and their number are all that
 * makes a connection.  And that no protocol passes by a rule that was meant for
 * another.
 */
#include "engine/proto.h"

#include <netinet/in.h>
#include <string.h>

#include "engine/match.h"
#include "unit/rig.h"
#include "unit/run.h"

static struct build backwards(struct build b)
{
	const char *src = b.ip.src;

	b.ip.src = b.ip.dst;
	b.ip.dst = src;
	b.sport = 80;
	b.dport = 40000;
	return b;
}

/* A packet that is possible, of any protocol. */
static struct build packet(uint8_t version, uint8_t ipproto)
{
	/* To SCTP an INIT, to the others nothing in particular. */
	static const uint8_t payload[20] = { 1, 0, 0, 20, 1, 2, 3, 4 };
	struct build b = frame_draft(version, ipproto);

	b.ip.ipproto = ipproto;
	b.tcp.flags = TCP_SYN;
	b.icmp.type = version == 4 ? 8 : 128;
	b.key = ipproto == IPPROTO_SCTP ? 0 : 80;
	b.payload = payload;
	b.payload_len = sizeof(payload);
	return b;
}

static void add_rule(struct ruleset *rules, const char *key, const char *text)
{
	struct rule *rule =
		ruleset_add_rule(rules, text, &(struct rule_options){ 0 });
	struct match_fault fault;

	ck_assert_ptr_nonnull(rule);
	ck_assert(ruleset_add_match(rules, rule, match_type_find(key), text,
				    &fault));
}

static bool is_accepted(const struct ruleset *rules, const struct packet *pkt)
{
	const struct moment moment = { 0 };

	return ruleset_classify(rules, pkt, moment).action == ACTION_ACCEPT;
}

static const uint8_t unknown[] = { 0, 2, 4, 41, 89, 137, 253, 255 };

START_TEST(any_octets_will_do)
{
	struct build b = packet(4, unknown[_i]);
	struct packet pkt;

	for (b.payload_len = 0; b.payload_len <= 20; b.payload_len++)
		ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert(!pkt.has_ports);
	ck_assert_uint_eq(pkt.tuple.sport, 0);
	ck_assert_uint_eq(pkt.tuple.dport, 0);
	ck_assert_uint_eq(pkt.tuple.kind, 0);
}
END_TEST

START_TEST(every_protocol_is_whole)
{
	const struct proto *proto = proto_find((uint8_t)_i);

	ck_assert(proto->parse && proto->parse_quoted && proto->opens &&
		  proto->open && proto->asks && proto->track &&
		  proto->relates && proto->forget_rules && proto->recall &&
		  proto->timeout && proto->state_name);
	ck_assert_int_lt(proto->first, TIMEOUT_COUNT);
	ck_assert_msg((proto != &proto_generic) ==
			      (proto_name((uint8_t)_i) != NULL),
		      "protocol %d", _i);
}
END_TEST

/* What has ports in a packet has them for all who ask. */
static const uint8_t with_ports[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE,
				      IPPROTO_SCTP };

START_TEST(ports_are_those_of_four_protocols)
{
	bool expected = memchr(with_ports, _i, sizeof(with_ports));
	struct build b = packet(4, (uint8_t)_i);
	struct packet pkt;

	ck_assert(proto_find((uint8_t)_i)->has_ports == expected);
	if (frame_read(&b, &pkt) == REASON_NONE)
		ck_assert_msg(pkt.has_ports == expected, "protocol %d", _i);
	else
		ck_assert_msg(!expected, "protocol %d", _i);
}
END_TEST

/* A rule for one protocol and all packets. */
static const struct {
	const char *proto;
	uint8_t number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP },   { "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP }, { "udplite", IPPROTO_UDPLITE },
	{ "gre", IPPROTO_GRE },   { "esp", IPPROTO_ESP },
	{ "ah", IPPROTO_AH },     { "dccp", IPPROTO_DCCP },
	{ "253", 253 },
};

START_TEST(a_rule_for_a_protocol_is_for_no_other)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	add_rule(rules, "proto", protocols[_i].proto);
	for (int i = 0; i < COUNT(protocols); i++) {
		struct build b = packet(4, protocols[i].number);
		struct packet pkt;

		ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
		ck_assert_msg(is_accepted(rules, &pkt) == (i == _i),
			      "%s by a rule for %s", protocols[i].proto,
			      protocols[_i].proto);
	}
	ruleset_destroy(rules);
}
END_TEST

static const uint8_t families[] = { 4, 6 };

/* '>' by the first speaker, '<' by the other one. */
static const struct {
	const char *what;
	const char *said;
	const char *state;
	enum timeout timeout;
} talks[] = {
	/* clang-format off */
	{ "one way", ">", "unreplied", TIMEOUT_OTHER_UNREPLIED },
	{ "one way, often", ">>>>", "unreplied", TIMEOUT_OTHER_UNREPLIED },
	{ "both ways", "><", "replied", TIMEOUT_OTHER_REPLIED },
	{ "both ways, and on", "><>>", "replied", TIMEOUT_OTHER_REPLIED },
	/* clang-format on */
};

START_TEST(both_ends_make_it_replied)
{
	struct build to = packet(4, 253);
	struct build back = backwards(to);
	struct verdict verdict = { 0 };
	struct conn_info conn;
	struct rig rig;

	rig_start(&rig, 64);
	for (const char *said = talks[_i].said; *said; said++) {
		verdict = rig_send(&rig, *said == '>' ? &to : &back);
		ck_assert_int_eq(verdict.action, ACTION_ACCEPT);
	}
	ck_assert(rig_find(&rig, verdict.conn.id, &conn));
	ck_assert_msg(strcmp(conn.state, talks[_i].state) == 0, "%s: %s",
		      talks[_i].what, conn.state);
	ck_assert_int_eq(conn.expires - rig.now,
			 timeout_info[talks[_i].timeout].value);
	rig_stop(&rig);
}
END_TEST

START_TEST(another_protocol_is_another_connection)
{
	struct build to = packet(6, 253);
	struct build back = backwards(packet(6, 254));
	struct rig rig;
	uint64_t id;

	rig_start(&rig, 64);
	id = rig_send(&rig, &to).conn.id;
	ck_assert_uint_ne(rig_send(&rig, &back).conn.id, id);
	rig_stop(&rig);
}
END_TEST

/* Whoever lets DCCP pass says so: its ports are for us alone. */
START_TEST(ports_of_dccp_tell_its_flows_apart)
{
	struct build to = packet(families[_i], IPPROTO_DCCP);
	struct build back = backwards(to);
	struct build other = to;
	struct rig rig;
	uint64_t id;

	other.sport = 40001;
	rig_start(&rig, 64);
	id = rig_send(&rig, &to).conn.id;
	ck_assert_uint_eq(rig_send(&rig, &back).conn.id, id);
	ck_assert_uint_ne(rig_send(&rig, &other).conn.id, id);
	rig_stop(&rig);
}
END_TEST

START_TEST(a_cut_header_of_dccp_is_told_from_a_cut_copy)
{
	struct build b = packet(4, IPPROTO_DCCP);
	struct frame frame = frame_build(&b);
	struct packet pkt;

	for (frame.len = 20; frame.len < 32; frame.len++)
		ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_SHORT_COPY);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_NONE);
	b.ip.len = 31;
	frame = frame_build(&b);
	ck_assert_int_eq(frame_parse(&frame, &pkt), REASON_BAD_HEADER);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_generic");

	tcase_add_loop_test(tc, any_octets_will_do, 0, COUNT(unknown));
	tcase_add_loop_test(tc, every_protocol_is_whole, 0, 256);
	tcase_add_loop_test(tc, ports_are_those_of_four_protocols, 0, 256);
	tcase_add_loop_test(tc, a_rule_for_a_protocol_is_for_no_other, 0,
			    COUNT(protocols));
	tcase_add_loop_test(tc, both_ends_make_it_replied, 0, COUNT(talks));
	tcase_add_test(tc, another_protocol_is_another_connection);
	tcase_add_loop_test(tc, ports_of_dccp_tell_its_flows_apart, 0,
			    COUNT(families));
	tcase_add_test(tc, a_cut_header_of_dccp_is_told_from_a_cut_copy);
	return run_tests(tc, "proto_generic");
}
