/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanations: the steps that a packet takes, what is said of each condition,
 * and that all of it is what the engine does.
 */
#include "policy/explain.h"

#include <stdio.h>
#include <string.h>

#include "unit/random.h"
#include "unit/run.h"

static const char policy_text[] =
	"version = 1;\n"
	"zones = {\n"
	"  lan = { interfaces = [ \"lan*\" ]; networks = \"10.0.0.0/8\";\n"
	"    antispoof = true; };\n"
	"  wan = { interfaces = [ \"wan0\" ]; antispoof = true; };\n"
	"  net = { interfaces = [ \"net0\" ]; block_bogons = true; };\n"
	"};\n"
	"tables = { bad = { entries = [ \"203.0.113.0/25\" ]; };\n"
	"  bans = { dynamic = true; }; };\n"
	"policy = { input = \"drop\"; };\n"
	"rules = (\n"
	"  { name = \"bad\"; action = \"drop\"; src = \"<bad>\"; },\n"
	"  { name = \"note\"; action = \"continue\"; from = \"wan\"; },\n"
	"  { name = \"trial\"; action = \"drop\"; mode = \"audit\";\n"
	"    proto = \"icmp\"; },\n"
	"  { name = \"past\"; action = \"accept\"; expires = \"2001-01-01\"; "
	"},\n"
	"  { name = \"off\"; action = \"accept\"; "
	"schedule = { days = \"wed\"; hours = \"00:00-24:00Z\"; }; }, "
	"  { name = \"ssh\"; action = \"accept\"; to = \"self\";\n"
	"    service = \"tcp/22\";\n"
	"    limit = { new = \"5/1m\"; per = \"source\"; }; },\n"
	"  { name = \"web\"; action = \"accept\"; from = \"wan\";\n"
	"    to = \"lan\"; dst = \"10.0.0.0/24\"; proto = \"tcp\";\n"
	"    sport = \"1024-65535\"; dport = [ 80, 443 ];\n"
	"    state = { max = 1; }; },\n"
	"  { name = \"big\"; action = \"accept\"; proto = \"udp\";\n"
	"    dport = 7; limit = { bytes = \"1KiB/1s\"; }; },\n"
	"  { name = \"probe\"; action = \"accept\"; state = \"none\";\n"
	"    tcp_flags = \"ack/syn,ack\"; dport = 9; },\n"
	"  { name = \"ping\"; action = \"accept\"; from = \"lan\";\n"
	"    icmp_type = \"echo-request\"; },\n"
	"  { name = \"mark\"; action = \"accept\"; mark = \"0x10\"; },\n"
	"  { name = \"ef\"; action = \"accept\"; dscp = \"ef\"; },\n"
	"  { name = \"user\"; action = \"drop\"; uid = 1000; },\n"
	"  { name = \"group\"; action = \"drop\"; gid = \"5-6\"; }\n"
	");\n";

/* In milliseconds; after 2001. */
#define WALL INT64_C(1700000000000)

static struct policy *open_policy(void)
{
	struct diagnostics diags = { 0 };
	struct policy *policy = policy_parse(policy_text, strlen(policy_text),
					     "dir/test.conf", &diags);

	if (!policy)
		diagnostics_print(&diags, stderr);
	ck_assert_ptr_nonnull(policy);
	diagnostics_fini(&diags);
	return policy;
}

static struct explanation *explain_text(struct policy *policy, const char *text)
{
	static const struct expression_self self;
	struct expression_fault fault;
	struct explanation *e;
	struct expression expr;

	ck_assert_msg(expression_parse(&expr, text, &self, &fault), "%s: %s",
		      text, fault.text);
	e = explain(policy, &expr, WALL);
	ck_assert_ptr_nonnull(e);
	return e;
}

