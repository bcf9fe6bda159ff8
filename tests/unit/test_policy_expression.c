/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets in words: what they are as octets, read by the engine's own parser;
 * what is refused, where and why; and the conversations that they make.
 */
#include "policy/expression.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/proto.h"
#include "policy/compose.h"
#include "policy/policy.h"
#include "policy/trial.h"
#include "unit/run.h"

enum { SUMMARY_LEN = 400 };

/* Of the test at hand. */
static struct dialogue dialogue;

static const char policy_text[] =
	"version = 1;\n"
	"zones = {\n"
	"  lan = { interfaces = [ \"lan*\" ]; networks = [ \"10.0.0.0/8\", "
	"\"2001:db8:10::/48\" ]; };\n"
	"  dmz = { interfaces = [ \"dmz0\" ]; networks = [ \"192.0.2.0/24\" "
	"]; };\n"
	"  wan = { interfaces = [ \"wan0\", \"wan1\" ]; };\n"
	"};\n"
	"policy = { input = \"accept\"; forward = \"accept\"; };\n";

static struct policy *open_policy(void)
{
	struct diagnostics diags = { 0 };
	struct policy *policy =
		policy_parse(policy_text, strlen(policy_text), "test", &diags);

	if (!policy)
		diagnostics_print(&diags, stderr);
	ck_assert_ptr_nonnull(policy);
	diagnostics_fini(&diags);
	dialogue = (struct dialogue){ 0 };
	return policy;
}

/* The two addresses of this machine. */
static struct expression_self selves(void)
{
	struct expression_self self = { 0 };
	struct expression_fault fault;

	ck_assert(
		expression_add_self(&self, "10.1.0.1,2001:db8:10::1", &fault));
	return self;
}

/* The packet, and what it says. */
static struct utterance compose_text(const char *text,
				     const struct policy *policy,
				     struct composed *packet)
{
	const struct expression_self self = selves();
	struct expression_fault fault;
	struct utterance quoted = { 0 };
	struct utterance said;
	struct passage passage;
	struct expression expr;

	ck_assert_msg(expression_parse(&expr, text, &self, &fault), "%s: %s",
		      text, fault.text);
	passage = passage_of(&expr, policy->rules);
	said = dialogue_next(&dialogue, &expr, expr.flags);
	if (expr.has_about)
		quoted = dialogue_last(&dialogue, &expr.about);
	compose(&expr, &said, expr.has_about ? &quoted : NULL, &passage,
		packet);
	return said;
}

static const char *name_flags(uint8_t flags)
{
	static char text[8];
	size_t len = 0;

	for (int i = 0; i < 6; i++)
		if (flags & 1 << i)
			text[len++] = "FSRPAU"[i];
	text[len] = '\0';
	return text;
}

static int describe_end(const struct packet *pkt, const struct addr *addr,
			uint16_t port, char *text, size_t size)
{
	char name[ADDR_TEXT_LEN];

	addr_format(addr, name);
	if (!pkt->has_ports)
		return snprintf(text, size, "%s", name);
	return snprintf(text, size, "%s %u", name, port);
}

/* "forward lan0 wan0 6 10.1.0.2 40000 > 192.0.2.1 80 S": and what is rare. */
static void describe(const struct packet *pkt, char text[SUMMARY_LEN])
{
	bool is_icmp = pkt->tuple.ipproto == IPPROTO_ICMP ||
		       pkt->tuple.ipproto == IPPROTO_ICMPV6;
	char src[80];
	char dst[80];
	int len;

	(void)describe_end(pkt, &pkt->tuple.src, pkt->tuple.sport, src, 80);
	(void)describe_end(pkt, &pkt->tuple.dst, pkt->tuple.dport, dst, 80);
	len = snprintf(text, SUMMARY_LEN, "%s %s %s %u %s > %s",
		       hook_names[pkt->hook], pkt->indev[0] ? pkt->indev : "-",
		       pkt->outdev[0] ? pkt->outdev : "-", pkt->tuple.ipproto,
		       src, dst);
	if (pkt->tuple.ipproto == IPPROTO_TCP)
		len += snprintf(text + len, SUMMARY_LEN - (size_t)len, " %s %u",
				name_flags(pkt->tcp.flags), pkt->tcp.len);
	if (is_icmp)
		len += snprintf(text + len, SUMMARY_LEN - (size_t)len, " %u/%u",
				pkt->icmp.type, pkt->icmp.code);
	if (is_icmp && pkt->icmp.is_error)
		len += snprintf(text + len, SUMMARY_LEN - (size_t)len,
				" about %u %u %u",
				pkt->icmp.quoted.tuple.ipproto,
				pkt->icmp.quoted.tuple.sport,
				pkt->icmp.quoted.tuple.dport);
	(void)snprintf(text + len, SUMMARY_LEN - (size_t)len,
		       "%s%u mark %u dscp %u%s", " len ", pkt->len, pkt->mark,
		       pkt->dscp, pkt->has_owner ? " owned" : "");
}

