/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules ask of a packet: each key with packets that it takes and packets
 * that it does not.
 */
#include "engine/match.h"

#include <netinet/in.h>
#include <string.h>

#include "engine/proto.h"
#include "engine/ruleset.h"
#include "engine/table.h"
#include "engine/zone.h"
#include "unit/frame.h"
#include "unit/run.h"

/* What packets there are to be asked about. */
static const struct subject {
	const char *name;
	uint8_t version;
	uint8_t ipproto;
	const char *src;
	const char *dst;
	uint16_t sport;
	uint16_t dport;
	uint8_t icmp_type;
	enum hook hook;
	/* What of it is not in its octets, and what of them is for experts. */
	uint8_t flags; /* 0: SYN */
	uint8_t dscp;
	uint32_t mark;
	uint32_t uid; /* 0: no owner */
	uint32_t gid;
} subjects[] = {
	/* clang-format off */
	{ "tcp4", 4, IPPROTO_TCP, "10.0.0.5", "192.0.2.10", 40000, 443, 0,
	  .hook = HOOK_FORWARD },
	{ "udp4", 4, IPPROTO_UDP, "10.0.0.5", "192.0.2.53", 5353, 53, 0,
	  .hook = HOOK_FORWARD, .dscp = 46, .mark = 0x1010 },
	{ "tcp6", 6, IPPROTO_TCP, "2001:db8::5", "2001:db8:2::10", 40000, 22, 0,
	  .hook = HOOK_INPUT, .flags = TCP_SYN | TCP_PSH, .dscp = 10 },
	{ "udp6", 6, IPPROTO_UDP, "2001:db8::5", "2001:db8:2::53", 123, 123, 0,
	  .hook = HOOK_OUTPUT, .mark = 0x20, .uid = 1000, .gid = 100 },
	{ "ping4", 4, IPPROTO_ICMP, "10.0.0.5", "192.0.2.10", 0, 0, 8,
	  .hook = HOOK_FORWARD },
	{ "ping6", 6, IPPROTO_ICMP, "2001:db8::5", "2001:db8:2::10", 0, 0, 128,
	  .hook = HOOK_FORWARD },
	{ "stamp4", 4, IPPROTO_ICMP, "10.0.0.5", "192.0.2.10", 0, 0, 13,
	  .hook = HOOK_FORWARD, .dscp = 63, .mark = 0xffffffff },
	{ "gre4", 4, IPPROTO_GRE, "10.0.0.5", "192.0.2.10", 0, 0, 0,
	  .hook = HOOK_FORWARD },
	{ "sctp4", 4, IPPROTO_SCTP, "10.0.0.5", "192.0.2.10", 2905, 3868, 0,
	  .hook = HOOK_FORWARD },
	/* Its octets are those of 10.0.0.5, its family is not. */
	{ "fake6", 6, IPPROTO_UDP, "::ffff:10.0.0.5", "2001:db8:2::53", 9, 9, 0,
	  .hook = HOOK_FORWARD },
	/* clang-format on */
};