static const struct {
	const char *text;
	const char *phases; /* "NAME=RESULT ..." */
	const char *reason;
	const char *decider; /* a rule; "-": none */
	unsigned int line;   /* of what decided; 0: nothing that is written */
} ways[] = {
	{ "in wan0 tcp 198.51.100.1 > 10.0.0.1:80 SF", "decode=drop",
	  "illegal-flags", "-", 0 },
	{ "in wan0 tcp 198.51.100.1 > 10.0.0.1:80 SA", "decode=ok state=drop",
	  "orphan-synack", "-", 0 },
	{ "in wan0 icmp 198.51.100.1 > 10.0.0.1 time-exceeded",
	  "decode=ok state=drop", "icmp-unrelated", "-", 0 },
	{ "in lan0 icmp fe80::2 > self router-solicitation",
	  "decode=ok state=accept", "neighbour", "-", 0 },
	{ "in wan0 tcp 10.0.0.1 > 10.0.0.2:80",
	  "decode=ok state=none antispoof=drop", "antispoof", "-", 0 },
	{ "in net0 tcp 10.0.0.1 > 10.0.0.2:80",
	  "decode=ok state=none antispoof=drop", "bogon", "-", 0 },
	{ "in eth0 tcp 203.0.113.1 > self:22",
	  "decode=ok state=none antispoof=off rules=drop", "table", "bad", 12 },
	{ "in wan0 tcp 198.51.100.1 > self:22",
	  "decode=ok state=none antispoof=ok rules=accept limits=ok", "new",
	  "ssh", 17 },
	{ "in wan0 tcp 198.51.100.1 > 10.0.0.1:443",
	  "decode=ok state=none antispoof=ok rules=accept limits=ok", "new",
	  "web", 20 },
	{ "in wan0 udp 198.51.100.1 > 10.0.0.1:7 l1400",
	  "decode=ok state=none antispoof=ok rules=accept limits=drop",
	  "rate-limit", "big", 24 },
	{ "in wan0 tcp 198.51.100.1 > 10.0.0.1:9 A",
	  "decode=ok state=none antispoof=ok rules=accept", "stateless",
	  "probe", 26 },
	{ "in lan0 icmp 10.0.0.1 > 198.51.100.1",
	  "decode=ok state=none antispoof=ok rules=accept", "new", "ping", 28 },
	{ "in wan0 icmp 198.51.100.1 > self",
	  "decode=ok state=none antispoof=ok rules=none policy=drop", "policy",
	  "-", 10 },
	{ "in wan0 tcp 198.51.100.1 > 10.0.0.1:22",
	  "decode=ok state=none antispoof=ok rules=none policy=drop", "policy",
	  "-", 0 },
	{ "out wan0 udp self > 198.51.100.1:53",
	  "decode=ok state=none antispoof=ok rules=none policy=drop", "policy",
	  "-", 0 },
};

static void name_phases(const struct explanation *e, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < e->phase_count; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s=%s",
					i > 0 ? " " : "", e->phases[i].name,
					e->phases[i].result);
}

START_TEST(each_step_is_shown)
{
	struct policy *policy = open_policy();
	struct explanation *e = explain_text(policy, ways[_i].text);
	const char *decider = "-";
	char phases[200];

	name_phases(e, phases, sizeof(phases));
	if (e->decider != RULE_NONE)
		decider = rule_name(ruleset_rule(policy->rules, e->decider));
	ck_assert_str_eq(phases, ways[_i].phases);
	ck_assert_str_eq(reason_info[e->played.verdict.reason].name,
			 ways[_i].reason);
	ck_assert_str_eq(decider, ways[_i].decider);
	ck_assert_uint_eq(e->line, ways[_i].line);
	ck_assert(!e->file == !ways[_i].line);
	explanation_destroy(e);
	policy_destroy(policy);
}
END_TEST