#define PLAIN " mark 0 dscp 0"

static const struct {
	const char *text;
	const char *what;
} understood[] = {
	{ "in wan0 tcp 203.0.113.7:40001 > 192.0.2.10:443 S",
	  "forward wan0 dmz0 6 203.0.113.7 40001 > 192.0.2.10 443 S 0 len "
	  "40" PLAIN },
	{ "in wan0 tcp 203.0.113.7 > 192.0.2.10",
	  "forward wan0 dmz0 6 203.0.113.7 40000 > 192.0.2.10 80 S 0 len "
	  "40" PLAIN },
	{ "in lan3 out wan1 udp 10.1.0.2:5000 > 198.51.100.1:53 l100",
	  "forward lan3 wan1 17 10.1.0.2 5000 > 198.51.100.1 53 len "
	  "128" PLAIN },
	{ "in lan0 udp 10.1.0.2 > 198.51.100.1:domain",
	  "forward lan0 wan0 17 10.1.0.2 40000 > 198.51.100.1 53 len 28" PLAIN },
	{ "in wan0 tcp 203.0.113.9 > self:ssh SA",
	  "input wan0 - 6 203.0.113.9 40000 > 10.1.0.1 22 SA 0 len 40" PLAIN },
	{ "in wan0 tcp 203.0.113.9 > 10.1.0.1:22 PAF l7",
	  "input wan0 - 6 203.0.113.9 40000 > 10.1.0.1 22 FPA 7 len 47" PLAIN },
	{ "in wan0  tcp  [2001:db8:99::7]:1>self:22",
	  "input wan0 - 6 2001:db8:99::7 1 > 2001:db8:10::1 22 S 0 len "
	  "60" PLAIN },
	{ "in wan0 tcp 2001:db8:99::7 > [2001:db8:10::5]:22",
	  "forward wan0 lan0 6 2001:db8:99::7 40000 > 2001:db8:10::5 22 S 0 "
	  "len 60" PLAIN },
	{ "udp self > 10.1.0.2",
	  "output - lan0 17 10.1.0.1 40000 > 10.1.0.2 80 len 28" PLAIN },
	{ "out wan1 udp self:68 > 255.255.255.255:67",
	  "output - wan1 17 10.1.0.1 68 > 255.255.255.255 67 len 28" PLAIN },
	{ "in lan0 icmp 10.1.0.2 > 192.0.2.1",
	  "forward lan0 dmz0 1 10.1.0.2 > 192.0.2.1 8/0 len 28" PLAIN },
	{ "in lan0 icmp 10.1.0.2 > self echo-reply",
	  "input lan0 - 1 10.1.0.2 > 10.1.0.1 0/0 len 28" PLAIN },
	{ "in lan0 icmp 2001:db8:10::2 > 2001:db8:99::1",
	  "forward lan0 wan0 58 2001:db8:10::2 > 2001:db8:99::1 128/0 len "
	  "48" PLAIN },
	{ "in wan0 icmp 203.0.113.1 > 10.1.0.2 3/4 about tcp 10.1.0.2:7 > "
	  "203.0.113.9:80",
	  "forward wan0 lan0 1 203.0.113.1 > 10.1.0.2 3/4 about 6 7 80 len "
	  "76" PLAIN },
	{ "in wan0 icmpv6 2001:db8:99::7 > 2001:db8:10::5 packet-too-big",
	  "forward wan0 lan0 58 2001:db8:99::7 > 2001:db8:10::5 2/0 about 17 "
	  "40000 80 len 104" PLAIN },
	{ "in wan0 icmp 203.0.113.1 > 10.1.0.2 time-exceeded about icmp "
	  "10.1.0.2 > 203.0.113.9",
	  "forward wan0 lan0 1 203.0.113.1 > 10.1.0.2 11/0 about 1 1 8 len "
	  "56" PLAIN },
	{ "in lan0 icmp fe80::2 > fe80::1 neighbour-solicitation",
	  "forward lan0 wan0 58 fe80::2 > fe80::1 135/0 len 64" PLAIN },
	{ "in wan0 sctp 203.0.113.1:9 > 192.0.2.1:9",
	  "forward wan0 dmz0 132 203.0.113.1 9 > 192.0.2.1 9 len 52" PLAIN },
	{ "in wan0 udplite 203.0.113.1:9 > 192.0.2.1:9 l3",
	  "forward wan0 dmz0 136 203.0.113.1 9 > 192.0.2.1 9 len 31" PLAIN },
	{ "in wan0 gre 203.0.113.1 > 192.0.2.1",
	  "forward wan0 dmz0 47 203.0.113.1 > 192.0.2.1 len 24" PLAIN },
	{ "in wan0 esp 203.0.113.1 > 192.0.2.1",
	  "forward wan0 dmz0 50 203.0.113.1 > 192.0.2.1 len 28" PLAIN },
	{ "in wan0 ah 203.0.113.1 > 192.0.2.1",
	  "forward wan0 dmz0 51 203.0.113.1 > 192.0.2.1 len 32" PLAIN },
	{ "in wan0 dccp 203.0.113.1 > 192.0.2.1",
	  "forward wan0 dmz0 33 203.0.113.1 > 192.0.2.1 len 32" PLAIN },
	{ "in wan0 89 203.0.113.1 > 192.0.2.1 l5",
	  "forward wan0 dmz0 89 203.0.113.1 > 192.0.2.1 len 25" PLAIN },
	{ "in wan0 ospf 203.0.113.1 > 192.0.2.1",
	  "forward wan0 dmz0 89 203.0.113.1 > 192.0.2.1 len 20" PLAIN },
	{ "in wan0 tcp 203.0.113.1 > 192.0.2.1 mark=0x10 dscp=ef A",
	  "forward wan0 dmz0 6 203.0.113.1 40000 > 192.0.2.1 80 A 0 len 40 "
	  "mark 16 dscp 46" },
	{ "in wan0 tcp 2001:db8:99::1 > 2001:db8:10::9 dscp=46",
	  "forward wan0 lan0 6 2001:db8:99::1 40000 > 2001:db8:10::9 80 S 0 "
	  "len 60 mark 0 dscp 46" },
	{ "out wan0 tcp self > 203.0.113.1 uid=1000 gid=100",
	  "output - wan0 6 10.1.0.1 40000 > 203.0.113.1 80 S 0 len 40" PLAIN
	  " owned" },
	{ "in wan0 tcp 10.1.0.1:7 > 192.0.2.1",
	  "forward wan0 dmz0 6 10.1.0.1 7 > 192.0.2.1 80 S 0 len 40" PLAIN },
};