/* A condition, and the names of those that fulfil it. */
static const struct {
	const char *key;
	const char *text;
	const char *takes;
} cases[] = {
	/* clang-format off */
	{ "proto", "tcp", "tcp4 tcp6" },
	{ "proto", "udp", "udp4 udp6 fake6" },
	{ "proto", "6", "tcp4 tcp6" },
	{ "proto", "icmp", "ping4 ping6 stamp4" },
	{ "proto", "icmpv4", "ping4 stamp4" },
	{ "proto", "icmpv6", "ping6" },
	{ "proto", "ipv6-icmp", "ping6" },
	{ "proto", "47", "gre4" },
	{ "proto", "gre", "gre4" },
	{ "proto", "sctp", "sctp4" },
	{ "proto", "udplite", "" },
	{ "proto", "tcp,47,132", "tcp4 tcp6 gre4 sctp4" },
	{ "proto", "0", "" },

	{ "dport", "443", "tcp4" },
	{ "dport", "53,22", "udp4 tcp6" },
	{ "dport", "1-65535", "tcp4 udp4 tcp6 udp6 sctp4 fake6" },
	{ "dport", "3868", "sctp4" },
	{ "dport", "100-200", "udp6" },
	{ "dport", "124-65535", "tcp4 sctp4" },
	{ "dport", "444", "" },
	{ "sport", "40000", "tcp4 tcp6" },
	{ "sport", "1-1023", "udp6 fake6" },
	{ "sport", "443", "" },
	/* The identifier of a ping and the type are no ports. */
	{ "sport", "7", "" },
	{ "dport", "8,13,128", "" },

	/* Not: as with addresses, but what has no ports has no others. */
	{ "dport", "!443", "udp4 tcp6 udp6 sctp4 fake6" },
	{ "dport", "1-1000,!100-200", "tcp4 udp4 tcp6 fake6" },
	{ "dport", "!1-65535", "" },
	{ "sport", "!40000,!9", "udp4 udp6 sctp4" },

	{ "service", "tcp/443", "tcp4" },
	{ "service", "udp/443", "" },
	{ "service", "udp/53,tcp/22", "udp4 tcp6" },
	{ "service", "sctp/3868", "sctp4" },
	{ "service", "tcp/3868,udp/3868,udplite/3868", "" },
	{ "service", "tcp/1-65535", "tcp4 tcp6" },

	{ "src", "10.0.0.5", "tcp4 udp4 ping4 stamp4 gre4 sctp4" },
	{ "src", "10.0.0.0/8", "tcp4 udp4 ping4 stamp4 gre4 sctp4" },
	{ "src", "10.0.0.6-10.0.0.9", "" },
	{ "src", "0.0.0.0/0", "tcp4 udp4 ping4 stamp4 gre4 sctp4" },
	{ "src", "::/0", "tcp6 udp6 ping6 fake6" },
	{ "src", "2001:db8::/32", "tcp6 udp6 ping6" },
	{ "dst", "192.0.2.53,2001:db8:2::53", "udp4 udp6 fake6" },
	{ "dst", "10.0.0.5", "" },
	{ "dst", "192.0.2.50-192.0.2.60", "udp4" },

	/* Not: alone it leaves all others, of both families. */
	{ "dst", "!192.0.2.10", "udp4 tcp6 udp6 ping6 fake6" },
	{ "dst", "!192.0.2.0/24", "tcp6 udp6 ping6 fake6" },
	{ "dst", "192.0.2.0/24,!192.0.2.10", "udp4" },
	{ "dst", "!192.0.2.10,192.0.2.0/24", "udp4" },
	{ "dst", "!192.0.2.10,!192.0.2.53", "tcp6 udp6 ping6 fake6" },
	{ "src", "!0.0.0.0/0,!::/0", "" },

	/* The table <some> has 10.0.0.0/8 and 2001:db8::/64. */
	{ "src", "<some>",
	  "tcp4 udp4 tcp6 udp6 ping4 ping6 stamp4 gre4 sctp4" },
	{ "src", "!<some>", "fake6" },
	{ "dst", "<some>", "" },
	{ "dst", "<some>,192.0.2.53", "udp4" },
	{ "src", "<some>,!10.0.0.5", "tcp6 udp6 ping6" },

	{ "icmp_type", "echo-request", "ping4 ping6" },
	{ "icmp_type", "8", "ping4" },
	{ "icmp_type", "128", "ping6" },
	{ "icmp_type", "8/0", "ping4" },
	{ "icmp_type", "8/1", "" },
	{ "icmp_type", "timestamp-request", "stamp4" },
	{ "icmp_type", "echo-request,13", "ping4 ping6 stamp4" },
	/* What is not ICMP has no type, also not type 0. */
	{ "icmp_type", "0", "" },
	{ "icmp_type", "packet-too-big", "" },

	{ "tcp_flags", "syn", "tcp4 tcp6" },
	{ "tcp_flags", "syn/fin,syn,rst,ack", "tcp4 tcp6" },
	{ "tcp_flags", "syn,psh", "tcp6" },
	{ "tcp_flags", "syn/syn,psh", "tcp4" },
	{ "tcp_flags", "none/ack", "tcp4 tcp6" },
	{ "tcp_flags", "none/syn", "" },
	{ "tcp_flags", "ack", "" },

	{ "mark", "0x20", "udp6" },
	{ "mark", "32", "udp6" },
	{ "mark", "0x10/0xff", "udp4" },
	{ "mark", "0x1010,0x20", "udp4 udp6" },
	{ "mark", "0xffffffff", "stamp4" },
	{ "mark", "0/0xfff", "tcp4 tcp6 ping4 ping6 gre4 sctp4 fake6" },

	{ "dscp", "ef", "udp4" },
	{ "dscp", "46,af11", "udp4 tcp6" },
	{ "dscp", "63", "stamp4" },
	{ "dscp", "cs0", "tcp4 udp6 ping4 ping6 gre4 sctp4 fake6" },

	{ "uid", "1000", "udp6" },
	{ "uid", "0-999,1001-4294967294", "" },
	{ "uid", "0-4294967294", "udp6" },
	{ "gid", "5,100-200", "udp6" },
	{ "gid", "1000", "" },

	/* The zone lan has the interface "inside", wan has "outside". */
	{ "from", "lan", "tcp4 udp4 tcp6 ping4 ping6 stamp4 gre4 sctp4 fake6" },
	{ "from", "wan", "" },
	{ "from", "self", "udp6" },
	{ "from", "any",
	  "tcp4 udp4 tcp6 udp6 ping4 ping6 stamp4 gre4 sctp4 fake6" },
	{ "from", "self,wan", "udp6" },
	{ "to", "wan", "tcp4 udp4 udp6 ping4 ping6 stamp4 gre4 sctp4 fake6" },
	{ "to", "lan", "" },
	{ "to", "self", "tcp6" },
	{ "to", "self,wan",
	  "tcp4 udp4 tcp6 udp6 ping4 ping6 stamp4 gre4 sctp4 fake6" },
	/* clang-format on */
};

