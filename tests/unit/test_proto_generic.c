/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocols that we do not follow, and that no protocol passes by a rule that
 * was meant for another.
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

START_TEST(hosts_and_protocol_make_the_connection)
{
	struct build to = packet(families[_i], 253);
	struct build back = backwards(to);
	struct build other = packet(families[_i], 254);
	struct conn_info conn;
	struct rig rig;

	rig_start(&rig, 64);
	ck_assert_str_eq(rig_send(&rig, &to).conn.state, "unreplied");
	ck_assert(rig_find(&rig, 1, &conn));
	ck_assert_int_eq(conn.expires - rig.now, 60000);
	ck_assert_str_eq(rig_send(&rig, &back).conn.state, "replied");
	ck_assert(rig_find(&rig, 1, &conn));
	ck_assert_int_eq(conn.expires - rig.now, 300000);
	ck_assert_str_eq(rig_send(&rig, &to).conn.state, "replied");
	ck_assert_int_eq(rig_send(&rig, &other).reason, REASON_NEW);
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

START_TEST(a_protocol_without_a_header_may_be_empty)
{
	struct build b = packet(families[_i], 253);
	struct packet pkt;

	b.payload_len = 0;
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	ck_assert(!pkt.has_ports);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proto_generic");

	tcase_add_loop_test(tc, every_protocol_is_whole, 0, 256);
	tcase_add_loop_test(tc, ports_are_those_of_four_protocols, 0, 256);
	tcase_add_loop_test(tc, a_rule_for_a_protocol_is_for_no_other, 0,
			    COUNT(protocols));
	tcase_add_loop_test(tc, hosts_and_protocol_make_the_connection, 0,
			    COUNT(families));
	tcase_add_loop_test(tc, ports_of_dccp_tell_its_flows_apart, 0,
			    COUNT(families));
	tcase_add_test(tc, a_cut_header_of_dccp_is_told_from_a_cut_copy);
	tcase_add_loop_test(tc, a_protocol_without_a_header_may_be_empty, 0,
			    COUNT(families));
	return run_tests(tc, "proto_generic");
}