START_TEST(words_become_octets)
{
	struct policy *policy = open_policy();
	struct composed packet;
	char text[SUMMARY_LEN];
	struct packet pkt;
	enum reason reason;

	(void)compose_text(understood[_i].text, policy, &packet);
	reason = packet_parse(&pkt, &packet.meta, packet.octets, packet.len);
	/* Neighbours are never forwarded. */
	if (reason != REASON_ND_HOPLIMIT)
		ck_assert_msg(reason == REASON_NONE, "%s: %s",
			      understood[_i].text, reason_info[reason].name);
	describe(&pkt, text);
	ck_assert_str_eq(text, understood[_i].what);
	policy_destroy(policy);
}
END_TEST

/* Each is a message that a correct neighbour may have sent. */
static const char *const neighbours[] = {
	"router-solicitation",
	"router-advertisement",
	"neighbour-solicitation",
	"neighbour-advertisement",
	"redirect",
	"mld-query",
	"mld-report",
	"mld-done",
	"mld2-report",
	"151",
	"152",
	"153",
};

START_TEST(neighbours_are_understood)
{
	struct policy *policy = open_policy();
	struct composed packet;
	struct packet pkt;
	char text[100];

	(void)snprintf(text, sizeof(text), "in lan0 icmp fe80::2 > self %s",
		       neighbours[_i]);
	(void)compose_text(text, policy, &packet);
	ck_assert_int_eq(packet_parse(&pkt, &packet.meta, packet.octets,
				      packet.len),
			 REASON_NONE);
	ck_assert(pkt.icmp.is_neighbour);
	policy_destroy(policy);
}
END_TEST