static const struct {
	const char *rule;
	const char *text;
	const char *why;
	unsigned int line;
} whys[] = {
	{ "bad", "in wan0 tcp 198.51.100.1 > self:22",
	  "src 198.51.100.1 is not in <bad>", 12 },
	{ "note", "in lan0 udp 10.0.0.1 > self:1",
	  "from is wan, the packet comes from lan", 13 },
	{ "note", "udp self > 198.51.100.1",
	  "from is wan, the packet comes from self", 13 },
	{ "note", "in wan0 udp 198.51.100.1 > self:1",
	  "action = \"continue\": the next rule is asked", 13 },
	{ "trial", "in wan0 udp 198.51.100.1 > self:1", "proto udp is not icmp",
	  15 },
	{ "trial", "in wan0 89 198.51.100.1 > self", "proto 89 is not icmp",
	  15 },
	{ "trial", "in wan0 icmp 198.51.100.1 > self",
	  "in audit mode: it would drop, and the next rule is asked", 14 },
	{ "past", "in wan0 udp 198.51.100.1 > self:1",
	  "its date in \"expires\" is past", 16 },
	{ "off", "in wan0 udp 198.51.100.1 > self:1",
	  "its \"schedule\" leaves out this time", 17 },
	{ "ssh", "in wan0 udp 198.51.100.1 > 10.0.0.1:1",
	  "to is self, the packet goes to lan", 17 },
	{ "ssh", "in eth0 udp 198.51.100.1 > 10.77.0.1:1",
	  "to is self, the packet goes to lan", 17 },
	{ "ssh", "in eth0 udp 198.51.100.1 > 198.51.100.2:1",
	  "to is self, it is not known where it goes to", 17 },
	{ "ssh", "in eth0 out eth1 udp 198.51.100.1 > 198.51.100.2:1",
	  "to is self, the packet goes to eth1", 17 },
	{ "ssh", "in wan0 udp 198.51.100.1 > self:22",
	  "service udp/22 is not tcp/22", 18 },
	{ "ssh", "in wan0 icmp 198.51.100.1 > self",
	  "service is tcp/22, the packet has no ports", 18 },
	{ "web", "in wan0 tcp 198.51.100.1 > 10.0.1.1:80",
	  "dst 10.0.1.1 is not in 10.0.0.0/24", 21 },
	{ "web", "in wan0 tcp 198.51.100.1:80 > 10.0.0.1:80",
	  "sport 80 is not in 1024-65535", 22 },
	{ "web", "in wan0 tcp 198.51.100.1 > 10.0.0.1:22",
	  "dport 22 is not in 80,443", 22 },
	{ "probe", "in wan0 tcp 198.51.100.1 > self:9",
	  "tcp_flags syn is not ack/syn,ack", 27 },
	{ "probe", "in wan0 udp 198.51.100.1 > self:9",
	  "tcp_flags is ack/syn,ack, the packet is not TCP", 27 },
	{ "ping", "in lan0 udp 10.0.0.1 > self:9",
	  "icmp_type is echo-request, the packet is not ICMP", 29 },
	{ "ping", "in lan0 icmp 10.0.0.1 > self timestamp-request",
	  "icmp_type timestamp-request is not echo-request", 29 },
	{ "mark", "in wan0 udp 198.51.100.1 > self:9 mark=1",
	  "mark 0x1 is not 0x10", 30 },
	{ "ef", "in wan0 udp 198.51.100.1 > self:9 dscp=8", "dscp 8 is not ef",
	  31 },
	{ "user", "in wan0 udp 198.51.100.1 > self:9",
	  "uid is 1000, the packet has no owner on this machine", 32 },
	{ "user", "udp self > 198.51.100.1 uid=7", "uid 7 is not 1000", 32 },
	{ "group", "udp self > 198.51.100.1 gid=7", "gid 7 is not in 5-6", 33 },
	{ "ef", "in wan0 udp 198.51.100.1 > self:9 dscp=ef",
	  "action = \"accept\"", 31 },
};

START_TEST(each_condition_says_what_it_wanted)
{
	struct policy *policy = open_policy();
	struct explanation *e = explain_text(policy, whys[_i].text);
	const struct explained_rule *rule = NULL;
	char text[EXPLAIN_TEXT_LEN];

	for (size_t i = 0; i < e->rule_count; i++)
		if (strcmp(rule_name(ruleset_rule(policy->rules, i)),
			   whys[_i].rule) == 0)
			rule = &e->rules[i];
	ck_assert_msg(rule, "%s was not looked at", whys[_i].rule);
	explain_rule(e, rule, text);
	ck_assert_str_eq(text, whys[_i].why);
	ck_assert_uint_eq(explained_line(e, rule), whys[_i].line);
	explanation_destroy(e);
	policy_destroy(policy);
}
END_TEST

