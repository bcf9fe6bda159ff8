/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words for each step on the way to the verdict.
 */
#include "policy/explain_phase.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

#include "engine/zone.h"
#include "policy/amount.h"

/* Why it is refused, or would be without the audit. */
static enum reason reason_of(const struct verdict *verdict)
{
	return verdict->reason == REASON_AUDIT ? verdict->would.reason
					       : verdict->reason;
}

bool explain_is_origin(const struct verdict *verdict)
{
	enum reason reason = reason_of(verdict);

	return reason == REASON_ANTISPOOF || reason == REASON_BOGON;
}

__attribute__((format(printf, 4, 5))) static struct explained_phase *
add_phase(struct explanation *e, const char *name, const char *result,
	  const char *format, ...)
{
	struct explained_phase *phase = &e->phases[e->phase_count++];
	va_list args;

	*phase = (struct explained_phase){ .name = name, .result = result };
	va_start(args, format);
	(void)vsnprintf(phase->text, sizeof(phase->text), format, args);
	va_end(args);
	return phase;
}

/* The word for what ends the way at this step. */
static const char *refused(const struct explanation *e)
{
	const struct verdict *verdict = &e->played.verdict;

	return action_names[verdict->reason == REASON_AUDIT
				    ? verdict->would.action
				    : verdict->action];
}

static void describe_packet(const struct packet *pkt, char *text, size_t size)
{
	char protocol[16];
	char detail[64] = "";

	have_protocol(pkt, protocol, sizeof(protocol));
	if (pkt->tuple.ipproto == IPPROTO_TCP)
		have_flags(pkt, detail, sizeof(detail));
	else if (pkt->tuple.ipproto == IPPROTO_ICMP ||
		 pkt->tuple.ipproto == IPPROTO_ICMPV6)
		have_icmp_type(pkt, detail, sizeof(detail));
	(void)snprintf(text, size, "IPv%u %s%s%s, %u octets",
		       pkt->tuple.ipversion, protocol, detail[0] ? " " : "",
		       detail, pkt->len);
}

/* REASON_NONE, or why the packet is refused for what it is. */
static enum reason fault_of(const struct explanation *e)
{
	if (e->played.decode != REASON_NONE)
		return e->played.decode;
	return ruleset_refuses(e->policy->rules, &e->played.pkt);
}

static void explain_decode(struct explanation *e)
{
	enum reason fault = fault_of(e);
	char packet[120];

	describe_packet(&e->played.pkt, packet, sizeof(packet));
	if (fault == REASON_NONE)
		(void)add_phase(e, "decode", "ok", "%s", packet);
	else
		(void)add_phase(e, "decode", refused(e), "%s: %s", packet,
				reason_info[fault].meaning);
}

static void explain_state(struct explanation *e)
{
	enum reason reason = reason_of(&e->played.verdict);

	if (e->is_asked)
		(void)add_phase(e, "state", "none",
				"it belongs to no connection, so the rules "
				"are asked");
	else
		(void)add_phase(e, "state", refused(e), "%s",
				reason_info[reason].meaning);
}

static bool is_guarded(const struct explanation *e)
{
	const struct zone *zone;

	for (size_t i = 0; (zone = ruleset_zone_at(e->policy->rules, i)); i++) {
		const struct zone_guard *guard = zone_guard(zone);

		if ((guard->antispoof || guard->block_bogons) &&
		    zone_is_source(zone, &e->played.pkt))
			return true;
	}
	return false;
}

static void explain_origin(struct explanation *e)
{
	const struct packet *pkt = &e->played.pkt;
	const struct have zone =
		have_of(match_type_find("from"), pkt, e->policy->rules);
	char src[ADDR_TEXT_LEN];

	addr_format(&pkt->tuple.src, src);
	if (explain_is_origin(&e->played.verdict))
		(void)add_phase(
			e, "antispoof", refused(e),
			"%s may not arrive on %s (zone %s): %s", src,
			pkt->indev, zone.text,
			reason_info[reason_of(&e->played.verdict)].meaning);
	else if (pkt->hook == HOOK_OUTPUT)
		(void)add_phase(e, "antispoof", "ok",
				"it is sent by this machine");
	else if (is_guarded(e))
		(void)add_phase(e, "antispoof", "ok",
				"%s may arrive on %s (zone %s)", src,
				pkt->indev, zone.text);
	else
		(void)add_phase(e, "antispoof", "off",
				"no zone of %s has antispoof or block_bogons",
				pkt->indev);
}