static const struct {
	const char *text;
	size_t column;
	const char *what; /* a part of the message */
} refused[] = {
	{ "", 1, "the protocol is missing" },
	{ "in", 3, "the interface behind \"in\" is missing" },
	{ "in wan0", 8, "the protocol is missing" },
	{ "in wan0 in wan1 tcp 1.2.3.4 > 5.6.7.8", 9, "said twice" },
	{ "in sixteen-letters- tcp", 4, "1 to 15 characters" },
	{ "in wan0 tpc 1.2.3.4 > 5.6.7.8", 9, "did you mean \"tcp\"" },
	{ "in wan0 tcp,udp 1.2.3.4 > 5.6.7.8", 9, "not a protocol" },
	{ "in wan0 256 1.2.3.4 > 5.6.7.8", 9, "not a protocol" },
	{ "in wan0 tcp", 12, "not an address" },
	{ "in wan0 tcp 1.2.3 > 5.6.7.8", 13, "\"1.2.3\" is not an address" },
	{ "in wan0 tcp lan > 5.6.7.8", 13, "not an address" },
	{ "in wan0 tcp 1.2.3.4:x > 5.6.7.8", 13, "\"x\" is not a port" },
	{ "in wan0 tcp 1.2.3.4:65536 > 5.6.7.8", 13, "not a port" },
	{ "in wan0 tcp 1.2.3.4: > 5.6.7.8", 13, "\"\" is not a port" },
	{ "in wan0 icmp 1.2.3.4:8 > 5.6.7.8", 14, "has no ports" },
	{ "in wan0 tcp 1.2.3.4 5.6.7.8", 21, "'>'" },
	{ "in wan0 tcp 1.2.3.4", 20, "'>'" },
	{ "in wan0 tcp 1.2.3.4 >", 22, "not an address" },
	{ "in wan0 tcp 1.2.3.4 > 2001:db8::1", 23, "one address is of IPv4" },
	{ "in wan0 tcp 1.2.3.4 > 5.6.7.8 X", 31, "TCP flags as letters" },
	{ "in wan0 tcp 1.2.3.4 > 5.6.7.8 S A", 33, "flags are there already" },
	{ "in wan0 tcp 1.2.3.4 > 5.6.7.8 connect S", 39, "already" },
	{ "in wan0 tcp 1.2.3.4 > 5.6.7.8 s9x", 31, "0 to 4294967295" },
	{ "in wan0 tcp 1.2.3.4 > 5.6.7.8 s4294967296", 31, "0 to 4294967295" },
	{ "in wan0 tcp 1.2.3.4 > 5.6.7.8 l1401", 31, "0 to 1400" },
	{ "in wan0 udp 1.2.3.4 > 5.6.7.8 S", 31, "not understood here" },
	{ "in wan0 udp 1.2.3.4 > 5.6.7.8 s1", 31, "not understood here" },
	{ "in wan0 sctp 1.2.3.4 > 5.6.7.8 l3", 32, "not understood here" },
	{ "in wan0 icmp 1.2.3.4 > 5.6.7.8 pong", 32, "write a type" },
	{ "in wan0 icmp 1.2.3.4 > 5.6.7.8 8 8", 34, "a type is there already" },
	{ "in wan0 icmp 1.2.3.4 > 5.6.7.8 packet-too-big", 32,
	  "ICMP has no \"packet-too-big\"" },
	{ "in wan0 udp 1.2.3.4 > 5.6.7.8 mark=x", 31, "\"mark=x\"" },
	{ "in wan0 udp 1.2.3.4 > 5.6.7.8 mark=1,2", 31, "write one value" },
	{ "in wan0 udp 1.2.3.4 > 5.6.7.8 dscp=64", 31, "\"dscp=64\"" },
	{ "in wan0 udp 1.2.3.4 > 5.6.7.8 uid=1-2", 31, "write one number" },
	{ "in wan0 udp 1.2.3.4 > 5.6.7.8 about", 31, "\"about\" stands once" },
	{ "in wan0 icmp 1.2.3.4 > 5.6.7.8 3 about tcp 5.6.7.8", 51, "'>'" },
	{ "in wan0 icmp 1.2.3.4 > 5.6.7.8 3 about tcp ::1 > ::2", 53,
	  "other family" },
	{ "tcp 1.2.3.4 > 5.6.7.8", 1, "begin with \"in\"" },
	{ "out wan0 tcp 1.2.3.4 > 5.6.7.8", 1, "begin with \"in\"" },
	{ "in wan0 out lan0 tcp 1.2.3.4 > self", 1, "take \"out lan0\" away" },
};

