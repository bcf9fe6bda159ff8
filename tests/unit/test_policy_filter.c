/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filters: what they match, and what is refused, and where.
 */
#include "policy/filter.h"

#include <netinet/in.h>
#include <string.h>

#include "unit/run.h"

static struct tuple tuple_of(const char *src, uint16_t sport, const char *dst,
			     uint16_t dport, uint8_t ipproto)
{
	struct tuple tuple = { .sport = sport,
			       .dport = dport,
			       .ipproto = ipproto };

	ck_assert_int_eq(addr_parse(&tuple.src, src), 0);
	ck_assert_int_eq(addr_parse(&tuple.dst, dst), 0);
	tuple.ipversion = strchr(src, ':') ? 6 : 4;
	return tuple;
}

/* From 10.1.0.2:40000 to 192.0.2.10:443, let in by "web". */
static bool matches_tcp(const char *text)
{
	const struct tuple tuple =
		tuple_of("10.1.0.2", 40000, "192.0.2.10", 443, IPPROTO_TCP);
	const struct filter_subject subject = {
		.tuple = &tuple,
		.id = 17,
		.rule = "web",
		.state = "ESTABLISHED",
		.zone_from = "lan",
		.zone_to = "dmz",
		.indev = "lan0",
		.outdev = "dmz0",
	};
	struct filter_fault fault;
	struct filter filter;

	ck_assert_msg(filter_parse(&filter, text, FILTER_CONNECTIONS, &fault),
		      "%s: %s", text, fault.text);
	return filter_matches(&filter, &subject);
}

static const struct {
	const char *text;
	bool matches;
} cases[] = {
	{ "", true },
	{ "  ", true },
	{ "src 10.1.0.2", true },
	{ "src 10.0.0.0/8", true },
	{ "src 192.0.2.10", false },
	{ "dst 192.0.2.1-192.0.2.20", true },
	{ "host 192.0.2.10", true },
	{ "host 10.1.0.2", true },
	{ "host 10.1.0.3", false },
	{ "src ::/0", false },
	{ "dport 443", true },
	{ "dport https", true },
	{ "dport 80,443", true },
	{ "dport 80", false },
	{ "sport 443", false },
	{ "port 443", true },
	{ "sport 39000-41000", true },
	{ "proto tcp", true },
	{ "tcp", true },
	{ "udp", false },
	{ "udp,tcp", true },
	{ "proto 6", true },
	{ "family 4", true },
	{ "family 6", false },
	{ "rule web", true },
	{ "rule web,ssh", true },
	{ "rule -", false },
	{ "state established", true },
	{ "state SYN_SENT", false },
	{ "from lan", true },
	{ "from dmz", false },
	{ "zone dmz", true },
	{ "in lan0 and out dmz0", true },
	{ "id 17", true },
	{ "id 1", false },
	{ "not tcp", false },
	{ "! tcp", false },
	{ "not not tcp", true },
	{ "tcp and dport 443", true },
	{ "tcp dport 443", true },
	{ "tcp && dport 80", false },
	{ "udp or dport 443", true },
	{ "udp || dport 80", false },
	{ "not udp and not icmp", true },
	/* "and" first, then "or". */
	{ "tcp or udp and udp", true },
	{ "(tcp or udp) and udp", false },
	{ "udp and udp or tcp", true },
	{ "not (udp or icmp)", true },
	{ "!(tcp and(dport 443))", false },
	{ "not udp,icmp dport 443", true },
};

START_TEST(a_filter_matches_what_it_says)
{
	ck_assert_msg(matches_tcp(cases[_i].text) == cases[_i].matches, "%s",
		      cases[_i].text);
}
END_TEST

START_TEST(what_has_no_ports_matches_none)
{
	const struct tuple tuple =
		tuple_of("2001:db8::1", 7, "2001:db8::2", 7, IPPROTO_ICMPV6);
	const struct filter_subject subject = { .tuple = &tuple, .rule = "" };
	struct filter_fault fault;
	struct filter filter;

	ck_assert(filter_parse(&filter, "port 7", FILTER_CONNECTIONS, &fault));
	ck_assert(!filter_matches(&filter, &subject));
	ck_assert(filter_parse(&filter, "src ::/0 and rule -",
			       FILTER_CONNECTIONS, &fault));
	ck_assert(filter_matches(&filter, &subject));
	/* Not known: neither this nor that. */
	ck_assert(
		filter_parse(&filter, "state new", FILTER_CONNECTIONS, &fault));
	ck_assert(!filter_matches(&filter, &subject));
}
END_TEST

static const struct {
	const char *text;
	size_t column;
	const char *says;
} faults[] = {
	{ "sorce 10.0.0.1", 1, "not a word of filters" },
	{ "dports 80", 1, "did you mean \"dport\"" },
	{ "tcp and", 8, "ends too early" },
	{ "or tcp", 1, "not a word of filters" },
	{ "src", 4, "what follows \"src\" is missing" },
	{ "src and tcp", 5, "\"and\"" },
	{ "src 10.0.0.1/8", 5, "has host bits set" },
	{ "192.0.2.1", 1, "\"host 192.0.2.1\"" },
	{ "dport 70000", 7, "not a port" },
	{ "proto tpc", 7, "\"tcp\"" },
	{ "id 1x", 4, "not a number" },
	{ "(tcp", 5, "\")\" is missing" },
	{ "tcp)", 4, "\")\" is not expected" },
	{ "()", 2, "\")\" is not expected" },
	{ "tcp & udp", 5, "\"&\" is not expected" },
	{ "reason policy", 1, "of decisions" },
	{ "rule aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 6,
	  "not a name" },
	{ "src 10.0.0.1,,10.0.0.2", 5, "\"\"" },
	{ "((((((((((((((((((tcp))))))))))))))))))", 17, "too many" },
	{ "not not not not not not not not not not not not not not not not not "
	  "tcp",
	  65, "too many" },
	{ "port 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
	  6, "too long" },
};

START_TEST(what_is_no_filter_is_refused_with_its_place)
{
	struct filter_fault fault = { 0 };
	struct filter filter;

	ck_assert_msg(!filter_parse(&filter, faults[_i].text,
				    FILTER_CONNECTIONS, &fault),
		      "%s", faults[_i].text);
	ck_assert_msg(strstr(fault.text, faults[_i].says), "%s: %s",
		      faults[_i].text, fault.text);
	ck_assert_msg(fault.column == faults[_i].column, "%s: column %zu",
		      faults[_i].text, fault.column);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_loop_test(tc, a_filter_matches_what_it_says, 0, COUNT(cases));
	tcase_add_test(tc, what_has_no_ports_matches_none);
	tcase_add_loop_test(tc, what_is_no_filter_is_refused_with_its_place, 0,
			    COUNT(faults));
	return run_tests(tc, "policy_filter");
}
