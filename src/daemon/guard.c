/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock-out guard.
 */
#include "daemon/guard.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "engine/origin.h"

/* false: it is none. */
static bool parse_addr(struct addr *addr, char *text)
{
	/* The zone of a link-local address, RFC 4007 11. */
	text[strcspn(text, "%")] = '\0';
	return addr_parse(addr, text) == 0;
}

bool guard_parse(struct guard_session *session, const char *text)
{
	struct tuple tuple = { .ipproto = IPPROTO_TCP };
	char src[64];
	char dst[64];
	int end = 0;

	/* NOLINTNEXTLINE(cert-err34-c): five digits fit into an unsigned. */
	if (sscanf(text, "%63s %5hu %63s %5hu%n", src, &tuple.sport, dst,
		   &tuple.dport, &end) != 4 ||
	    text[end] != '\0' || !parse_addr(&tuple.src, src) ||
	    !parse_addr(&tuple.dst, dst))
		return false;
	if (!strchr(src, ':') != !strchr(dst, ':'))
		return false;
	tuple.ipversion = strchr(src, ':') ? 6 : 4;
	*session = (struct guard_session){ .tuple = tuple };
	return true;
}

static struct packet make_syn(const struct guard_session *session)
{
	struct packet pkt = { .tuple = session->tuple,
			      .hook = HOOK_INPUT,
			      .has_ports = true,
			      .tcp.flags = TCP_SYN };

	if (session->is_known) {
		pkt.hook = session->conn.hook;
		memcpy(pkt.indev, session->conn.indev, sizeof(pkt.indev));
		memcpy(pkt.outdev, session->conn.outdev, sizeof(pkt.outdev));
	}
	return pkt;
}

static struct verdict judge_new(const struct ruleset *rules,
				const struct packet *pkt, struct moment when)
{
	struct verdict verdict = verdict_drop(origin_fault(rules, pkt));

	if (verdict.reason == REASON_NONE)
		verdict = ruleset_classify(rules, pkt, when);
	if (ruleset_audit(rules))
		verdict.action = ACTION_ACCEPT;
	return verdict;
}

/* The number in @rules of rule @number of @before. */
static uint32_t find_heir(const struct ruleset *rules,
			  const struct ruleset *before, uint32_t number)
{
	const char *name;
	uint32_t heir = RULE_NONE;

	if (number == RULE_NONE || number >= ruleset_rule_count(before))
		return RULE_NONE;
	name = rule_name(ruleset_rule(before, number));
	if (!ruleset_number_names(rules, &name, 1, &heir))
		return RULE_NONE;
	return heir;
}

/* As engine_recheck() will. */
static struct verdict judge_again(const struct guard_session *session,
				  const struct policy *policy,
				  const struct ruleset *before,
				  const struct packet *pkt, struct moment when)
{
	const struct ruleset *rules = policy->rules;
	struct verdict verdict;

	if (policy->on_reload == RECHECK_FLUSH)
		return verdict_drop(REASON_POLICY);
	verdict = ruleset_classify_again(
		rules, pkt, when, find_heir(rules, before, session->conn.rule));
	if (policy->on_reload == RECHECK_KEEP || ruleset_audit(rules))
		verdict.action = ACTION_ACCEPT;
	return verdict;
}

static void describe(const struct policy *policy, enum hook hook,
		     const struct verdict *verdict, struct guard_cut *cut)
{
	const struct policy_note *note = policy_note(policy, verdict->rule);

	*cut = (struct guard_cut){ .action = verdict->action,
				   .reason = verdict->reason };
	if (verdict->rule != RULE_NONE) {
		cut->rule =
			rule_name(ruleset_rule(policy->rules, verdict->rule));
		cut->file = note ? note->file : NULL;
		cut->line = note ? note->line : 0;
	} else if (verdict->reason == REASON_POLICY) {
		cut->file = policy->hooks[hook].file;
		cut->line = policy->hooks[hook].line;
	}
}

bool guard_cuts(const struct guard_session *session,
		const struct policy *policy, const struct ruleset *before,
		struct moment when, struct guard_cut *cut)
{
	const struct packet pkt = make_syn(session);
	struct verdict verdict = judge_new(policy->rules, &pkt, when);
	bool could_return = verdict.action == ACTION_ACCEPT;

	if (could_return && session->is_known)
		verdict = judge_again(session, policy, before, &pkt, when);
	if (verdict.action == ACTION_ACCEPT)
		return false;
	if (!session->is_known &&
	    judge_new(before, &pkt, when).action != ACTION_ACCEPT)
		return false;
	describe(policy, pkt.hook, &verdict, cut);
	cut->flushes = could_return && policy->on_reload == RECHECK_FLUSH;
	return true;
}