START_TEST(what_is_wrong_is_said)
{
	const struct expression_self self = selves();
	struct expression_fault fault = { 0 };
	struct expression expr;

	ck_assert_msg(!expression_parse(&expr, refused[_i].text, &self, &fault),
		      "\"%s\" is understood", refused[_i].text);
	ck_assert_msg(strstr(fault.text, refused[_i].what), "\"%s\": %s",
		      refused[_i].text, fault.text);
	ck_assert_msg(fault.column == refused[_i].column, "\"%s\": column %zu",
		      refused[_i].text, fault.column);
}
END_TEST

/* Packets one after the other, and what the engine says of each. */
static const struct {
	const char *what;
	const char *packets[10][2];
} talks[] = {
	{ "a connection, from SYN to the last ACK",
	  { { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1:80 S", "new" },
	    { "in wan0 tcp 203.0.113.1:80 > 10.1.0.2:5 SA", "synack" },
	    { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1:80 A", "third-ack" },
	    { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1:80 PA l100",
	      "established" },
	    { "in wan0 tcp 203.0.113.1:80 > 10.1.0.2:5 PA l1000",
	      "established" },
	    { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1:80 FA", "fin" },
	    { "in wan0 tcp 203.0.113.1:80 > 10.1.0.2:5 A", "close-progress" },
	    { "in wan0 tcp 203.0.113.1:80 > 10.1.0.2:5 FA", "fin" },
	    { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1:80 A",
	      "close-progress" } } },
	{ "ports are those of the conversation",
	  { { "in lan0 tcp 10.1.0.2 > 203.0.113.1:443 S", "new" },
	    { "in wan0 tcp 203.0.113.1 > 10.1.0.2 SA", "synack" },
	    { "in lan0 tcp 10.1.0.2 > 203.0.113.1 A", "third-ack" },
	    { "in lan0 tcp 10.1.0.2 > 203.0.113.1 R", "reset" } } },
	{ "a SYN without a port is another attempt",
	  { { "in lan0 tcp 10.1.0.2 > 203.0.113.1 S", "new" },
	    { "in lan0 tcp 10.1.0.2 > 203.0.113.1 S", "new" } } },
	{ "with a port it is sent again",
	  { { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1 S", "new" },
	    { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1 S", "dup-syn" },
	    { "in wan0 tcp 203.0.113.1 > 10.1.0.2 SA", "synack" },
	    { "in wan0 tcp 203.0.113.1 > 10.1.0.2 SA", "dup-synack" } } },
	{ "a connection that was reset is opened again",
	  { { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1 S", "new" },
	    { "in wan0 tcp 203.0.113.1 > 10.1.0.2:5 RA", "refused" },
	    { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1 S", "reuse" } } },
	{ "numbers of one's own",
	  { { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1 S s0", "new" },
	    { "in wan0 tcp 203.0.113.1 > 10.1.0.2 SA s0 a2", "synack-bad-ack" },
	    { "in wan0 tcp 203.0.113.1 > 10.1.0.2 SA s0 a1", "synack" },
	    { "in lan0 tcp 10.1.0.2 > 203.0.113.1 A s1 a1", "third-ack" },
	    { "in lan0 tcp 10.1.0.2 > 203.0.113.1 A s900000 a1",
	      "seq-high" } } },
	{ "what is dropped was not sent",
	  { { "in wan0 tcp 203.0.113.1:80 > 10.1.0.2:5 SA", "orphan-synack" },
	    { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1:80 S", "new" },
	    { "in wan0 tcp 203.0.113.1:80 > 10.1.0.2:5 A l10",
	      "data-before-synack" },
	    { "in wan0 tcp 203.0.113.1:80 > 10.1.0.2:5 SA", "synack" } } },
	{ "datagrams",
	  { { "in lan0 udp 10.1.0.2 > 203.0.113.1:53", "new" },
	    { "in wan0 udp 203.0.113.1:53 > 10.1.0.2", "established" },
	    { "in wan0 udp 203.0.113.1:54 > 10.1.0.2", "new" } } },
	{ "questions",
	  { { "in lan0 icmp 10.1.0.2 > 203.0.113.1", "new" },
	    { "in wan0 icmp 203.0.113.1 > 10.1.0.2 echo-reply", "established" },
	    { "in wan0 icmp 203.0.113.2 > 10.1.0.2 echo-reply",
	      "orphan-icmp" } } },
	{ "errors about them",
	  { { "in lan0 tcp 10.1.0.2:5 > 203.0.113.1 S", "new" },
	    { "in wan0 icmp 203.0.113.9 > 10.1.0.2 3/1 about tcp 10.1.0.2 > "
	      "203.0.113.1",
	      "related" },
	    { "in lan0 icmp 10.1.0.2 > 203.0.113.1", "new" },
	    { "in wan0 icmp 203.0.113.9 > 10.1.0.2 3/1 about icmp 10.1.0.2 > "
	      "203.0.113.1",
	      "related" },
	    { "in wan0 icmp 203.0.113.9 > 10.1.0.2 3/1", "icmp-unrelated" },
	    { "in wan0 icmp 203.0.113.9 > 10.1.0.2 3/1 about tcp 10.1.0.2:6 "
	      "> 203.0.113.1",
	      "icmp-unrelated" } } },
};

static enum reason say(const char *text, const struct policy *policy,
		       struct trial *trial)
{
	struct composed packet;
	struct utterance said = compose_text(text, policy, &packet);
	struct verdict verdict;
	struct packet pkt;
	enum reason reason;

	reason = packet_parse(&pkt, &packet.meta, packet.octets, packet.len);
	verdict = trial_decide(trial, &pkt, reason);
	if (verdict.action == ACTION_ACCEPT)
		dialogue_note(&dialogue, &said);
	return verdict.reason;
}

START_TEST(words_make_conversations)
{
	struct policy *policy = open_policy();
	struct trial *trial = trial_create(&(struct trial_params){
		.rules = policy->rules, .max_conns = 64 });

	ck_assert_ptr_nonnull(trial);
	for (int i = 0; i < 10 && talks[_i].packets[i][0]; i++) {
		const char *text = talks[_i].packets[i][0];
		enum reason reason = say(text, policy, trial);

		ck_assert_msg(strcmp(reason_info[reason].name,
				     talks[_i].packets[i][1]) == 0,
			      "%s: %s: %s", talks[_i].what, text,
			      reason_info[reason].name);
	}
	trial_destroy(trial);
	policy_destroy(policy);
}
END_TEST

static const struct {
	const char *list;
	size_t column;
	const char *what;
} other_selves[] = {
	{ "", 1, "\"\" is not an address" },
	{ "10.0.0.1,", 10, "\"\" is not an address" },
	{ "10.0.0.1,lan,10.0.0.2", 10, "\"lan\" is not an address" },
	{ "10.0.0.1, 10.0.0.2", 10, "\" 10.0.0.2\" is not an address" },
};

START_TEST(other_addresses_are_refused)
{
	struct expression_self self = { 0 };
	struct expression_fault fault;

	ck_assert(!expression_add_self(&self, other_selves[_i].list, &fault));
	ck_assert_uint_eq(fault.column, other_selves[_i].column);
	ck_assert_ptr_nonnull(strstr(fault.text, other_selves[_i].what));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("expression");

	tcase_add_loop_test(tc, words_become_octets, 0, COUNT(understood));
	tcase_add_loop_test(tc, neighbours_are_understood, 0,
			    COUNT(neighbours));
	tcase_add_loop_test(tc, what_is_wrong_is_said, 0, COUNT(refused));
	tcase_add_loop_test(tc, words_make_conversations, 0, COUNT(talks));
	tcase_add_loop_test(tc, other_addresses_are_refused, 0,
			    COUNT(other_selves));
	return run_tests(tc, "policy_expression");
}
