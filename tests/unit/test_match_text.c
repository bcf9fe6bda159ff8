/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts of conditions: what is canonical, and what is said of what is
 * wrong: where, and what would be right.
 */
#include "engine/match.h"

#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "engine/ruleset.h"
#include "unit/run.h"

static struct ruleset *make_rules(void)
{
	struct ruleset *rules = ruleset_create();

	ck_assert_ptr_nonnull(rules);
	ck_assert_ptr_nonnull(ruleset_add_zone(rules, "lan"));
	ck_assert_ptr_nonnull(ruleset_add_table(rules, "some"));
	return rules;
}

static const struct {
	const char *key;
	const char *text;
	const char *canonical;
} texts[] = {
	/* clang-format off */
	{ "proto", "tcp", "tcp" },
	{ "proto", "6", "tcp" },
	{ "proto", "1", "icmpv4" },
	{ "proto", "58", "icmpv6" },
	{ "proto", "ipv6-icmp", "icmpv6" },
	{ "proto", "icmp", "icmp" },
	{ "proto", "47", "gre" },
	{ "proto", "132,136", "sctp,udplite" },
	{ "proto", "esp,ah", "esp,ah" },
	{ "proto", "89", "89" },
	{ "proto", " tcp ,\tudp ", "tcp,udp" },
	{ "dport", "22", "22" },
	{ "dport", "22-22", "22" },
	{ "sport", "1024-65535,53", "1024-65535,53" },
	{ "service", "tcp/22, udp/8000-8010", "tcp/22,udp/8000-8010" },
	{ "service", "sctp/3868,udplite/53", "sctp/3868,udplite/53" },
	{ "src", "10.0.0.0/8", "10.0.0.0/8" },
	{ "src", "10.0.0.1/32", "10.0.0.1" },
	{ "dst", "2001:DB8:0::/32", "2001:db8::/32" },
	{ "dst", "10.0.0.0-10.255.255.255", "10.0.0.0/8" },
	{ "dst", "!10.0.0.1-10.0.0.3", "!10.0.0.1-10.0.0.3" },
	{ "dst", "<some>,!<some>", "<some>,!<some>" },
	{ "icmp_type", "echo-request", "echo-request" },
	{ "icmp_type", "neighbor-solicitation", "neighbor-solicitation" },
	{ "icmp_type", "8", "8" },
	{ "icmp_type", "3/4,11", "3/4,11" },
	{ "dport", "!22, 1-80", "!22,1-80" },
	{ "tcp_flags", "syn", "syn/fin,syn,rst,ack" },
	{ "tcp_flags", "ack,syn/ack,syn", "syn,ack/syn,ack" },
	{ "tcp_flags", "none", "none/fin,syn,rst,ack" },
	{ "tcp_flags", "urg,psh", "psh,urg/fin,syn,rst,psh,ack,urg" },
	{ "tcp_flags", "none/syn", "none/syn" },
	{ "mark", "16", "0x10" },
	{ "mark", "0xFF", "0xff" },
	{ "mark", "0x10/0xff,4294967295", "0x10/0xff,0xffffffff" },
	{ "mark", "1/0xffffffff", "0x1" },
	{ "dscp", "46", "ef" },
	{ "dscp", "be,df,0", "cs0,cs0,cs0" },
	{ "dscp", "63", "63" },
	{ "uid", "0,1000-1000,4294967294", "0,1000,4294967294" },
	{ "gid", "100-200", "100-200" },
	{ "from", "lan,self", "lan,self" },
	{ "to", "any", "any" },
	/* clang-format on */
};

static void format(const struct match_type *type, const struct match *match,
		   char *text, size_t size)
{
	int len = type->format(match, text, size);

	ck_assert_int_ge(len, 0);
	ck_assert_uint_lt((size_t)len, size);
	ck_assert_uint_eq(strlen(text), (size_t)len);
}

START_TEST(conditions_have_one_canonical_text)
{
	const struct match_type *type = match_type_find(texts[_i].key);
	struct ruleset *rules = make_rules();
	struct match_fault fault;
	struct match *match = type->parse(rules, texts[_i].text, &fault);
	char text[128];

	ck_assert_msg(match, "%s \"%s\"", texts[_i].key, texts[_i].text);
	format(type, match, text, sizeof(text));
	ck_assert_str_eq(text, texts[_i].canonical);
	type->destroy(match);
	/* The canonical text says the same. */
	match = type->parse(rules, text, &fault);
	ck_assert_ptr_nonnull(match);
	format(type, match, text, sizeof(text));
	ck_assert_str_eq(text, texts[_i].canonical);
	type->destroy(match);
	ruleset_destroy(rules);
}
END_TEST