static void set_place(struct explanation *e, struct explained_phase *phase,
		      const char *file, unsigned int line)
{
	phase->file = file;
	phase->line = line;
	e->file = file;
	e->line = line;
}

static void explain_rules(struct explanation *e)
{
	const struct policy_note *note = policy_note(e->policy, e->decider);
	struct explained_phase *phase;
	const struct rule *rule;

	if (e->decider == RULE_NONE) {
		(void)add_phase(e, "rules", "none",
				"%zu looked at, none decides", e->rule_count);
		return;
	}
	rule = ruleset_rule(e->policy->rules, e->decider);
	phase = add_phase(e, "rules", action_names[rule_options(rule)->action],
			  "%zu looked at, \"%s\" decides", e->rule_count,
			  rule_name(rule));
	if (note)
		set_place(e, phase, note->file, note->line);
}

/* "limit new 10/1m per source/32", "max 100": what the rule bounds. */
static void describe_limits(const struct rule_options *options, char *text,
			    size_t size)
{
	const struct rule_limit *limit = &options->limit;
	char rate[RATE_TEXT_LEN];
	int len = 0;

	if (limit->unit != LIMIT_NONE) {
		rate_format(&limit->rate, rate);
		len += snprintf(text, size,
				"limit %s %s, burst %" PRIu64 ", per %s; ",
				policy_unit_names[limit->unit], rate,
				limit->rate.burst,
				policy_scope_names[limit->scope]);
	}
	if (options->max)
		len += snprintf(text + len, size - (size_t)len,
				"at most %u connections; ", options->max);
	if (options->max_per_source)
		len += snprintf(text + len, size - (size_t)len,
				"at most %u connections per source; ",
				options->max_per_source);
	(void)len;
}

static bool is_limit(enum reason reason)
{
	return reason >= REASON_RATE_LIMIT && reason <= REASON_HASH_CHAIN;
}

static void explain_limits(struct explanation *e)
{
	enum reason reason = reason_of(&e->played.verdict);
	char text[200] = "";

	if (e->decider != RULE_NONE)
		describe_limits(rule_options(ruleset_rule(e->policy->rules,
							  e->decider)),
				text, sizeof(text));
	if (is_limit(reason))
		(void)add_phase(e, "limits", refused(e), "%s%s", text,
				reason_info[reason].meaning);
	else if (text[0])
		(void)add_phase(e, "limits", "ok", "%snothing is used yet",
				text);
	/* Asked whether it may be picked up in the middle. */
	else if (reason == REASON_ORPHAN_ACK)
		(void)add_phase(e, "limits", refused(e), "%s",
				reason_info[reason].meaning);
}

static void explain_policy(struct explanation *e)
{
	enum hook hook = e->played.pkt.hook;
	const struct policy_place *place = &e->policy->hooks[hook];
	const char *action =
		action_names[ruleset_policy(e->policy->rules, hook)];
	struct explained_phase *phase =
		add_phase(e, "policy", action, "%s = \"%s\"%s",
			  hook_names[hook], action,
			  place->file ? "" : " (the default)");

	set_place(e, phase, place->file, place->line);
}

static void explain_audit(struct explanation *e)
{
	if (e->played.verdict.reason == REASON_AUDIT)
		(void)add_phase(e, "audit", "accept",
				"settings.mode = \"audit\": what would be "
				"refused passes");
}

void explain_phases(struct explanation *e)
{
	explain_decode(e);
	if (fault_of(e) == REASON_NONE) {
		explain_state(e);
		if (e->is_asked)
			explain_origin(e);
		if (e->is_asked && !explain_is_origin(&e->played.verdict)) {
			explain_rules(e);
			explain_limits(e);
			if (e->decider == RULE_NONE)
				explain_policy(e);
		}
	}
	explain_audit(e);
}