/* All kinds are there: a kind that is not would be taken for another one. */
START_TEST(each_kind_of_condition_is_known)
{
	struct packet pkt = { .hook = HOOK_FORWARD,
			      .has_ports = true,
			      .has_owner = true,
			      .tuple = { .ipproto = 6, .ipversion = 4 } };
	char text[HAVE_SENTENCE_LEN];

	have_explain(match_types[_i], "x", &pkt, NULL, text);
	ck_assert_msg(strncmp(text, match_types[_i]->key,
			      strlen(match_types[_i]->key)) == 0,
		      "%s", text);
}
END_TEST

static const char *pick(uint64_t *seed, const char *const *pool, int count)
{
	return pool[random_below(seed, (uint32_t)count)];
}

static void random_text(uint64_t *seed, char *text, size_t size)
{
	static const char *const ins[] = { "in wan0", "in lan0", "in lan7",
					   "in net0", "in eth0" };
	static const char *const outs[] = { "", " out lan0", " out wan0" };
	static const char *const protos[] = { "tcp", "udp", "icmp", "gre" };
	static const char *const hosts[] = { "10.0.0.1", "198.51.100.1",
					     "203.0.113.1", "8.8.8.8" };
	static const char *const ports[] = { ":22", ":80", ":443", ":7", ":9" };
	static const char *const words[] = { "", " mark=16", " dscp=ef",
					     " mark=1", " dscp=46 mark=16" };
	const char *proto = pick(seed, protos, COUNT(protos));
	bool has_ports = strcmp(proto, "tcp") == 0 || strcmp(proto, "udp") == 0;
	bool is_input = random_below(seed, 3) == 0;

	(void)snprintf(text, size, "%s%s %s %s > %s%s%s",
		       pick(seed, ins, COUNT(ins)),
		       is_input ? "" : pick(seed, outs, COUNT(outs)), proto,
		       pick(seed, hosts, COUNT(hosts)),
		       is_input ? "self" : pick(seed, hosts, COUNT(hosts)),
		       has_ports ? pick(seed, ports, COUNT(ports)) : "",
		       pick(seed, words, COUNT(words)));
}

/* What is shown against the linear scan and what the rule set says. */
static void compare(const struct explanation *e, const char *text)
{
	const struct moment when = { .date = WALL / 1000 };
	const struct ruleset *rules = e->policy->rules;
	const struct packet *pkt = &e->played.pkt;
	struct verdict verdict = ruleset_classify(rules, pkt, when);

	ck_assert_msg(e->decider == verdict.rule, "%s: %u, not %u", text,
		      e->decider, verdict.rule);
	for (uint32_t i = 0; i < e->rule_count; i++) {
		struct rule_miss miss;

		ck_assert_msg(e->rules[i].matches !=
				      rule_misses(ruleset_rule(rules, i), pkt,
						  when, &miss),
			      "%s: rule %u", text, i);
		ck_assert_ptr_eq(miss.type, e->rules[i].miss.type);
	}
	ck_assert_uint_eq(e->rule_count, verdict.rule == RULE_NONE
						 ? ruleset_rule_count(rules)
						 : verdict.rule + 1);
	if (e->played.verdict.reason == REASON_RATE_LIMIT)
		return;
	ck_assert_msg(e->played.verdict.action == verdict.action, "%s", text);
}

START_TEST(what_is_shown_is_what_the_engine_does)
{
	enum { PACKETS = 300 };
	struct policy *policy = open_policy();
	uint64_t seed = (uint64_t)_i + 1;
	unsigned int asked = 0;
	char text[200];

	policy->max_conns = 64;
	for (int i = 0; i < PACKETS; i++) {
		struct explanation *e;

		random_text(&seed, text, sizeof(text));
		e = explain_text(policy, text);
		if (e->decider != RULE_NONE ||
		    strcmp(e->phases[e->phase_count - 1].name, "policy") == 0) {
			compare(e, text);
			asked++;
		}
		explanation_destroy(e);
	}
	ck_assert_uint_gt(asked, PACKETS / 4);
	policy_destroy(policy);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("explain");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, each_step_is_shown, 0, COUNT(ways));
	tcase_add_loop_test(tc, each_condition_says_what_it_wanted, 0,
			    COUNT(whys));
	tcase_add_loop_test(tc, each_kind_of_condition_is_known, 2,
			    (int)match_type_count);
	tcase_add_loop_test(tc, what_is_shown_is_what_the_engine_does, 0, 10);
	return run_tests(tc, "policy_explain");
}