/* Like snprintf(): the whole length, as much text as fits, and a NUL. */
START_TEST(a_text_too_long_for_its_place_is_cut)
{
	const struct match_type *type = match_type_find(texts[_i].key);
	struct ruleset *rules = make_rules();
	struct match_fault fault;
	struct match *match = type->parse(rules, texts[_i].text, &fault);
	const char *canonical = texts[_i].canonical;
	char text[128];

	for (size_t size = 0; size <= strlen(canonical); size++) {
		memset(text, '#', sizeof(text));
		ck_assert_int_eq(type->format(match, text, size),
				 (int)strlen(canonical));
		if (size > 0) {
			ck_assert_uint_eq(strlen(text), size - 1);
			ck_assert_mem_eq(text, canonical, size - 1);
		}
		ck_assert_int_eq(text[size], '#');
	}
	type->destroy(match);
	ruleset_destroy(rules);
}
END_TEST

/* Where the fault is, and a word of what is said about it. */
static const struct {
	const char *key;
	const char *text;
	const char *part;
	const char *hint;
} faults[] = {
	/* clang-format off */
	{ "proto", "", "", "comma" },
	{ "proto", "tcp,", "", "comma" },
	{ "proto", ",tcp", "", "comma" },
	{ "proto", "tcp,,udp", "", "comma" },
	{ "proto", "TCP", "TCP", "tcp" },
	{ "proto", "tcp,256", "256", "255" },
	{ "proto", "tcp udp", "tcp udp", "tcp" },
	{ "proto", "-1", "-1", "255" },
	{ "proto", "06", "06", "255" },
	{ "dport", "80,8o", "8o", "65535" },
	{ "dport", "0", "0", "port 0" },
	{ "dport", "0-10", "0-10", "port 0" },
	{ "dport", "65536", "65536", "65535" },
	{ "dport", "99999999999999999999", "99999999999999999999", "65535" },
	{ "dport", "22-", "22-", "65535" },
	{ "dport", "-22", "-22", "65535" },
	{ "dport", "1-2-3", "1-2-3", "65535" },
	{ "dport", "23-22", "23-22", "lower" },
	{ "dport", "22 - 23", "22 - 23", "65535" },
	{ "dport", "http", "http", "services" },
	{ "dport", "+22", "+22", "65535" },
	{ "sport", "022", "022", "65535" },
	{ "service", "22", "22", "tcp/22" },
	{ "service", "tcp/0", "tcp/0", "port 0" },
	{ "service", "tcp/", "tcp/", "65535" },
	{ "service", "dccp/22", "dccp/22", "tcp/22" },
	{ "src", "10.0.0.1/8", "10.0.0.1/8", "host bits" },
	{ "src", "10.0.0.0/33", "10.0.0.0/33", "32" },
	{ "src", "10.0.0.9-10.0.0.1", "10.0.0.9-10.0.0.1", "lower" },
	{ "src", "10.0.0.1-::1", "10.0.0.1-::1", "family" },
	{ "src", "10.0.0.1, nonsense ", "nonsense", "network" },
	{ "src", "!", "!", "network" },
	{ "src", "!!10.0.0.1", "!!10.0.0.1", "network" },
	{ "src", "! 10.0.0.1", "! 10.0.0.1", "network" },
	{ "src", "<none>", "<none>", "exists" },
	{ "src", "<some", "<some", "table" },
	{ "src", "<>", "<>", "table" },
	{ "dst", "some", "some", "table" },
	{ "icmp_type", "ping", "ping", "echo-request" },
	{ "icmp_type", "256", "256", "number" },
	{ "icmp_type", "3/256", "3/256", "number" },
	{ "icmp_type", "3/", "3/", "number" },
	{ "icmp_type", "/4", "/4", "number" },
	{ "icmp_type", "echo-request/0", "echo-request/0", "number" },
	{ "sport", "!", "!", "65535" },
	{ "sport", "!!22", "!!22", "65535" },
	{ "service", "tcp/!22", "tcp/!22", "65535" },
	{ "tcp_flags", "", "", "fin, syn" },
	{ "tcp_flags", "SYN", "SYN", "fin, syn" },
	{ "tcp_flags", "syn,", "", "fin, syn" },
	{ "tcp_flags", "syn,sin/ack", "sin", "fin, syn" },
	{ "tcp_flags", "syn/", "", "fin, syn" },
	{ "tcp_flags", "syn/ack,syn/rst", "syn/rst", "fin, syn" },
	{ "tcp_flags", "syn/ack", "ack", "before" },
	{ "tcp_flags", "none/none", "none", "before" },
	{ "mark", "", "", "comma" },
	{ "mark", "0x", "0x", "0x10" },
	{ "mark", "x10", "x10", "0x10" },
	{ "mark", "0x100000000", "0x100000000", "0x10" },
	{ "mark", "4294967296", "4294967296", "0x10" },
	{ "mark", "9999999999", "9999999999", "0x10" },
	{ "mark", "-1", "-1", "0x10" },
	{ "mark", "1/", "1/", "0x10" },
	{ "mark", "1/2/3", "1/2/3", "0x10" },
	{ "mark", "2,0x10/0x0f", "0x10/0x0f", "outside" },
	{ "dscp", "64", "64", "63" },
	{ "dscp", "EF", "EF", "63" },
	{ "dscp", "cs8", "cs8", "63" },
	{ "uid", "root", "root", "number" },
	{ "uid", "4294967295", "4294967295", "number" },
	{ "uid", "1-", "1-", "number" },
	{ "gid", "9-1", "9-1", "lower" },
	{ "gid", "", "", "comma" },
	{ "from", "dmz", "dmz", "zone" },
	{ "from", "lan,dmz", "dmz", "zone" },
	{ "to", "LAN", "LAN", "self" },
	/* clang-format on */
};

