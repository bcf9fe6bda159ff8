/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock-out guard: which sessions a policy cuts.
 */
#include "daemon/guard.h"

#include <string.h>

#include "unit/run.h"

#define SESSION "203.0.113.7 51812 192.0.2.1 22"

static const struct {
	const char *text;
	bool is_session;
} texts[] = {
	{ SESSION, true },
	{ "2001:db8::7 51812 2001:db8::1 22", true },
	{ "fe80::7%lan0 51812 fe80::1%lan0 22", true },
	{ "", false },
	{ "UNKNOWN 65535 UNKNOWN 65535", false },
	{ "203.0.113.7 51812 192.0.2.1", false },
	{ SESSION " 1", false },
	{ "203.0.113.7 51812 2001:db8::1 22", false },
	{ "203.0.113.7 518123 192.0.2.1 22", false },
};

START_TEST(a_session_is_two_addresses_and_ports)
{
	struct guard_session session;

	ck_assert_msg(guard_parse(&session, texts[_i].text) ==
			      texts[_i].is_session,
		      "%s", texts[_i].text);
}
END_TEST

#define CLOSED "version = 1;\npolicy = { input = \"drop\"; };\n"
#define SSH \
	"rules = ({ name = \"ssh\"; action = \"accept\"; dport = \"22\"; \
proto = \"tcp\"; });\n"
#define NO_SSH \
	"rules = ({ name = \"no-ssh\"; action = \"reject\"; \
dport = \"22\"; proto = \"tcp\"; });\n"
#define ON(what) "settings = { on_reload = \"" what "\"; };\n"

#define SPOOFED \
	"zones = { lan = { interfaces = [ \"lan0\" ]; antispoof = true; \
networks = [ \"10.1.0.0/16\" ]; }; };\n"

static const struct {
	const char *what;
	const char *before;
	const char *after;
	const char *rule;  /* that cuts it; NULL: it is not one */
	unsigned int line; /* where that stands; 0: nowhere */
	enum reason reason;
	bool is_known;
	bool cuts;
} cases[] = {
	{ "the same", CLOSED SSH, CLOSED SSH, NULL, 0, REASON_NONE, true,
	  false },
	{ "a rule refuses it", CLOSED SSH, CLOSED NO_SSH, "no-ssh", 3,
	  REASON_RULE, true, true },
	{ "no rule lets it in", CLOSED SSH, CLOSED, NULL, 2, REASON_POLICY,
	  true, true },
	{ "kept, but it could not come back", CLOSED SSH,
	  CLOSED ON("keep") NO_SSH, "no-ssh", 4, REASON_RULE, true, true },
	{ "its interface has other addresses", CLOSED SSH, CLOSED SPOOFED SSH,
	  NULL, 0, REASON_ANTISPOOF, true, true },
	{ "not in the table", CLOSED SSH, CLOSED NO_SSH, "no-ssh", 3,
	  REASON_RULE, false, true },
	{ "nor was it let in before", CLOSED NO_SSH, CLOSED NO_SSH, NULL, 0,
	  REASON_NONE, false, false },
};

static struct policy *parse(const char *text)
{
	struct diagnostics diags = { 0 };
	struct policy *policy =
		policy_parse(text, strlen(text), "test.conf", &diags);

	ck_assert_msg(policy, "%s",
		      diags.len > 0 ? diags.list[0].message : "no memory");
	diagnostics_fini(&diags);
	return policy;
}

START_TEST(who_would_be_cut_off_is_told_by_what)
{
	const struct moment when = { 0 };
	struct policy *before = parse(cases[_i].before);
	struct policy *after = parse(cases[_i].after);
	struct guard_session session;
	struct guard_cut cut = { 0 };

	ck_assert(guard_parse(&session, SESSION));
	session.is_known = cases[_i].is_known;
	session.conn.hook = HOOK_INPUT;
	memcpy(session.conn.indev, "lan0", sizeof("lan0"));
	ck_assert_msg(guard_cuts(&session, after, before->rules, when, &cut) ==
			      cases[_i].cuts,
		      "%s", cases[_i].what);
	ck_assert_pstr_eq(cut.rule, cases[_i].rule);
	ck_assert_uint_eq(cut.line, cases[_i].line);
	ck_assert_msg(!cut.file == !cut.line, "%s", cases[_i].what);
	ck_assert_uint_eq(cut.reason, cases[_i].reason);
	ck_assert(!cut.flushes);
	policy_destroy(before);
	policy_destroy(after);
}
END_TEST

START_TEST(a_policy_that_closes_all_connections_says_so)
{
	const struct moment when = { 0 };
	struct policy *before = parse(CLOSED SSH);
	struct policy *after = parse(CLOSED ON("flush") SSH);
	struct guard_session session;
	struct guard_cut cut = { 0 };

	ck_assert(guard_parse(&session, SESSION));
	session.is_known = true;
	session.conn.hook = HOOK_INPUT;
	ck_assert(guard_cuts(&session, after, before->rules, when, &cut));
	ck_assert(cut.flushes);
	policy_destroy(before);
	policy_destroy(after);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("guard");

	tcase_add_loop_test(tc, a_session_is_two_addresses_and_ports, 0,
			    COUNT(texts));
	tcase_add_loop_test(tc, who_would_be_cut_off_is_told_by_what, 0,
			    COUNT(cases));
	tcase_add_test(tc, a_policy_that_closes_all_connections_says_so);
	return run_tests(tc, "daemon_guard");
}