/* Zones and a table for the conditions to name. */
static struct ruleset *make_rules(void)
{
	static const char *const networks[] = { "10.0.0.0/8", "2001:db8::/64" };
	struct ruleset *rules = ruleset_create();
	struct table *table;

	ck_assert_ptr_nonnull(rules);
	(void)zone_add_interface(ruleset_add_zone(rules, "lan"), "inside");
	(void)zone_add_interface(ruleset_add_zone(rules, "wan"), "outside");
	table = ruleset_add_table(rules, "some");
	for (int i = 0; i < COUNT(networks); i++) {
		struct addr_range range;

		ck_assert_int_eq(addr_range_parse(&range, networks[i]),
				 ADDR_RANGE_OK);
		ck_assert_int_eq(table_add(table, &range), 0);
	}
	ck_assert_int_eq(table_seal(table), 0);
	return rules;
}

static struct packet make_packet(const struct subject *subject)
{
	/* To SCTP an INIT, to the others nothing in particular. */
	static const uint8_t payload[20] = { 1, 0, 0, 20, 1, 2, 3, 4 };
	struct build b = frame_draft(subject->version, subject->ipproto);
	struct frame frame;
	struct packet pkt;

	b.ip.src = subject->src;
	b.ip.dst = subject->dst;
	b.sport = subject->sport;
	b.dport = subject->dport;
	b.tcp.flags = subject->flags ? subject->flags : TCP_SYN;
	b.ip.tos = (uint8_t)(subject->dscp << 2 | 1);
	b.icmp.type = subject->icmp_type;
	b.icmp.rest = 0x00070001;
	b.payload = payload;
	b.payload_len = sizeof(payload);
	frame = frame_build(&b);
	frame.meta.hook = subject->hook;
	frame.meta.mark = subject->mark;
	frame.meta.uid = subject->uid;
	frame.meta.gid = subject->gid;
	frame.meta.has_owner = subject->uid != 0;
	ck_assert_msg(frame_parse(&frame, &pkt) == REASON_NONE, "%s",
		      subject->name);
	return pkt;
}

