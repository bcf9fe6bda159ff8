/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that can never match: which are found, and that no other is.
 */
#include <stdio.h>
#include <string.h>

#include "engine/match_item.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "unit/run.h"

static struct diagnostics diags;

#define HEAD                                                              \
	"version = 1; zones = { lan = { interfaces = \"a\"; };"           \
	" wan = { interfaces = \"b\"; }; };"                              \
	"tables = { t = { entries = \"192.0.2.0/24\"; };"                 \
	" u = { entries = \"192.0.2.0/24\"; }; };"                        \
	"rules = ( { name = \"use\"; action = \"drop\"; enabled = false;" \
	" from = \"lan, wan\"; src = \"<t>, <u>\"; },"

static const struct {
	const char *what;
	const char *outer;
	const char *inner;
	bool covered;
} pairs[] = {
	{ "no condition covers all", "", "dport = 80;", true },
	{ "and itself", "", "", true },
	{ "a condition does not cover none", "dport = 80;", "", false },
	{ "another one neither", "dport = 80;", "sport = 80;", false },
	{ "one more makes it narrower", "dport = 80;",
	  "dport = 80; from = \"lan\";", true },
	{ "one less makes it wider", "dport = 80; from = \"lan\";",
	  "dport = 80;", false },

	{ "from: the same zone", "from = \"lan\";", "from = \"lan\";", true },
	{ "from: another", "from = \"lan\";", "from = \"wan\";", false },
	{ "from: one of several", "from = \"lan, wan\";", "from = \"wan\";",
	  true },
	{ "from: several and one", "from = \"wan\";", "from = \"lan, wan\";",
	  false },
	{ "to: any", "to = \"any\";", "to = \"self\";", true },
	{ "to: not any", "to = \"self\";", "to = \"any\";", false },

	{ "src: a network and an address", "src = \"10.0.0.0/8\";",
	  "src = \"10.1.2.3\";", true },
	{ "src: the other way round", "src = \"10.1.2.3\";",
	  "src = \"10.0.0.0/8\";", false },
	{ "src: a network beside it", "src = \"10.0.0.0/8\";",
	  "src = \"11.0.0.0\";", false },
	{ "src: a range that reaches over it", "src = \"10.0.0.0/8\";",
	  "src = \"10.0.0.0-11.0.0.0\";", false },
	{ "src: the other family", "src = \"0.0.0.0/0\";", "src = \"::1\";",
	  false },
	{ "src: IPv6", "src = \"2001:db8::/32\";", "src = \"2001:db8::1\";",
	  true },
	{ "src: two ranges side by side are not seen together",
	  "src = \"10.0.0.0/9, 10.128.0.0/9\";", "src = \"10.0.0.0/8\";",
	  false },
	{ "src: a table", "src = \"<t>\";", "src = \"<t>\";", true },
	{ "src: another with the same entries", "src = \"<t>\";",
	  "src = \"<u>\";", false },
	{ "src: an address in a table", "src = \"<t>\";",
	  "src = \"192.0.2.1\";", false },
	{ "src: a table and a network", "src = \"0.0.0.0/0\";",
	  "src = \"<t>\";", false },
	{ "src: but what is excluded", "src = \"10.0.0.0/8, !10.1.0.0/16\";",
	  "src = \"10.1.2.3\";", false },
	{ "src: excluded from the narrower", "src = \"10.0.0.0/8\";",
	  "src = \"10.1.0.0/16, !10.1.2.3\";", true },
	{ "src: nothing but excluded", "src = \"10.0.0.0/8\";",
	  "src = \"!10.0.0.0/8\";", false },
	{ "src: the same excluded", "src = \"!10.0.0.0/8\";",
	  "src = \"!10.0.0.0/8\";", true },
	{ "src: more excluded is not understood", "src = \"!10.1.0.0/16\";",
	  "src = \"!10.0.0.0/8\";", false },
	{ "dst: a network and an address", "dst = \"10.0.0.0/8\";",
	  "dst = \"10.1.2.3\";", true },
	{ "src is not dst", "dst = \"10.0.0.0/8\";", "src = \"10.1.2.3\";",
	  false },

	{ "proto: one of two", "proto = \"tcp, udp\";", "proto = \"udp\";",
	  true },
	{ "proto: another", "proto = \"tcp\";", "proto = \"udp\";", false },
	{ "proto: a number", "proto = 6;", "proto = \"tcp\";", true },

	{ "dport: in a range", "dport = \"1-1023\";", "dport = 80;", true },
	{ "dport: the end of it", "dport = \"1-1023\";",
	  "dport = \"1000-1024\";", false },
	{ "dport: all of several", "dport = \"80, 443\";",
	  "dport = \"443, 80\";", true },
	{ "dport: one of several is not there", "dport = \"80, 443\";",
	  "dport = \"443, 8080\";", false },
	{ "dport: excluded", "dport = \"!22\";", "dport = 80;", false },
	{ "dport: the same excluded", "dport = \"!22\";", "dport = \"!22\";",
	  true },
	{ "dport: one excluded, one not", "dport = \"!22\";", "dport = 22;",
	  false },
	{ "sport: in a range", "sport = \"1-1023\";", "sport = 80;", true },

	{ "icmp_type: the same", "icmp_type = \"echo-request\";",
	  "icmp_type = \"echo-request\";", true },
	{ "icmp_type: another", "icmp_type = \"echo-request\";",
	  "icmp_type = \"echo-reply\";", false },
	{ "icmp_type: every code", "icmp_type = 3;", "icmp_type = \"3/4\";",
	  true },
	{ "icmp_type: one code", "icmp_type = \"3/4\";", "icmp_type = 3;",
	  false },

	{ "service: the same", "service = \"tcp/80\";", "service = \"tcp/80\";",
	  true },
	{ "service: in a range", "service = \"tcp/80-90\";",
	  "service = \"tcp/85\";", true },
	{ "service: another protocol", "service = \"tcp/80\";",
	  "service = \"udp/80\";", false },

	{ "tcp_flags: the same", "tcp_flags = \"syn/syn,ack\";",
	  "tcp_flags = \"syn/syn,ack\";", true },
	{ "tcp_flags: looking at more", "tcp_flags = \"syn/syn\";",
	  "tcp_flags = \"syn/syn,ack\";", true },
	{ "tcp_flags: looking at less", "tcp_flags = \"syn/syn,ack\";",
	  "tcp_flags = \"syn/syn\";", false },
	{ "tcp_flags: the opposite", "tcp_flags = \"none/syn\";",
	  "tcp_flags = \"syn/syn,ack\";", false },

	{ "mark: looking at more", "mark = \"0x10/0x10\";", "mark = \"0x11\";",
	  true },
	{ "mark: another", "mark = \"0x10/0x10\";", "mark = \"0x1\";", false },
	{ "dscp: the same by name", "dscp = 46;", "dscp = \"ef\";", true },
	{ "dscp: another", "dscp = 46;", "dscp = 0;", false },
	{ "uid: in a range", "to = \"any\"; uid = \"1000-1999\";",
	  "to = \"any\"; uid = 1500;", true },
	{ "uid: not in it", "uid = \"1000-1999\";", "uid = 2000;", false },
	{ "gid: in a range", "gid = \"1000-1999\";", "gid = 1500;", true },
	{ "gid is not uid", "gid = \"1000-1999\";", "uid = 1500;", false },

	{ "a rule in audit mode decides nothing", "mode = \"audit\";", "",
	  false },
	{ "a rule that ends decides for a while", "expires = \"2030-01-01\";",
	  "", false },
};

