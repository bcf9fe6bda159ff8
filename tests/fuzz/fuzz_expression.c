/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any octets as packets in words, one a line, one after the other.
 *
 * A line is refused, with a column that is in it and a sentence; or it is a
 * packet that the parser of the engine reads without a doubt about lengths or
 * checksums, whatever it thinks of the rest.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "engine/packet.h"
#include "engine/ruleset.h"
#include "engine/zone.h"
#include "policy/compose.h"
#include "policy/trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE_MAX_LEN = 300 };

static struct dialogue dialogue;

static void check_fault(const char *line, const struct expression_fault *fault)
{
	assert(fault->column >= 1 && fault->column <= strlen(line) + 1);
	assert(fault->text[0]);
}

/* What follows it would be read as a part of the IP header. */
static bool is_extension(const struct expression *expr)
{
	static const uint8_t headers[] = { 0, 43, 44, 51, 60, 135, 139, 140 };

	return expr->flow.ipversion == 6 &&
	       memchr(headers, expr->flow.ipproto, sizeof(headers));
}

static void check_packet(const struct expression *expr, uint8_t flags,
			 const struct ruleset *rules, struct trial *trial)
{
	struct utterance said = dialogue_next(&dialogue, expr, flags);
	struct utterance quoted = { 0 };
	struct passage passage = passage_of(expr, rules);
	struct composed packet;
	struct packet pkt;
	enum reason reason;

	if (expr->has_about)
		quoted = dialogue_last(&dialogue, &expr->about);
	compose(expr, &said, expr->has_about ? &quoted : NULL, &passage,
		&packet);
	assert(packet.len > 0 && packet.len <= COMPOSE_LEN);
	reason = packet_parse(&pkt, &packet.meta, packet.octets, packet.len);
	if (is_extension(expr))
		return;
	assert(reason != REASON_BAD_CHECKSUM && reason != REASON_SHORT_COPY &&
	       reason != REASON_FRAGMENT && reason != REASON_SCTP_CHUNK);
	if (reason != REASON_NONE)
		return;
	assert(pkt.len == packet.len);
	assert(addr_equal(&pkt.tuple.src, &expr->flow.src.addr));
	assert(!expr->flow.dst.has_port || !pkt.has_ports ||
	       pkt.tuple.dport == expr->flow.dst.port);
	if (trial_decide(trial, &pkt, reason).action == ACTION_ACCEPT)
		dialogue_note(&dialogue, &said);
}

static void check_line(const char *line, const struct ruleset *rules,
		       struct trial *trial)
{
	struct expression_self self = { 0 };
	struct expression_fault fault = { 0 };
	struct expression expr;

	if (!expression_add_self(&self, line, &fault))
		check_fault(line, &fault);
	self = (struct expression_self){ 0 };
	assert(expression_add_self(&self, "10.0.0.1,fe80::1", &fault));
	if (expression_parse(&expr, line, &self, &fault))
		check_packet(&expr, expr.flags, rules, trial);
	else
		check_fault(line, &fault);
}

static struct ruleset *make_rules(void)
{
	struct ruleset *rules = ruleset_create();
	struct zone *zone;

	assert(rules);
	zone = ruleset_add_zone(rules, "wan");
	assert(zone && zone_add_interface(zone, "*") == 0);
	for (int i = 0; i < HOOK_COUNT; i++)
		ruleset_set_policy(rules, (enum hook)i, ACTION_ACCEPT);
	return rules;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruleset *rules = make_rules();
	struct trial *trial = trial_create(
		&(struct trial_params){ .rules = rules, .max_conns = 64 });
	char line[LINE_MAX_LEN];
	size_t len = 0;

	assert(trial);
	dialogue = (struct dialogue){ 0 };
	for (size_t i = 0; i <= size; i++) {
		if (i < size && data[i] != '\n' && data[i] != '\0' &&
		    len < sizeof(line) - 1) {
			line[len++] = (char)data[i];
			continue;
		}
		line[len] = '\0';
		check_line(line, rules, trial);
		len = 0;
	}
	trial_destroy(trial);
	ruleset_destroy(rules);
	return 0;
}