START_TEST(a_fault_says_where_it_is_and_what_would_be_right)
{
	const struct match_type *type = match_type_find(faults[_i].key);
	struct ruleset *rules = make_rules();
	const char *text = faults[_i].text;
	struct match_fault fault = { 0 };

	ck_assert_msg(!type->parse(rules, text, &fault), "%s \"%s\"",
		      faults[_i].key, text);
	ck_assert(fault.at >= text &&
		  fault.at + fault.len <= text + strlen(text));
	ck_assert_msg(fault.len == strlen(faults[_i].part) &&
			      strncmp(fault.at, faults[_i].part, fault.len) ==
				      0,
		      "%s \"%s\": the fault is \"%.*s\"", faults[_i].key, text,
		      (int)fault.len, fault.at);
	ck_assert_ptr_nonnull(fault.expected);
	ck_assert_msg(strstr(fault.expected, faults[_i].hint), "%s \"%s\": %s",
		      faults[_i].key, text, fault.expected);
	ruleset_destroy(rules);
}
END_TEST

/* Every word of every kind: as long as it may be, and longer. */
START_TEST(a_word_may_be_of_any_length)
{
	const struct match_type *type = match_types[_i];
	struct ruleset *rules = make_rules();
	char text[400];

	for (size_t len = 1; len < sizeof(text); len++) {
		struct match_fault fault;
		struct match *match;

		memset(text, '1', len);
		text[len] = '\0';
		match = type->parse(rules, text, &fault);
		if (match)
			type->destroy(match);
		else
			ck_assert_uint_eq(fault.len, len);
	}
	ruleset_destroy(rules);
}
END_TEST

START_TEST(a_list_may_be_long)
{
	const struct match_type *type = match_type_find("dport");
	struct match_fault fault;
	struct match *match;
	static char text[6 * 2000];
	static char again[sizeof(text)];
	size_t used = 0;

	for (int port = 10000; port < 11999; port++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%d", used ? "," : "", port);
	match = type->parse(NULL, text, &fault);
	ck_assert_ptr_nonnull(match);
	format(type, match, again, sizeof(again));
	ck_assert_str_eq(again, text);
	type->destroy(match);
}
END_TEST

/* The policy offers them when a word is nearly right. */
START_TEST(the_names_of_a_kind_are_words_that_it_knows)
{
	const struct match_type *proto = match_type_find("proto");
	const struct match_type *icmp = match_type_find("icmp_type");
	struct match_fault fault;
	struct match *match;
	size_t i;

	for (i = 0; match_proto_name(i); i++) {
		match = proto->parse(NULL, match_proto_name(i), &fault);
		ck_assert_msg(match, "%s", match_proto_name(i));
		proto->destroy(match);
	}
	ck_assert_uint_gt(i, 3);
	for (i = 0; match_icmp_name(i); i++) {
		match = icmp->parse(NULL, match_icmp_name(i), &fault);
		ck_assert_msg(match, "%s", match_icmp_name(i));
		icmp->destroy(match);
	}
	ck_assert_uint_gt(i, 10);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("match_text");

	tcase_add_loop_test(tc, conditions_have_one_canonical_text, 0,
			    COUNT(texts));
	tcase_add_loop_test(tc, a_text_too_long_for_its_place_is_cut, 0,
			    COUNT(texts));
	tcase_add_loop_test(tc,
			    a_fault_says_where_it_is_and_what_would_be_right, 0,
			    COUNT(faults));
	tcase_add_loop_test(tc, a_word_may_be_of_any_length, 0,
			    (int)match_type_count);
	tcase_add_test(tc, a_list_may_be_long);
	tcase_add_test(tc, the_names_of_a_kind_are_words_that_it_knows);
	return run_tests(tc, "match_text");
}