static struct policy *parse(const struct text *text)
{
	diags = (struct diagnostics){ 0 };
	return policy_parse(text->at, text->len, "test", &diags);
}

static void put(struct text *text, const char *name, const char *conditions)
{
	text_append_string(text, "{ name = \"");
	text_append_string(text, name);
	text_append_string(text, "\"; action = \"drop\"; ");
	text_append_string(text, conditions);
	text_append_string(text, "}");
}

START_TEST(a_rule_that_is_covered_is_found)
{
	struct text text = { 0 };
	struct policy *policy;
	bool found;

	text_append_string(&text, HEAD);
	put(&text, "outer", pairs[_i].outer);
	text_append_string(&text, ", ");
	put(&text, "inner", pairs[_i].inner);
	text_append_string(&text, ");");
	policy = parse(&text);
	ck_assert_msg(policy != NULL, "%s: %s", pairs[_i].what,
		      diags.len > 0 ? diags.list[0].message : "");
	found = diags.len == 1 && diags.list[0].code == CODE_NEVER_MATCHES;
	ck_assert_msg(found == pairs[_i].covered && diags.len == found, "%s",
		      pairs[_i].what);
	policy_destroy(policy);
	diagnostics_fini(&diags);
	text_fini(&text);
}
END_TEST

/* Or else rules that ask it would cover nothing. */
START_TEST(every_condition_is_known)
{
	char key[32];
	size_t i = 0;

	(void)snprintf(key, sizeof(key), " %s = ", match_types[_i]->key);

	while (i < COUNT(pairs) &&
	       (!pairs[i].covered ||
		(strncmp(pairs[i].outer, key + 1, strlen(key) - 1) != 0 &&
		 !strstr(pairs[i].outer, key))))
		i++;
	ck_assert_msg(i < COUNT(pairs), "%s", key);
}
END_TEST