/* Whether @list, names divided by blanks, has @name. */
static bool lists(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
		if ((at == list || at[-1] == ' ') &&
		    (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

START_TEST(a_condition_takes_those_it_speaks_of)
{
	const struct match_type *type = match_type_find(cases[_i].key);
	struct ruleset *rules = make_rules();
	struct match_fault fault;
	struct match *match = type->parse(rules, cases[_i].text, &fault);

	ck_assert_msg(match, "%s \"%s\": %s", cases[_i].key, cases[_i].text,
		      fault.expected);
	for (int i = 0; i < COUNT(subjects); i++) {
		struct packet pkt = make_packet(&subjects[i]);
		bool takes = lists(cases[_i].takes, subjects[i].name);

		ck_assert_msg(type->test(match, &pkt, 0) == takes,
			      "%s \"%s\" %s %s", cases[_i].key, cases[_i].text,
			      takes ? "does not take" : "takes",
			      subjects[i].name);
	}
	type->destroy(match);
	ruleset_destroy(rules);
}
END_TEST

/*
 * CVE-2014-8160: a packet of a protocol whose ports nobody reads must not pass
 * by a rule for ports.  All 256 protocols, with octets that would be port 53.
 */
START_TEST(no_protocol_without_ports_matches_a_port)
{
	static const char *const conditions[][2] = {
		{ "dport", "53" },        { "sport", "53" },
		{ "dport", "1-65535" },   { "sport", "1-65535" },
		{ "service", "udp/53" },  { "service", "tcp/53" },
		{ "service", "sctp/53" }, { "service", "udplite/53" },
	};
	static const uint8_t octets[32] = { 0, 53, 0, 53, 0, 32 };
	struct build b = frame_draft(4, (uint8_t)_i);
	struct packet pkt;

	if (proto_find((uint8_t)_i)->has_ports || _i == IPPROTO_ICMP ||
	    _i == IPPROTO_ICMPV6)
		return;
	b.key = 53;
	b.payload = octets;
	b.payload_len = sizeof(octets);
	ck_assert_int_eq(frame_read(&b, &pkt), REASON_NONE);
	for (int i = 0; i < COUNT(conditions); i++) {
		const struct match_type *type =
			match_type_find(conditions[i][0]);
		struct match_fault fault;
		struct match *match =
			type->parse(NULL, conditions[i][1], &fault);

		ck_assert_ptr_nonnull(match);
		ck_assert_msg(!type->test(match, &pkt, 0), "%s, protocol %d",
			      conditions[i][0], _i);
		type->destroy(match);
	}
}
END_TEST

START_TEST(every_kind_of_match_is_whole)
{
	const struct match_type *type = match_types[_i];

	ck_assert(type->key && type->parse && type->test && type->format &&
		  type->destroy);
	ck_assert_ptr_eq(match_type_find(type->key), type);
	type->destroy(NULL);
}
END_TEST

START_TEST(an_unknown_key_is_not_found)
{
	ck_assert_ptr_null(match_type_find("source"));
	ck_assert_ptr_null(match_type_find(""));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("match");

	tcase_add_loop_test(tc, a_condition_takes_those_it_speaks_of, 0,
			    COUNT(cases));
	tcase_add_loop_test(tc, no_protocol_without_ports_matches_a_port, 0,
			    256);
	tcase_add_loop_test(tc, every_kind_of_match_is_whole, 0,
			    (int)match_type_count);
	tcase_add_test(tc, an_unknown_key_is_not_found);
	return run_tests(tc, "match");
}