/* @count rules of different ports, then one that the first covers. */
static struct policy *parse_many(unsigned int count)
{
	struct text text = { 0 };
	struct policy *policy;
	char rule[80];

	text_append_string(&text, HEAD);
	put(&text, "wide", "from = \"lan\";");
	for (unsigned int i = 1; i <= count; i++) {
		(void)snprintf(rule, sizeof(rule),
			       ",{ name = \"r%u\"; action = \"drop\"; "
			       "from = \"wan\"; dport = %u; }\n",
			       i, i);
		text_append_string(&text, rule);
	}
	text_append_string(&text, ", ");
	put(&text, "last", "from = \"lan\"; dport = 1;");
	text_append_string(&text, ");");
	policy = parse(&text);
	text_fini(&text);
	return policy;
}

START_TEST(all_pairs_of_a_few_thousand_are_compared)
{
	struct policy *policy = parse_many(5000);

	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(diags.len, 1);
	ck_assert_int_eq(diags.list[0].code, CODE_NEVER_MATCHES);
	ck_assert_ptr_nonnull(strstr(diags.list[0].message, "\"last\""));
	policy_destroy(policy);
	diagnostics_fini(&diags);
}
END_TEST

START_TEST(of_more_a_note_says_what_was_not_looked_at)
{
	struct policy *policy = parse_many(20000);

	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(diags.notes, 1);
	ck_assert_int_eq(diags.list[0].code, CODE_NOT_COMPARED);
	ck_assert_ptr_nonnull(
		strstr(diags.list[0].message, " with 1599 rules "));
	/* What covers the last one has few conditions, and is looked at. */
	ck_assert_uint_eq(diags.warnings, 1);
	ck_assert_int_eq(diags.list[1].code, CODE_NEVER_MATCHES);
	policy_destroy(policy);
	diagnostics_fini(&diags);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("order");

	tcase_add_loop_test(tc, a_rule_that_is_covered_is_found, 0,
			    COUNT(pairs));
	tcase_add_loop_test(tc, every_condition_is_known, 0,
			    (int)match_type_count);
	tcase_add_test(tc, all_pairs_of_a_few_thousand_are_compared);
	tcase_add_test(tc, of_more_a_note_says_what_was_not_looked_at);
	return run_tests(tc, "policy_order");
}
